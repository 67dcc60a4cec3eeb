"""Lines of many pictures at once are drawn as each by itself."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.images.pen import ink, ink_alike


@pytest.mark.parametrize(
    ("left", "right", "points"), [(0, 40, 91), (0, 40, 12), (-9, 55, 300), (3, 20, 40), (50, 60, 9)]
)
@pytest.mark.parametrize("pen_px", [0.4, 1.5, 7])
def test_many_lines_are_drawn_as_each_by_itself(left: float, right: float, points: int, pen_px: float) -> None:
    rng = np.random.default_rng(0)
    x, y = np.linspace(left, right, points), (15 + rng.normal(size=(6, points)).cumsum(axis=1)).astype(np.float32)
    alone = [ink([np.stack((x, line.astype(np.float64)), axis=1)], 30, 40, pen_px) for line in y]
    np.testing.assert_allclose(ink_alike(x, y, 30, 40, pen_px), np.stack(alone), atol=2e-5)


def test_a_spike_between_two_columns_edges_is_not_lost() -> None:
    x, y = np.linspace(0, 10, 1001), np.full((1, 1001), 8, np.float32)
    y[0, 455] = 1
    assert ink_alike(x, y, 10, 10, 1)[0, 1].max() > 0.3


def test_no_pictures_are_none() -> None:
    assert ink_alike(np.arange(4.0), np.zeros((0, 4), np.float32), 5, 6, 1).shape == (0, 5, 6)


def test_what_is_far_outside_leaves_the_paper_blank() -> None:
    assert not ink_alike(np.arange(9.0), np.full((2, 9), 1e6, np.float32), 8, 8, 2).any()
