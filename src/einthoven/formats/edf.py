"""EDF and EDF+ files, by way of `edfio`.

ECG signals are those whose label names a lead or begins with ECG or EKG, and whose unit is a voltage; others are left
out with a note. EDF+D, which may have gaps between its data records, is refused.
"""

from __future__ import annotations

import math
import warnings
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..codes import is_lead, lead_name
from ..errors import FormatError, OptionError
from ..record import Patient, Record
from .damage import refusing
from .reader import Reader, ReadOptions, distinct
from .units import Scale, voltage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_HEADER_BYTES: Final = 256
_NOISE: Final = 1e-9
PLACEHOLDER: Final = date(1985, 1, 1)  # what EDF+ prescribes for a start that is not told


def _sniff(_: Path, head: bytes) -> bool:
    sizes = head[184:192].strip(), head[252:256].strip()
    return (
        head.startswith(b"0       ")
        and all(size.isdigit() for size in sizes)
        and int(sizes[0]) == _HEADER_BYTES * (int(sizes[1]) + 1)
    )


def read(path: Path, options: ReadOptions) -> Record:
    """Read the ECG signals of an EDF or EDF+ file.

    Raises
    ------
    FormatError
        The file is damaged, cut short, of the discontinuous kind, or its ECG signals differ in rate.
    OptionError
        No signal is an ECG by its label and none is chosen; the message lists the labels.
    """
    from edfio import read_edf

    encoding, notes = _checked(path)
    with refusing(path, "EDF"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what edfio warns of is checked here
        edf = read_edf(path, header_encoding=encoding)
        labels = [str(signal.label) for signal in edf.signals]
        units = [str(signal.physical_dimension) for signal in edf.signals]
        chosen = _chosen(labels, units, options, path)
        rates = {labels[place]: float(edf.signals[place].sampling_frequency) for place in chosen}
        if len(set(rates.values())) > 1:
            listed = ", ".join(f"{label} {fs_hz:g} Hz" for label, fs_hz in rates.items())
            raise FormatError(
                f"{path}: signals differ in rate ({listed}); choose those of one rate (leads=..., --leads)"
            )
        rows = np.empty((len(chosen), len(edf.signals[chosen[0]].digital)), np.float32)
        for row, place in zip(rows, chosen, strict=True):
            row[:] = _millivolts(edf.signals[place], units[place], options, path)
        fs_hz = options.rate(next(iter(rates.values())), path)
        start, mended = _start(edf)
        patient = _patient(edf, start)
    leads, renamed = distinct([lead_name(labels[place]) for place in chosen])
    left_out = [f"{labels[n]} ({units[n] or 'no unit'}) left out" for n in range(len(labels)) if n not in chosen]
    return Record(
        rows,
        fs_hz,
        leads,
        id=path.stem,
        source=str(path),
        start=start,
        patient=patient,
        notes=(*notes, *mended, *left_out, *renamed),
    )


def _checked(path: Path) -> tuple[str, tuple[str, ...]]:
    """Compare what the header claims with the file's size; returns the header's encoding and notes."""
    with path.open("rb") as stream:
        head = stream.read(_HEADER_BYTES)
        with refusing(path, "EDF"):
            n_signals = int(head[252:256])
            per_signal = stream.read(_HEADER_BYTES * max(0, n_signals))
    with refusing(path, "EDF"):
        header_bytes, n_records, duration_s = int(head[184:192]), int(head[236:244]), float(head[244:252])
        counts = [int(per_signal[216 * n_signals + 8 * n :][:8]) for n in range(n_signals)]
    if head[192:197] == b"EDF+D":
        raise FormatError(f"{path}: is EDF+D, a recording with gaps; only continuous EDF and EDF+C are read")
    if n_signals < 1 or header_bytes != _HEADER_BYTES * (n_signals + 1) or min(counts) < 1:
        raise FormatError(
            f"{path}: header states {n_signals} signals and {header_bytes} bytes; they do not fit each other"
        )
    if not 0 < duration_s < math.inf:
        raise FormatError(f"{path}: data records last {duration_s} s; it must be a positive number")
    there = (path.stat().st_size - header_bytes) / (2 * sum(counts))
    if there < max(1, n_records):
        raise FormatError(
            f"{path}: holds {max(0, there):g} data records, but its header states {n_records}; it is cut short"
        )
    try:
        (head + per_signal).decode("utf-8")
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = "latin-1"
    return encoding, () if n_records > 0 else (f"header leaves the number of data records open; {int(there)} found",)


def _chosen(labels: Sequence[str], units: Sequence[str], options: ReadOptions, path: Path) -> list[int]:
    """Return the places of the signals to read."""
    listed = ", ".join(f"{label} ({unit})" for label, unit in zip(labels, units, strict=True)) or "none"
    if options.leads is None:
        chosen = [n for n, label in enumerate(labels) if is_ecg(label) and (not units[n] or voltage(units[n]))]
        if not chosen:
            raise OptionError(f"{path}: no signal is named as an ECG; choose with leads=... or --leads from: {listed}")
        return chosen
    folded = [lead_name(label).casefold() for label in labels]
    missing = [name for name in options.leads if lead_name(name).casefold() not in folded]
    if missing:
        raise OptionError(f"{path}: no signal '{', '.join(missing)}'; it has {listed}")
    return [folded.index(lead_name(name).casefold()) for name in options.leads]


def is_ecg(label: str) -> bool:
    """Tell whether a signal of this label is read as an ECG.

    Examples
    --------
    >>> is_ecg("ECG II"), is_ecg("V1"), is_ecg("Resp")
    (True, True, False)
    """
    return is_lead(label) or label.strip().casefold().startswith(("ecg", "ekg"))


def _millivolts(signal: Any, unit: str, options: ReadOptions, path: Path) -> NDArray[np.float32]:
    if unit and not voltage(unit):
        raise FormatError(f"{path}: {signal.label} is in {unit}; it must be a voltage")
    if signal.physical_min == signal.physical_max or signal.digital_min >= signal.digital_max:
        raise FormatError(
            f"{path}: {signal.label} has physical range {signal.physical_range} and digital {signal.digital_range}; "
            "neither may be empty"
        )
    low, high = float(signal.digital_min), float(signal.digital_max)
    per_unit = (high - low) / (signal.physical_max - signal.physical_min)
    baseline = high - signal.physical_max * per_unit
    if abs(baseline - round(baseline)) < _NOISE * (high - low):  # so that a stored 0 is 0 mV, not 1e-16
        baseline = round(baseline)
    unit_scale = options.scale(unit or None, path)
    if unit_scale.baseline:
        raise OptionError(
            f"{path}: unit given as {options.unit}, but EDF states its own baseline; give mV, uV, V or nV"
        )
    return Scale(per_unit * unit_scale.per_mv, baseline).to_mv(signal.digital)


def _start(edf: Any) -> tuple[datetime | None, tuple[str, ...]]:
    from edfio import AnonymizedDateError

    try:
        start: datetime = edf.startdatetime
    except AnonymizedDateError:
        return None, ()
    except (ValueError, LookupError) as error:
        return None, (f"start is no date and time ({str(error)[:60]}); left out",)
    if start.date() == PLACEHOLDER:
        return None, ("start date is 1985-01-01, which stands for none; left out",)
    return start, ()


def _patient(edf: Any, start: datetime | None) -> Patient:
    """Return sex and age from the EDF+ patient field; plain EDF has free text there, which says nothing for sure."""
    if not edf.reserved.startswith("EDF+"):
        return Patient()
    age_years = None
    fields = edf.local_patient_identification.split()
    sex = {"F": "female", "M": "male"}.get(fields[1]) if len(fields) > 1 else None
    try:
        born: date = edf.patient.birthdate
        if start and start.date() >= born:
            age_years = float(start.year - born.year - ((start.month, start.day) < (born.month, born.day)))
    except (ValueError, LookupError):  # not told, or no date
        pass
    return Patient(age_years, sex)


READER: Final = Reader("EDF", (".edf",), _sniff, read)
