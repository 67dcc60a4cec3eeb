"""What the beats are: from a model's probabilities to symbols and findings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ..findings import Decision, Finding, Interval, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ..record import Beats

ABNORMAL = "abnormal"
NORMAL_SYMBOL, ABNORMAL_SYMBOL = "N", "Q"

SURE = 0.8
"""Probability from which an answer, normal or abnormal, is taken as sure."""

LONG_H: Final = 1.0
"""Records with less usable time have no number of beats an hour."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of beat that a finding tells of: its code in a vocabulary, and its name."""

    code: str
    system: str
    name: str


KINDS: Final = {
    ABNORMAL: Kind("abnormal-beats", "einthoven", "Abnormal beats"),
    "V": Kind("427172004", "SNOMED CT", "Ventricular ectopic beats"),
    "S": Kind("63593006", "SNOMED CT", "Supraventricular ectopic beats"),
    "F": Kind("13640000", "SNOMED CT", "Fusion beats"),
}
"""Classes that are worth a finding, the most important first."""


def label(beats: Beats, probability: NDArray[np.float32], threshold: float) -> Beats:
    """Give each beat its symbol: ``Q`` where it is probably abnormal, else ``N``.

    Parameters
    ----------
    beats
        The beats.
    probability
        float32, shape (beat,): calibrated probability of being abnormal.
    threshold
        From which a beat is called abnormal.

    Examples
    --------
    >>> from einthoven.record import Beats
    >>> found = Beats.unlabelled(np.array([100, 460]))
    >>> label(found, np.array([0.1, 0.9], np.float32), 0.5).symbol.tolist()
    ['N', 'Q']
    """
    symbol = np.where(probability >= threshold, ABNORMAL_SYMBOL, NORMAL_SYMBOL)
    return replace(beats, symbol=symbol, probability=probability.reshape(-1, 1), classes=(ABNORMAL,), possible=None)


def label_classes(
    beats: Beats, probability: NDArray[np.float32], classes: tuple[str, ...], thresholds: Mapping[str, float]
) -> Beats:
    """Give each beat the symbol of its most probable class, and tell which classes it may be of.

    Parameters
    ----------
    beats
        The beats.
    probability
        float32, shape (beat, class): calibrated.
    classes
        Of AAMI, the columns of `probability`.
    thresholds
        By class: the probability from which a beat may be of it.

    Examples
    --------
    >>> from einthoven.record import Beats
    >>> found = Beats.unlabelled(np.array([100, 460]))
    >>> said = label_classes(found, np.array([[0.95, 0.05], [0.4, 0.6]]), ("N", "V"), {"N": 0.3, "V": 0.1})
    >>> said.symbol.tolist(), unsure(said).tolist()
    (['N', 'V'], [False, True])
    """
    symbol = np.array(classes)[np.argmax(probability, axis=1)]
    possible = probability >= np.array([thresholds[name] for name in classes], np.float32)
    return replace(beats, symbol=symbol, probability=probability, classes=classes, possible=possible)


def unsure(beats: Beats) -> NDArray[np.bool_]:
    """Tell for each beat whether the model was too unsure to rely on: bool, shape (beat,).

    Of classes that exclude each other, a beat is unsure unless just one is possible. A paced beat is not unsure.
    """
    if beats.possible is not None:
        result: NDArray[np.bool_] = (beats.possible.sum(axis=1) != 1) & classified(beats)
        return result
    abnormal = abnormal_probability(beats)
    if abnormal is None:
        return np.ones(len(beats), dtype=np.bool_)
    return (abnormal > 1 - SURE) & (abnormal < SURE)  # of a paced beat neither


def classified(beats: Beats) -> NDArray[np.bool_]:
    """Tell of which beats a class says something, all but the paced ones: bool, shape (beat,).

    Examples
    --------
    >>> from einthoven.record import Beats
    >>> classified(Beats([100, 460], ["N", "Q"], paced=np.array([False, True]))).tolist()
    [True, False]
    """
    return np.ones(len(beats), dtype=np.bool_) if beats.paced is None else ~beats.paced


