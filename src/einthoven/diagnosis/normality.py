"""Is an ECG of twelve leads normal? Which records can be asked, which ten seconds are looked at, and what is said.

A network answers for ten seconds. Of a longer record it is asked about several tens of seconds, spread over the record,
each the cleanest in its share of it; their log-odds are averaged, so the answer is that of a usual ten seconds, and a
longer record is not more often abnormal for having been looked at more often.
"""

from __future__ import annotations

from math import tanh
from typing import TYPE_CHECKING, Final

import numpy as np

from ..codes import CHEST_LEADS, LIMB_LEADS
from ..errors import SignalError
from ..findings import Decision, Finding, Interval
from ..signal.quality import Verdict
from .independent import INDEPENDENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set

    from numpy.typing import NDArray

    from ..record import Record
    from ..signal.quality import Quality

CLASSES: Final = ("normal", "abnormal")
"""What a network of normality tells apart, in the order of its outputs; a record is of just one."""

FEWEST_BEATS: Final = 3
"""Fewer tell nothing, or are none."""

HIGHEST_MV: Final = 1e5
"""A hundred volts: what goes beyond is a broken file."""

VIEW_S: Final = 10.0
SHORTEST_S: Final = 8.0
LOWEST_HZ: Final = 80.0
"""Models of whole records look at waves of up to 40 Hz."""

MOST_VIEWS: Final = 12
MOST_POOR: Final = 2
"""With more of the eight independent leads of poor signal, the answer is unsure whatever the network says."""

_FLAT_MV: Final = 1e-4


def check_askable(record: Record) -> tuple[str, ...]:
    """Raise SignalError for a record of which nobody can tell whether its ECG is normal; return its `silent_leads`.

    It must have V1 to V6, all but two of them with a signal, and two limb leads with one, which make the others; last
    8 s at 80 Hz or more; and stay within what electrodes give.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> check_askable(simulate(duration_s=10).record)
    ()
    >>> check_askable(simulate(duration_s=5).record)
    Traceback (most recent call last):
    einthoven.errors.SignalError: simulated: is 5 s long; 8 s or more are needed
    """
    who = record.source or record.id
    if not has_twelve_leads(record):
        raise SignalError(f"{who}: has leads {', '.join(record.leads)}; V1 to V6 and two limb leads are needed")
    if record.fs_hz < LOWEST_HZ:
        raise SignalError(f"{who}: is sampled at {record.fs_hz:g} Hz; {LOWEST_HZ:g} Hz or more are needed")
    if record.duration_s < SHORTEST_S:
        raise SignalError(f"{who}: is {record.duration_s:.3g} s long; {SHORTEST_S:.0f} s or more are needed")
    highest_mv = float(np.fmax.reduce(np.abs(record.signal), axis=None))
    if highest_mv > HIGHEST_MV:
        raise SignalError(f"{who}: reaches {highest_mv:.3g} mV; no electrode gives more than {HIGHEST_MV:g} mV")
    lost = silent_leads(record)
    if not set(LIMB_LEADS).isdisjoint(lost) or len(lost) > MOST_POOR:
        raise SignalError(f"{who}: has no signal in {', '.join(lost)}")
    return lost


def silent_leads(record: Record) -> tuple[str, ...]:
    """Return the leads that are missed because they show nothing half of the time, or nothing but a level.

    Of the limb leads none is missed while two of them are left.

    Examples
    --------
    >>> from einthoven.record import Record
    >>> from einthoven.signal.simulate import simulate
    >>> record = simulate().record
    >>> signal = record.signal * np.array([1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 1, 1])[:, None]
    >>> silent_leads(Record(signal, record.fs_hz, record.leads))
    ('V4',)
    """
    return _missed(record, {lead for lead in record.leads if not _moves(record[lead])})


def _moves(row: NDArray[np.float32]) -> bool:
    finite = np.isfinite(row)
    return bool(finite.mean() > 0.5 and np.ptp(row[finite]) > _FLAT_MV)


