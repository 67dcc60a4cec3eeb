"""Intervals between beats: which of them have signal throughout, and which are normal to normal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from ..findings import Interval
    from ..record import Beats
    from .episode import Episode

SHORTEST_NN_S, LONGEST_NN_S = 0.3, 2.0
"""An NN interval is from the first to below the second: 200 to 30 beats a minute."""

MOST_CHANGE: Final = 1.5
"""An NN interval lies within this factor of its neighbours' median: a missed beat doubles it, a false one halves it."""

_NEIGHBOURS = 11


@dataclass(frozen=True, slots=True, eq=False)
class NNIntervals:
    """Intervals from one normal beat to the next, in the order of time.

    Parameters
    ----------
    stop_s
        float64, shape (interval,): time of the beat that ends each.
    nn_s
        float64, shape (interval,): length of each.
    follows
        bool, shape (interval,): whether it begins with the beat that ends the one before it in this list, so that the
        two are successive.
    duration_s
        Time from the first beat to the last, left-out intervals included.
    fs_hz
        Rate the beats' positions count in, which is how finely the intervals are known.
    """

    stop_s: NDArray[np.float64]
    nn_s: NDArray[np.float64]
    follows: NDArray[np.bool_]
    duration_s: float
    fs_hz: float

    def __len__(self) -> int:
        return len(self.nn_s)

    @property
    def covered_s(self) -> float:
        """Time that the intervals cover together."""
        return float(self.nn_s.sum())


def beat_times(beats: Beats, fs_hz: float) -> NDArray[np.float64]:
    """Return the time of each beat, float64, shape (beat,), s; raises OptionError where the rate is not positive."""
    if not fs_hz > 0:
        raise OptionError(f"sampling rate is {fs_hz} Hz; it must be positive")
    return beats.sample / fs_hz


def whole(time_s: NDArray[np.float64], missing: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    """Tell for each interval between beats whether every second it touches has signal.

    Parameters
    ----------
    time_s
        float64, shape (beat,): time of each beat.
    missing
        bool, shape (second,): seconds without usable signal; None where there are none.

    Returns
    -------
    bool, shape (beat - 1,); empty for fewer than two beats.

    Examples
    --------
    >>> whole(np.array([0.5, 1.5, 4.5]), np.array([False, False, True, False, False])).tolist()
    [True, False]
    """
    if missing is None or not missing.any():
        return np.ones(max(0, len(time_s) - 1), dtype=np.bool_)
    lost_before = np.concatenate([[0], np.cumsum(missing)])  # seconds lost before second i
    second = np.clip(time_s.astype(np.int64), 0, len(missing) - 1)
    intact: NDArray[np.bool_] = lost_before[second[1:] + 1] == lost_before[second[:-1]]
    return intact


def nn_intervals(
    beats: Beats,
    fs_hz: float,
    missing: NDArray[np.bool_] | None = None,
    other_rhythm: Iterable[Interval | Episode] = (),
) -> NNIntervals:
    """Choose the intervals that heart rate variability is measured on.

    An interval counts if both its beats are ``N``, all of it has signal, it is not within another rhythm, it is from
    `SHORTEST_NN_S` to below `LONGEST_NN_S`, and it is within a factor of `MOST_CHANGE` of the median of the eleven such
    intervals around it.

    Parameters
    ----------
    beats
        Classified beats.
    fs_hz
        Rate their positions count in.
    missing
        bool, shape (second,): seconds without usable signal in any lead.
    other_rhythm
        Parts where the sinus node does not lead, such as atrial fibrillation.

    Raises
    ------
    OptionError
        The rate is not positive.

    Examples
    --------
    >>> from einthoven.record import Beats
    >>> nn = nn_intervals(Beats([0, 360, 720, 900, 1440, 1800], list("NNNVNN")), fs_hz=360)
    >>> nn.stop_s.tolist(), nn.follows.tolist()
    ([1.0, 2.0, 5.0], [False, True, False])
    """
    from scipy.ndimage import median_filter

    time_s = beat_times(beats, fs_hz)
    rr_s, normal = np.diff(time_s), beats.symbol == "N"
    counted = normal[:-1] & normal[1:] & whole(time_s, missing) & (rr_s >= SHORTEST_NN_S) & (rr_s < LONGEST_NN_S)
    for part in other_rhythm:
        first, last = np.searchsorted(time_s, [part.start_s, part.stop_s])
        counted[max(0, first - 1) : last] = False
    place = np.flatnonzero(counted)
    if len(place):
        usual = median_filter(rr_s[place], min(_NEIGHBOURS, len(place)), mode="nearest")
        change = rr_s[place] / usual
        place = place[(change <= MOST_CHANGE) & (change >= 1 / MOST_CHANGE)]
    follows = np.diff(place, prepend=-2) == 1
    span_s = float(time_s[-1] - time_s[0]) if len(time_s) else 0.0
    return NNIntervals(time_s[place + 1], rr_s[place], follows, span_s, fs_hz)
