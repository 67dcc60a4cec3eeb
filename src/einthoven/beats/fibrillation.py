"""Atrial fibrillation, and flutter that is conducted unevenly: where it is, and how sure that is.

The signs of `einthoven.beats.atrial` are weighed into log-odds for each beat, a line of fourteen numbers; the most
probable course of two states, in and out of fibrillation, follows from them (Viterbi's algorithm). Flutter that is
conducted evenly has a regular rhythm and is not found. The numbers are fitted by ``benchmarks/af_episodes.py`` on
MIT-BIH and PTB-XL.

Probabilities are those of the line, averaged over beats. Of the ten-second recordings of PTB-XL's fold 10, 111 of 127
given 0.8 or more are stated to have fibrillation or flutter, and 15 of 1,985 given less than 0.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ..findings import Decision, Finding, Interval, percent
from .atrial import atrial_evidence
from .episode import KINDS, Episode
from .intervals import beat_times
from .runs import stretches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..record import Beats

    Array = NDArray[np.float64]

WEIGHTS: Final = (
    1.2481,  # change from the interval before
    0.7301,  # change from the second before
    0.2591,  # change from the third before
    0.6993,  # change from the fourth before
    -0.8944,  # least of these changes
    -0.4671,  # share of intervals that are alike
    1.8718,  # share of turns from longer to shorter
    -6.8337,  # interval
    -0.1075,  # spread of intervals
    -6.5059,  # shared share before the QRS, best lead
    -0.1180,  # shared amplitude before the QRS, best lead
    0.0181,  # other amplitude before the QRS, best lead
    -2.0160,  # shared share before the QRS, poorest lead
    -1.8900,  # least other amplitude before the QRS
)
"""For the columns of `einthoven.beats.atrial.FEATURES`."""

BIAS: Final = -3.8685
CHANGE: Final = 30.0
"""Log-odds a change of state costs. Neighbouring beats share their windows, so a sum of theirs counts them often."""

MOST: Final = 4.0
"""Log-odds of one beat are held within plus and minus this: none is sure by itself."""

SILENT: Final = ("S", "V", "F", "Q")
"""Beats that say nothing of fibrillation."""

SURE: Final = 0.8
"""Probability from which fibrillation is present, and from one less this on no longer absent."""

LONGEST_STEP_S: Final = 3.0
"""An episode lasts to the beat after its last only if that comes within this time."""

_LONGEST_SILENCE_S = 60.0  # beats that say nothing are bridged up to it
_USUAL_BEATS = 20  # in which the highest mean of a record without an episode is sought
_PACED_BEATS = 15


@dataclass(frozen=True, slots=True, eq=False)
class Fibrillation:
    """What is known of atrial fibrillation in a record.

    Parameters
    ----------
    episodes
        Where it is; kind ``af``, with probability.
    probability
        That there is any; None where too few beats tell.
    suspect
        The beats most like it, twenty or all there are; None where too few tell.
    beats
        How many beats there are, whether they tell or not.
    """

    episodes: tuple[Episode, ...] = ()
    probability: float | None = None
    suspect: Interval | None = None
    beats: int = 0


def fibrillation(
    signal: NDArray[np.float32],
    fs_hz: float,
    beats: Beats,
    missing: NDArray[np.bool_] | None = None,
    paced: NDArray[np.bool_] | None = None,
) -> Fibrillation:
    """Find atrial fibrillation.

    Parameters
    ----------
    signal
        float32, shape (lead, sample): one or two leads, mV.
    fs_hz
        Its rate.
    beats
        Classified beats. Those that are not ``N`` say nothing: a ventricular beat not of the atria, and an early
        supraventricular one not how the others follow. But a heart most of whose beats are ``Q`` is asked by them.
    missing
        bool, shape (second,): seconds without usable signal; their beats say nothing.
    paced
        bool, shape (beat,): beats that a pacemaker made. They say nothing, and where they are most, as in a paced
        rhythm, no fibrillation is found. None without it.

    Raises
    ------
    OptionError
        The rate is not positive.
    """
    time_s = beat_times(beats, fs_hz)
    by_pacemaker = np.zeros(len(beats), dtype=np.bool_) if paced is None else paced
    silent = by_pacemaker | np.isin(beats.symbol, SILENT)
    odd = (beats.symbol == "Q") & ~by_pacemaker
    if 2 * odd.sum() > len(beats):
        silent &= ~odd
    if missing is not None and len(missing):
        silent |= missing[np.minimum(time_s.astype(np.int64), len(missing) - 1)]
    evidence = atrial_evidence(signal, fs_hz, beats.sample, silent)
    if evidence is None:
        return Fibrillation(beats=len(beats))
    return found_in(evidence @ np.array(WEIGHTS) + BIAS, time_s, silent, mostly_paced(by_pacemaker))


def found_in(odds: Array, time_s: Array, silent: NDArray[np.bool_], paced: NDArray[np.bool_]) -> Fibrillation:
    """Find fibrillation in the log-odds of beats.

    Parameters
    ----------
    odds
        float64, shape (beat,): log-odds of fibrillation.
    time_s
        float64, shape (beat,): time of each.
    silent
        bool, shape (beat,): beats that say nothing; their odds are those of the next beat that does.
    paced
        bool, shape (beat,): beats of a paced rhythm.
    """
    odds = np.clip(odds, -MOST, MOST)
    odds[paced] = -MOST
    parts = _unbroken(states(odds, CHANGE), time_s, silent)
    found = tuple(_episode(first, last, time_s, odds, silent) for first, last in parts)
    odds, time_s = odds[~silent], time_s[~silent]
    size = min(_USUAL_BEATS, len(odds))
    sums = np.concatenate([[0.0], np.cumsum(odds)])
    means = (sums[size:] - sums[:-size]) / size
    most = int(means.argmax())
    suspect = Interval(float(time_s[most]), float(time_s[most + size - 1]))
    highest = max([_probability(float(means[most])), *(one.probability or 0.0 for one in found)])
    return Fibrillation(found, highest, suspect, len(silent))


def mostly_paced(paced: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell the beats around which most are paced: bool, shape (beat,)."""
    from scipy.ndimage import uniform_filter1d

    share = uniform_filter1d(paced.astype(np.float64), _PACED_BEATS, mode="nearest")
    mostly: NDArray[np.bool_] = share > 0.5
    return mostly


