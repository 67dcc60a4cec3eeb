"""How far a beat reaches: from where its P wave usually begins to where its T wave usually ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

BEFORE_S: Final = 0.2
"""From the usual onset of P, or of a wide QRS, to R."""

OF_INTERVAL: Final = 0.45
"""Share of the interval to the beat before: no beat begins sooner, however fast the heart is."""

_LEAST_AFTER_S: Final = 0.1  # half of a wide QRS
_T_END: Final = 0.36  # s from R to the end of T at a rate of 60: QT of 0.40 s, of which R comes 0.04 s after Q begins
_RATES_S: Final = (0.35, 1.5)  # intervals within which QT follows the rate


def beat_extents(peak_s: Array) -> tuple[Array, Array]:
    """Return where each beat begins and ends.

    A beat lasts from 0.2 s before R, less where the beat before is near, until T ends, which is taken to be 0.36 s
    after R times the square root of the usual interval in seconds (Bazett, Heart 1920;7:353), or until the next begins.
    No wave is looked at, so that noise moves no bound.

    Parameters
    ----------
    peak_s
        float64, shape (beat,): times of R, ascending, of all beats of the recording.

    Returns
    -------
    start_s, stop_s
        float64, shape (beat,) each.

    Examples
    --------
    >>> start, stop = beat_extents(np.array([1.0, 2.0, 3.0]))
    >>> start.round(2).tolist(), stop.round(2).tolist()
    ([0.8, 1.8, 2.8], [1.36, 2.36, 3.36])
    """
    if not len(peak_s):
        return np.zeros(0), np.zeros(0)
    interval = np.diff(peak_s)
    before = np.minimum(BEFORE_S, OF_INTERVAL * np.concatenate(([np.inf], interval)))
    after = _T_END * np.sqrt(np.clip(_usual(interval, len(peak_s)), *_RATES_S))
    start = peak_s - before
    next_start = np.append(start[1:], np.inf)
    stop = np.maximum(
        np.minimum(peak_s + after, next_start),
        peak_s + np.minimum(_LEAST_AFTER_S, OF_INTERVAL * np.append(interval, np.inf)),
    )
    return start, stop


def _usual(interval: Array, n_beats: int, around: int = 5) -> Array:
    """Return the median of the intervals around each beat; a second where there are none."""
    if not len(interval):
        return np.ones(n_beats)
    padded = np.pad(interval, around, mode="reflect" if len(interval) > around else "edge")
    medians: Array = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * around), axis=1)
    return medians
