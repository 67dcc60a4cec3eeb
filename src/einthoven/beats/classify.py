"""What the beats are: from a model's probabilities to symbols and findings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..findings import Decision, Finding, Interval, percent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..record import Beats

ABNORMAL = "abnormal"
NORMAL_SYMBOL, ABNORMAL_SYMBOL = "N", "Q"

SURE = 0.8
"""Probability from which an answer, normal or abnormal, is taken as sure."""


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
    return replace(beats, symbol=symbol, probability=probability.reshape(-1, 1), classes=(ABNORMAL,))


def unsure(beats: Beats) -> NDArray[np.bool_]:
    """Tell for each beat whether the model was too unsure to rely on: bool, shape (beat,)."""
    if beats.probability is None:
        return np.ones(len(beats), dtype=np.bool_)
    abnormal = beats.probability[:, beats.classes.index(ABNORMAL)]
    result: NDArray[np.bool_] = (abnormal > 1 - SURE) & (abnormal < SURE)
    return result


def beat_findings(beats: Beats, fs_hz: float, unusable: NDArray[np.bool_] | None = None) -> tuple[Finding, ...]:
    """Say whether the record has abnormal beats, how many, and where.

    Present when at least one beat is surely abnormal, absent when every beat is surely normal, else unsure. Beats where
    no lead is usable decide nothing, and a record that is mostly unusable is never without abnormal beats: at best that
    is unsure. The probability is that of the most abnormal beat that counts. Nothing is said of a record without beats.

    Parameters
    ----------
    beats
        Classified beats.
    fs_hz
        Rate their positions count in.
    unusable
        bool, shape (second,): seconds in which no lead is usable; none without it.
    """
    if not len(beats) or beats.probability is None:
        return ()
    probability = beats.probability[:, beats.classes.index(ABNORMAL)]
    called = beats.symbol == ABNORMAL_SYMBOL
    doubtful = unsure(beats)
    counts = np.ones(len(beats), dtype=np.bool_)
    if unusable is not None:
        counts = ~unusable[np.clip((beats.sample / fs_hz).astype(np.int64), 0, len(unusable) - 1)]
    decision = Decision.UNSURE
    if (called & ~doubtful & counts).any():
        decision = Decision.PRESENT
    elif not (called | doubtful)[counts].any() and 2 * counts.sum() > len(beats):
        decision = Decision.ABSENT
    detail = f"{called.sum()} of {len(beats)} beats ({percent(float(called.mean()))})"
    if doubtful.any():
        detail += f"; unsure of {doubtful.sum()}"
    time_s = beats.sample[called] / fs_hz
    return (
        Finding(
            code="abnormal-beats",
            system="einthoven",
            name="Abnormal beats",
            decision=decision,
            probability=float(probability[counts].max()) if counts.any() else None,
            detail=detail,
            where=tuple(Interval(max(0.0, float(t) - 0.3), float(t) + 0.4) for t in time_s),
        ),
    )