def abnormal_probability(beats: Beats) -> NDArray[np.float32] | None:
    """Return each beat's probability of being abnormal, of any class but N: float32, shape (beat,); None without one.

    It is NaN where a beat is paced.

    Examples
    --------
    >>> from einthoven.record import Beats
    >>> probability = np.array([[0.75, 0.2, 0.05]])
    >>> abnormal_probability(Beats([100], ["N"], probability, ("N", "S", "V")))
    array([0.25], dtype=float32)
    """
    if beats.probability is None:
        return None
    if ABNORMAL in beats.classes:
        abnormal: NDArray[np.float32] = beats.probability[:, beats.classes.index(ABNORMAL)]
    elif "N" in beats.classes:
        abnormal = 1 - beats.probability[:, beats.classes.index("N")]
    else:
        return None
    return np.where(classified(beats), abnormal, np.float32(np.nan))


def beat_findings(beats: Beats, fs_hz: float, unusable: NDArray[np.bool_] | None = None) -> tuple[Finding, ...]:
    """Say of each kind of beat that the model tells whether the record has some, how many, and where.

    Present when at least one beat is surely of it, absent when no beat may be of it, else unsure. Beats where no lead
    is usable decide nothing, and a record that is mostly unusable is never without: at best that is unsure. The
    probability is that of the beat that is most probably of it and counts. Paced beats are left out. Nothing is said of
    a record without other beats.

    Parameters
    ----------
    beats
        Classified beats.
    fs_hz
        Rate their positions count in.
    unusable
        bool, shape (second,): seconds in which no lead is usable; none without it.
    """
    told = classified(beats)
    if beats.probability is None or not told.any():
        return ()
    counts, usable_s = told, float(beats.sample[-1] - beats.sample[0]) / fs_hz
    if unusable is not None:
        counts = told & ~unusable[np.clip((beats.sample / fs_hz).astype(np.int64), 0, len(unusable) - 1)]
        usable_s = float((~unusable).sum())
    return tuple(_finding(name, beats, fs_hz, counts, usable_s) for name in KINDS if name in beats.classes)


def _finding(name: str, beats: Beats, fs_hz: float, counts: NDArray[np.bool_], usable_s: float) -> Finding:
    """Say whether there are beats of a class, by those that count."""
    probability, told = np.asarray(beats.probability)[:, beats.classes.index(name)], classified(beats)
    called, doubtful = told & (beats.symbol == (ABNORMAL_SYMBOL if name == ABNORMAL else name)), unsure(beats)
    if beats.possible is not None:
        doubtful = doubtful & (called | beats.possible[:, beats.classes.index(name)])
    decision = Decision.UNSURE
    if (called & ~doubtful & counts).any():
        decision = Decision.PRESENT
    elif not (called | doubtful)[counts].any() and 2 * counts.sum() > told.sum():
        decision = Decision.ABSENT
    kind, time_s = KINDS[name], beats.sample[called] / fs_hz
    return Finding(
        code=kind.code,
        system=kind.system,
        name=kind.name,
        decision=decision,
        probability=float(probability[counts].max()) if counts.any() else None,
        detail=_detail(called, doubtful, told, _an_hour(int((called & counts).sum()), usable_s)),
        where=tuple(Interval(max(0.0, float(t) - 0.3), float(t) + 0.4) for t in time_s),
    )


def _detail(called: NDArray[np.bool_], doubtful: NDArray[np.bool_], told: NDArray[np.bool_], an_hour: str) -> str:
    """Count in words: how many of the beats, which share, and how many an hour where there is an hour to speak of."""
    number, among = int(called.sum()), int(told.sum())
    detail = f"{number} of {among} beats ({percent(number / among)}){an_hour}"
    detail += f"; unsure of {doubtful.sum()}" if doubtful.any() else ""
    return detail + ("" if told.all() else f"; {len(told) - among} paced beats left out")


def _an_hour(number: int, usable_s: float) -> str:
    """Return how many that is an hour of usable signal, in words; empty for none, or less than `LONG_H`."""
    hours = usable_s / 3600
    if not number or hours < LONG_H:
        return ""
    return f", {number / hours:,.0f} an hour" if number >= hours else ", less than 1 an hour"