def _missed(record: Record, silent: Set[str]) -> tuple[str, ...]:
    limb = [lead for lead in LIMB_LEADS if lead in record]
    needed = limb if len(silent & set(limb)) > len(limb) - 2 else ()  # two of them make the others
    return tuple(lead for lead in (*needed, *CHEST_LEADS) if lead in silent)


def has_twelve_leads(record: Record) -> bool:
    """Tell whether a record has V1 to V6 and two limb leads, of which the other four are sums.

    Examples
    --------
    >>> from einthoven.codes import STANDARD_12
    >>> from einthoven.record import Record
    >>> has_twelve_leads(Record(np.zeros((12, 10)), 500, STANDARD_12)), has_twelve_leads(Record([[0]], 500, ["II"]))
    (True, False)
    """
    return sum(lead in record for lead in LIMB_LEADS) > 1 and all(lead in record for lead in CHEST_LEADS)


def why_not(record: Record, quality: Quality) -> str:
    """Say in words why a record of twelve leads cannot be answered for; empty where it can.

    Examples
    --------
    >>> from einthoven.signal.quality import assess
    >>> from einthoven.signal.simulate import simulate
    >>> whole, short = simulate(duration_s=10).record, simulate(duration_s=5).record
    >>> why_not(whole, assess(whole)), why_not(short, assess(short))
    ('', 'it takes 8 s, and the record has 5 s')
    """
    if record.fs_hz < LOWEST_HZ:
        return f"it takes {LOWEST_HZ:.0f} Hz, and the record has {record.fs_hz:g} Hz"
    if record.duration_s < SHORTEST_S:
        return f"it takes {SHORTEST_S:.0f} s, and the record has {record.duration_s:.3g} s"
    lost = _missed(record, quality.silent_leads)
    return f"there is no signal in {', '.join(lost)}" if lost else ""


