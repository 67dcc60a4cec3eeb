"""EDF+ files written, by way of `edfio`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..atomic import replacing
from ..codes import is_lead
from ..errors import OutputError
from .edf import PLACEHOLDER, is_ecg
from .facts import zone_lost
from .reader import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from numpy.typing import NDArray

    from ..record import Record

_USUAL_GAINS: Final = (1000, 200, 100, 400, 500, 2000, 10, 1)
_LOWEST, _HIGHEST = -(2**15), 2**15 - 1
_LABEL_LENGTH: Final = 16
_MAX_MV: Final = 9_999_999  # the most that the header's 8 characters hold with a sign
_MAX_RECORD_S: Final = 60
_YEARS: Final = range(1985, 2085)  # what EDF's two digits can say


def write(record: Record, path: Path) -> tuple[str, ...]:
    """Write the record as EDF+, 16 bits a sample.

    Returns
    -------
    tuple of str
        What is not kept.

    Raises
    ------
    OutputError
        Samples are missing, which EDF cannot mark; or a name, the rate or the range does not go into its fields.
    """
    from edfio import Edf, EdfSignal, Patient, Recording

    missing = [lead for lead in record.leads if not np.isfinite(record[lead]).all()]
    if missing:
        raise OutputError(
            f"{path}: {', '.join(missing)} has missing samples, which EDF cannot mark; take another format"
        )
    duration_s = _record_duration_s(record, path)
    n_padded = -record.n_samples % round(duration_s * record.fs_hz)
    stored = [_digitised(np.pad(signal, (0, n_padded), mode="edge"), path) for signal in record.signal]
    signals = [
        EdfSignal.from_digital(
            one.numbers,
            record.fs_hz,
            label=_label(lead, path),
            physical_dimension="mV",
            physical_range=_inward(one.range_mv),
        )
        for one, lead in zip(stored, record.leads, strict=True)
    ]
    start = record.start.replace(tzinfo=None) if record.start else None
    if start and (start.year not in _YEARS or start.date() == PLACEHOLDER):
        start = None
    sexes: dict[str | None, Any] = {"female": "F", "male": "M"}
    edf = Edf(
        signals,
        patient=Patient(sex=sexes.get(record.patient.sex, "X")),
        recording=Recording(startdate=start.date() if start else None),
        starttime=start.time() if start else None,
        data_record_duration=duration_s,
        annotations=(),
    )
    with replacing(path) as draft:
        edf.write(draft)
    return tuple(_lost(record, n_padded, start, stored))


def _lost(record: Record, n_padded: int, start: datetime | None, stored: list[_Stored]) -> Iterator[str]:
    rounded = [lead for lead, one in zip(record.leads, stored, strict=True) if not one.exact]
    if rounded:
        yield f"{', '.join(rounded)} rounded to what 16 bits hold"
    if n_padded:
        yield f"the last data record is filled up with {n_padded} repeated samples"
    facts = {"age": record.patient.age_years, "diagnoses": record.diagnoses, "notes": record.notes}
    if lost := [name for name, value in facts.items() if value not in (None, ())]:
        yield f"EDF has no place for {', '.join(lost)}"
    if record.start is not None and start is None:
        yield f"start {record.start.isoformat()} is not between 1985-01-02 and 2084-12-31; left out"
    else:
        yield from zone_lost(record)
    if others := [lead for lead in record.leads if not is_ecg(lead)]:
        yield f"that {', '.join(others)} is an ECG; to read it back, name the leads (leads=..., or --leads)"


@dataclass(frozen=True, slots=True, eq=False)
class _Stored:
    """A lead as EDF stores it: 16-bit numbers, and the millivolts that the lowest and highest of them stand for."""

    numbers: NDArray[np.int16]
    range_mv: tuple[float, float]
    exact: bool


def _digitised(signal: NDArray[np.float32], path: Path) -> _Stored:
    values = signal.astype(np.float64)
    top_mv = float(np.abs(values).max())
    if top_mv > _MAX_MV:
        raise OutputError(f"{path}: the signal reaches {top_mv:g} mV; EDF goes up to {_MAX_MV}")
    for gain in _USUAL_GAINS:
        whole = np.rint(values * gain)
        if np.abs(whole).max() <= _HIGHEST and np.array_equal((whole / gain).astype(np.float32), signal):
            return _Stored(whole.astype(np.int16), (_LOWEST / gain, _HIGHEST / gain), exact=True)
    digits = min(5, max(0, 4 - math.floor(math.log10(max(top_mv, 1e-3)))))
    end_mv = math.ceil(max(top_mv, 1e-3) * 10**digits) / 10**digits  # 8 characters with its sign
    per_mv = (_HIGHEST - _LOWEST) / (2 * end_mv)
    numbers = np.clip(np.rint((values + end_mv) * per_mv) + _LOWEST, _LOWEST, _HIGHEST).astype(np.int16)
    return _Stored(numbers, (-end_mv, end_mv), exact=False)


def _inward(range_mv: tuple[float, float]) -> tuple[float, float]:
    """Return the range less the last bit, which edfio's rounding outward to 8 characters puts back."""
    return math.nextafter(range_mv[0], 0), math.nextafter(range_mv[1], 0)


def _record_duration_s(record: Record, path: Path) -> float:
    """Return a duration of data records that holds whole samples: the shortest number of whole seconds that does."""
    rate = Fraction(record.fs_hz).limit_denominator(_MAX_RECORD_S)
    if float(rate) != record.fs_hz:
        raise OutputError(f"{path}: {record.fs_hz} Hz gives no whole samples in a minute, as EDF needs; resample first")
    return float(rate.denominator)


def _label(lead: str, path: Path) -> str:
    """Return the label EDF+ prescribes for a lead, such as ``ECG II``."""
    label = f"ECG {lead}" if is_lead(lead) else lead
    if not (label.isascii() and label.isprintable() and len(label) <= _LABEL_LENGTH):
        raise OutputError(f"{path}: lead '{lead}' does not go into EDF's {_LABEL_LENGTH} ASCII characters")
    return label


WRITER: Final = Writer("EDF+", (".edf",), write)
