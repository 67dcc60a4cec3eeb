"""What makes probabilities of a run's logits, and decisions of these: fitted on its training side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..bundles.scores import Calibration, ScoreKind, Scores, calibrated
from ..evaluation.calibration import fit_platt, fit_softmax
from ..evaluation.conformal import class_thresholds

if TYPE_CHECKING:
    from .recipe import Recipe
    from .runs import Run


@dataclass(frozen=True, slots=True)
class Sureness:
    """By class, the line from logit to calibrated logit and the probability from which it counts.

    Parameters
    ----------
    lines, thresholds
        By class.
    exclusive
        Whether the classes exclude each other.
    miss_rate
        Of the thresholds, where they do.
    """

    lines: dict[str, Calibration]
    thresholds: dict[str, float]
    exclusive: bool
    miss_rate: float = 0.0


def sureness(recipe: Recipe, run: Run) -> Sureness:
    """Fit lines and thresholds on the training side of a run; plain ones where it was not scored.

    The same items give the lines and the thresholds, so that these would promise too much if lines had many degrees of
    freedom; they have five.

    Raises
    ------
    OptionError
        One of the classes does not occur there.
    """
    classes, side = tuple(run.facts["classes"]), run.train
    exclusive = bool(run.facts.get("exclusive", False))
    if not (recipe.evaluation.calibrate and len(side.score)):
        return Sureness(dict.fromkeys(classes, Calibration()), dict.fromkeys(classes, 0.5), exclusive)
    if not exclusive:
        line = fit_platt(side.score[:, 0], side.target[:, 0])
        return Sureness({classes[0]: line}, {classes[0]: 0.5}, exclusive)
    lines = dict(zip(classes, fit_softmax(side.score, side.target), strict=True))
    scores = calibrated(Scores(side.score, classes, ScoreKind.LOGIT), lines, exclusive=True)
    thresholds = class_thresholds(scores.values, side.target, side.group, recipe.card.miss_rate)
    return Sureness(lines, dict(zip(classes, thresholds.tolist(), strict=True)), exclusive, recipe.card.miss_rate)
