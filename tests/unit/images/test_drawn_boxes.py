"""A box is as high as the ink between its sides."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.images.drawn_boxes import around, drawn_height
from einthoven.images.pen import ink


@pytest.mark.parametrize("seed", range(5))
def test_the_height_is_that_of_the_ink(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = np.arange(2, 98, rng.uniform(0.4, 9))
    line = np.stack((x, 50 + 8 * rng.normal(size=len(x))), axis=1)
    covered = ink([line], 100, 100, 3, 16)
    left = int(rng.integers(5, 60))
    height = drawn_height([line], left, left + 30, 3)
    assert height is not None
    rows = np.flatnonzero(covered[:, left : left + 30].max(axis=1) > 0)
    assert height[0] - 1e-6 <= rows[0] + 1
    assert height[1] + 1e-6 >= rows[-1]
    assert rows[0] - height[0] < 5  # what may lie up to half a pen beside is counted
    assert height[1] - rows[-1] < 6


def test_between_two_points_the_line_counts() -> None:
    steep = np.array([[0.0, 0], [100, 100]])
    assert drawn_height([steep], 40, 60, 0) == pytest.approx((40, 60))


def test_a_gap_has_no_box() -> None:
    lines = [np.array([[0.0, 10], [20, 10]]), np.array([[60.0, 30], [80, 30]])]
    boxes, there = around(lines, np.array([5.0, 30, 65, 70]), np.array([15.0, 50, 75, 70.5]), 2, 100)
    assert there.tolist() == [True, False, True, False]
    assert boxes[0].tolist() == [5, 9, 15, 11]
    assert boxes[2].tolist() == [65, 29, 75, 31]
    assert boxes.dtype == np.float32


def test_no_box_leaves_the_picture() -> None:
    boxes, there = around([np.array([[0.0, -20], [50, 120]])], np.array([0.0]), np.array([50.0]), 2, 100)
    assert there.all()
    assert boxes[0, 1::2].tolist() == [0, 100]
