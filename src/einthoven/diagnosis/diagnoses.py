"""Which diagnoses do twelve leads show? Which tens of seconds are looked at, what follows from them, what is said.

A network answers for ten seconds, about many diagnoses at once, of which a record may have several or none. A longer
record is covered with tens of seconds, as many as that takes; a diagnosis has the mean of their log-odds, as if it were
asked of a usual ten seconds, but premature beats the highest, for a record has them if any part of it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..codes import TERMS
from ..findings import Decision, Finding, Interval
from .normality import MOST_VIEWS, VIEW_S, share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

ANYWHERE: Final = ("284470004", "427172004", "PAC", "PVC", "PRC(S)")
"""Premature beats, which a record has if any part of it has them."""

_BESIDE_S: Final = 1.0  # so much of a record need not be looked at
_EVEN: Final = 0.5
_FIRST: Final = (Decision.PRESENT, Decision.UNSURE, Decision.ABSENT)


def covering(duration_s: float) -> tuple[float, ...]:
    """Return when the tens of seconds begin that cover a record: seconds, evenly spread, `MOST_VIEWS` at most.

    Of a record of up to eleven seconds the middle ten are looked at; of one shorter than ten, what there is.

    Examples
    --------
    >>> covering(10), covering(10.5), covering(25), covering(7), len(covering(1800))
    ((0.0,), (0.25,), (0.0, 7.5, 15.0), (0.0,), 12)
    """
    spare_s = max(0.0, duration_s - VIEW_S)
    if spare_s <= _BESIDE_S:
        return (spare_s / 2,)
    n_views = min(MOST_VIEWS, int(np.ceil(duration_s / VIEW_S)))
    return tuple(np.linspace(0.0, spare_s, n_views).tolist())


def together(log_odds: NDArray[np.float64], classes: Sequence[str]) -> NDArray[np.float64]:
    """Return the log-odds of a record by those of its views: the mean, but the highest for what may be `ANYWHERE`.

    Parameters
    ----------
    log_odds
        float64, shape (view, class).
    classes
        Names of the columns.

    Returns
    -------
    float64, shape (class,).

    Examples
    --------
    >>> together(np.array([[3.0, 3.0], [-5.0, -5.0]]), ("164889003", "427172004")).tolist()
    [-1.0, 3.0]
    """
    anywhere = [name in ANYWHERE for name in classes]
    joined: NDArray[np.float64] = np.where(anywhere, log_odds.max(axis=0), log_odds.mean(axis=0))
    return joined


def decide(probability: float, absent_to: float, present_from: float) -> Decision:
    """Decide by what is possible: one answer left is said, both are not.

    The likelier answer is always possible: with a rare diagnosis few records without it have more than one percent,
    and yet at two percent nobody should read that it is present. So no miss rate grows, and more is unsure.

    Parameters
    ----------
    probability
        Of the diagnosis, calibrated.
    absent_to
        Highest probability with which records without it are to be reckoned with.
    present_from
        Lowest with which records that have it are.

    Examples
    --------
    >>> [decide(p, absent_to=0.6, present_from=0.2).value for p in (0.1, 0.4, 0.9)]
    ['absent', 'unsure', 'present']
    >>> [decide(p, absent_to=0.01, present_from=0.05).value for p in (0.02, 0.1, 0.6)]
    ['absent', 'unsure', 'present']
    """
    if probability >= min(present_from, _EVEN):
        return Decision.PRESENT if probability > max(absent_to, _EVEN) else Decision.UNSURE
    return Decision.ABSENT


def diagnosis_findings(
    log_odds: NDArray[np.float64],
    starts_s: Sequence[float],
    classes: Sequence[str],
    sets: Mapping[str, tuple[float, float]],
    miss_rate: float,
    *,
    model: str = "",
    doubtful: bool = False,
) -> tuple[Finding, ...]:
    """Say of each diagnosis whether a record has it: those present first, then the unsure, the more probable first.

    Nothing is said of those that are `untold`, unless they are present.

    Parameters
    ----------
    log_odds
        float64, shape (view, class): calibrated, for each ten seconds.
    starts_s
        When each begins.
    classes
        Keys of :data:`einthoven.codes.TERMS`, the columns of `log_odds`.
    sets
        By class: up to which probability it may be absent, and from which it may be present.
    miss_rate
        That of the sets.
    model
        Name of what answered.
    doubtful
        Whether the signal is such that nothing can be sure.

    Examples
    --------
    >>> sets = {"164889003": (0.6, 0.2), "426783006": (0.9, 0.4)}
    >>> said = diagnosis_findings(np.array([[1.0, -9.0]]), [0.0], tuple(sets), sets, 0.05)
    >>> [(one.name, one.decision.value) for one in said]
    [('Atrial fibrillation', 'present'), ('Sinus rhythm', 'absent')]
    """
    said = []
    for column, odds in enumerate(together(log_odds, classes).tolist()):
        term, probability = TERMS[classes[column]], share(odds)
        decision = Decision.UNSURE if doubtful else decide(probability, *sets[classes[column]])
        if decision is Decision.UNSURE and _never_excluded(sets[classes[column]]):
            continue
        most_s = starts_s[int(log_odds[:, column].argmax())]
        shown = len(starts_s) > 1 and decision is Decision.PRESENT
        said.append(
            Finding(
                code=term.code,
                system=term.system,
                name=term.name[:1].upper() + term.name[1:],
                decision=decision,
                probability=probability,
                detail=f"by {model}" if model else "",
                where=(Interval(most_s, most_s + VIEW_S),) if shown else (),
                miss_rate=miss_rate,
            )
        )
    return tuple(sorted(said, key=lambda one: (_FIRST.index(one.decision), -(one.probability or 0.0))))


def untold(sets: Mapping[str, tuple[float, float]]) -> tuple[str, ...]:
    """Return the names of the diagnoses that can never be excluded, since too few records had them to learn from.

    Examples
    --------
    >>> untold({"164889003": (0.6, 0.2), "426627000": (0.0, 0.0)})
    ('bradycardia',)
    """
    return tuple(TERMS[name].name for name, edges in sets.items() if _never_excluded(edges))


def _never_excluded(edges: tuple[float, float]) -> bool:
    return edges[1] <= 0
