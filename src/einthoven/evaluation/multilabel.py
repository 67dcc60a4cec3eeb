"""Figures of many diagnoses of whole records at once: ranking, answers and sets, by class and over families of classes.

A class may be unknown of a record: its target is NaN there, and no figure of that class counts the record. Intervals
are percentile bootstraps over patients. All draws are ranked at once: records weigh what they were drawn, and sums are
taken where a positive stands in the order of scores, which is exact and costs one pass a class. The interval of an
average precision lies too high, and for rare classes may leave out its value: positives that are drawn twice stand in a
row. What one positive says of other patients no bootstrap tells; the counts do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ..codes import CINC2020_CLASSES
from ..diagnosis.worth import NORMAL
from ..errors import OptionError, unknown
from .cinc2020 import earned
from .intervals import Figure, how_often

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Draws = NDArray[np.float64]  # shape (draw, class), the first as measured

FEW: Final = 10
"""Of a class with fewer positives no figure is worth much; macro figures stand without these classes, too."""

BINS: Final = 15


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """What was said of records, and the truth.

    Parameters
    ----------
    classes
        Names of the columns.
    score
        float32, shape (record, class): a number that grows with the belief in the class.
    target
        float32, shape (record, class): 1 with the class, 0 without it, NaN where that is unknown.
    patient
        Unicode, shape (record,): whose it is.
    probability
        float32, shape (record, class): calibrated; None where nobody claims so.
    present
        bool, shape (record, class): which classes are written down; None where nobody decided.
    possible
        bool, shape (record, class, 2): whether it is possible that the class is absent, and that it is present; None
        where nobody asked.

    Raises
    ------
    OptionError
        The shapes differ, there is no record, a number is NaN, or a target is none of 0, 1 and NaN.
    """

    classes: tuple[str, ...]
    score: NDArray[np.float32]
    target: NDArray[np.float32]
    patient: NDArray[np.str_]
    probability: NDArray[np.float32] | None = None
    present: NDArray[np.bool_] | None = None
    possible: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        shape = (len(self.patient), len(self.classes))
        found = [
            array.shape for array in (self.score, self.target, self.probability, self.present) if array is not None
        ]
        found += [] if self.possible is None else [self.possible.shape[:-1]]
        if set(found) != {shape} or not len(self.patient):
            raise OptionError(f"arrays of shapes {found}; all must be (record, class), here {shape}, and some records")
        if unknown_numbers := sum(int(np.isnan(a).sum()) for a in (self.score, self.probability) if a is not None):
            raise OptionError(f"{unknown_numbers} scores or probabilities are NaN; all must be numbers")
        if not (np.isin(self.target, (0, 1)) | np.isnan(self.target)).all():
            raise OptionError("targets must be 1 with the class, 0 without it, NaN where that is unknown")


def class_counts(said: Answered) -> dict[str, int]:
    """Count the records with each class.

    Examples
    --------
    >>> target = np.array([[1, 0], [1, np.nan]], np.float32)
    >>> class_counts(Answered(("MI", "CD"), np.zeros((2, 2), np.float32), target, np.array(["a", "b"])))
    {'MI': 2, 'CD': 0}
    """
    return {name: int(number) for name, number in zip(said.classes, np.nansum(said.target, axis=0), strict=True)}


def multilabel_figures(
    said: Answered, families: Mapping[str, Sequence[str]], *, draws: int = 1000, seed: int = 0
) -> dict[str, Figure]:
    """Return all figures, with intervals by bootstrap over patients.

    Parameters
    ----------
    said
        What was said of records by models that did not learn from them.
    families
        By name: classes whose figures are averaged.
    draws, seed
        Of the bootstrap.

    Returns
    -------
    dict
        By class ``auroc_<class>`` and ``auprc_<class>`` (average precision); of each family their means over classes
        that have a figure, ``macro_auc_<family>`` and ``macro_auprc_<family>``, and ``macro_auc_<family>_10`` over
        those with ten positives or more. Of probabilities the calibration error, ``ece_<class>`` and
        ``macro_ece_<family>`` (bins of equal width, Guo et al. 2017; a rare class has a small one). Where it was
        decided what is present, ``f_measure_<class>`` and ``macro_f_<family>``, and with all classes of the 2020
        challenge ``challenge_metric``, of the records that have them all known. Where it was asked what is possible,
        ``missed_present_<class>`` and ``missed_absent_<class>``: the share of records with it, and without it, of
        which the truth was not possible; and ``unsure_<class>``: the share of both together of which both are
        possible, or none. NaN where the records hold too little to say.

    Raises
    ------
    OptionError
        A family has a class that nothing was said of.
    """
    drawn = multilabel_draws(said, families, draws=draws, seed=seed)
    return {name: Figure.of_draws(values) for name, values in drawn.items()}


def multilabel_draws(
    said: Answered, families: Mapping[str, Sequence[str]], *, draws: int = 1000, seed: int = 0
) -> dict[str, NDArray[np.float64]]:
    """Return what :func:`multilabel_figures` makes figures of: float64, shape (1 + draw,), the first as measured.

    Draws are the same for all that is said of the same records, so two systems differ by the difference of theirs.
    Parameters and errors as there.
    """
    for name in (name for family in families.values() for name in family if name not in said.classes):
        raise unknown("class", name, said.classes)
    names, place = np.unique(said.patient, return_inverse=True)
    often = how_often(len(names), draws, seed)[:, place]
    by_class = ranking(said, often)
    if said.probability is not None:
        by_class["ece"] = _calibration_errors(said.probability, said.target, often)
    if said.present is not None:
        by_class["f_measure"] = _f_measures(said.present, said.target, often)
    positives = np.nansum(said.target, axis=0)
    columns = {name: [said.classes.index(one) for one in family] for name, family in families.items()}
    figures = {}
    for family, mine in columns.items():
        enough = [column for column in mine if positives[column] >= FEW]
        figures[f"macro_auc_{family}"] = _mean_of_known(by_class["auroc"][:, mine])
        figures[f"macro_auc_{family}_{FEW}"] = _mean_of_known(by_class["auroc"][:, enough])
        for kind, short in (("auprc", "auprc"), ("ece", "ece"), ("f_measure", "f")):
            if kind in by_class:
                figures[f"macro_{short}_{family}"] = _mean_of_known(by_class[kind][:, mine])
    if said.present is not None and set(CINC2020_CLASSES) <= set(said.classes):
        figures["challenge_metric"] = _challenge_metrics(said, often)
    if said.possible is not None:
        by_class |= _of_sets(said.possible, said.target, often)
    for kind, values in by_class.items():
        figures |= {f"{kind}_{name}": values[:, number] for number, name in enumerate(said.classes)}
    return figures


def ranking(said: Answered, often: NDArray[np.float64]) -> dict[str, Draws]:
    """Return ``auroc`` and ``auprc`` of each class in each draw, float64, shape (draw, class).

    Parameters
    ----------
    said
        Scores and truth.
    often
        float64, shape (draw, record): how often each record counts.

    Examples
    --------
    >>> score, target = np.array([[0.9], [0.6], [0.4], [0.1]]), np.array([[1.0], [0], [1], [0]])
    >>> said = Answered(("AFIB",), score, target, np.array(list("abcd")))
    >>> ranks = ranking(said, np.array([[1.0, 1, 1, 1], [1, 1, 0, 1]]))
    >>> ranks["auroc"].ravel().tolist(), ranks["auprc"].ravel().round(3).tolist()
    ([0.75, 1.0], [0.833, 1.0])
    """
    by_record = np.ascontiguousarray(often.T)
    both = [
        _ranks(score[known], target[known] > 0, by_record if known.all() else by_record[known])
        for score, target, known in zip(said.score.T, said.target.T, ~np.isnan(said.target.T), strict=True)
    ]
    auroc, auprc = (np.stack(kind, axis=1) for kind in zip(*both, strict=True))
    return {"auroc": auroc, "auprc": auprc}


def _ranks(
    score: NDArray[np.float32], positive: NDArray[np.bool_], often: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the AUC and the average precision of one class, shape (draw,); `often` has shape (record, draw)."""
    draws = often.shape[1]
    if not positive.any():
        return np.full(draws, np.nan), np.full(draws, np.nan)
    order = np.argsort(-score, kind="stable")
    score, positive, often = score[order], positive[order], often[order]
    # Stretches of records: those of one score that holds positives, and what lies above, between and below these.
    steps = np.unique(score[positive])[::-1]
    first, behind = np.searchsorted(-score, -steps, side="left"), np.searchsorted(-score, -steps, side="right")
    marks = np.unique(np.concatenate([[0], first, behind]))
    marks = marks[marks < len(score)]
    total = np.add.reduceat(often, marks, axis=0)
    yes = np.add.reduceat(often * positive[:, np.newaxis], marks, axis=0)
    here = np.searchsorted(marks, first)
    named, found = np.cumsum(total, axis=0), np.cumsum(yes, axis=0)
    no = total - yes
    below = (named[-1] - found[-1]) - (named - found)
    precision = _ratio(found[here], named[here])
    yes = yes[here]
    return (
        _ratio((yes * (below[here] + 0.5 * no[here])).sum(axis=0), found[-1] * (named[-1] - found[-1])),
        _ratio((yes * np.nan_to_num(precision)).sum(axis=0), found[-1]),
    )