def views(record: Record, quality: Quality) -> tuple[float, ...]:
    """Choose the tens of seconds to look at: when each begins, in seconds.

    The record is parted evenly, into ten seconds or more each and `MOST_VIEWS` at most; of each part the ten seconds
    with the most usable seconds of leads are taken, the middlemost of several. Of a record shorter than that the ten
    seconds around it are.

    Examples
    --------
    >>> from einthoven.signal.quality import assess
    >>> from einthoven.signal.simulate import simulate
    >>> record = simulate(duration_s=60).record
    >>> views(record, assess(record))
    (0.0, 10.0, 20.0, 30.0, 40.0, 50.0)
    """
    n_parts = min(MOST_VIEWS, max(1, int(record.duration_s // VIEW_S)))
    spare_s = record.duration_s - n_parts * VIEW_S
    if spare_s < n_parts:  # nothing to choose from
        return tuple(spare_s / 2 + VIEW_S * part for part in range(n_parts))
    usable = quality.usable[[lead in INDEPENDENT for lead in quality.leads]].sum(axis=0)
    good = np.convolve(usable, np.ones(int(VIEW_S), np.int64), mode="valid")
    edges = np.linspace(0, record.duration_s, n_parts + 1)
    starts = []
    for begin, end in zip(edges[:-1], edges[1:] - VIEW_S, strict=True):
        at = np.arange(int(np.ceil(begin)), int(end) + 1)
        best = at[good[at] == good[at].max()]
        starts.append(float(best[np.argmin(np.abs(best - (begin + end) / 2))]))
    return tuple(starts)


def middle(record: Record) -> Record:
    """Return the ten seconds in the middle of a longer record: all that a model of whole records has learnt to look at.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> middle(simulate(duration_s=60).record).duration_s, middle(simulate(duration_s=9).record).duration_s
    (10.0, 9.0)
    """
    spare_s = record.duration_s - VIEW_S
    return record if spare_s <= 0 else record.crop(spare_s / 2, spare_s / 2 + VIEW_S)


def share(log_odds: float) -> float:
    """Return the probability that log-odds stand for, whatever their size.

    Examples
    --------
    >>> share(0), round(share(2), 3), share(-1e9)
    (0.5, 0.881, 0.0)
    """
    return 0.5 * (1 + tanh(log_odds / 2))


def decide(abnormal: float, thresholds: Mapping[str, float]) -> Decision:
    """Decide by the probability from which each class is possible: one class left is an answer, both or none are not.

    Examples
    --------
    >>> [decide(p, {"normal": 0.3, "abnormal": 0.3}).value for p in (0.1, 0.5, 0.9)]
    ['absent', 'unsure', 'present']
    """
    normal_left, abnormal_left = 1 - abnormal >= thresholds["normal"], abnormal >= thresholds["abnormal"]
    if normal_left == abnormal_left:
        return Decision.UNSURE
    return Decision.PRESENT if abnormal_left else Decision.ABSENT


def abnormal_finding(
    log_odds: NDArray[np.float64],
    starts_s: Sequence[float],
    thresholds: Mapping[str, float],
    quality: Quality,
    model: str,
) -> Finding:
    """Say whether the ECG is abnormal.

    Parameters
    ----------
    log_odds
        float64, shape (view,): of "abnormal", calibrated, for each ten seconds.
    starts_s
        When each begins.
    thresholds
        Probability from which each of `CLASSES` is possible.
    quality
        Of the whole record.
    model
        Name of what answered.
    """
    probability = share(float(log_odds.mean()))
    decision, detail = decide(probability, thresholds), [f"by {model}"]
    where: tuple[Interval, ...] = ()
    if len(starts_s) > 1:
        low, high = share(log_odds.min()), share(log_odds.max())
        detail = [f"by {model}, on {len(starts_s)} stretches of 10 s, from {low:.2f} to {high:.2f}"]
        most = starts_s[int(log_odds.argmax())]
        where = (Interval(most, most + VIEW_S),)
    if reason := why_unsure(quality, starts_s):
        decision = Decision.UNSURE
        detail.append(f"unsure because {reason}")
    return Finding(
        code="102594003",
        system="SNOMED CT",
        name="Abnormal ECG",
        decision=decision,
        probability=probability,
        detail="; ".join(detail),
        where=where,
    )


def why_unsure(quality: Quality, starts_s: Sequence[float]) -> str:
    """Say in words why nothing is sure of a record looked at from `starts_s` on; empty where the signal will do.

    More than `MOST_POOR` of the independent leads are poor, or so many are missing for a second: a gap looks like a
    pause.

    Examples
    --------
    >>> from einthoven.record import Record
    >>> from einthoven.signal.quality import assess
    >>> from einthoven.signal.simulate import simulate
    >>> record = simulate(duration_s=10).record
    >>> silent = Record(record.signal * (np.arange(12) < 9)[:, None], record.fs_hz, record.leads)
    >>> why_unsure(assess(record), [0.0]), why_unsure(assess(silent), [0.0])
    ('', 'of poor signal in V4, V5, V6')
    """
    poor = [lead for lead in INDEPENDENT if quality.lead_verdict.get(lead) is Verdict.POOR]
    if len(poor) > MOST_POOR:
        return f"of poor signal in {', '.join(poor)}"
    gaps_s = _missing_s(quality, starts_s)
    return f"{gaps_s} s of it are missing" if gaps_s else ""


def _missing_s(quality: Quality, starts_s: Sequence[float]) -> int:
    """Count the seconds looked at in which more leads than may be poor are missing."""
    gap = quality.missing[[lead in INDEPENDENT for lead in quality.leads]].sum(axis=0) > MOST_POOR
    return sum(int(gap[max(0, int(start_s)) : int(np.ceil(start_s + VIEW_S))].sum()) for start_s in starts_s)
