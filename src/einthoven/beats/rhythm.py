"""What the beats' times alone say: heart rate, its trend, and pauses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..findings import Decision, Finding, Interval
from .intervals import beat_times, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..record import Beats

PAUSE_S = 2.0
"""RR interval from which on a gap counts as a pause, in the usual Holter sense."""

USUAL_LEAST_BPM, USUAL_MOST_BPM = 60.0, 100.0
"""A mean rate from the first to the second is usual."""

_TREND_BEATS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Rhythm:
    """Rate and intervals of a record.

    Parameters
    ----------
    time_s
        float64, shape (beat,): time of each beat.
    rr_s
        float64, shape (beat - 1,): interval that ends at each beat but the first.
    rate_bpm
        float64, shape (beat - 1,): rate at each of those beats, the median of eight intervals around it.
    mean_rate_bpm
        Over all intervals with signal, pauses included; None with fewer than two beats.
    slowest_bpm, fastest_bpm
        Extremes of `rate_bpm`; None with fewer than two beats.
    pauses
        Gaps of `PAUSE_S` and more between beats.
    """

    time_s: NDArray[np.float64]
    rr_s: NDArray[np.float64]
    rate_bpm: NDArray[np.float64]
    mean_rate_bpm: float | None
    slowest_bpm: float | None
    fastest_bpm: float | None
    pauses: tuple[Interval, ...]


def rhythm(beats: Beats, fs_hz: float, missing: NDArray[np.bool_] | None = None) -> Rhythm:
    """Measure rate and pauses.

    Parameters
    ----------
    beats
        The beats.
    fs_hz
        Rate their positions count in.
    missing
        bool, shape (second,): seconds without usable signal in any lead. An interval across one is no pause and
        counts in no rate, since beats may hide there.

    Raises
    ------
    OptionError
        The rate is not positive.

    Examples
    --------
    >>> from einthoven.record import Beats
    >>> r = rhythm(Beats.unlabelled(np.array([0, 360, 720, 1800])), fs_hz=360)
    >>> r.mean_rate_bpm, r.pauses[0].start_s, r.pauses[0].stop_s
    (36.0, 2.0, 5.0)
    """
    time_s = beat_times(beats, fs_hz)
    rr_s = np.diff(time_s)
    intact = whole(time_s, missing)
    pause = intact & (rr_s >= PAUSE_S)
    beating = intact & (rr_s > 0)
    rate = _trend(rr_s, beating)
    seen = rate[np.isfinite(rate)]
    return Rhythm(
        time_s=time_s,
        rr_s=rr_s,
        rate_bpm=rate,
        mean_rate_bpm=float(60 / rr_s[beating].mean()) if beating.any() else None,
        slowest_bpm=float(seen.min()) if len(seen) else None,
        fastest_bpm=float(seen.max()) if len(seen) else None,
        pauses=tuple(Interval(float(time_s[i]), float(time_s[i + 1])) for i in np.flatnonzero(pause)),
    )


def _trend(rr_s: NDArray[np.float64], counted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Rate over the median of the eight intervals around each; NaN for an interval that does not count.

    The first and last few have the rate of the first and last eight; with fewer than eight there is one rate for all.
    """
    rate = np.full(len(rr_s), np.nan)
    rr = rr_s[counted]
    if len(rr):
        size = min(_TREND_BEATS, len(rr))
        medians = np.median(np.lib.stride_tricks.sliding_window_view(rr, size), axis=1)
        rate[counted] = 60 / medians[np.clip(np.arange(len(rr)) - size // 2, 0, len(medians) - 1)]
    return rate


def rhythm_findings(measured: Rhythm) -> tuple[Finding, ...]:
    """Say whether the heart is slow or fast on average, and whether it pauses; nothing where no rate was measured.

    Codes are SNOMED CT's for bradycardia and tachycardia; the names say that the mean is meant, for there may be slow
    and fast stretches beside (`einthoven.beats.runs`). Whether the rhythm is sinus is not asked here.
    """
    rate = measured.mean_rate_bpm
    if rate is None:
        return ()  # then there is no interval, and so no pause either
    low, high = f"Mean rate below {USUAL_LEAST_BPM:g} bpm", f"Mean rate above {USUAL_MOST_BPM:g} bpm"
    shown = f"it is {rate:.0f} bpm"
    longest = max((p.stop_s - p.start_s for p in measured.pauses), default=0.0)
    pauses = f"{len(measured.pauses)}, the longest {longest:.1f} s" if longest else f"none of {PAUSE_S:g} s or more"

    def found(there: bool) -> Decision:
        return Decision.PRESENT if there else Decision.ABSENT

    return (
        Finding("pause", "einthoven", "Pauses", found(longest > 0), detail=pauses, where=measured.pauses),
        Finding("48867003", "SNOMED CT", low, found(rate < USUAL_LEAST_BPM), detail=shown),
        Finding("3424008", "SNOMED CT", high, found(rate > USUAL_MOST_BPM), detail=shown),
    )
