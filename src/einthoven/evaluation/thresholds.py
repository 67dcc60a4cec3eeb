"""From which probability a class is written down: one number a class, fitted to a measure.

`best_for_challenge` is how published systems of the 2020 challenge find theirs, and is here to be compared with: on
records of other hospitals it loses more than answers by expected worth (:mod:`einthoven.diagnosis.worth`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import OptionError
from .cinc2020 import earned

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDS: Final = 4
START: Final = 0.3
NEVER: Final = 1.0


def best_for_challenge(probability: NDArray[np.float32], target: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Find the thresholds with the highest challenge metric, one class after the other, four times round.

    Parameters
    ----------
    probability
        float32, shape (record, class): columns as :data:`~einthoven.codes.CINC2020_CLASSES`.
    target
        bool, shape (record, class): the truth.

    Returns
    -------
    ndarray
        float64, shape (class,): `NEVER` for a class without a positive, or that pays at no threshold.

    Raises
    ------
    OptionError
        The shapes differ.

    Examples
    --------
    >>> target = np.eye(24, dtype=bool)[[0, 0, 1, 1]]
    >>> best_for_challenge(np.where(target, 0.9, 0.1).astype(np.float32), target)[:3].round(2).tolist()
    [0.5, 0.5, 1.0]
    """
    if probability.shape != target.shape or probability.ndim != 2:
        raise OptionError(f"probabilities {probability.shape}, targets {target.shape}: both must be (record, class)")
    threshold = np.where(target.any(axis=0), START, NEVER)
    answer = (probability >= threshold) & target.any(axis=0)
    for column in list(np.flatnonzero(target.any(axis=0))) * ROUNDS:
        without, with_it = answer.copy(), answer
        without[:, column], with_it[:, column] = False, True
        gain = earned(target, with_it) - earned(target, without)
        threshold[column] = _best_cut(probability[:, column], gain)
        answer[:, column] = probability[:, column] >= threshold[column]
    return threshold


def best_for_f(probability: NDArray[np.float32]) -> float:
    """Find the threshold whose F-measure is expected to be highest, if the probabilities are right; no truth is needed.

    Of n records called positive, with probabilities that sum to p, p are right; all positives are the sum of all.

    Parameters
    ----------
    probability
        float32, shape (record,): calibrated.

    Raises
    ------
    OptionError
        There is none.

    Examples
    --------
    >>> best_for_f(np.array([0.9, 0.8, 0.1, 0.1], np.float32)).__round__(2)
    0.45
    """
    if probability.ndim != 1 or not len(probability):
        raise OptionError(f"probabilities {probability.shape}; they must be (record,), and some")
    falling = np.sort(probability.astype(np.float64))[::-1]
    expected = 2 * np.cumsum(falling) / (np.arange(1, len(falling) + 1) + falling.sum())
    return _between(falling, int(expected.argmax()) + 1)


def _best_cut(probability: NDArray[np.float32], gain: NDArray[np.float64]) -> float:
    """Find the threshold above which gains add up to most; equal probabilities stay together."""
    order = np.argsort(-probability, kind="stable")
    falling = probability[order].astype(np.float64)
    total = np.concatenate([[0.0], np.cumsum(gain[order])])
    tied = np.concatenate([[False], falling[1:] == falling[:-1], [False]])
    return _between(falling, int(np.where(tied, -np.inf, total).argmax()))


def _between(falling: NDArray[np.float64], number: int) -> float:
    """Return the value half way between the last that is called positive and the first that is not."""
    if number == 0:
        return NEVER
    return float((falling[number - 1] + (falling[number] if number < len(falling) else 0)) / 2)
