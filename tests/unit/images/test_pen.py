"""A round pen covers what a round pen covers."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.images.pen import ink, stretches

SIDE = 48
LINES = {
    "level": [[3, 20.3], [45, 20.3]],
    "slanted": [[5, 5], [43, 40]],
    "steep": [[20.2, 5], [24.1, 43]],
    "upright": [[20.2, 5], [20.2, 43]],
    "spike": [[3, 30], [21, 30], [23, 6], [26, 44], [28, 30], [45, 30]],
    "dot": [[20.1, 20.6]],
    "begins outside": [[-20, 10], [60, 30]],
    "beyond the top": [[5, 20], [20, -30], [35, 20]],
}


def painted(points: list[list[float]], pen_px: float, finer: int = 16) -> np.ndarray:
    """Cover pixels by asking of many places in each how far they are from the line."""
    line = np.array(points, float)
    ends = line[1:] if len(line) > 1 else line
    middle = (np.arange(SIDE * finer) + 0.5) / finer
    x, y = np.meshgrid(middle, middle)
    far = np.full(x.shape, np.inf)
    for start, end in zip(line[: len(ends)], ends, strict=True):
        way = end - start
        at = np.clip(((x - start[0]) * way[0] + (y - start[1]) * way[1]) / max(way @ way, 1e-12), 0, 1)
        far = np.minimum(far, np.hypot(x - start[0] - at * way[0], y - start[1] - at * way[1]))
    return (far <= pen_px / 2).reshape(SIDE, finer, SIDE, finer).mean(axis=(1, 3))


@pytest.mark.parametrize("pen_px", [1.1, 2.2, 5.0])
@pytest.mark.parametrize("name", LINES)
def test_ink_is_what_painting_place_by_place_gives(name: str, pen_px: float) -> None:
    truth = painted(LINES[name], pen_px)
    exact = ink([np.array(LINES[name], float)], SIDE, SIDE, pen_px, 32)
    assert np.abs(exact - truth).max() < 0.1
    assert exact.sum() == pytest.approx(truth.sum(), rel=0.05)


@pytest.mark.parametrize("name", LINES)
def test_three_columns_a_pixel_are_near_to_it(name: str) -> None:
    truth = painted(LINES[name], 1.6)
    quick = ink([np.array(LINES[name], float)], SIDE, SIDE, 1.6)
    assert np.abs(quick - truth).max() < 0.45
    assert quick.sum() == pytest.approx(truth.sum(), rel=0.2)


def test_lines_do_not_meet_across_a_gap() -> None:
    covered = ink([np.array([[2.0, 10], [20, 10]]), np.array([[28.0, 10], [46, 10]])], SIDE, SIDE, 2)
    assert covered[:, 22:27].max() == 0
    assert covered[9:11, 4:19].min() == covered[9:11, 30:44].min() == 1


def test_crossing_lines_cover_a_pixel_once() -> None:
    level = np.array([[2.0, 10], [40, 10]])
    np.testing.assert_array_equal(ink([level, level], SIDE, SIDE, 3), ink([level], SIDE, SIDE, 3))


@pytest.mark.parametrize("place", [(-50, 10), (200, 10), (10, -50), (10, 200)])
def test_a_line_beside_the_picture_leaves_no_ink(place: tuple[float, float]) -> None:
    line = np.array([place, (place[0] + 20, place[1])], float)
    assert ink([line], SIDE, SIDE, 4).max() == 0


def test_nothing_to_draw_is_an_empty_sheet() -> None:
    assert ink([], SIDE, SIDE, 2).max() == 0


def test_a_shift_by_a_pixel_shifts_the_ink_by_a_pixel() -> None:
    line = np.array(LINES["spike"], float)
    np.testing.assert_allclose(
        ink([line + np.array((1, 2))], SIDE, SIDE, 1.6)[2:, 1:], ink([line], SIDE, SIDE, 1.6)[:-2, :-1], atol=1e-4
    )


def test_a_million_points_on_few_columns_keep_their_extremes() -> None:
    y = np.full(1_000_000, 24.0)
    y[123_456], y[777_777] = 4.0, 44.0
    top, bottom = stretches(np.stack((np.linspace(0, SIDE, len(y)), y), axis=1), SIDE, 2)
    assert (top.min(), bottom.max()) == pytest.approx((3, 45), abs=0.1)
