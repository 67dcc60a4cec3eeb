"""Which default box is to find which thing in a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..images.boxes import encode, overlap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

THERE: Final = 0.5
"""Overlap from which on a default box is to find a thing."""

OPEN: Final = 0.4
"""Overlap from which on it is not taught that nothing is there."""

NOTHING, UNASKED = -1, -2


def matched(boxes: Array, class_id: NDArray[np.int64], defaults: Array) -> tuple[NDArray[np.int64], Array]:
    """Give every thing the default boxes that overlap it by half, and the one that does most in any case.

    Liu et al., ECCV 2016, section 2.2; between :data:`OPEN` and :data:`THERE` nothing is asked (Lin et al., ICCV 2017).

    Parameters
    ----------
    boxes, class_id
        float32 (thing, 4) and int64 (thing,): what there is.
    defaults
        float32 (default box, 4).

    Returns
    -------
    class_id
        int64, shape (default box,): the class, -1 where nothing is, -2 where nothing is asked.
    place
        float32, shape (default box, 4): the offsets of what is there, 0 elsewhere.

    Examples
    --------
    >>> defaults = np.array([[0, 0, 4, 4], [10, 0, 14, 4]], np.float32)
    >>> matched(np.array([[0, 0, 5, 4]], np.float32), np.array([2]), defaults)[0].tolist()
    [2, -1]
    """
    of, place = np.full(len(defaults), NOTHING), np.zeros((len(defaults), 4), np.float32)
    if not len(boxes):
        return of, place
    share = overlap(defaults, boxes)
    best = share.argmax(axis=1)
    most = share.max(axis=1)
    of[most >= OPEN] = UNASKED
    there = most >= THERE
    nearest = share.argmax(axis=0)  # each thing has one, the surest last where two want the same
    order = np.argsort(share[nearest, np.arange(len(boxes))], kind="stable")
    best[nearest[order]], there[nearest[order]] = order, True
    index = np.flatnonzero(there)
    of[index] = class_id[best[index]]
    place[index] = encode(boxes[best[index]], defaults[index])
    return of, place
