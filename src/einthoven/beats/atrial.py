"""What tells fibrillating atria: how irregular the ventricles follow, and whether a P wave comes before each QRS.

Irregularity is asked of the intervals around each beat that no ventricular beat begins or ends, as logarithms, so that
a fast heart is judged like a slow one. Intervals of beats that come in twos or threes differ from their neighbours, but
not from the second or third one before; in fibrillation they differ from all.

A P wave is what the stretch before like beats has in common. Of n stretches the power of their mean is that of what
they share, plus one n-th of what they do not; so its share can be told without knowing how a P wave looks. Fibrillation
waves keep no step with the QRS, and share nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

FEATURES: Final = (
    "change from the interval before",
    "change from the second before",
    "change from the third before",
    "change from the fourth before",
    "least of these changes",
    "share of intervals that are alike",
    "share of turns from longer to shorter",
    "interval",
    "spread of intervals",
    "shared share before the QRS, best lead",
    "shared amplitude before the QRS, best lead",
    "other amplitude before the QRS, best lead",
    "shared share before the QRS, poorest lead",
    "least other amplitude before the QRS",
)
"""Names of the columns of `atrial_evidence`."""

RR_BEATS, P_BEATS = 6, 8
"""Beats that a value of a column is taken over."""

_SHORTEST_S, _LONGEST_S = 0.2, 3.0
_ALIKE = 0.05
_STRETCH_S = (-0.28, -0.06)  # before the R peak
_STEP_S = 0.02  # one period of the mains
_QRS_S = (-0.06, 0.10)
_FEWEST = 5
_BEATS_AT_ONCE = 10_000


def atrial_evidence(
    signal: NDArray[np.float32], fs_hz: float, sample: NDArray[np.int64], silent: NDArray[np.bool_]
) -> Array | None:
    """Measure the signs of atrial fibrillation at each beat.

    Parameters
    ----------
    signal
        float32, shape (lead, sample): one lead or more, mV; NaN where missing.
    fs_hz
        Its rate.
    sample
        int64, shape (beat,): R peaks.
    silent
        bool, shape (beat,): beats that say nothing of the atria, as ventricular ones; they get what the next says.

    Returns
    -------
    float64, shape (beat, feature): `FEATURES`; None where fewer than five intervals can be judged.
    """
    rr_s = np.diff(sample) / fs_hz
    judged = ~(silent[1:] | silent[:-1]) & (rr_s > _SHORTEST_S) & (rr_s < _LONGEST_S)
    own = np.flatnonzero(~silent)
    ends = np.flatnonzero(judged) + 1
    if len(ends) < _FEWEST:
        return None
    beat = np.arange(len(sample))
    irregular = _irregularity(np.log(rr_s[ends - 1]))[_nearest(ends, beat)]
    coherent = _coherence(signal, fs_hz, sample[own])[_nearest(own, beat)]
    return np.column_stack([irregular, coherent])


def _nearest(place: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each wanted beat which of the judged ones, `place`, stands for it: itself or the next."""
    return np.minimum(np.searchsorted(place, wanted), len(place) - 1)


def _mean(values: Array, size: int) -> Array:
    from scipy.ndimage import uniform_filter1d

    mean: Array = uniform_filter1d(values, size, axis=0, mode="nearest")
    return mean


def _irregularity(x: Array) -> Array:
    """Return the columns that come from intervals, shape (interval, 9); `x` are their logarithms."""
    from scipy.ndimage import median_filter, percentile_filter

    changes = [_from_before(np.abs(x[lag:] - x[:-lag]), lag) for lag in range(1, 5)]
    usual = [np.log(median_filter(change, RR_BEATS, mode="nearest") + 0.005) for change in changes]
    alike = np.mean([_mean((change < _ALIKE).astype(np.float64), RR_BEATS) for change in changes[:3]], axis=0)
    rises = np.diff(x) > 0
    turns = _mean(_from_before((rises[1:] != rises[:-1]).astype(np.float64), 2), RR_BEATS)
    low, high = (percentile_filter(x, share, size=RR_BEATS, mode="nearest") for share in (25, 75))
    middle = median_filter(x, RR_BEATS, mode="nearest")
    return np.column_stack(
        [*usual, np.min(usual, axis=0), np.log(alike + 0.01), turns, middle, np.log(high - low + 0.01)]
    )


def _from_before(values: Array, lag: int) -> Array:
    """Return values that begin `lag` intervals late for each interval: the last stands for those that have none."""
    return np.concatenate([values, np.full(lag, values[-1])])


def _coherence(signal: NDArray[np.float32], fs_hz: float, peak: NDArray[np.int64]) -> Array:
    """Return the columns that come from the stretch before the QRS, shape (beat, 5)."""
    lead_by_lead = np.array([_shared(lead, fs_hz, peak) for lead in signal])  # (lead, 3, beat)
    best, every = lead_by_lead[:, 0].argmax(axis=0), np.arange(len(peak))
    poorest, quietest = lead_by_lead[:, 0].min(axis=0), lead_by_lead[:, 2].min(axis=0)
    return np.column_stack([*(lead_by_lead[best, column, every] for column in range(3)), poorest, quietest])


def _shared(lead: NDArray[np.float32], fs_hz: float, peak: NDArray[np.int64]) -> Array:
    """Share of power, and log amplitudes in units of the QRS, shared and not, before each QRS: shape (3, beat)."""
    before = _steps(lead, fs_hz, peak, _STRETCH_S)
    height = np.median(np.ptp(_steps(lead, fs_hz, peak, _QRS_S), axis=1)) + 0.001
    time = np.arange(before.shape[1]) - (before.shape[1] - 1) / 2
    before -= before.mean(axis=1, keepdims=True)
    before -= (before @ time / (time @ time))[:, None] * time
    n = min(P_BEATS, len(peak))
    all_power = _mean(np.sum(before**2, axis=1), n)
    mean_power = np.sum(_mean(before, n) ** 2, axis=1)
    shared = mean_power - all_power / n
    share = np.clip(shared / (all_power + 1e-12) * n / (n - 1), -0.05, 1.0)
    amplitudes = [np.sqrt(np.maximum(power, 0)) / height for power in (shared, all_power - mean_power)]
    return np.array([share, *(np.log(amplitude + 0.003) for amplitude in amplitudes)])


def _steps(lead: NDArray[np.float32], fs_hz: float, peak: NDArray[np.int64], part_s: tuple[float, float]) -> Array:
    """Return means of `_STEP_S` of a part around each R peak, shape (beat, step); missing samples are 0 mV."""
    n_steps = round((part_s[1] - part_s[0]) / _STEP_S)
    edge = np.round((part_s[0] + _STEP_S * np.arange(n_steps + 1)) * fs_hz).astype(np.int64)
    edge = np.maximum(edge, edge[0] + np.arange(n_steps + 1))  # at a low rate a step is a sample at least
    means = np.empty((len(peak), n_steps))
    for first in range(0, len(peak), _BEATS_AT_ONCE):
        some = slice(first, first + _BEATS_AT_ONCE)
        place = np.clip(peak[some, None] + np.arange(edge[0], edge[-1]), 0, len(lead) - 1)
        there = np.nan_to_num(lead[place]).astype(np.float64)
        means[some] = np.add.reduceat(there, edge[:-1] - edge[0], axis=1) / np.diff(edge)
    return means
