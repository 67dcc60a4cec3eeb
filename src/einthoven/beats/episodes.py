"""All episodes of a record, from its classified beats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..findings import Decision, Finding, Interval
from .episode import KINDS, Episode, extreme_rate, tally
from .intervals import whole
from .rhythm import rhythm
from .runs import episode as made
from .runs import every, slow_and_fast, stretches, supraventricular_runs, ventricular_runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from ..record import Beats
    from .episode import Tally
    from .rhythm import Rhythm

NOT_IN_AF: Final = ("svt", "atrial-bigeminy")
"""Rhythms of the atria, which cannot be while these fibrillate."""

AROUND_BEATS: Final = 15
"""Beats of which most must be normal for the one in their middle to be part of a normal rhythm."""

MOST_INTERVALS: Final = 3
"""Rates and what is normal are not followed across an interval as long as so many around it: beats may hide there."""

LONGEST_STEP_S: Final = 3.0
"""Runs and patterns are not followed across a longer interval: beats may hide there, as in ventricular flutter."""


def episodes(
    beats: Beats, fs_hz: float, missing: NDArray[np.bool_] | None = None, af: Sequence[Episode] = ()
) -> tuple[Episode, ...]:
    """Find the episodes of a record.

    Parameters
    ----------
    beats
        Classified beats: ``V`` and ``F`` count as ventricular, ``S`` as supraventricular.
    fs_hz
        Rate their positions count in.
    missing
        bool, shape (second,): seconds without usable signal in any lead; no episode goes across one.
    af
        Atrial fibrillation, as `einthoven.beats.fibrillation` finds it.

    Returns
    -------
    tuple of Episode
        In the order of time. Episodes of several kinds may be at one time: a run within atrial fibrillation is both.

    Raises
    ------
    OptionError
        The rate is not positive.

    Examples
    --------
    >>> from einthoven.record import Beats
    >>> beats = Beats(np.arange(12) * 360, list("NNNVNVNVNNNN"))
    >>> [(one.kind, one.start_s, one.stop_s) for one in episodes(beats, fs_hz=360)]
    [('normal', 0.0, 2.0), ('bigeminy', 2.0, 8.0), ('normal', 8.0, 11.0)]
    """
    measured = rhythm(beats, fs_hz, missing)
    time_s = measured.time_s
    if not len(time_s):
        return ()
    intact = whole(time_s, missing)
    found = [*_counted(beats, measured, intact & (measured.rr_s < LONGEST_STEP_S)), *af]
    found = [one for one in found if one.kind not in NOT_IN_AF or not _within(one, af)]
    found += _normal(beats, time_s, intact & _steady(measured), found)
    return tuple(sorted(found, key=lambda one: (one.start_s, one.stop_s)))


def _counted(beats: Beats, measured: Rhythm, intact: NDArray[np.bool_]) -> Iterator[Episode]:
    time_s = measured.time_s
    ventricular, supraventricular = np.isin(beats.symbol, ["V", "F"]), beats.symbol == "S"
    yield from ventricular_runs(ventricular, time_s, intact)
    yield from supraventricular_runs(supraventricular, time_s, intact)
    yield from every("bigeminy", 2, ventricular, time_s, intact)
    yield from every("trigeminy", 3, ventricular, time_s, intact)
    yield from every("atrial-bigeminy", 2, supraventricular, time_s, intact)
    yield from (Episode("pause", p.start_s, p.stop_s, 2, 60 / (p.stop_s - p.start_s)) for p in measured.pauses)
    yield from slow_and_fast(np.where(_steady(measured), measured.rate_bpm, np.nan), time_s, intact)


def _steady(measured: Rhythm) -> NDArray[np.bool_]:
    """Tell which intervals are known and not far longer than those around."""
    return measured.rr_s * measured.rate_bpm < 60 * MOST_INTERVALS


def _within(one: Episode, others: Iterable[Episode]) -> bool:
    """Tell whether an episode shares time with one of the others."""
    return any(one.start_s < other.stop_s and other.start_s < one.stop_s for other in others)


def _normal(
    beats: Beats, time_s: NDArray[np.float64], intact: NDArray[np.bool_], found: Iterable[Episode]
) -> Iterator[Episode]:
    """Find what is left between the rhythms where most beats are normal; a slow or fast stretch stands apart."""
    from scipy.ndimage import uniform_filter1d

    left, joined = np.ones(len(time_s), dtype=np.bool_), intact.copy()
    for one in found:
        first, stop = np.searchsorted(time_s, [one.start_s, one.stop_s])
        stop = max(stop, first + one.beats)
        if KINDS[one.kind].aux:
            left[first:stop] = False
        elif one.kind in ("slow", "fast"):
            joined[[edge - 1 for edge in (first, stop) if 0 < edge <= len(joined)]] = False
    share = uniform_filter1d((beats.symbol[left] == "N").astype(np.float64), AROUND_BEATS, mode="nearest")
    left[left] = share > 0.5
    for first, last in stretches(joined & left[1:] & left[:-1]).tolist():
        yield made("normal", first, last, time_s, intact)


SAID: Final = ("vt", "idioventricular", "svt", "bigeminy", "trigeminy", "atrial-bigeminy", "couplet", "slow", "fast")
"""Kinds that `episode_findings` speaks of."""

ALWAYS_SAID: Final = ("vt", "svt")
"""Kinds whose absence is worth saying."""


def episode_findings(found: Iterable[Episode], duration_s: float, *, seen_enough: bool = True) -> tuple[Finding, ...]:
    """Say which counted rhythms there are, how often, how long and how fast, and where.

    A run of beats is as sure as the classes of its beats, which have their own findings; so these have no probability.

    Parameters
    ----------
    found
        Episodes.
    duration_s
        The time they are part of.
    seen_enough
        Whether what is not found can be said to be absent; else that is unsure.

    Examples
    --------
    >>> [run, none] = episode_findings([Episode("vt", 10, 12, 5, 150.0)], duration_s=60)
    >>> run.name, run.detail, none.code, none.decision.value
    ('Ventricular tachycardia', '1 episode, the longest 5 beats, the fastest 150 bpm', '426761007', 'absent')
    """
    kept = list(found)
    there = {one.kind: one for one in tally(kept, duration_s)}
    said, none = [], Decision.ABSENT if seen_enough else Decision.UNSURE
    for kind in SAID:
        what = KINDS[kind]
        if kind in there:
            where = tuple(Interval(one.start_s, one.stop_s) for one in kept if one.kind == kind)
            said.append(
                Finding(what.snomed, "SNOMED CT", what.name, Decision.PRESENT, None, _detail(there[kind]), where)
            )
        elif kind in ALWAYS_SAID:
            said.append(Finding(what.snomed, "SNOMED CT", what.name, none, None, f"no {what.least}"))
    return tuple(said)


def _detail(one: Tally) -> str:
    times = f"{one.count} episode" + ("" if one.count == 1 else "s")
    longest = "" if one.kind == "couplet" else f", the longest {one.longest.beats} beats"
    return f"{times}{longest}{extreme_rate(one, ', the ')}"
