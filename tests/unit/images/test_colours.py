"""Grid and trace may have any colour, alike in every format."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from einthoven.errors import OptionError
from einthoven.images.canvas import save
from einthoven.images.colours import GRID_COLOURS, TRACE_COLOURS, looks, rgb
from einthoven.images.paper import draw
from einthoven.images.raster import raster
from einthoven.images.sheet import LOOKS
from einthoven.images.svg import svg
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from pathlib import Path

PAGE = draw(simulate(duration_s=10, seed=1).record)


def test_unless_told_nothing_changes() -> None:
    assert looks() == LOOKS


@pytest.mark.parametrize("colour", [name for name in GRID_COLOURS if name != "none"])
def test_a_grid_is_darkest_each_five_millimetres_and_palest_between(colour: str) -> None:
    painted = looks(grid=colour)
    five, one, paper = (sum(rgb(painted[role].light)) for role in ("grid-5", "grid-1", "paper"))
    assert five < one < paper
    assert set(changed(painted)) == {"grid-5", "grid-1", "paper"}


@pytest.mark.parametrize("colour", [*TRACE_COLOURS, "#00ff00"])
def test_a_trace_has_its_colour_and_names_keep_theirs(colour: str) -> None:
    painted = looks(trace=colour)
    assert {painted[role].light for role in ("trace", "trace-slow", "tick")} == {TRACE_COLOURS.get(colour, colour)}
    assert set(changed(painted)) <= {"trace", "trace-slow", "tick"}


def changed(painted: object) -> list[str]:
    return [role for role, look in painted.items() if look != LOOKS[role]]  # type: ignore[attr-defined]


def test_every_format_has_the_colours(tmp_path: Path) -> None:
    painted = looks(grid="#0000ff", trace="#ff0000")
    assert "stroke:#0000ff" in svg(PAGE, looks=painted)
    assert "stroke:#ff0000" in svg(PAGE, looks=painted)
    image = np.asarray(Image.open(save(PAGE, tmp_path / "page.png", dpi=200, looks=painted)).convert("RGB"))
    for pixels in (image, raster(PAGE, dpi=200, looks=painted)):
        red, green, blue = (pixels[..., channel].astype(int) for channel in range(3))
        assert ((blue - red > 150) & (blue - green > 150)).sum() > 10_000
        assert ((red - blue > 150) & (red - green > 150)).sum() > 1_000
    assert b"1 0 0 RG" in uncompressed(save(PAGE, tmp_path / "page.pdf", looks=painted).read_bytes())


def uncompressed(pdf: bytes) -> bytes:
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return b" ".join(b"".join(zlib.decompress(one) for one in streams if one[:1] == b"x").split())


def test_paper_without_grid_is_white_but_for_what_is_drawn(tmp_path: Path) -> None:
    painted = looks(grid="none")
    assert "stroke:none" in svg(PAGE, looks=painted)
    image = np.asarray(Image.open(save(PAGE, tmp_path / "page.png", dpi=100, looks=painted)).convert("RGB"))
    for pixels in (image, raster(PAGE, dpi=100, looks=painted)):
        assert (pixels == 255).all(axis=2).mean() > 0.9


def test_the_letters_on_paper_of_another_colour_stand_on_that_colour() -> None:
    assert "stroke:#f2f2ff" in svg(PAGE, looks=looks(grid="#0000ff"))


@pytest.mark.parametrize("colour", ["pink", "", "#12345", "#gggggg", "12345678", "#1234567"])
def test_what_is_no_colour_is_said(colour: str) -> None:
    with pytest.raises(OptionError, match="is not known: choose from red, orange, green, blue, grey, none, or give it"):
        looks(grid=colour)
    with pytest.raises(OptionError, match=r"trace colour .* is not known: choose from black"):
        looks(trace=colour)


def test_a_trace_cannot_be_left_out() -> None:
    with pytest.raises(OptionError, match="trace colour 'none'"):
        looks(trace="none")