def states(odds: Array, change: float) -> NDArray[np.bool_]:
    """Return the most probable course of two states.

    Parameters
    ----------
    odds
        float64, shape (beat,): log-odds of being in the state.
    change
        Log-odds that a change costs.

    Returns
    -------
    bool, shape (beat,).

    Examples
    --------
    >>> states(np.array([-3.0, 2, -1, 2, 2, 2]), change=2).astype(int).tolist()
    [0, 1, 1, 1, 1, 1]
    """
    stayed_out, stayed_in = [], []
    out, within = 0.0, 0.0
    for half in (odds / 2).tolist():
        stayed_out.append(out >= within - change)
        stayed_in.append(within >= out - change)
        out, within = max(out, within - change) - half, max(within, out - change) + half
    course = np.empty(len(odds), dtype=np.bool_)
    now = within > out
    for i in range(len(odds) - 1, -1, -1):
        course[i] = now
        now ^= not (stayed_in[i] if now else stayed_out[i])
    return course


def _unbroken(course: NDArray[np.bool_], time_s: Array, silent: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first and last beat of each stretch in the state, parted where nothing tells for too long."""
    tell = np.flatnonzero(course & ~silent)
    parts = []
    for first, stop in stretches(course).tolist():
        told = tell[(tell >= first) & (tell < stop)]
        cuts = np.flatnonzero(np.diff(time_s[told]) > _LONGEST_SILENCE_S)
        starts, ends = np.append(told[:1], told[cuts + 1]), np.append(told[cuts], told[-1:])
        parts += list(zip(starts.tolist(), ends.tolist(), strict=True))
    return parts


def _episode(first: int, last: int, time_s: Array, odds: Array, silent: NDArray[np.bool_]) -> Episode:
    own = slice(first, last + 1)
    follows = last + 1 < len(time_s) and time_s[last + 1] - time_s[last] < LONGEST_STEP_S
    stop = last + follows
    length_s = float(time_s[last] - time_s[first])
    rate = 60 * (last - first) / length_s if length_s > 0 else None
    probability = _probability(float(odds[own][~silent[own]].mean()))
    return Episode("af", float(time_s[first]), float(time_s[stop]), last - first + 1, rate, probability)


def _probability(odds: float) -> float:
    return float(1 / (1 + np.exp(-odds)))


def fibrillation_findings(found: Fibrillation, duration_s: float) -> tuple[Finding, ...]:
    """Say whether there is atrial fibrillation or flutter, how much, and where; unsure where too few beats tell.

    Parameters
    ----------
    found
        What `fibrillation` found.
    duration_s
        The time it is part of.
    """
    kind = KINDS["af"]
    if not found.beats:
        return ()
    if found.probability is None or found.suspect is None:
        unsaid = "too few beats that tell"
        return (Finding(kind.snomed, "SNOMED CT", kind.name, Decision.UNSURE, None, unsaid),)
    decision, detail = Decision.UNSURE, ""
    where = tuple(Interval(one.start_s, one.stop_s) for one in found.episodes)
    if found.episodes:
        total_s = sum(one.duration_s for one in found.episodes)
        times = f"{len(where)} episode" + ("" if len(where) == 1 else "s")
        detail = f"{times}, {percent(min(1.0, total_s / duration_s))} of the time" if duration_s > 0 else times
        decision = Decision.PRESENT if found.probability >= SURE else Decision.UNSURE
    elif found.probability < 1 - SURE:
        decision = Decision.ABSENT
    else:
        where, detail = (found.suspect,), "like it for some beats, not long or sure enough to be an episode"
    return (Finding(kind.snomed, "SNOMED CT", kind.name, decision, found.probability, detail, where),)
