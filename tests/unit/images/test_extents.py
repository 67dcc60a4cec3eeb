"""A beat reaches from its P wave to the end of its T wave, and never into the next."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from einthoven.images.extents import BEFORE_S, beat_extents

HEARTS = {
    "slow": np.arange(1.0, 30, 1.6),
    "usual": np.arange(1.0, 30, 0.85),
    "fast": np.arange(1.0, 30, 0.3),
    "fibrillation": 1 + np.cumsum(np.random.default_rng(1).uniform(0.3, 1.2, 60)),
    "two at once": np.array([1.0, 1.001, 2.0]),
}


@pytest.mark.parametrize("name", HEARTS)
def test_every_beat_holds_its_peak(name: str) -> None:
    start, stop = beat_extents(HEARTS[name])
    assert np.all(start < HEARTS[name])
    assert np.all(stop > HEARTS[name])


@pytest.mark.parametrize("name", HEARTS)
def test_a_beat_ends_before_the_next_begins_but_for_what_a_wide_qrs_needs(name: str) -> None:
    start, stop = beat_extents(HEARTS[name])
    for (_, end), (begin, _), peak in zip(
        pairwise_of(start, stop), list(zip(start[1:], stop[1:], strict=True)), HEARTS[name][:-1], strict=True
    ):
        assert end <= begin + 1e-9 or end <= peak + 0.1 + 1e-9


def pairwise_of(start: np.ndarray, stop: np.ndarray) -> list[tuple[float, float]]:
    return [first for first, _ in pairwise(zip(start.tolist(), stop.tolist(), strict=True))]


def test_a_single_beat_lasts_as_at_a_rate_of_sixty() -> None:
    start, stop = beat_extents(np.array([5.0]))
    assert (start[0], stop[0]) == pytest.approx((4.8, 5.36))


def test_no_beats_have_no_extents() -> None:
    assert [len(side) for side in beat_extents(np.zeros(0))] == [0, 0]


def test_t_ends_later_in_slow_hearts_by_the_root_of_the_interval() -> None:
    for interval in (0.6, 1.0, 1.4):
        peak = np.arange(1, 60, interval)
        start, stop = beat_extents(peak)
        assert stop[10] - peak[10] == pytest.approx(0.36 * np.sqrt(interval))
        assert peak[10] - start[10] == pytest.approx(BEFORE_S)


def test_one_premature_beat_moves_only_its_neighbours() -> None:
    steady = np.arange(1.0, 20)
    moved = steady.copy()
    moved[8] -= 0.5
    differ = [~np.isclose(*pair) for pair in zip(beat_extents(steady), beat_extents(moved), strict=True)]
    assert set(np.flatnonzero(differ[0]) - 8) <= {0}
    assert set(np.flatnonzero(differ[1]) - 8) <= {-1, 0}
