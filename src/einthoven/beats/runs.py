"""Runs of beats of one origin, beats that come every second or third time, and slow and fast stretches: all counted.

A fusion beat counts as ventricular here: an ectopic focus fired. Nothing is followed across a gap in the signal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from .episode import Episode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]

LEAST_RUN, LEAST_CYCLES, LEAST_STRETCH = 3, 3, 8
TACHYCARDIA_BPM: Final = 100.0
"""A run above it is a tachycardia."""

SLOW_BPM, FAST_BPM = 50.0, 120.0
"""Below the first the heart is slow, above the second fast, if it is so for `LEAST_STRETCH` beats."""


def stretches(there: Bools) -> NDArray[np.int64]:
    """Return first and one past the last place of each run of True, int64, shape (run, 2).

    Examples
    --------
    >>> stretches(np.array([True, False, True, True])).tolist()
    [[0, 1], [2, 4]]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(np.int8)))
    return edges.reshape(-1, 2).astype(np.int64)


def episode(kind: str, first: int, last: int, time_s: NDArray[np.float64], intact: Bools) -> Episode:
    """Return the episode from one beat to another, up to the beat that follows without a gap.

    Parameters
    ----------
    kind
        A key of `einthoven.beats.episode.KINDS`.
    first, last
        Its first and its last beat.
    time_s
        float64, shape (beat,): time of each beat.
    intact
        bool, shape (beat - 1,): which intervals have signal throughout.
    """
    stop = last + 1 if last < len(intact) and intact[last] else last
    length_s = float(time_s[last] - time_s[first])
    rate = 60 * (last - first) / length_s if length_s > 0 else None
    return Episode(kind, float(time_s[first]), float(time_s[stop]), last - first + 1, rate)


def runs(of: Bools, intact: Bools) -> Iterator[tuple[int, int]]:
    """Yield first and last beat of every two or more beats on end for which `of` is True, bool, shape (beat,)."""
    yield from stretches(of[1:] & of[:-1] & intact).tolist()


def ventricular_runs(ventricular: Bools, time_s: NDArray[np.float64], intact: Bools) -> Iterator[Episode]:
    """Find couplets, tachycardias and slow ventricular rhythms.

    Parameters
    ----------
    ventricular
        bool, shape (beat,): which beats are ventricular.
    time_s, intact
        As `episode` takes them.
    """
    for first, last in runs(ventricular, intact):
        found = episode("vt", first, last, time_s, intact)
        if found.beats < LEAST_RUN:
            yield episode("couplet", first, last, time_s, intact)
        elif (found.rate_bpm or 0) > TACHYCARDIA_BPM:
            yield found
        else:
            yield episode("idioventricular", first, last, time_s, intact)


def supraventricular_runs(supraventricular: Bools, time_s: NDArray[np.float64], intact: Bools) -> Iterator[Episode]:
    """Find supraventricular tachycardias; parameters as of `ventricular_runs`."""
    for first, last in runs(supraventricular, intact):
        found = episode("svt", first, last, time_s, intact)
        if found.beats >= LEAST_RUN and (found.rate_bpm or 0) > TACHYCARDIA_BPM:
            yield found


def every(kind: str, step: int, of: Bools, time_s: NDArray[np.float64], intact: Bools) -> Iterator[Episode]:
    """Find stretches where just every `step`-th beat is of a sort, from the beat before the first of them.

    Beats that follow one another are a run, and no part of a pattern.

    Parameters
    ----------
    kind
        A key of `einthoven.beats.episode.KINDS`.
    step
        2 for bigeminy, 3 for trigeminy.
    of
        bool, shape (beat,): which beats are of the sort.
    time_s, intact
        As `episode` takes them.
    """
    beside = np.concatenate([[False], of[1:] & of[:-1], [False]])
    place = np.flatnonzero(of & ~beside[1:] & ~beside[:-1])
    gaps_before = np.concatenate([[0], np.cumsum(~intact)])
    joined = (np.diff(place) == step) & (np.diff(gaps_before[place]) == 0) if len(place) else np.empty(0, np.bool_)
    for begin, end in stretches(joined).tolist():
        if end - begin + 1 >= LEAST_CYCLES:
            first = int(place[begin])
            leads_in = first > 0 and bool(intact[first - 1])
            yield episode(kind, first - leads_in, int(place[end]), time_s, intact)


def slow_and_fast(rate_bpm: NDArray[np.float64], time_s: NDArray[np.float64], intact: Bools) -> Iterator[Episode]:
    """Find slow and fast stretches, of whatever beats.

    Parameters
    ----------
    rate_bpm
        float64, shape (beat - 1,): rate at each beat but the first, NaN where it is not known.
    time_s, intact
        As `episode` takes them.
    """
    for kind, there in (("slow", rate_bpm < SLOW_BPM), ("fast", rate_bpm > FAST_BPM)):
        for first, stop in stretches(there).tolist():
            if stop - first >= LEAST_STRETCH - 1:
                yield episode(kind, first, stop, time_s, intact)
