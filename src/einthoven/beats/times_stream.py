"""What the intervals say of each beat, as the beats come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .running import Running
from .sequences import FEATURES, LOCAL, NEIGHBOURS, USUAL_OF, USUAL_SHARES, described, log_intervals

if TYPE_CHECKING:
    from numpy.typing import NDArray


class TimesStream:
    """Describes beats by their intervals, one after the other, as `timing_features` does all of a recording at once.

    Examples
    --------
    >>> from einthoven.beats.sequences import timing_features
    >>> time_s = np.array([0.0, 1.0, 2.0, 2.6, 4.0])
    >>> stream = TimesStream()
    >>> rows = [stream.add(before, after)[0] for before, after in zip(time_s, time_s[1:])]
    >>> np.array_equal(np.concatenate([*rows, stream.last()[0]]), timing_features(time_s, causal=True)[0])
    True
    """

    def __init__(self) -> None:
        self._local, self._off, self._change = Running(LOCAL), Running(LOCAL), Running(LOCAL)
        self._usual = [Running(size) for size in USUAL_OF]
        self._recent = np.full(NEIGHBOURS, np.nan)  # the last intervals before the next beat

    def add(self, time_s: float, next_s: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Describe the beat at `time_s`, after those added before, by what is known once the next one is: row, (1,)."""
        interval = float(log_intervals(np.array([time_s, next_s]))[0])
        before = self._recent
        self._local.add(interval)
        self._off.add(abs(interval - self._local.quantile(0.5)))
        self._change.add(0.0 if np.isnan(before[-1]) else abs(interval - before[-1]))
        for usual in self._usual:
            usual.add(interval)
        self._recent = np.append(before[1:], interval)
        return self._described(np.append(before, interval))

    def last(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Describe the last beat, after which none came."""
        if np.isnan(self._recent[-1]):  # nor before
            return np.eye(1, FEATURES, dtype=np.float32), np.zeros(1, np.float32)
        return self._described(self._recent)

    def _described(self, known: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        around = np.append(known, np.full(2 * NEIGHBOURS - len(known), np.nan))[None]
        local, off, change = (np.array([of.quantile(0.5)]) for of in (self._local, self._off, self._change))
        usual = np.array([[of.quantile(share) for of in self._usual for share in USUAL_SHARES]])
        return described(around, local, off, change, usual)
