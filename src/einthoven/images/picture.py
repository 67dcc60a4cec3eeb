"""A picture with what is known of it: pixels, and a labelled box around each thing to be found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import OptionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

LUMA: Final = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in brightness (ITU-R BT.601)."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Pixels and boxes.

    Parameters
    ----------
    pixels
        uint8, shape (row, column, 3): red, green, blue.
    boxes_xyxy
        float32, shape (box, 4): left, top, right and bottom in pixels from the upper left corner, inside the picture.
    labels
        The class of each box.
    cut
        bool, shape (box,): whether the thing reaches beyond the picture; none by default.
    name
        Of the picture, without suffix.
    record
        The recording it was drawn from, so that sets can be parted by patient.

    Raises
    ------
    OptionError
        Shapes do not fit.
    """

    pixels: NDArray[np.uint8]
    boxes_xyxy: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 4), np.float32))
    labels: tuple[str, ...] = ()
    cut: NDArray[np.bool_] | None = None
    name: str = ""
    record: str = ""

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[2] != 3 or self.pixels.dtype != np.uint8:
            raise OptionError(
                f"pixels are {self.pixels.dtype} of shape {self.pixels.shape}; they must be uint8 (row, column, 3)"
            )
        boxes = np.asarray(self.boxes_xyxy, np.float32).reshape(-1, 4)
        if len(boxes) != len(self.labels):
            raise OptionError(f"{len(boxes)} boxes with {len(self.labels)} labels; give one label each")
        cut = np.zeros(len(boxes), np.bool_) if self.cut is None else np.asarray(self.cut, np.bool_)
        if cut.shape != (len(boxes),):
            raise OptionError(f"{len(boxes)} boxes with {cut.shape} marks of those cut; give one mark each")
        object.__setattr__(self, "boxes_xyxy", boxes)
        object.__setattr__(self, "cut", cut)

    @property
    def width(self) -> int:
        """Columns of pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Rows of pixels."""
        return int(self.pixels.shape[0])


def brightness(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the brightness of coloured pixels: float32, shape (row, column), 0 black to 255 white.

    Examples
    --------
    >>> brightness(np.full((1, 1, 3), 255, np.uint8)).round().tolist()
    [[255.0]]
    """
    return np.asarray(pixels @ np.array(LUMA, np.float32), np.float32)


def blend(pixels: NDArray[np.uint8], covered: NDArray[np.float32], colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Return pixels with a colour laid over them, as far as each is covered.

    Parameters
    ----------
    pixels
        uint8, shape (row, column, 3).
    covered
        float32, shape (row, column), 0 to 1; see :func:`.pen.ink`.
    colour
        Red, green, blue.

    Examples
    --------
    >>> blend(np.full((1, 1, 3), 255, np.uint8), np.array([[0.5]], np.float32), (5, 5, 5)).tolist()
    [[[130, 130, 130]]]
    """
    out = pixels.copy()
    rows = np.flatnonzero(covered.any(axis=1))
    if len(rows):
        part = slice(int(rows[0]), int(rows[-1]) + 1)
        share = covered[part]
        for channel, value in enumerate(colour):
            below = out[part, :, channel].astype(np.float32)
            below += share * (value - below)
            out[part, :, channel] = below + 0.5
    return out
