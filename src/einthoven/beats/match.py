"""Pairing of found beats with reference beats, one to one, as every score of a beat detector needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import OptionError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

TOLERANCE_S = 0.150
"""Largest distance of a matched pair, ANSI/AAMI EC57:2012, 4.3.2: 150 ms."""


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """Which found beat is which reference beat.

    Parameters
    ----------
    reference_idx, found_idx
        int64, shape (pair,): indices into the two lists, both ascending; no index occurs twice.
    n_reference, n_found
        Lengths of the two lists.
    """

    reference_idx: NDArray[np.int64]
    found_idx: NDArray[np.int64]
    n_reference: int
    n_found: int

    @property
    def true_positives(self) -> int:
        """Pairs."""
        return len(self.reference_idx)

    @property
    def false_negatives(self) -> int:
        """Reference beats without a partner."""
        return self.n_reference - self.true_positives

    @property
    def false_positives(self) -> int:
        """Found beats without a partner."""
        return self.n_found - self.true_positives

    @property
    def sensitivity(self) -> float:
        """Share of the reference beats that were found; NaN when there are none."""
        return self.true_positives / self.n_reference if self.n_reference else float("nan")

    @property
    def positive_predictivity(self) -> float:
        """Share of the found beats that are real; NaN when none were found."""
        return self.true_positives / self.n_found if self.n_found else float("nan")

    @property
    def f1(self) -> float:
        """Harmonic mean of the two; NaN when both lists are empty."""
        total = self.n_reference + self.n_found
        return 2 * self.true_positives / total if total else float("nan")


def match(reference: ArrayLike, found: ArrayLike, tolerance: float) -> Matches:
    """Pair reference beats with found beats: as many pairs as possible, then the nearest.

    Where detections crowd, a greedy walk pairs the first in reach and so may take a beat's label from its
    neighbour; here the assignment is solved exactly (minimum-weight bipartite matching over the pairs in reach).

    Parameters
    ----------
    reference, found
        Beat positions, shape (beat,), ascending, in one unit (samples or seconds).
    tolerance
        Largest distance of a pair, same unit, inclusive.

    Raises
    ------
    OptionError
        Positions do not ascend, or the tolerance is negative.

    Examples
    --------
    >>> pairs = match([100, 460, 820], [98, 300, 470], tolerance=54)
    >>> pairs.reference_idx.tolist(), pairs.found_idx.tolist(), round(pairs.f1, 3)
    ([0, 1], [0, 2], 0.667)
    """
    ref, hit = (np.asarray(x, dtype=np.float64).reshape(-1) for x in (reference, found))
    for name, positions in (("reference", ref), ("found", hit)):
        if np.any(np.diff(positions) < 0):
            raise OptionError(f"{name} beat positions are not in ascending order")
    if not tolerance >= 0:
        raise OptionError(f"tolerance is {tolerance}; it must not be negative")
    first, last = np.searchsorted(hit, ref - tolerance, "left"), np.searchsorted(hit, ref + tolerance, "right")
    count = last - first
    row = np.repeat(np.arange(len(ref)), count)
    column = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    # Nearly every beat has one candidate that has no other: only the rest needs solving.
    plain = (count[row] == 1) & (np.bincount(column, minlength=len(hit))[column] == 1)
    solved = _assign(row[~plain], column[~plain], np.abs(ref[row] - hit[column])[~plain], tolerance)
    pairs = np.concatenate([np.stack([row[plain], column[plain]]), solved], axis=1)
    pairs = pairs[:, np.argsort(pairs[0])].astype(np.int64)
    return Matches(pairs[0], pairs[1], len(ref), len(hit))


def _assign(
    row: NDArray[np.int64], column: NDArray[np.int64], distance: NDArray[np.float64], tolerance: float
) -> NDArray[np.int64]:
    """Choose among candidate pairs (row, column): most pairs, then least distance; shape (2, pair)."""
    if not len(row):
        return np.empty((2, 0), dtype=np.int64)
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    rows, i = np.unique(row, return_inverse=True)
    columns, j = np.unique(column, return_inverse=True)
    # Each reference beat may also stay alone, at a price no sum of distances reaches, so that pairs come first.
    # Prices start at 1, since a sparse matrix takes 0 for "no edge".
    alone = (1.0 + tolerance) * (len(rows) + 1)
    price = np.r_[1.0 + distance, np.full(len(rows), alone)]
    place = np.r_[i, np.arange(len(rows))], np.r_[j, len(columns) + np.arange(len(rows))]
    graph = coo_array((price, place), shape=(len(rows), len(columns) + len(rows))).tocsr()
    beat, partner = min_weight_full_bipartite_matching(graph)
    paired = partner < len(columns)
    return np.stack([rows[beat[paired]], columns[partner[paired]]])
