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


def test_what_is_not_there_is_not_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "link.png").symlink_to("nowhere.png")
    for name, why in (
        ("absent.png", "No such file or directory"),
        ("link.png", "No such file or directory"),
        ("folder.png", "Is a directory"),
        ("folder.png/a.png", "No such file or directory"),
    ):
        with pytest.raises(FormatError) as told:
            open_picture(tmp_path / name)
        assert str(told.value) == f"{tmp_path / name}: cannot be read ({why})"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "I;16"])
def test_white_is_white_and_black_is_black_in_every_mode(mode: str) -> None:
    picture = Image.new("L", (4, 2), 255)
    picture.putpixel((1, 0), 0)
    other = Image.fromarray(np.asarray(picture, np.uint16) * 257) if mode == "I;16" else picture.convert(mode)
    for channel in channels(other):
        assert channel.tolist() == [[255, 0, 255, 255], [255] * 4]


@pytest.mark.parametrize(
    ("values", "white"),
    [
        (np.array([[0, 0.5, 1]], np.float32), 1),
        (np.array([[0, 127.5, 255]], np.float32), 255),
        (np.array([[0, 128, 255]], np.int32), 255),
        (np.array([[0, 32768, 65535]], np.int32), 65535),
        (np.array([[0, 100, 200]], np.uint16), 65535),
    ],
)
def test_shades_of_more_than_eight_bits_keep_their_meaning(tmp_path: Path, values: np.ndarray, white: float) -> None:
    Image.fromarray(values).save(tmp_path / "grey.tif")
    red, green, blue = channels(open_picture(tmp_path / "grey.tif", least_side=1))
    np.testing.assert_allclose(red, values / white * 255, atol=1)
    assert (red == green).all()
    assert (red == blue).all()
