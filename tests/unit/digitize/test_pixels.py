"""Pictures are read: of this package's pages and of others, turned, tinted and noisy ones too."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from einthoven.codes import STANDARD_12
from einthoven.digitize.page import digitize
from einthoven.errors import FormatError
from einthoven.images.paper import draw, save

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from einthoven.record import Record

    Fits = Callable[..., Any]


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory, heart: Record) -> Image.Image:
    path = save(draw(heart), tmp_path_factory.mktemp("sheet") / "page.png", dpi=200)
    return Image.open(io.BytesIO(path.read_bytes())).convert("RGB")


def check(heart: Record, record: Record, fits: Fits, least: float = 0.985) -> None:
    assert record.leads == STANDARD_12
    assert np.isfinite(record["II"]).mean() > 0.99
    found = fits(heart, record)
    assert np.mean([fit.r for fit in found.values()]) > least + 0.005
    for lead, fit in found.items():
        assert fit.r > least, lead
        assert fit.gain == pytest.approx(1, abs=0.08), lead


@pytest.mark.parametrize("dpi", [150, 200, 300])
@pytest.mark.parametrize("layout", ["3x4", "6x2", "12x1"])
def test_a_drawn_page_is_read_at_any_resolution(
    tmp_path: Path, heart: Record, fits: Fits, layout: str, dpi: int
) -> None:
    record = digitize(save(draw(heart, layout=layout), tmp_path / "page.png", dpi=dpi))
    check(heart, record, fits)
    shown = np.isfinite(record["V3"]).sum() / record.fs_hz
    assert shown == pytest.approx({"3x4": 2.5, "6x2": 5, "12x1": 10}[layout], abs=0.05)


@pytest.mark.parametrize("layout", ["3x4", "12x1", "strip"])
def test_a_page_that_stands_on_its_head_is_refused(tmp_path: Path, heart: Record, layout: str) -> None:
    path = save(draw(heart, layout=layout), tmp_path / "page.png")
    with Image.open(path) as page:
        page.transpose(Image.Transpose.ROTATE_180).save(tmp_path / "head.png")
    with pytest.raises(FormatError, match=r"head\.png: stands on its head"):
        digitize(tmp_path / "head.png", leads=STANDARD_12 if layout == "strip" else None)


@pytest.mark.parametrize("degrees", [-2.5, 0.6])
def test_a_turned_scan_is_set_right(
    tmp_path: Path, sheet: Image.Image, heart: Record, fits: Fits, degrees: float
) -> None:
    sheet.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white").save(tmp_path / "a.jpg", quality=80)
    record = digitize(tmp_path / "a.jpg")
    check(heart, record, fits, 0.97)
    assert any("was turned by" in note for note in record.notes)


def test_noise_tint_shadow_and_grey_do_not_matter(
    tmp_path: Path, sheet: Image.Image, heart: Record, fits: Fits
) -> None:
    pixels = np.asarray(sheet, np.float64)
    noise = np.random.default_rng(0).normal(0, 8, pixels.shape)
    tinted = pixels * (0.95, 0.9, 0.75) * np.linspace(1, 0.75, pixels.shape[1])[None, :, None] + noise
    picture = Image.fromarray(np.clip(tinted, 0, 255).astype(np.uint8))
    picture.save(tmp_path / "tinted.jpg", quality=75)
    picture.convert("L").save(tmp_path / "grey.jpg", quality=75)
    for name in ("tinted.jpg", "grey.jpg"):
        check(heart, digitize(tmp_path / name), fits, 0.97)


def test_a_scan_in_a_pdf_is_a_picture(tmp_path: Path, sheet: Image.Image, heart: Record, fits: Fits) -> None:
    sheet.save(tmp_path / "scan.pdf", resolution=200)
    check(heart, digitize(tmp_path / "scan.pdf"), fits, 0.97)


@pytest.mark.parametrize(
    "options",
    [{"pulse": False}, {"ruling": "#b0b0b0"}, {"pen": "#1010a0"}, {"ruling": "#e03030"}, {"gain": 5}, {"n_rhythm": 0}],
    ids=str,
)
def test_pages_of_other_makers_are_read(foreign: Callable[..., Path], heart: Record, fits: Fits, options: Any) -> None:
    record = digitize(foreign("page.png", **options))
    assert record.leads == STANDARD_12
    assert np.mean([fit.r for fit in fits(heart, record).values()]) > 0.98  # to 3 ms in time
    assert any(
        ("calibration pulses" if options.get("pulse", True) else "is assumed") in note for note in record.notes[2:]
    )


def test_traces_that_run_into_each_other_are_refused_or_missing(foreign: Callable[..., Path]) -> None:
    path = foreign("page.png", layout="12x1", n_rhythm=0, pitch=4, gain=20)
    with pytest.raises(FormatError, match=r"page\.png: "):
        digitize(path, layout="12x1")


@pytest.mark.parametrize("turn", [90, 270])
def test_a_page_on_its_side_is_refused(tmp_path: Path, sheet: Image.Image, turn: int) -> None:
    sheet.rotate(turn, expand=True).save(tmp_path / "side.png")
    with pytest.raises(FormatError, match=r"side\.png: "):
        digitize(tmp_path / "side.png")


def test_paper_without_a_trace_is_refused(tmp_path: Path) -> None:
    pixels = np.full((1500, 2200, 3), 255, np.uint8)
    pixels[::8], pixels[:, ::8] = (250, 200, 200), (250, 200, 200)
    pixels[::40], pixels[:, ::40] = (240, 150, 150), (240, 150, 150)
    for k in range(60):  # letters, and nothing else
        pixels[700:716, 100 + 30 * k : 112 + 30 * k] = 0
    Image.fromarray(pixels).save(tmp_path / "form.png")
    with pytest.raises(FormatError, match="nothing on the ruled paper is a trace"):
        digitize(tmp_path / "form.png")
