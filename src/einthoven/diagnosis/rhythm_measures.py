"""What the times of the beats of a short record say: rate, irregularity, beats that come early or late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from .median import median

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

RHYTHM_MEASURES: Final = (
    "rate_bpm",  # of the median interval
    "rr_shortest_s",
    "rr_longest_s",
    "rr_range_s",  # between them: sinus arrhythmia from 0.12 or 0.16 s on
    "rr_sd_ratio",  # standard deviation in units of the median interval
    "rr_change_ratio",  # root mean square of successive differences, likewise
    "rr_change_median_ratio",  # median of their sizes: small where only one beat is out of step
    "rr_change_second_ratio",  # likewise from the interval before the last: small in bigeminy, large in fibrillation
    "rr_change_least_ratio",  # smallest median change over lags 1 to 4
    "rr_change_greatest_ratio",
    "rr_change_share",  # changes over 50 ms (pNN50; Ewing 1984)
    "rr_turns_share",  # changes of direction: high in fibrillation, low in respiratory arrhythmia
    "rr_entropy",  # of successive changes in bins of a twentieth of the interval, nats
    "rr_earliest_ratio",  # shortest interval over the mean of its neighbours
    "rr_second_earliest_ratio",
    "rr_latest_ratio",  # longest interval over the mean of its neighbours
    "rr_early_count",  # intervals shorter than 0.88 of the one before and of the median
    "rr_late_count",  # intervals longer than 1.25 of the median
    "rr_after_earliest_ratio",  # the interval after the earliest beat over the median: the pause
    "rr_around_earliest_ratio",  # both intervals around it over twice the median: 1 where the pause compensates
    "rr_rest_sd_ratio",  # standard deviation of the intervals that the earliest beat does not end or begin
    "rr_trend_ratio",  # smooth part: standard deviation of running means of three intervals
)

_FEWEST = 3  # intervals
_EARLY, _LATE = 0.88, 1.25


def rhythm_measures(peak_s: Array) -> dict[str, float]:
    """Measure the rhythm of a short record; only the rate where there are fewer than three intervals.

    Parameters
    ----------
    peak_s
        float64, shape (beat,): times of the R peaks.

    Returns
    -------
    dict
        Some of `RHYTHM_MEASURES`.

    Examples
    --------
    >>> told = rhythm_measures(np.array([0, 1, 2, 2.7, 4, 5, 6]))
    >>> round(told["rate_bpm"]), round(told["rr_earliest_ratio"], 2), told["rr_early_count"]
    (60, 0.61, 1.0)
    """
    rr_s = np.diff(peak_s)
    rr_s = rr_s[rr_s > 0]
    if not len(rr_s):
        return {}
    usual = median(rr_s)
    shortest, longest = float(rr_s.min()), float(rr_s.max())
    told = {
        "rate_bpm": 60 / usual,
        "rr_shortest_s": shortest,
        "rr_longest_s": longest,
        "rr_range_s": longest - shortest,
    }
    if len(rr_s) >= _FEWEST:
        told |= _irregularity(rr_s / usual, usual) | _outliers(rr_s / usual)
    return told


def _irregularity(rr: Array, usual_s: float) -> dict[str, float]:
    change = np.diff(rr)
    size = np.abs(change)
    lags = [median(np.abs(rr[lag:] - rr[:-lag])) for lag in range(1, min(5, len(rr)))]
    share = np.bincount((np.minimum(size, 0.999) * 20).astype(np.int64)) / len(size)
    share = share[share > 0]
    turns = (change[1:] * change[:-1] < 0) & (np.minimum(size[1:], size[:-1]) > 0.02)
    smooth = np.convolve(rr, np.full(3, 1 / 3), "valid")
    return {
        "rr_sd_ratio": float(rr.std()),
        "rr_change_ratio": float(np.sqrt(np.mean(change**2))),
        "rr_change_median_ratio": lags[0],
        "rr_change_second_ratio": lags[1],
        "rr_change_least_ratio": min(lags),
        "rr_change_greatest_ratio": float(size.max()),
        "rr_change_share": float(np.mean(size * usual_s > 0.05)),
        "rr_turns_share": float(turns.mean()),
        "rr_entropy": float(-np.sum(share * np.log(share))),
        "rr_trend_ratio": float(smooth.std()),
    }


def _outliers(rr: Array) -> dict[str, float]:
    before, after = np.append(rr[1], rr[:-1]), np.append(rr[1:], rr[-2])
    beside = (before + after) / 2
    early = rr / beside
    first = int(early.argmin())
    near = np.zeros(len(rr), dtype=np.bool_)
    near[max(0, first - 1) : first + 2] = True
    following = float(rr[first + 1]) if first + 1 < len(rr) else float("nan")
    return {
        "rr_earliest_ratio": float(early[first]),
        "rr_second_earliest_ratio": float(np.partition(early, 1)[1]),
        "rr_latest_ratio": float(early.max()),
        "rr_early_count": float(np.sum((rr < _EARLY * before) & (rr < _EARLY))),
        "rr_late_count": float(np.sum(rr > _LATE)),
        "rr_after_earliest_ratio": following,
        "rr_around_earliest_ratio": (float(rr[first]) + following) / 2,
        "rr_rest_sd_ratio": float(rr[~near].std()) if (~near).sum() > 1 else float("nan"),
    }
