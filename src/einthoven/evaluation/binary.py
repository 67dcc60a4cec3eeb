"""Figures for a yes-or-no question: accuracy, sensitivity, specificity, F1 and the area under the ROC curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import OptionError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def binary_metrics(
    score: NDArray[np.float32],
    target: NDArray[np.bool_],
    weight: NDArray[np.float64] | None = None,
    threshold: float = 0.5,
) -> dict[str, float]:
    """Compare scores with the truth.

    Parameters
    ----------
    score
        float32, shape (item,): probability of yes, or any number that grows with it.
    target
        bool, shape (item,): the truth.
    weight
        float64, shape (item,): how often each item counts; once where nothing is said.
    threshold
        Scores at or above it count as yes.

    Returns
    -------
    dict
        ``accuracy``, ``sensitivity``, ``specificity``, ``f1`` and ``auc``; NaN where the items hold too little to say.

    Raises
    ------
    OptionError
        The shapes differ or a score is NaN.

    Examples
    --------
    >>> figures = binary_metrics(np.array([0.9, 0.6, 0.4, 0.1]), np.array([True, False, True, False]))
    >>> figures["accuracy"], figures["auc"]
    (0.5, 0.75)
    """
    target = np.asarray(target, dtype=bool)
    weight = np.ones(target.shape) if weight is None else weight
    if not score.shape == target.shape == weight.shape or score.ndim != 1:
        raise OptionError(f"scores {score.shape}, targets {target.shape}, weights {weight.shape}: they must be (item,)")
    if np.isnan(score).any():
        raise OptionError(f"{int(np.isnan(score).sum())} of {len(score)} scores are NaN; all must be numbers")
    said = score >= threshold
    true_yes, false_yes, false_no, true_no = (
        float(weight[mask].sum()) for mask in (said & target, said & ~target, ~said & target, ~said & ~target)
    )
    return {
        "accuracy": _ratio(true_yes + true_no, true_yes + true_no + false_yes + false_no),
        "sensitivity": _ratio(true_yes, true_yes + false_no),
        "specificity": _ratio(true_no, true_no + false_yes),
        "f1": _ratio(2 * true_yes, 2 * true_yes + false_yes + false_no),
        "auc": auc(score, target, weight),
    }


def auc(score: NDArray[np.float32], target: NDArray[np.bool_], weight: NDArray[np.float64]) -> float:
    """Return the area under the ROC curve: how likely a yes scores above a no, ties counting half; NaN without both."""
    order = np.argsort(score, kind="stable")
    score, yes = score[order], np.where(target, weight, 0.0)[order]
    no = weight[order] - yes
    if len(score) == 0:
        return float("nan")
    first = np.flatnonzero(np.r_[True, score[1:] != score[:-1]])
    yes_tied, no_tied = np.add.reduceat(yes, first), np.add.reduceat(no, first)
    no_below = np.cumsum(no_tied) - no_tied
    return _ratio(float((yes_tied * (no_below + 0.5 * no_tied)).sum()), float(yes.sum() * no.sum()))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")
