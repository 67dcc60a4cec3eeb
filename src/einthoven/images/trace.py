"""A lead as lines to draw: gaps kept open, and no more points than paper can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..record import Record

    Array = NDArray[np.float64]

COLUMN_MM = 0.1  # 250 columns an inch
_ROBUST_PERCENT = (0.2, 99.8)


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One lead over some seconds.

    Parameters
    ----------
    time_s, value_mv
        float64, shape (point,) each: seconds from the record's start, and millivolt around `baseline_mv`; NaN between
        lines that do not meet.
    baseline_mv
        Median of the samples shown, which is drawn level with the lead's name.
    """

    time_s: Array
    value_mv: Array
    baseline_mv: float

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was recorded."""
        return not np.any(np.isfinite(self.value_mv))

    def reach_mv(self) -> tuple[float, float]:
        """Return how far the trace goes below and above its baseline, both as positive numbers."""
        return (-float(np.nanmin(self.value_mv)), float(np.nanmax(self.value_mv))) if not self.is_empty else (0, 0)

    def span_mv(self) -> float:
        """Return the height of all but the outermost points: what the eye takes for the lead's amplitude."""
        if self.is_empty:
            return 0.0
        low, high = np.nanpercentile(self.value_mv, _ROBUST_PERCENT)
        return float(high - low)


def trace(record: Record, lead: str, start_s: float, seconds: float, speed_mm_s: float) -> Trace:
    """Cut `seconds` of one lead and thin them for paper at `speed_mm_s`.

    Where several samples fall on a tenth of a millimetre, their lowest and highest are kept, in order of time. So no
    peak is lost however much is drawn. A lead the record has not comes back empty.

    Examples
    --------
    >>> from einthoven.record import Record
    >>> spike = np.zeros((1, 100_000))
    >>> spike[0, 4321] = 2.0
    >>> thin = trace(Record(spike, fs_hz=1000, leads=("II",)), "II", 0, 100, speed_mm_s=2.5)
    >>> len(thin.time_s), thin.reach_mv()[1]
    (5000, 2.0)
    """
    if lead not in record:
        return Trace(np.empty(0), np.empty(0), 0.0)
    first, last = max(0, round(start_s * record.fs_hz)), round((start_s + seconds) * record.fs_hz)
    signal = record[lead][first : max(last, first + 1)].astype(np.float64)
    signal[~np.isfinite(signal)] = np.nan
    index, value = _thinned(signal, int(COLUMN_MM / speed_mm_s * record.fs_hz))
    baseline_mv = float(np.nanmedian(signal)) if np.any(np.isfinite(signal)) else 0.0
    return Trace((first + index) / record.fs_hz, value - baseline_mv, baseline_mv)


def _thinned(signal: Array, per_column: int) -> tuple[NDArray[np.int64], Array]:
    """Return places and values of the lowest and highest sample of each column; all samples if they are few."""
    if per_column < 3 or len(signal) <= per_column:
        return np.arange(len(signal)), signal
    padded = np.append(signal, np.full(-len(signal) % per_column, np.nan)).reshape(-1, per_column)
    low = np.argmin(np.where(np.isnan(padded), np.inf, padded), axis=1)
    high = np.argmax(np.where(np.isnan(padded), -np.inf, padded), axis=1)
    within = np.sort(np.stack((low, high), axis=1), axis=1)
    index = (within + np.arange(0, padded.size, per_column)[:, None]).reshape(-1)
    return index, padded.reshape(-1)[index]


def pieces(x: Array, y: Array) -> tuple[Array, ...]:
    """Split a line at its NaNs into float64 arrays of shape (point, 2).

    Examples
    --------
    >>> [len(piece) for piece in pieces(np.arange(5.0), np.array([1, 2, np.nan, np.nan, 3]))]
    [2, 1]
    """
    there = np.concatenate(([False], np.isfinite(y), [False]))
    edges = np.flatnonzero(there[1:] != there[:-1]).reshape(-1, 2)
    points = np.stack((x, y), axis=1)
    return tuple(points[first:last] for first, last in edges)
