"""Boxes in pictures: how far they overlap, how a single-shot detector writes them down, and which of many are kept.

All boxes are float32 arrays of shape (box, 4): left, top, right, bottom in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float32]

VARIANCES: Final = (0.1, 0.1, 0.2, 0.2)
"""What the four numbers of a box are divided by (Liu et al., ECCV 2016), so that all are learnt alike."""

MOST_OVERLAP: Final = 0.45
"""Intersection over union from which of two boxes the less sure one goes, as published with the detector."""

LARGEST: Final = 4.0
"""Bound of the logarithm of a size over that of its default box: 55 times."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Boxes found in one picture, the surest first.

    Parameters
    ----------
    boxes_xyxy
        float32, shape (box, 4), pixels.
    probability
        float32, shape (box, class): that it is of each class.
    """

    boxes_xyxy: Array
    probability: Array

    def __len__(self) -> int:
        return len(self.probability)

    @property
    def score(self) -> Array:
        """That there is anything of any class: float32, shape (box,)."""
        return something(self.probability)

    @property
    def class_id(self) -> NDArray[np.int64]:
        """The likeliest class of each: int64, shape (box,)."""
        likeliest: NDArray[np.int64] = self.probability.argmax(axis=1)
        return likeliest

    def pick(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> Found:
        """Return some of them."""
        return Found(self.boxes_xyxy[index], self.probability[index])


def something(probability: Array) -> Array:
    """Return the probability of any class, of which a place has one at most: float32, shape (box,)."""
    total: Array = np.minimum(probability.sum(axis=-1), np.float32(1))
    return total


def overlap(boxes: Array, others: Array) -> Array:
    """Return the intersection over union of every box with every other one: float32, shape (box, other).

    Examples
    --------
    >>> a, b = np.array([[0, 0, 2, 2]], np.float32), np.array([[1, 0, 3, 2], [5, 5, 6, 6]], np.float32)
    >>> overlap(a, b).round(3).tolist()
    [[0.3330000042915344, 0.0]]
    """
    sides = []
    for low, high in ((0, 2), (1, 3)):
        side = np.minimum(boxes[:, None, high], others[None, :, high])
        side -= np.maximum(boxes[:, None, low], others[None, :, low])
        sides.append(np.maximum(side, 0, out=side))
    both = sides[0] * sides[1]
    union = area(boxes)[:, None] + area(others)[None] - both
    shares: Array = np.divide(both, union, out=np.zeros_like(both), where=union > 0)
    return shares


def area(boxes: Array) -> Array:
    """Return the area of each box in square pixels: float32, shape (box,)."""
    width, height = (np.maximum(boxes[:, side + 2] - boxes[:, side], 0) for side in (0, 1))
    sizes: Array = width * height
    return sizes


def default_boxes(
    size: tuple[int, int], maps: Sequence[tuple[int, int]], sizes_wh: Sequence[Sequence[Sequence[float]]]
) -> Array:
    """Return the default boxes of a single-shot detector: in each cell of each map, one of each of the map's sizes.

    Parameters
    ----------
    size
        Height and width of the picture in pixels.
    maps
        Rows and columns of each map.
    sizes_wh
        For each map: width and height of its boxes in pixels.

    Returns
    -------
    float32, shape (box, 4): maps in their order, within a map row by row, cell by cell, then size by size.

    Examples
    --------
    >>> default_boxes((8, 8), [(1, 2)], [[(2, 4)]]).tolist()
    [[1.0, 2.0, 3.0, 6.0], [5.0, 2.0, 7.0, 6.0]]
    """
    parts = []
    for (rows, columns), of_map in zip(maps, sizes_wh, strict=True):
        y = (np.arange(rows) + 0.5) * size[0] / rows
        x = (np.arange(columns) + 0.5) * size[1] / columns
        centre = np.stack(np.broadcast_arrays(x[None, :, None], y[:, None, None]), axis=-1)
        half = np.array(of_map, np.float64)[None, None] / 2
        parts.append(np.concatenate(np.broadcast_arrays(centre - half, centre + half), axis=-1).reshape(-1, 4))
    every: Array = np.concatenate(parts).astype(np.float32)
    return every


def encode(boxes: Array, defaults: Array) -> Array:
    """Return what a network should say of boxes, each beside its default box: float32, shape (box, 4).

    Centre, over the size of the default box, and logarithm of the size over it, divided by :data:`VARIANCES`.
    """
    centre, size = _centre_size(boxes)
    default_centre, default_size = _centre_size(defaults)
    said = np.concatenate(((centre - default_centre) / default_size, np.log(size / default_size)), axis=1)
    told: Array = (said / np.array(VARIANCES)).astype(np.float32)
    return told


def decode(said: Array, defaults: Array) -> Array:
    """Return the boxes that a network says, the inverse of :func:`encode`.

    Examples
    --------
    >>> defaults = default_boxes((8, 8), [(1, 2)], [[(2, 4)]])
    >>> boxes = np.array([[0, 0, 4, 7], [4, 1, 6, 8]], np.float32)
    >>> decode(encode(boxes, defaults), defaults).round(3).tolist()
    [[0.0, 0.0, 4.0, 7.0], [4.0, 1.0, 6.0, 8.0]]
    """
    centre, size = _centre_size(defaults)
    told = said * np.array(VARIANCES, np.float32)
    centre = centre + told[:, :2] * size
    size = size * np.exp(np.clip(told[:, 2:], -LARGEST, LARGEST))
    return np.concatenate((centre - size / 2, centre + size / 2), axis=1).astype(np.float32)


def _centre_size(boxes: Array) -> tuple[Array, Array]:
    size: Array = np.maximum(boxes[:, 2:] - boxes[:, :2], np.float32(1e-3))
    return (boxes[:, :2] + boxes[:, 2:]) * np.float32(0.5), size


def suppress(boxes: Array, score: Array, most_overlap: float) -> NDArray[np.int64]:
    """Return which boxes stay when of those that overlap much only the surest does: numbers, surest first.

    Greedy non-maximum suppression; of equal scores the one that comes first is surer.

    Parameters
    ----------
    boxes, score
        float32, shapes (box, 4) and (box,).
    most_overlap
        Intersection over union from which on a less sure box goes.

    Examples
    --------
    >>> boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10]], np.float32)
    >>> suppress(boxes, np.array([0.6, 0.9, 0.5], np.float32), 0.5).tolist()
    [1, 2]
    """
    order = np.argsort(-score, kind="stable")
    near = overlap(boxes[order], boxes[order]) >= most_overlap
    alive, kept = np.ones(len(order), np.bool_), []
    for place in range(len(order)):
        if alive[place]:
            kept.append(place)
            alive &= ~near[place]
    stays: NDArray[np.int64] = order[np.array(kept, np.int64)]
    return stays


def found_in(
    probability: Array,
    place: Array,
    defaults: Array,
    size: tuple[int, int],
    *,
    least: float,
    most_overlap: float = MOST_OVERLAP,
    most: int = 100,
) -> Found:
    """Return what a detector finds in one picture; a box shows one thing.

    Parameters
    ----------
    probability
        float32, shape (default box, class).
    place, defaults
        float32, shape (default box, 4): what it says of the place, and where the default boxes are.
    size
        Height and width of the picture, within which boxes are cut.
    least
        Least probability of there being anything.
    most_overlap
        See :func:`suppress`, which is done whatever the classes: two things are never in the same place.
    most
        So many of them at most, the surest.
    """
    score = something(probability)
    index = np.flatnonzero(score >= least)
    index = index[np.argsort(-score[index], kind="stable")[: 10 * most]]  # bounds the time
    limits = np.array([size[1], size[0], size[1], size[0]], np.float32)
    boxes = np.clip(decode(place[index], defaults[index]), 0, limits)
    kept = suppress(boxes, score[index], most_overlap)[:most]
    return Found(boxes[kept], probability[index[kept]])
