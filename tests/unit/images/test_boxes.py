"""Boxes: overlap, default boxes, offsets and back, and which of many stay."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.images.boxes import Found, area, decode, default_boxes, encode, found_in, overlap, something, suppress


def boxes(rng: np.random.Generator, number: int, side: float = 100) -> np.ndarray:
    corner, size = rng.uniform(0, side, (number, 2)), rng.uniform(1, side / 2, (number, 2))
    return np.concatenate((corner, corner + size), axis=1).astype(np.float32)


def test_overlap_counts_pixels():
    rng = np.random.default_rng(0)
    some, others = np.rint(boxes(rng, 12, 40)), np.rint(boxes(rng, 9, 40))
    grid = np.arange(80) + 0.5

    def pixels(box: np.ndarray) -> np.ndarray:
        x, y = (grid > box[0]) & (grid < box[2]), (grid > box[1]) & (grid < box[3])
        return y[:, None] & x

    for row, one in enumerate(some):
        for column, other in enumerate(others):
            both, any_ = (pixels(one) & pixels(other)).sum(), (pixels(one) | pixels(other)).sum()
            assert overlap(some, others)[row, column] == pytest.approx(both / any_, abs=1e-5)
    assert area(some).tolist() == [pixels(one).sum() for one in some]


def test_boxes_without_area_overlap_nothing():
    point = np.zeros((1, 4), np.float32)
    assert overlap(point, point).tolist() == [[0]]
    assert overlap(np.zeros((0, 4), np.float32), point).shape == (0, 1)


def test_offsets_say_the_box_whatever_the_default_box():
    rng = np.random.default_rng(1)
    some, defaults = boxes(rng, 50), boxes(rng, 50)
    np.testing.assert_allclose(decode(encode(some, defaults), defaults), some, atol=1e-3)
    huge = decode(np.full((1, 4), 1e6, np.float32), defaults[:1])
    assert np.isfinite(huge).all()


def test_default_boxes_stand_in_the_middle_of_their_cells():
    made = default_boxes((64, 128), [(2, 4), (1, 1)], [[(8, 4), (10, 10)], [(50, 50)]])
    assert made.shape == (2 * 4 * 2 + 1, 4)
    centre = (made[:, :2] + made[:, 2:]) / 2
    assert centre[0].tolist() == centre[1].tolist() == [16, 16]
    assert centre[2].tolist() == [48, 16]
    assert centre[-1].tolist() == [64, 32]


def test_suppression_keeps_what_torchvision_documents_it_to_keep():
    """Greedy, by an oracle that walks through all pairs."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        some, score = boxes(rng, 40, 60), rng.random(40).astype(np.float32)
        kept: list[int] = []
        for one in np.argsort(-score):
            if all(overlap(some[[one]], some[[other]])[0, 0] < 0.4 for other in kept):
                kept.append(int(one))
        assert suppress(some, score, 0.4).tolist() == kept
    assert suppress(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), 0.5).tolist() == []


def test_what_is_found_lies_in_the_picture_and_is_sure_first():
    rng = np.random.default_rng(3)
    defaults = boxes(rng, 200)
    probability = (rng.random((200, 3)) ** 4 / 3).astype(np.float32)
    found = found_in(probability, np.zeros((200, 4), np.float32), defaults, (80, 90), least=0.2, most=7)
    assert 0 < len(found) <= 7
    assert found.score.tolist() == sorted(found.score.tolist(), reverse=True)
    assert found.score.min() >= 0.2
    assert found.boxes_xyxy.min() >= 0
    assert (found.boxes_xyxy[:, 2:] <= (90, 80)).all()
    apart = overlap(found.boxes_xyxy, found.boxes_xyxy) - np.eye(len(found))
    assert apart.max() < 0.45


def test_one_place_has_one_thing_whose_class_is_the_likeliest():
    defaults = np.array([[0, 0, 10, 10], [0, 0, 10, 11], [30, 0, 40, 10]], np.float32)
    probability = np.array([[0.2, 0.5], [0.6, 0.3], [0.1, 0.6]], np.float32)
    found = found_in(probability, np.zeros((3, 4), np.float32), defaults, (50, 50), least=0.1)
    assert found.class_id.tolist() == [0, 1]
    np.testing.assert_allclose(found.score, [0.9, 0.7], rtol=1e-6)
    assert len(found.pick(found.class_id == 1)) == 1


def test_the_probability_of_anything_is_never_above_one():
    assert something(np.array([[0.9, 0.8]], np.float32)).tolist() == [1.0]
    assert len(Found(np.zeros((0, 4), np.float32), np.zeros((0, 2), np.float32)).class_id) == 0
