"""Figures of the PhysioNet/Computing in Cardiology Challenge 2020: diagnoses in twelve leads, several at a time.

Perez Alday et al., Physiol Meas 2020;41:124003. Written anew, and equal to the official scorer (evaluate_12ECG_score.py
in https://github.com/physionetchallenges/evaluation-2020) also where it is odd:

- A class without a figure, for example without a positive record, is left out of the mean over classes.
- F-beta and G-beta, with beta 2, count each record by one over the number of its labels (one where it has none).
- Sinus rhythm is a class as the others. It is also what the challenge metric takes for an answer that says nothing:
  who always answers sinus rhythm alone has 0, who is always right has 1, who does harm has less than 0.
- Records without a scored label stay in: every answer to them is a false one, and no answer is a right one.
- A score that is NaN counts as 0.

Each record may be given a weight, by which it counts as so many; the official scorer has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..codes import CINC2020_CLASSES
from ..diagnosis.worth import NORMAL, confusion_weights
from ..errors import OptionError
from .binary import auc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Counts = NDArray[np.float64]  # shape (class,)

BETA: Final = 2


def challenge_figures(
    target: NDArray[np.bool_],
    present: NDArray[np.bool_],
    score: NDArray[np.floating],
    weight: NDArray[np.float64] | None = None,
) -> dict[str, float]:
    """Return all figures of the challenge.

    Parameters
    ----------
    target
        bool, shape (record, class): the truth, columns as :data:`~einthoven.codes.CINC2020_CLASSES`.
    present
        bool, shape (record, class): the answer.
    score
        float, shape (record, class): a number that grows with the belief in the class.
    weight
        float64, shape (record,): how often each record counts; once where nothing is said.

    Returns
    -------
    dict
        ``auroc`` and ``auprc``, ``accuracy`` (share of records with every class right), ``f_measure``, ``f_beta``,
        ``g_beta``, ``challenge_metric``; NaN where the records hold too little to say.

    Raises
    ------
    OptionError
        The shapes do not fit each other or the classes, or there is no record.

    Examples
    --------
    >>> target = np.eye(24, dtype=bool)  # one record of each class
    >>> figures = challenge_figures(target, target, target.astype(float))
    >>> figures["auroc"], figures["f_beta"], figures["challenge_metric"]
    (1.0, 1.0, 1.0)
    """
    weight = _checked(target, present, score, weight)
    by_class = class_figures(target, present, score, weight)
    mean = {name: _mean_of_known(values) for name, values in by_class.items()}
    right = (target == present).all(axis=1)
    return {
        "auroc": mean["auroc"],
        "auprc": mean["auprc"],
        "accuracy": float(weight @ right / weight.sum()),
        "f_measure": mean["f_measure"],
        "f_beta": mean["f_beta"],
        "g_beta": mean["g_beta"],
        "challenge_metric": challenge_metric(target, present, weight),
    }


def class_figures(
    target: NDArray[np.bool_],
    present: NDArray[np.bool_],
    score: NDArray[np.floating],
    weight: NDArray[np.float64] | None = None,
) -> dict[str, NDArray[np.float64]]:
    """Return ``auroc``, ``auprc``, ``f_measure``, ``f_beta`` and ``g_beta`` of each class, float64, shape (class,).

    AUPRC is the average precision: the area below the precision as it is, without lines between its points. Parameters
    and errors as for `challenge_figures`; NaN where there is nothing to divide by.
    """
    weight = _checked(target, present, score, weight)
    score = np.where(np.isnan(score), 0, score)
    hits, wrong, missed = target & present, ~target & present, target & ~present
    shared = weight / np.maximum(target.sum(axis=1), 1)
    plain = [weight @ mask for mask in (hits, wrong, missed)]
    of_label = [shared @ mask for mask in (hits, wrong, missed)]
    columns = list(zip(score.T, target.T, strict=True))
    return {
        "auroc": np.array([auc(one, truth, weight) for one, truth in columns]),
        "auprc": np.array([average_precision(one, truth, weight) for one, truth in columns]),
        "f_measure": _f(*plain, beta=1),
        "f_beta": _f(*of_label, beta=BETA),
        "g_beta": _ratio(of_label[0], of_label[0] + of_label[1] + BETA * of_label[2]),
    }


def challenge_metric(
    target: NDArray[np.bool_], present: NDArray[np.bool_], weight: NDArray[np.float64] | None = None
) -> float:
    """Return the challenge metric: 1 for who is always right, 0 for who always answers sinus rhythm.

    Each pair of a true and an answered class earns its weight, divided by the number of classes that are true or
    answered in that record. Where being right is worth no more than sinus rhythm for all, it is 0. Parameters and
    errors as for `challenge_figures`.

    Examples
    --------
    >>> fibrillation, rhythm = np.eye(24, dtype=bool)[[1]], np.eye(24, dtype=bool)[[NORMAL]]
    >>> challenge_metric(fibrillation, rhythm), challenge_metric(fibrillation, fibrillation | rhythm)
    (0.0, 0.5714285714285714)
    """
    weight = _checked(target, present, present, weight)
    inactive = np.zeros_like(target)
    inactive[:, NORMAL] = True
    observed, correct, nothing = (float(weight @ earned(target, answer)) for answer in (present, target, inactive))
    return (observed - nothing) / (correct - nothing) if correct != nothing else 0.0


def earned(target: NDArray[np.bool_], answer: NDArray[np.bool_]) -> Counts:
    """Return what each record adds to the challenge metric before it is scaled, float64, shape (record,).

    Parameters
    ----------
    target, answer
        bool, shape (record, class): the truth and what was answered.

    Examples
    --------
    >>> fibrillation, rhythm = np.eye(24, dtype=bool)[[1]], np.eye(24, dtype=bool)[[NORMAL]]
    >>> earned(fibrillation, rhythm).tolist(), earned(fibrillation, fibrillation | rhythm).tolist()
    ([0.125], [0.625])
    """
    worth: Counts = ((target @ confusion_weights()) * answer).sum(axis=1) / np.maximum((target | answer).sum(axis=1), 1)
    return worth


def average_precision(score: NDArray[np.floating], target: NDArray[np.bool_], weight: NDArray[np.float64]) -> float:
    """Return the mean precision at the scores of the positives, equal scores being one step; NaN without a positive.

    Parameters
    ----------
    score, target, weight
        Shape (item,): numbers but no NaN, the truth, and how often each item counts.

    Examples
    --------
    >>> average_precision(np.array([0.9, 0.6, 0.4]), np.array([True, False, True]), np.ones(3)).__round__(4)
    0.8333
    """
    order = np.argsort(score, kind="stable")[::-1]
    score, weight, yes = score[order], weight[order], np.where(target, weight, 0.0)[order]
    last = np.flatnonzero(np.append(score[1:] != score[:-1], True)) if len(score) else np.zeros(0, np.int64)
    found, named = np.cumsum(yes)[last], np.cumsum(weight)[last]
    if not yes.sum() > 0:
        return float("nan")
    precision = np.divide(found, named, out=np.zeros_like(found), where=named > 0)
    return float(np.diff(found, prepend=0.0) @ precision / found[-1])


def _f(hits: Counts, wrong: Counts, missed: Counts, *, beta: int) -> Counts:
    good = (1 + beta**2) * hits
    return _ratio(good, good + wrong + beta**2 * missed)


def _ratio(part: Counts, whole: Counts) -> Counts:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def _mean_of_known(values: Counts) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _checked(
    target: NDArray[np.bool_],
    present: NDArray[np.bool_],
    score: NDArray[np.generic],
    weight: NDArray[np.float64] | None,
) -> NDArray[np.float64]:
    """Return the weights, ones where none are given."""
    wanted = (len(target), len(CINC2020_CLASSES))
    if not target.shape == present.shape == score.shape == wanted:
        raise OptionError(
            f"truth {target.shape}, answers {present.shape}, scores {score.shape}: they must be (record, "
            f"{len(CINC2020_CLASSES)})"
        )
    if target.dtype != bool or present.dtype != bool:
        raise OptionError(f"truth is {target.dtype}, answers are {present.dtype}; both must be bool")
    weight = np.ones(len(target)) if weight is None else weight
    if weight.shape != (len(target),) or not weight.sum() > 0:
        raise OptionError(f"{len(target)} records, weights {weight.shape}; at least one record must count")
    return weight
