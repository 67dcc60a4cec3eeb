"""Batches of pictures to learn a detector from, drawn when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from ..images.seen import darkness
from .matching import UNASKED, matched
from .steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from ..images.picture import Picture

    Array = NDArray[np.float32]


class BoxDraws(Steps):
    """All batches of a training; a step's batch is a function of the seed and the step.

    Yields pictures, float32 (item, 1, row, column), and by name the targets that :meth:`.models.ssd.Ssd.losses` takes.

    Parameters
    ----------
    draw
        Draws a picture.
    classes
        Names that boxes are labelled by; of others nobody is to say which class they are.
    size
        Rows and columns of what the network sees.
    defaults
        float32, shape (box, 4): its default boxes.
    batch, steps, seed
        Pictures in a batch, number of batches, and seed of the draws.
    """

    def __init__(
        self,
        draw: Callable[[np.random.Generator], Picture],
        classes: Sequence[str],
        size: tuple[int, int],
        defaults: Array,
        *,
        batch: int,
        steps: int,
        seed: int,
    ) -> None:
        super().__init__(steps, seed)
        self._draw, self._classes, self._size, self._defaults = draw, classes, size, defaults
        self._batch = batch

    def __iter__(self) -> Iterator[tuple[tuple[Tensor, ...], dict[str, Tensor]]]:
        for rng in self.generators():
            items = [self._item(self._draw(rng)) for _ in range(self._batch)]
            picture, class_id, place = (torch.from_numpy(np.stack(column)) for column in zip(*items, strict=True))
            yield (picture,), {"class_id": class_id, "place": place}

    def _item(self, picture: Picture) -> tuple[Array, NDArray[np.int64], Array]:
        rows, columns = self._size
        class_id = numbered(picture.labels, self._classes)
        boxes = picture.boxes_xyxy * np.array([columns / picture.width, rows / picture.height] * 2, np.float32)
        of, place = matched(boxes, np.where(class_id < 0, UNASKED, class_id), self._defaults)
        return darkness(picture.pixels, self._size), of, place


def numbered(labels: Sequence[str], classes: Sequence[str]) -> NDArray[np.int64]:
    """Return the number of each label among the classes, -1 for one that is none of them: int64, shape (box,).

    Examples
    --------
    >>> numbered(("V", ""), ("N", "V")).tolist()
    [1, -1]
    """
    number = {name: place for place, name in enumerate(classes)}
    return np.array([number.get(label, -1) for label in labels], np.int64)
