from __future__ import annotations

import io
import warnings

import numpy as np
import pytest
from PIL import Image

from einthoven.images.export.png import png


@pytest.mark.parametrize("size", [(1, 1), (600, 600), (128, 800), (3, 5000)])
def test_pillow_reads_the_very_pixels(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(256, size=(*size, 3), dtype=np.uint8)
    with Image.open(io.BytesIO(png(pixels))) as image:
        image.load()
        assert (image.format, image.mode) == ("PNG", "RGB")
        assert np.array_equal(np.asarray(image), pixels)


def test_checks_of_the_chunks_hold() -> None:
    content = png(np.zeros((9, 9, 3), np.uint8))
    with Image.open(io.BytesIO(content)) as image:
        image.verify()  # reads every chunk's CRC
    broken = bytearray(content)
    broken[20] ^= 1
    with pytest.raises((SyntaxError, OSError)), warnings.catch_warnings(), Image.open(io.BytesIO(bytes(broken))) as one:
        one.verify()


def test_a_part_of_a_picture_is_written_as_it_is_seen() -> None:
    whole = np.random.default_rng(0).integers(256, size=(40, 40, 3), dtype=np.uint8)
    with Image.open(io.BytesIO(png(whole[::2, 5:9]))) as image:
        assert np.array_equal(np.asarray(image), whole[::2, 5:9])
