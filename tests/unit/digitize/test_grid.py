"""Rulings of a picture give its scale and its slope, and no photograph has any."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from einthoven.digitize.grid import find_grid
from einthoven.errors import FormatError

PATH = Path("page.png")


def ruled(
    px_mm: float, *, degrees: float = 0.0, steps: tuple[float, ...] = (1.0, 5.0), size: tuple[float, float] = (280, 200)
) -> np.ndarray:
    """Return lines 0.2 mm wide on a page of `size` mm, turned clockwise by `degrees`."""
    y, x = np.mgrid[: round(size[1] * px_mm), : round(size[0] * px_mm)] / px_mm
    turn = np.radians(degrees)
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    page = np.zeros(x.shape, np.float32)
    for step in steps:
        for at in (u, v):
            off = np.abs((at + 0.37 + step / 2) % step - step / 2)
            page = np.maximum(page, np.clip((0.1 - off) * px_mm + 0.5, 0, 1) * (30 + 8 * step))
    return page.astype(np.float32)


@pytest.mark.parametrize("px_mm", [3.937, 5.9055, 7.874, 11.811])
@pytest.mark.parametrize("degrees", [0.0, 1.7, -2.5])
def test_scale_and_slope_are_found(px_mm: float, degrees: float) -> None:
    grid = find_grid(PATH, ruled(px_mm, degrees=degrees))
    turned = np.cos(np.radians(degrees))  # along the picture's own axis a turned ruling is farther from the next
    assert grid.x_px_mm * turned == pytest.approx(px_mm, rel=5e-4)
    assert grid.y_px_mm * turned == pytest.approx(px_mm, rel=5e-4)
    assert grid.degrees == pytest.approx(degrees, abs=0.03)
    assert grid.both


@pytest.mark.parametrize("step", [1.0, 5.0])
def test_rulings_of_one_kind_are_told_by_the_size_of_the_page(step: float) -> None:
    grid = find_grid(PATH, ruled(7.874, steps=(step,)))
    assert grid.x_px_mm == pytest.approx(7.874, rel=5e-4)
    assert not grid.both
    assert grid.fine == (step == 1)


def test_only_what_is_ruled_is_the_area() -> None:
    page = np.zeros((1800, 2600), np.float32)
    page[300:1500, 200:2400] = ruled(7.874)[:1200, :2200]
    top, bottom, left, right = find_grid(PATH, page).area
    assert (top, bottom) == (pytest.approx(300, abs=60), pytest.approx(1500, abs=60))
    assert (left, right) == (pytest.approx(200, abs=80), pytest.approx(2400, abs=80))


def test_noise_does_not_hide_rulings() -> None:
    page = ruled(5.9055) + np.random.default_rng(0).normal(0, 20, ruled(5.9055).shape).astype(np.float32)
    assert find_grid(PATH, page).x_px_mm == pytest.approx(5.9055, rel=1e-3)


def test_an_empty_page_noise_and_lines_one_way_are_no_paper() -> None:
    random = np.random.default_rng(1).normal(0, 30, (900, 1300)).astype(np.float32)
    lines = np.zeros((900, 1300), np.float32)
    lines[::8] = 60
    for page in (np.zeros((900, 1300), np.float32), random, lines):
        with pytest.raises(FormatError, match="rul"):
            find_grid(PATH, page)


def test_bent_paper_is_no_scan() -> None:
    y, x = np.mgrid[:1500, :2200].astype(np.float64)
    at = x + 25 * np.sin(y / 200), y + 25 * np.sin(x / 300)
    page = np.maximum.reduce([(np.abs((one / 7.874) % 1 - 0.5) < 0.1) * 50.0 for one in at]).astype(np.float32)
    with pytest.raises(FormatError, match="straight"):
        find_grid(PATH, page)


def test_a_picture_scaled_one_way_is_refused() -> None:
    with pytest.raises(FormatError, match="scaled alike both ways"):
        find_grid(PATH, ruled(7.874)[::2])


def test_too_few_pixels_are_refused() -> None:
    with pytest.raises(FormatError, match=r"2\.6 pixels a mm"):
        find_grid(PATH, ruled(2.6, steps=(5.0,)))
