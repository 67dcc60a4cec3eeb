"""WFDB records written: header and 16-bit signal file, as PhysioNet or as the CinC challenges store them.

The challenges' ``.mat`` is a 16-bit signal file too, with 24 bytes before it that make it a MATLAB 4 matrix ``val``.
"""

from __future__ import annotations

import re
import struct
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..atomic import replacing_in
from ..errors import OutputError
from .facts import fact_lines, zone_lost
from .reader import Writer
from .wfdb_header import Header, SignalLine, header_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from ..record import Record

USUAL_GAINS: Final = (200, 1000, 100, 400, 500, 800, 250, 2000, 4000, 5000, 10000, 1, 10, 20, 50, 204.8, 409.6, 1024)
_MISSING: Final = -(2**15)
_TOP: Final = 2**15 - 1
_MAT4_INT16: Final = 30  # MATLAB 4's code for a little-endian 16-bit matrix


def write_dat(record: Record, path: Path) -> tuple[str, ...]:
    """Write ``NAME.hea`` and ``NAME.dat``, format 16. See `digitised` for the gain.

    Returns
    -------
    tuple of str
        What is not kept: the precision of leads that no usual gain fits, the time zone of the start.

    Raises
    ------
    OutputError
        The name is not one that WFDB allows, or the folder cannot be written.
    """
    return _write(record, path, ".dat", b"", "16")


def write_mat(record: Record, path: Path) -> tuple[str, ...]:
    """Write ``NAME.hea`` and ``NAME.mat`` as the CinC challenges do; otherwise as `write_dat`."""
    shape = struct.pack("<5i4s", _MAT4_INT16, len(record.leads), record.n_samples, 0, 4, b"val\0")
    return _write(record, path, ".mat", shape, "16")


def _write(record: Record, path: Path, suffix: str, prefix: bytes, fmt: str) -> tuple[str, ...]:
    hea, signals = _files(path, suffix)
    name = hea.stem
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise OutputError(f"{path}: WFDB does not take '{name}' as a name; use letters, digits, '-' and '_'")
    stored = [digitised(signal) for signal in record.signal]
    lines = tuple(
        SignalLine(
            file=signals.name,
            format=fmt,
            offset=len(prefix),
            gain=gain,
            baseline=baseline,
            unit="mV",
            initial=int(numbers[0]),
            checksum=_checksum(numbers),
            name=" ".join(lead.split()),
        )
        for lead, (numbers, gain, baseline, _) in zip(record.leads, stored, strict=True)
    )
    header = Header(
        name, len(lines), record.fs_hz, record.n_samples, start=record.start, signals=lines, comments=fact_lines(record)
    )
    with replacing_in(path.parent) as draft:
        samples = np.stack([numbers for numbers, *_ in stored], axis=1).astype("<i2")
        (draft / signals.name).write_bytes(prefix + samples.tobytes())
        (draft / hea.name).write_text(header_text(header), encoding="utf-8")
    steps_mv = {lead: 1 / gain for lead, (_, gain, _, exact) in zip(record.leads, stored, strict=True) if not exact}
    rounded = f"{', '.join(steps_mv)} rounded to {max(steps_mv.values(), default=0):.2g} mV or finer, as 16 bits hold"
    return (*((rounded,) if steps_mv else ()), *zone_lost(record))


def _files(path: Path, suffix: str) -> tuple[Path, Path]:
    """Return the header and the signal file that a record of the name of `path` is written to."""
    name = path.stem if path.suffix else path.name
    return path.parent / f"{name}.hea", path.parent / f"{name}{suffix}"


def digitised(signal: NDArray[np.float32]) -> tuple[NDArray[np.int16], float, int, bool]:
    """Return a lead as 16-bit numbers with the gain and baseline that bring it back, and whether exactly.

    The first usual gain at which every sample is a whole number is taken, else one of the signal's own steps, else the
    finest that fits the range.

    Parameters
    ----------
    signal
        float32, shape (sample,), mV; NaN is stored as -32768, which WFDB reads as missing.

    Examples
    --------
    >>> numbers, gain, baseline, exact = digitised(np.array([0.125, np.nan, -1.5], dtype=np.float32))
    >>> numbers.tolist(), gain, baseline, exact
    ([25, -32768, -300], 200.0, 0, True)
    """
    known = np.isfinite(signal)
    values = signal[known].astype(np.float64)
    numbers = np.full(len(signal), _MISSING, dtype=np.int16)
    if not values.size:
        return numbers, float(USUAL_GAINS[0]), 0, True
    low, high = float(values.min()), float(values.max())
    for gain in (*USUAL_GAINS, *_own_gains(values)):
        whole = np.rint(values * gain)
        baseline = _baseline(low * gain, high * gain)
        if np.ptp(whole) <= 2 * _TOP and np.array_equal((whole / gain).astype(np.float32), signal[known]):
            numbers[known] = whole + baseline
            return numbers, float(gain), baseline, True
    gain = float(f"{2 * _TOP * (1 - 1e-4) / (high - low):.6g}") if high > low else 1.0 / abs(high)
    baseline = _baseline(low * gain, high * gain)
    numbers[known] = np.clip(np.rint(values * gain) + baseline, -_TOP, _TOP)
    restored = ((numbers[known].astype(np.float64) - baseline) / gain).astype(np.float32)
    return numbers, gain, baseline, bool(np.array_equal(restored, signal[known]))


def _own_gains(values: NDArray[np.float64]) -> Iterator[float]:
    """Yield gains whose step is the least difference between samples, read as a decimal number."""
    levels = np.unique(values)
    if 1 < len(levels) <= 2 * _TOP:
        step = float(np.diff(levels).min())
        yield from (1 / float(f"{step:.{digits}g}") for digits in range(1, 7))


def _baseline(low: float, high: float) -> int:
    """Return the baseline that brings `low` to `high`, in converter units, into 16 bits: 0 where that does."""
    return 0 if max(-low, high) <= _TOP else -round((low + high) / 2)


def _checksum(numbers: NDArray[Any]) -> int:
    total = int(np.sum(numbers, dtype=np.int64)) % 65536
    return total - 65536 if total > _TOP else total


WRITER: Final = Writer("WFDB (PhysioNet)", (".hea", ".dat"), write_dat, partial(_files, suffix=".dat"))
MATLAB_WRITER: Final = Writer("MATLAB as in the CinC challenges", (".mat",), write_mat, partial(_files, suffix=".mat"))
