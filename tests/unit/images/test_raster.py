"""Pages painted on pixels look as those that matplotlib paints, and lie where the sheet says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from einthoven.errors import OptionError
from einthoven.images.canvas import save, size_px
from einthoven.images.colours import looks
from einthoven.images.paper import Shade, draw
from einthoven.images.picture import brightness
from einthoven.images.raster import raster
from einthoven.images.sheet import Box, Curve, Label, Ruling, Sheet
from einthoven.record import Record
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from pathlib import Path

HEART = simulate(duration_s=10, seed=1, pvc=0.2)
NO_GRID = looks(grid="none")


def by_matplotlib(sheet: Sheet, folder: Path, dpi: float, **more: object) -> np.ndarray:
    save(sheet, folder / "page.png", dpi=dpi, **more)  # type: ignore[arg-type]
    return np.asarray(Image.open(folder / "page.png").convert("RGB"))


@pytest.mark.parametrize("dpi", [72, 100, 200])
@pytest.mark.parametrize("layout", ["3x4", "12x1", "strip"])
def test_pixels_are_those_of_matplotlib(layout: str, dpi: float, tmp_path: Path) -> None:
    sheet = draw(HEART.record, beats=HEART.beats, layout=layout)
    theirs, ours = by_matplotlib(sheet, tmp_path, dpi, looks=NO_GRID), raster(sheet, dpi=dpi, looks=NO_GRID)
    assert ours.shape == theirs.shape
    apart = np.abs(ours.astype(int) - theirs)
    assert apart.mean() < (1.0 if dpi >= 100 else 1.5)
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.3)


@pytest.mark.parametrize("dpi", [72, 100, 200])
def test_traces_lie_within_half_a_pixel_of_those_of_matplotlib(dpi: float, tmp_path: Path) -> None:
    marks = tuple(mark for mark in draw(HEART.record).marks if isinstance(mark, Curve) and mark.role == "trace")
    sheet = Sheet(297, 210, "", "", marks)
    middles, level = [], np.ones(1, bool)
    for pixels in (by_matplotlib(sheet, tmp_path, dpi), raster(sheet, dpi=dpi)):
        rows, ink = np.arange(len(pixels))[:, None], 255 - brightness(pixels)
        parts = [slice(int(top * dpi / 25.4), int((top + 45) * dpi / 25.4)) for top in (25, 70, 115, 160)]
        with np.errstate(invalid="ignore"):
            middles.append([(rows[part] * ink[part]).sum(axis=0) / ink[part].sum(axis=0) for part in parts])
        # where the trace is steep a column is all ink, and its middle says little
        level = level & [((ink[part] > 1).sum(axis=0) < 8) & (ink[part].sum(axis=0) > 150) for part in parts]
    apart = np.abs(np.subtract(*middles))
    assert np.nanmedian(apart) < 0.05
    assert (apart[level] < 0.5).mean() > 0.999
    assert apart[level].max() < 0.75
    assert level.mean() > 0.7
    assert np.isfinite(apart).mean() > 0.8


@pytest.mark.parametrize("dpi", [72, 100, 150, 200, 300])
def test_grid_lines_lie_within_half_a_pixel_of_their_place(dpi: float) -> None:
    sheet = Sheet(60, 40, "", "", (Ruling("grid-5", 7, 6, 45, 30, 5),))
    ink = 255 - brightness(raster(sheet, dpi=dpi))
    px = dpi / 25.4
    for axis, start, length in ((0, 7, 45), (1, 6, 30)):
        across = np.median(ink[int(6 * px) : int(36 * px), int(7 * px) : int(52 * px)], axis=axis)
        first = int(start * px)
        for at_mm in range(start + 5, start + length, 5):
            near = np.arange(int(at_mm * px) - 4, int(at_mm * px) + 5)
            weights = across[near - first]
            assert ((near + 0.5) * weights).sum() / weights.sum() == pytest.approx(at_mm * px, abs=0.501)


def test_the_same_sheet_gives_the_same_pixels_and_the_next_page_is_not_drawn_on_it() -> None:
    first = raster(draw(HEART.record), dpi=60)
    raster(draw(HEART.record, beats=HEART.beats, shades=[Shade("II", 1, 2, "moved-3")]), dpi=60)
    np.testing.assert_array_equal(first, raster(draw(HEART.record), dpi=60))
    assert first.flags.writeable


def test_boxes_tint_what_lies_below_them_and_nothing_else() -> None:
    ground = Box("paper", 0, 0, 40, 40)
    tinted = raster(Sheet(40, 40, "", "", (ground, Box("band-V", 10, 10, 20, 20))), dpi=25.4)
    assert {tuple(pixel) for pixel in tinted[11:29, 11:29].reshape(-1, 3).tolist()} == {(239, 221, 227)}
    tinted[10:30, 10:30] = tinted[0, 0]
    assert (tinted == tinted[0, 0]).all()


def test_letters_stand_where_they_are_anchored() -> None:
    for anchor, side in (("start", 0), ("middle", 1), ("end", 2)):
        sheet = Sheet(100, 20, "", "", (Label("title", 50, 15, "HHHH", anchor),))
        columns = np.flatnonzero((brightness(raster(sheet, dpi=200)) < 128).any(axis=0))
        place = (columns[0], columns.mean(), columns[-1])[side]
        assert place == pytest.approx(50 / 25.4 * 200, abs=4)


def test_a_halo_keeps_the_grid_off_the_letters() -> None:
    grid = (Box("paper", 0, 0, 60, 20), Ruling("grid-1", 0, 0, 60, 20, 1))
    plain, kept = (
        raster(Sheet(60, 20, "", "", (*grid, Label("lead", 5, 12, "aVR", halo=halo))), dpi=200) for halo in (0, 1)
    )
    black = brightness(plain) < 60
    np.testing.assert_array_equal(black, brightness(kept) < 60)
    paper = (kept == kept[3, 3]).all(axis=2).sum() - (plain == plain[3, 3]).all(axis=2).sum()
    assert paper > 100


def test_names_no_font_has_are_painted_still() -> None:
    sheet = Sheet(60, 20, "", "", (Label("lead", 5, 12, "导联 $x^2$ \U0001f493", halo=True), Label("text", 5, 5, "")))
    assert raster(sheet, dpi=100).min() < 100


def test_flat_nan_and_single_samples_are_painted() -> None:
    for signal in ([[0.0]], [[np.nan]], [[1e6]], np.zeros((1, 500))):
        assert raster(draw(Record(signal, 360, ("II",))), dpi=50).min() < 100


def test_marks_beyond_the_edge_are_cut_off() -> None:
    beyond = np.array([[-50.0, -50], [90, 90]])
    marks = (
        Curve("trace", (beyond,)),
        Curve("clipped", (np.array([[-2.0, -2], [3, 3], [-2, 5]]),)),
        Box("clipped", 25, 25, 100, 100),
        Label("title", 28, 10, "so long a name"),
        Label("title", 200, 200, "far away"),
    )
    assert raster(Sheet(30, 30, "", "", marks), dpi=50).shape == (59, 59, 3)


def test_sizes_that_cannot_be_are_said() -> None:
    with pytest.raises(OptionError, match="10 dots per inch; it must be from 20 to 1200"):
        raster(draw(HEART.record), dpi=10)
    with pytest.raises(OptionError, match="pixels long"):
        raster(Sheet(9000, 10, "", "", ()), dpi=100)


def test_a_picture_is_whole_pixels_as_scanners_have_it() -> None:
    assert [size_px(draw(HEART.record), dpi) for dpi in (100, 200, 300)] == [(1169, 827), (2339, 1654), (3508, 2480)]


def test_a_jpeg_is_the_page(tmp_path: Path) -> None:
    sheet = draw(HEART.record)
    image = Image.open(save(sheet, tmp_path / "page.jpg", dpi=100))
    assert image.format == "JPEG"
    assert image.info["dpi"] == (100, 100)
    assert np.abs(np.asarray(image).astype(int) - raster(sheet, dpi=100)).mean() < 3
