"""Ink as runs: in each column of pixels the stretches a pen covered, and which of them hang together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Picture = NDArray[np.float32]

EDGE = 0.4  # where ink begins, of the darkness of the middle of a line: less than half, for the tips of thin waves


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Runs of ink from left to right, in a column from above.

    Parameters
    ----------
    column
        int64, shape (run,).
    top, bottom
        float64, shape (run,): edges in pixels from the top of the picture, to fractions of a pixel.
    part
        int64, shape (run,): the connected part of the drawing a run belongs to, from 1 on.
    n_parts
        How many parts there are.
    """

    column: Ints
    top: Floats
    bottom: Floats
    part: Ints
    n_parts: int

    def of(self, keep: NDArray[np.bool_]) -> Runs:
        """Return some of the runs."""
        return Runs(self.column[keep], self.top[keep], self.bottom[keep], self.part[keep], self.n_parts)

    @property
    def middle(self) -> Floats:
        """Middle of each run."""
        return np.asarray((self.top + self.bottom) / 2)

    @property
    def length(self) -> Floats:
        """Length of each run."""
        return self.bottom - self.top

    def extents(self) -> tuple[Floats, Floats]:
        """Return width and height of each part in pixels, float64, shape (part + 1,); the first is nobody's."""
        size = self.n_parts + 1
        left, right = np.full(size, np.inf), np.full(size, -np.inf)
        top, bottom = left.copy(), right.copy()
        np.minimum.at(left, self.part, self.column)
        np.maximum.at(right, self.part, self.column + 1)
        np.minimum.at(top, self.part, self.top)
        np.maximum.at(bottom, self.part, self.bottom)
        with np.errstate(invalid="ignore"):
            return np.nan_to_num(right - left, neginf=0), np.nan_to_num(bottom - top, neginf=0)


def find_runs(dark: Picture) -> Runs:
    """Find all runs of ink in a picture, float32, shape (row, column), 0 for paper to 1 for ink.

    Where a run is short its place is the centre of its ink and its length the sum of it, which is right to a tenth of a
    pixel for a thin line; edges of longer runs are where the ink is half as dark as in the line's middle.

    Examples
    --------
    >>> page = np.zeros((6, 2), np.float32)
    >>> page[2:5, 0] = 0.6, 1, 0.6
    >>> runs = find_runs(page)
    >>> runs.middle.round(2).tolist(), runs.length.round(2).tolist()
    ([3.5], [2.2])
    """
    from scipy.ndimage import label

    mask = dark > EDGE
    parts, n_parts = label(mask, structure=np.ones((3, 3)))
    padded = np.zeros((dark.shape[1], dark.shape[0] + 2), np.int8)
    padded[:, 1:-1] = mask.T
    change = np.diff(padded, axis=1)
    column, first = np.nonzero(change == 1)
    last = np.nonzero(change == -1)[1] - 1
    above, below = np.maximum(first - 1, 0), np.minimum(last + 1, dark.shape[0] - 1)
    top = first - _share(dark, first, above, column)
    bottom = last + 1 + _share(dark, last, below, column)
    thin = last - first < 4
    middle, amount = _centre(dark, column[thin], first[thin], last[thin])
    top[thin], bottom[thin] = middle - amount / 2, middle + amount / 2
    part = np.asarray(parts[first, column], np.int64)
    return Runs(column.astype(np.int64), top, bottom, part, int(n_parts))


def _share(dark: Picture, edge: Ints, beyond: Ints, column: Ints) -> Floats:
    """Return how far the half-dark edge lies beyond the last dark pixel's own edge, about -0.5 to 0.5 pixels."""
    inner, outer = dark[edge, column].astype(np.float64), dark[beyond, column].astype(np.float64)
    outer = np.where(edge == beyond, 0.0, outer)
    return np.asarray(np.clip((inner - 0.5) / np.maximum(inner - outer, 0.1) - 0.5, -0.5, 0.5))


def _centre(dark: Picture, column: Ints, first: Ints, last: Ints) -> tuple[Floats, Floats]:
    """Return centre and amount of ink of short runs with a pixel on each side."""
    height = dark.shape[0]
    amount, moment = np.zeros(len(column)), np.zeros(len(column))
    for k in range(-1, 5):
        row = first + k
        there = (row <= last + 1) & (row >= 0) & (row < height)
        ink = np.where(there, dark[np.clip(row, 0, height - 1), column], 0).astype(np.float64)
        ink[ink < 0.06] = 0  # shaded ground and the noise of JPEG
        amount += ink
        moment += ink * (row + 0.5)
    return moment / np.maximum(amount, 1e-6), amount
