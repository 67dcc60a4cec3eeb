"""What a model says: :class:`Scores`, and the lines, :class:`Calibration`, by which they become probabilities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from ..errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        float32, shape (item, class), or (item, beat, class) where an item is a sequence of beats.
    classes
        Names along the last axis.
    kind
        Logits, or calibrated probabilities.
    """

    values: NDArray[np.float32]
    classes: tuple[str, ...]
    kind: ScoreKind

    def __post_init__(self) -> None:
        if self.values.ndim < 2 or self.values.shape[-1] != len(self.classes):
            raise OptionError(
                f"scores have shape {self.values.shape}; with these classes it must be (item, ..., {len(self.classes)})"
            )


@dataclass(frozen=True, slots=True)
class Calibration:
    """A class's line from logit to calibrated logit, slope * logit + intercept (Platt 1999; Guo et al. 2017)."""

    slope: float = 1.0
    intercept: float = 0.0


def calibrated(scores: Scores, lines: Mapping[str, Calibration], *, exclusive: bool) -> Scores:
    """Make probabilities of logits.

    Parameters
    ----------
    scores
        Logits.
    lines
        By class: its line.
    exclusive
        Whether an item is of just one class: then a softmax makes the probabilities, else a sigmoid for each class.

    Raises
    ------
    OptionError
        The scores are no logits.

    Examples
    --------
    >>> scores = Scores(np.array([[0.0], [2.0]], np.float32), ("abnormal",), ScoreKind.LOGIT)
    >>> calibrated(scores, {"abnormal": Calibration(slope=0.5)}, exclusive=False).values.round(2).ravel()
    array([0.5 , 0.73], dtype=float32)
    """
    if scores.kind is not ScoreKind.LOGIT:
        raise OptionError(f"scores are of kind {scores.kind}; only logits can be calibrated")
    line = on_lines(scores.values, [lines[name] for name in scores.classes])
    values = softmax(line) if exclusive else sigmoid(line)
    return replace(scores, values=values.astype(np.float32), kind=ScoreKind.PROBABILITY)


def on_lines(logit: NDArray[np.float32], lines: Sequence[Calibration]) -> NDArray[np.float64]:
    """Return logits on the line of each class, float64, of logits, both of shape (item, class).

    Examples
    --------
    >>> on_lines(np.ones((1, 2), np.float32), [Calibration(2.0, 1.0), Calibration()]).tolist()
    [[3.0, 1.0]]
    """
    slope, intercept = np.array([[line.slope, line.intercept] for line in lines]).T
    straight: NDArray[np.float64] = slope * logit.astype(np.float64) + intercept
    return straight


def sigmoid(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 / (1 + exp(-logit)), of any size without overflow.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    small = np.exp(-np.abs(logit))
    return np.where(logit >= 0, 1 / (1 + small), small / (1 + small))


def softmax(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return exp(logit) over its sum along the last axis, of any size without overflow.

    Examples
    --------
    >>> softmax(np.array([1000.0, 1000.0, -1000.0])).tolist()
    [0.5, 0.5, 0.0]
    """
    grown = np.exp(logit - logit.max(axis=-1, keepdims=True))
    shares: NDArray[np.float64] = grown / grown.sum(axis=-1, keepdims=True)
    return shares
