"""Pictures from files: whole and of a bearable size, or refused in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from einthoven.errors import FormatError
from einthoven.images.opening import channels, open_picture

if TYPE_CHECKING:
    from pathlib import Path


def test_damaged_huge_and_tiny_pictures_are_refused(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.png", tmp_path / "cut.png"
    noise = np.random.default_rng(0).integers(0, 255, (300, 300, 3)).astype(np.uint8)
    Image.fromarray(noise).save(whole)
    cut.write_bytes(whole.read_bytes()[:300])
    with pytest.raises(FormatError, match=r"cut\.png: the picture is damaged"):
        open_picture(cut)
    for size, message in (
        ((30_000, 30_000), "too large"),
        ((9000, 9000), "up to 45,000,000"),
        ((50, 900), "200 or more"),
    ):
        Image.new("1", size).save(whole)
        with pytest.raises(FormatError, match=message):
            open_picture(whole, least_side=200)
    assert open_picture(whole).size == (50, 900)
    cut.write_text("no picture")
    with pytest.raises(FormatError, match="neither a PDF nor a picture"):
        open_picture(cut, nor="a PDF")
    with pytest.raises(FormatError, match="is no picture that can be read"):
        open_picture(cut)
    with pytest.raises(FormatError, match="damaged or too large"):
        open_picture(tmp_path / "absent.png")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "I;16"])
def test_white_is_white_and_black_is_black_in_every_mode(mode: str) -> None:
    picture = Image.new("L", (4, 2), 255)
    picture.putpixel((1, 0), 0)
    other = Image.fromarray(np.asarray(picture, np.uint16) * 257) if mode == "I;16" else picture.convert(mode)
    for channel in channels(other):
        assert channel.tolist() == [[255, 0, 255, 255], [255] * 4]
