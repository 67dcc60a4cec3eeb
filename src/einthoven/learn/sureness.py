"""What makes probabilities of a run's logits, and decisions of these: fitted on its training side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..bundles.scores import Calibration, ScoreKind, Scores, calibrated
from ..evaluation.calibration import fit_platt, fit_shares, fit_temperature
from ..evaluation.conformal import possible_from

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

    The same items give the line and the threshold of classes that exclude each other. That promises hardly more
    than it keeps, since such a line has one degree of freedom, or one for each class.

    Raises
    ------
    OptionError
        Nothing there is known, or of a single class that must be told from none there is but one.
    """
    classes, side = tuple(run.facts["classes"]), run.train
    exclusive = bool(run.facts.get("exclusive", False))
    if not (recipe.evaluation.calibrate and len(side.score)):
        return Sureness(dict.fromkeys(classes, Calibration()), dict.fromkeys(classes, 0.5), exclusive)
    if not exclusive:
        line = fit_platt(side.score[:, 0], side.target[:, 0])
        return Sureness({classes[0]: line}, {classes[0]: 0.5}, exclusive)
    if recipe.evaluation.shares:
        lines = dict(zip(classes, fit_shares(side.score, side.target), strict=True))
    else:
        lines = dict.fromkeys(classes, fit_temperature(side.score, side.target))
    scores = calibrated(Scores(side.score, classes, ScoreKind.LOGIT), lines, exclusive=True)
    known = side.target.any(axis=1)
    right = scores.values[known][side.target[known]]
    threshold = possible_from(right, side.group[known], recipe.card.miss_rate)
    return Sureness(lines, dict.fromkeys(classes, threshold), exclusive, recipe.card.miss_rate)
