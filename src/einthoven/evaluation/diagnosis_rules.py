"""What makes probabilities, answers and sets of log-odds of diagnoses, fitted on records that are not judged by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from ..bundles.scores import Calibration, on_lines, sigmoid
from ..codes import CINC2020_CLASSES
from ..diagnosis.worth import EVEN, NORMAL, written
from ..errors import OptionError
from .calibration import fit_platt
from .conformal import class_set, possible
from .multilabel import FEW, Answered
from .thresholds import NEVER, best_for_challenge, best_for_f

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

AS_SAID: Final = Calibration()
"""The line of a class with too few positives for one of its own."""


@dataclass(frozen=True, slots=True)
class DiagnosisRules:
    """What records are answered by; all mappings are by class, in the order of the columns.

    Parameters
    ----------
    lines
        From log-odds to calibrated ones.
    thresholds
        Probability from which the class is written down, for the best F-measure; 1 for one that no record has. The
        challenge's classes are written down by what they are worth together,
        :func:`~einthoven.diagnosis.worth.most_worth`, instead.
    fitted
        Of the challenge's classes, in their order: the thresholds that suit these records best, to compare with. Empty
        without them.
    sets
        Up to which probability absence is possible, and from which on presence is.
    shares
        Share of the records that have the class.
    miss_rate
        What the sets promise.
    """

    lines: Mapping[str, Calibration]
    thresholds: Mapping[str, float]
    fitted: tuple[float, ...]
    sets: Mapping[str, tuple[float, float]]
    shares: Mapping[str, float]
    miss_rate: float

    @classmethod
    def of(
        cls,
        classes: Sequence[str],
        log_odds: NDArray[np.float32],
        target: NDArray[np.float32],
        patient: NDArray[np.str_],
        *,
        miss_rate: float,
    ) -> Self:
        """Fit all on records that the networks did not learn from; the same give the lines and what stands on them.

        Parameters
        ----------
        classes
            Names of the columns.
        log_odds
            float32, shape (record, class).
        target
            float32, shape (record, class): 1 with the class, 0 without it, NaN where that is unknown.
        patient
            Unicode, shape (record,): whose it is.
        miss_rate
            Share of the records with a class of which its presence may be excluded, and of those without it of which
            its absence may.

        Raises
        ------
        OptionError
            The shapes differ, a score is not finite, or of a class nothing is known.
        """
        if not log_odds.shape == target.shape == (len(patient), len(classes)):
            raise OptionError(f"log-odds {log_odds.shape}, targets {target.shape}: both must be (record, class)")
        known = ~np.isnan(target)
        if not known.any(axis=0).all():
            raise OptionError(f"nothing is known of class '{classes[int(known.any(axis=0).argmin())]}'")
        truth = target == 1
        columns = range(len(classes))
        lines = [_line(log_odds[known[:, i], i], truth[known[:, i], i]) for i in columns]
        probability = _probability(log_odds, lines)
        sets = [
            class_set(probability[known[:, i], i], truth[known[:, i], i], patient[known[:, i]], miss_rate)
            for i in columns
        ]
        return cls(
            dict(zip(classes, lines, strict=True)),
            {name: best_for_f(probability[:, i]) if truth[:, i].any() else NEVER for i, name in enumerate(classes)},
            _fitted(classes, probability, target),
            dict(zip(classes, sets, strict=True)),
            {name: float(np.nanmean(target[:, i])) for i, name in enumerate(classes)},
            miss_rate,
        )

    def probability(self, log_odds: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return calibrated probabilities of log-odds, both float32, shape (record, class)."""
        return _probability(log_odds, list(self.lines.values()))

    def present(self, probability: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Tell which classes are written down, bool, of probabilities, both of shape (record, class)."""
        return written(probability, list(self.lines), self.thresholds, self.shares.get(CINC2020_CLASSES[NORMAL], EVEN))

    def present_fitted(self, probability: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Tell the same with the challenge's classes by the thresholds that were `fitted`."""
        answer: NDArray[np.bool_] = probability >= np.array(list(self.thresholds.values()))
        if columns := _of_challenge(list(self.lines)):
            answer[:, columns] = probability[:, columns] >= np.array(self.fitted)
        return answer


def answered(
    log_odds: NDArray[np.float32],
    target: NDArray[np.float32],
    patient: NDArray[np.str_],
    fold: NDArray[np.int64],
    rules: Sequence[DiagnosisRules],
    *,
    by_fitted: bool = False,
) -> Answered:
    """Answer records, those of each fold by its own rules.

    Parameters
    ----------
    log_odds, target, patient
        As for `DiagnosisRules.of`, of records that are judged.
    fold
        int64, shape (record,): number of the rules in `rules`, of the same classes, fitted on other records.
    by_fitted
        Whether the challenge's classes are written down by the thresholds that were fitted.
    """
    probability = np.empty(log_odds.shape, np.float32)
    present = np.empty(log_odds.shape, np.bool_)
    either = np.empty((*log_odds.shape, 2), np.bool_)
    for number, rule in enumerate(rules):
        here = fold == number
        probability[here] = rule.probability(log_odds[here])
        present[here] = (rule.present_fitted if by_fitted else rule.present)(probability[here])
        either[here] = possible(probability[here], list(rule.sets.values()))
    return Answered(tuple(rules[0].lines), log_odds, target, patient, probability, present, either)


def _line(log_odds: NDArray[np.float32], target: NDArray[np.bool_]) -> Calibration:
    """Fit the line of a class; with few of a kind, or scores that say the contrary, they are taken as they are."""
    if min(target.sum(), (~target).sum()) < FEW:
        return AS_SAID
    line = fit_platt(log_odds, target)
    return line if line.slope > 0 else AS_SAID


def _probability(log_odds: NDArray[np.float32], lines: Sequence[Calibration]) -> NDArray[np.float32]:
    return sigmoid(on_lines(log_odds, lines)).astype(np.float32)


def _of_challenge(classes: Sequence[str]) -> list[int]:
    """Return the columns of the challenge's classes, none if one of them is missing."""
    return [classes.index(code) for code in CINC2020_CLASSES] if set(CINC2020_CLASSES) <= set(classes) else []


def _fitted(classes: Sequence[str], probability: NDArray[np.float32], target: NDArray[np.float32]) -> tuple[float, ...]:
    columns = _of_challenge(classes)
    known = ~np.isnan(target[:, columns]).any(axis=1)
    best = best_for_challenge(probability[known][:, columns], target[known][:, columns] == 1) if columns else ()
    return tuple(float(one) for one in best)
