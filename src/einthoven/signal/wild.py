"""Samples no electrode can have given: a broken file or transmission, and one of them would drown all around it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..record import Record

BLOCK_S: Final = 2.0
"""Samples are compared with those of so many seconds."""

LEAST_MV: Final = 100.0
"""What is nearer to the median than this is never wild."""

_TIMES: Final = 1000.0  # what the middle four fifths span; QRS complexes on a level line stay far below
_MIDDLE: Final = (0.1, 0.5, 0.9)


def without_wild(signal: NDArray[np.float32], block: int) -> NDArray[np.float32]:
    """Return leads with NaN for wild samples; the very same array where there are none.

    A sample is wild if it lies 100 mV and a thousand times farther from the median of its block than the middle four
    fifths of that block span, or of the block before.

    Parameters
    ----------
    signal
        float32, shape (lead, sample), NaN where missing. Any gain.
    block
        Samples compared with each other.

    Examples
    --------
    >>> wave = np.sin(np.arange(1000, dtype=np.float32))[None]
    >>> broken = wave.copy()
    >>> broken[0, 700] = 1e38
    >>> np.flatnonzero(np.isnan(without_wild(broken, 250))).tolist(), without_wild(wave, 250) is wave
    ([700], True)
    """
    first = np.arange(0, signal.shape[1], block)
    if not len(first):
        return signal
    with np.errstate(over="ignore", invalid="ignore"):
        span = np.fmax.reduceat(signal, first, axis=1) - np.fmin.reduceat(signal, first, axis=1)
    mended = signal
    for row, at in np.argwhere(span > LEAST_MV).tolist():
        here = signal[row, first[at] : first[at] + block]
        low, middle, high = _middle(here)
        before = _middle(signal[row, first[max(0, at - 1)] : first[at]])
        far_mv = max(LEAST_MV, _TIMES * max(high - low, before[2] - before[0]))
        wild = np.isfinite(here) & (np.abs(here.astype(np.float64) - middle) > far_mv)
        if wild.any():
            mended = signal.copy() if mended is signal else mended
            mended[row, first[at] : first[at] + block][wild] = np.nan
    return mended


def _middle(part: NDArray[np.float32]) -> Any:
    """Return the lower edge of the middle four fifths, the median, and the upper edge; zeros where nothing is."""
    ranked = np.sort(part[np.isfinite(part)]).astype(np.float64)
    return ranked[[int(share * (len(ranked) - 1)) for share in _MIDDLE]] if len(ranked) else np.zeros(3)


def mend_wild(record: Record) -> Record:
    """Return the record without wild samples, and a note of how many there were; itself if none.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> record = simulate(duration_s=10, leads=["II"]).record
    >>> mend_wild(record) is record
    True
    """
    signal = without_wild(record.signal, max(1, round(BLOCK_S * record.fs_hz)))
    if signal is record.signal:
        return record
    number = (np.isnan(signal) & ~np.isnan(record.signal)).sum(axis=1)
    told = ", ".join(f"{n} of {lead}" for n, lead in zip(number.tolist(), record.leads, strict=True) if n)
    return replace(record, signal=signal).noted(f"samples far beyond all around them count as missing: {told}")
