"""A picture checks what is said of it, and colours lie over each other as far as pixels are covered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from einthoven.errors import OptionError
from einthoven.images.picture import Picture, blend, brightness

WHITE = np.full((20, 30, 3), 255, np.uint8)


def test_a_picture_knows_its_size_and_has_no_boxes_unless_told() -> None:
    picture = Picture(WHITE)
    assert (picture.width, picture.height, picture.labels) == (30, 20, ())
    assert picture.boxes_xyxy.shape == (0, 4)
    assert picture.cut is not None
    assert picture.cut.shape == (0,)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"pixels": WHITE[..., 0]}, "pixels are uint8 of shape (20, 30)"),
        ({"pixels": WHITE.astype(float)}, "pixels are float64"),
        ({"boxes_xyxy": np.zeros((2, 4)), "labels": ("N",)}, "2 boxes with 1 labels"),
        ({"boxes_xyxy": np.zeros((1, 4)), "labels": ("N",), "cut": np.zeros(2, bool)}, "1 boxes with (2,) marks"),
    ],
)
def test_what_does_not_fit_is_said(given: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError) as error:
        Picture(**{"pixels": WHITE, **given})
    assert message in str(error.value)


def test_brightness_is_that_of_pillow() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    assert np.abs(brightness(pixels) - np.asarray(Image.fromarray(pixels).convert("L"))).max() <= 1


def test_colours_cover_as_far_as_told_and_nothing_else() -> None:
    covered = np.zeros((20, 30), np.float32)
    covered[5, 5], covered[6, 6] = 1, 0.25
    out = blend(WHITE, covered, (10, 20, 30))
    assert out[5, 5].tolist() == [10, 20, 30]
    assert out[6, 6].tolist() == [194, 196, 199]
    out[5, 5] = out[6, 6] = 255
    np.testing.assert_array_equal(out, WHITE)


def test_laying_colour_leaves_the_picture_below_as_it_was() -> None:
    below = WHITE.copy()
    blend(below, np.ones((20, 30), np.float32), (0, 0, 0))
    np.testing.assert_array_equal(below, WHITE)
