"""Ink is told from paper whatever its colour; what is no page is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from einthoven.digitize.picture import ink_of
from einthoven.errors import FormatError

PATH = Path("page.png")


def page(paper: tuple[int, ...], ruling: tuple[int, ...], pen: tuple[int, ...]) -> Image.Image:
    pixels = np.empty((400, 600, 3), np.uint8)
    pixels[:] = paper
    pixels[::10] = ruling
    pixels[:, ::10] = ruling
    pixels[198:203, 50:550] = pen
    return Image.fromarray(pixels)


@pytest.mark.parametrize(
    ("paper", "ruling", "pen"),
    [
        ((255, 250, 247), (238, 179, 168), (21, 23, 28)),
        ((255, 255, 255), (255, 90, 90), (10, 10, 160)),
        ((240, 240, 240), (190, 190, 190), (30, 30, 30)),
        ((235, 220, 180), (230, 160, 120), (40, 30, 20)),
        ((250, 255, 250), (150, 220, 160), (0, 0, 0)),
    ],
)
def test_the_trace_is_dark_and_the_rulings_are_not(
    paper: tuple[int, ...], ruling: tuple[int, ...], pen: tuple[int, ...]
) -> None:
    ink = ink_of(PATH, page(paper, ruling, pen))
    assert ink.dark[200, 60:540].min() > 0.9
    assert np.delete(ink.dark, np.s_[197:204], axis=0).max() < 0.4
    assert ink.ruled[100, 5::10].min() > 15
    assert ink.ruled[105, 5::10].max() < 8


def test_a_shadow_over_the_page_changes_nothing() -> None:
    light = np.asarray(page((250, 250, 250), (240, 190, 190), (20, 20, 20)), np.float64)
    shaded = (light * np.linspace(1, 0.6, 600)[None, :, None]).astype(np.uint8)
    ink = ink_of(PATH, Image.fromarray(shaded))
    assert ink.dark[200, 60:540].min() > 0.55
    assert np.delete(ink.dark, np.s_[197:204], axis=0).max() < 0.3


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "LA", "CMYK"])
def test_pictures_of_all_modes_are_seen_alike(mode: str) -> None:
    ink = ink_of(PATH, page((255, 255, 255), (240, 200, 200), (0, 0, 0)).convert(mode))
    assert ink.dark[200, 60:540].min() > 0.9


def test_sixteen_bits_and_clear_ground_are_seen() -> None:
    grey = np.full((300, 300), 65535, np.uint16)
    grey[150, 20:280] = 0
    assert ink_of(PATH, Image.fromarray(grey)).dark[150, 30:270].min() > 0.9
    clear = np.zeros((300, 300, 4), np.uint8)
    clear[150, 20:280] = (0, 0, 0, 255)
    assert ink_of(PATH, Image.fromarray(clear)).dark[100].max() < 1e-3


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (np.full((300, 300), 255, np.uint8), "shows no trace: 0 pixels are dark"),
        (np.zeros((300, 300), np.uint8), "is dark, 0 of 255"),
        (np.random.default_rng(0).integers(0, 255, (300, 300), np.uint8), "of it is dark"),
    ],
)
def test_what_is_no_page_is_refused(pixels: np.ndarray, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        ink_of(PATH, Image.fromarray(pixels))
