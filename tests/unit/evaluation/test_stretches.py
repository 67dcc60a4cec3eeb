"""Episodes and durations are scored as EC57 scores them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from einthoven.evaluation.stretches import add_up, count_stretches


def beats(text: str) -> np.ndarray:
    return np.array([sign == "x" for sign in text])


def figures(true: str, found: str) -> dict[str, float]:
    return count_stretches(beats(true), beats(found), np.ones(len(true))).figures()


def test_worked_by_hand() -> None:
    told = figures("..xxxx....xx..xx", "...xxxxx......xx")
    assert told["duration_sensitivity"] == pytest.approx(5 / 8)
    assert told["duration_positive_predictivity"] == pytest.approx(5 / 7)
    assert told["duration_f1"] == pytest.approx(2 * 5 / (8 + 7))
    assert told["episode_sensitivity"] == pytest.approx(2 / 3)
    assert told["episode_positive_predictivity"] == 1


def test_an_episode_is_found_however_little_of_it() -> None:
    told = figures("xxxxxxxxx.", "x.........")
    assert (told["episode_sensitivity"], told["episode_f1"]) == (1, 1)
    assert told["duration_sensitivity"] == pytest.approx(1 / 9)


def test_two_found_in_one_are_both_right_and_it_counts_once() -> None:
    counts = count_stretches(beats("xxxxx"), beats("x...x"), np.ones(5))
    assert (counts.true_episodes, counts.touched, counts.found_episodes, counts.right) == (1, 1, 2, 2)


def test_long_intervals_weigh_more() -> None:
    counts = count_stretches(beats("xx."), beats("x.x"), np.array([3.0, 1.0, 2.0]))
    assert (counts.true_s, counts.found_s, counts.common_s) == (4, 5, 3)


def test_where_nothing_is_to_count_there_is_no_figure() -> None:
    assert all(math.isnan(value) for value in figures("....", "....").values())
    told = figures("....", "..x.")
    assert told["duration_positive_predictivity"] == 0
    assert math.isnan(told["duration_sensitivity"])
    assert figures("xx..", "..xx")["duration_f1"] == 0


def test_records_add_up_as_often_as_they_are_drawn() -> None:
    one = count_stretches(beats("xx.."), beats("xx.."), np.ones(4))
    two = count_stretches(beats("...x"), beats("...."), np.ones(4))
    both = add_up([one, two], np.array([1.0, 1.0])).figures()
    assert both["duration_sensitivity"] == pytest.approx(2 / 3)
    assert add_up([one, two], np.array([2.0, 0.0])).figures() == one.figures()
