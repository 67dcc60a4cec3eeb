"""What the networks of a run say together of diagnoses of records that they did not learn from, and the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import OptionError
from ..evaluation.diagnosis_rules import DiagnosisRules
from .runs import SCORES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .runs import Run


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What the networks of a run say together of records that they did not learn from, and the truth.

    Parameters
    ----------
    classes
        Names of the columns.
    log_odds
        float32, shape (record, class).
    target
        float32, shape (record, class): 1 with the class, 0 without it, NaN where that is not known.
    patient, name
        Unicode, shape (record,).
    fold
        int64, shape (record,): -1 where it was set aside.
    judged
        bool, shape (record,): which figures count.
    """

    classes: tuple[str, ...]
    log_odds: NDArray[np.float32]
    target: NDArray[np.float32]
    patient: NDArray[np.str_]
    name: NDArray[np.str_]
    fold: NDArray[np.int64]
    judged: NDArray[np.bool_]

    @property
    def tested(self) -> NDArray[np.bool_]:
        """Which records are judged: bool, shape (record,), those set aside where there are any."""
        aside = self.fold < 0
        return self.judged & (aside | ~aside.any())

    @property
    def folds(self) -> NDArray[np.int64] | None:
        """Fold of each record that is judged, int64, shape (record,); None where these were set aside."""
        return None if (self.fold < 0).any() else self.fold[self.tested]

    def rules(self, fitted_on: NDArray[np.bool_], miss_rate: float) -> DiagnosisRules:
        """Fit what records are answered by on some of them: bool, shape (record,)."""
        log_odds, target, patient = self.log_odds[fitted_on], self.target[fitted_on], self.patient[fitted_on]
        return DiagnosisRules.of(self.classes, log_odds, target, patient, miss_rate=miss_rate)


def told(run: Run) -> Told:
    """Read what a run says; raises OptionError where its classes exclude each other."""
    with np.load(run.folder / SCORES) as kept:
        if "test_known" not in kept:
            raise OptionError(f"{run.folder}: tells classes that exclude each other, not diagnoses")
        return Told(
            classes=tuple(run.facts["classes"]),
            log_odds=kept["test_score"],
            target=np.where(kept["test_known"], kept["test_target"], np.nan).astype(np.float32),
            patient=kept["test_patient"],
            name=kept["test_group"],
            fold=kept["fold"],
            judged=kept["test_judged"],
        )


def shipped_rules(run: Run, miss_rate: float) -> DiagnosisRules:
    """Fit what a shipped model answers by: on all records that are judged, each told by what did not learn from it.

    Shipped are the mean of all networks and trees that learnt from all records, in eight bits where that is asked for;
    the rules are of single networks and of the trees of each fold, before that. By how much the calibration of the
    former is another, only further records could tell.

    Parameters
    ----------
    run
        By a rule of folds, none of which is set aside.
    miss_rate
        What the sets promise.
    """
    said = told(run)
    return said.rules(said.judged, miss_rate)
