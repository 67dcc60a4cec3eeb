"""What a network sees of a picture: how dark each place is, at the size it was made for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def darkness(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.float32]:
    """Return how dark a picture is, shrunk or stretched to a size.

    Parameters
    ----------
    pixels
        uint8, shape (row, column, 3): red, green, blue.
    size
        Rows and columns to return.

    Returns
    -------
    float32, shape (1, row, column): 0 white to 1 black.

    Examples
    --------
    >>> darkness(np.zeros((4, 6, 3), np.uint8), (2, 3)).tolist()
    [[[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]]
    """
    from PIL import Image

    grey = Image.fromarray(pixels).convert("L")
    if (grey.height, grey.width) != size:
        by = Image.Resampling.BOX if grey.width > size[1] else Image.Resampling.BILINEAR
        grey = grey.resize((size[1], size[0]), by)
    return (np.float32(1) - np.asarray(grey, np.float32) / np.float32(255))[None]
