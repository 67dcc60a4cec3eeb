"""What a vector page holds, whatever file it came in: lines, filled shapes and words, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Colour = tuple[float, float, float]

JOIN_MM = 0.02  # ends nearer than this are one point: a trace drawn segment by segment is one line


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What one stroke or fill of the pen left.

    Parameters
    ----------
    lines
        float64, shape (point, 2) each: x and y in mm from the page's upper left, y downward.
    colour
        Red, green and blue, 0 to 1.
    width_mm
        Of the pen; 0 where the shape is filled.
    """

    lines: tuple[Array, ...]
    colour: Colour
    width_mm: float = 0.0

    @property
    def filled(self) -> bool:
        """Tell whether it is an area rather than a line."""
        return self.width_mm == 0.0


@dataclass(frozen=True, slots=True)
class Word:
    """A text and where it begins, in mm; `size_mm` is its font's size."""

    text: str
    x_mm: float
    y_mm: float
    size_mm: float


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A vector page."""

    width_mm: float
    height_mm: float
    shapes: tuple[Shape, ...]
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """All that is written, one word after another."""
        return " ".join(word.text for word in self.words)

    def strokes(self) -> Iterator[Shape]:
        """Yield what a pen drew."""
        return (shape for shape in self.shapes if not shape.filled)


def joined(lines: Iterable[Array]) -> list[Array]:
    """Return lines with each that begins where the last one ended made part of it.

    Examples
    --------
    >>> segments = [np.array([(k, 0.0), (k + 1, 0.0)]) for k in (0, 1, 5)]
    >>> [len(line) for line in joined(segments)]
    [3, 2]
    """
    chains: list[list[Array]] = []
    for line in lines:
        if chains and np.abs(chains[-1][-1][-1] - line[0]).max() < JOIN_MM:
            chains[-1].append(line[1:])
        else:
            chains.append([line])
    return [np.concatenate(chain) for chain in chains]
