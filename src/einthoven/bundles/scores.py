"""What a model says: :class:`Scores`, and the :class:`Calibration` that makes probabilities of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from ..errors import OptionError

if TYPE_CHECKING:
    from numpy.typing import NDArray


class ScoreKind(StrEnum):
    """What the numbers are. It travels with them, so that nobody has to guess it from their range."""

    LOGIT = "logit"
    PROBABILITY = "probability"


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores of items for classes.

    Parameters
    ----------
    values
        float32, shape (item, class).
    classes
        Names of the columns.
    kind
        Logits, or calibrated probabilities.
    """

    values: NDArray[np.float32]
    classes: tuple[str, ...]
    kind: ScoreKind

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1] != len(self.classes):
            raise OptionError(
                f"scores have shape {self.values.shape}; with these classes it must be (item, {len(self.classes)})"
            )


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt's line: probability = sigmoid(slope * logit + intercept). Slope 1, intercept 0 is the plain sigmoid.

    Examples
    --------
    >>> scores = Scores(np.array([[0.0], [2.0]], np.float32), ("abnormal",), ScoreKind.LOGIT)
    >>> Calibration(slope=0.5, intercept=0.0).apply(scores).values.round(2).ravel()
    array([0.5 , 0.73], dtype=float32)
    """

    slope: float = 1.0
    intercept: float = 0.0

    def apply(self, scores: Scores) -> Scores:
        """Make probabilities of logits; raises OptionError when they are no logits."""
        if scores.kind is not ScoreKind.LOGIT:
            raise OptionError(f"scores are of kind {scores.kind}; only logits can be calibrated")
        line = self.slope * scores.values.astype(np.float64) + self.intercept
        return replace(scores, values=sigmoid(line).astype(np.float32), kind=ScoreKind.PROBABILITY)


def sigmoid(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 / (1 + exp(-logit)), of any size without overflow.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    small = np.exp(-np.abs(logit))
    return np.where(logit >= 0, 1 / (1 + small), small / (1 + small))