def _f_measures(present: NDArray[np.bool_], target: NDArray[np.float32], often: NDArray[np.float64]) -> Draws:
    hits, wrong, missed = (
        often @ mask for mask in (present & (target == 1), present & (target == 0), ~present & (target == 1))
    )
    return _ratio(2 * hits, 2 * hits + wrong + missed)


def _calibration_errors(probability: NDArray[np.float32], target: NDArray[np.float32], often: Draws) -> Draws:
    known = ~np.isnan(target)
    gap = np.where(known, np.nan_to_num(target) - probability, 0)
    place = np.minimum((probability * BINS).astype(int), BINS - 1)
    off = sum(np.abs(often @ np.where(place == one, gap, 0)) for one in range(BINS))
    return _ratio(np.asarray(off, np.float64), often @ known)


def _of_sets(possible: NDArray[np.bool_], target: NDArray[np.float32], often: NDArray[np.float64]) -> dict[str, Draws]:
    absent, present = possible[..., 0], possible[..., 1]
    with_it, without = target == 1, target == 0
    return {
        "missed_present": _ratio(often @ (with_it & ~present), often @ with_it),
        "missed_absent": _ratio(often @ (without & ~absent), often @ without),
        "unsure": _ratio(often @ ((absent == present) & (with_it | without)), often @ (with_it | without)),
    }


def _challenge_metrics(said: Answered, often: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `cinc2020.challenge_metric` of each draw, shape (draw,), but NaN where nobody could earn anything."""
    columns = [said.classes.index(code) for code in CINC2020_CLASSES]
    target = said.target[:, columns]
    known = ~np.isnan(target).any(axis=1)
    truth, present = target[known] > 0, said.present[known][:, columns]  # type: ignore[index]
    inactive = np.zeros_like(truth)
    inactive[:, NORMAL] = True
    observed, correct, nothing = (often[:, known] @ earned(truth, answer) for answer in (present, truth, inactive))
    return _ratio(observed - nothing, correct - nothing)


def _mean_of_known(values: Draws) -> NDArray[np.float64]:
    known = ~np.isnan(values)
    return _ratio(np.where(known, values, 0).sum(axis=1), known.sum(axis=1).astype(float))


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole != 0)
