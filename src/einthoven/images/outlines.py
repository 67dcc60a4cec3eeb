"""Boxes drawn on pictures, with what they are said to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from .sheet import BEAT_COLOURS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

TRUTH_COLOUR: Final = "#0b6b3a"
FOUND_COLOUR: Final = "#86195a"
_PAD_PX: Final = 2


def outlined(
    pixels: NDArray[np.uint8],
    boxes_xyxy: NDArray[np.float32],
    words: Sequence[str],
    colours: Sequence[str],
    *,
    below: bool = False,
) -> NDArray[np.uint8]:
    """Return a picture with boxes around things in it, and words at each.

    Parameters
    ----------
    pixels
        uint8, shape (row, column, 3).
    boxes_xyxy
        float32, shape (box, 4), pixels.
    words
        What stands at each box.
    colours
        Of each, ``#rrggbb``.
    below
        Whether words stand inside the lower end of boxes, and not inside the upper one.

    Examples
    --------
    >>> white = np.full((30, 40, 3), 255, np.uint8)
    >>> drawn = outlined(white, np.array([[5, 5, 30, 25]], np.float32), [""], ["#ff0000"])
    >>> drawn[5, 10].tolist(), drawn[15, 15].tolist()
    ([255, 0, 0], [255, 255, 255])
    """
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.fromarray(pixels)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(max(10, min(pixels.shape[:2]) // 30))
    for box, word, colour in zip(boxes_xyxy.tolist(), words, colours, strict=True):
        left, top, right, bottom = box
        pen.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), outline=colour)
        if word:
            at = (left + _PAD_PX, bottom - _PAD_PX if below else top + _PAD_PX)
            pen.text(at, word, fill=colour, font=font, anchor="ls" if below else "lt")
    return np.asarray(picture)


def class_colour(name: str) -> str:
    """Return the colour of a class of beats; one colour for all others."""
    return BEAT_COLOURS[name][0] if name in BEAT_COLOURS else FOUND_COLOUR
