"""Runs of ink lie where the pen went, to a part of a pixel."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.digitize.follow import centre_line, follow, pen_width
from einthoven.digitize.runs import find_runs


def inked(heights: np.ndarray, pen: float, n_rows: int = 120, fine: int = 8) -> np.ndarray:
    """Return a page on which a round pen has drawn a line through `heights`, one a column."""
    n = len(heights)
    x, y = (np.arange(n * fine) + 0.5) / fine, (np.arange(n_rows * fine) + 0.5) / fine
    at = np.arange(0, n - 1, 0.02)
    centre = np.stack((at + 0.5, np.interp(at, np.arange(n), heights)), axis=1)
    page = np.zeros((n_rows * fine, n * fine), bool)
    for cx, cy in centre:
        i, j = (int((c - pen) * fine) for c in (cy, cx))
        k = int(2 * pen * fine) + 2
        rows, columns = slice(max(0, i), i + k), slice(max(0, j), j + k)
        page[rows, columns] |= (y[rows, None] - cy) ** 2 + (x[None, columns] - cx) ** 2 <= (pen / 2) ** 2
    return page.reshape(n_rows, fine, n, fine).mean(axis=(1, 3)).astype(np.float32)


def line_of(heights: np.ndarray, pen: float) -> np.ndarray:
    runs = find_runs(inked(heights, pen))
    followed = follow(runs, float(np.median(heights)))
    line = np.full(len(heights), np.nan)
    line[followed.column] = centre_line(followed, pen)
    return line


@pytest.mark.parametrize("pen", [1.6, 2.2, 3.3])
def test_a_level_line_is_found_to_a_tenth_of_a_pixel(pen: float) -> None:
    for level in (50.0, 50.25, 50.5, 50.9):
        runs = find_runs(inked(np.full(30, level), pen))
        np.testing.assert_allclose(runs.middle[3:-3], level, atol=0.1)
        assert pen_width(runs) == pytest.approx(pen, abs=0.25)


@pytest.mark.parametrize("pen", [1.6, 2.2, 3.3])
def test_a_narrow_wave_keeps_its_height(pen: float) -> None:
    at = np.arange(60)
    for sign in (-1, 1):
        heights = 60 + sign * 40 * np.exp(-(((at - 30) / 3.0) ** 2))
        line = line_of(heights, pen)
        assert abs(line[30] - 60) == pytest.approx(40, abs=1.5)
        assert np.corrcoef(line[4:-4], heights[4:-4])[0, 1] > 0.995


def test_parts_hang_together_and_have_their_extents() -> None:
    page = np.zeros((40, 60), np.float32)
    page[10, 5:55] = 1
    page[30:34, 20:24] = 1
    runs = find_runs(page)
    width, height = runs.extents()
    assert runs.n_parts == 2
    assert sorted(width[1:].tolist()) == [4, 50]
    assert height[1:].max() == pytest.approx(4, abs=0.6)


def test_an_empty_page_has_no_runs() -> None:
    runs = find_runs(np.zeros((20, 20), np.float32))
    assert runs.column.size == 0
    assert pen_width(runs) == 1.0


def test_ink_at_the_edge_of_the_page_is_ink() -> None:
    runs = find_runs(np.ones((5, 3), np.float32))
    assert (runs.top.tolist(), runs.bottom.tolist()) == ([0, 0, 0], [5, 5, 5])


def test_two_lines_are_followed_each_on_its_own() -> None:
    at = np.arange(80)
    upper, lower = 30 + 5 * np.sin(at / 6), 80 - 30 * np.exp(-(((at - 40) / 5.0) ** 2))
    runs = find_runs(np.maximum(inked(upper, 2.2), inked(lower, 2.2)))
    for heights in (upper, lower):
        followed = follow(runs, float(np.median(heights)))
        np.testing.assert_allclose(centre_line(followed, 2.2)[3:-3], heights[3:-3], atol=1.5)
