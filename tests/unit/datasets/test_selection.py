from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.datasets.beat_index import BeatIndex
from einthoven.datasets.mitdb import DS1, DS2
from einthoven.datasets.selection import SPLITS, TEST, TRAIN, choose, limited, select, sides
from einthoven.errors import DataError, OptionError


def table(patient: list[str], class_id: list[int], n_classes: int | None = None) -> BeatIndex:
    n, names = len(patient), np.array(patient, np.str_)
    classes = tuple(f"c{k}" for k in range(n_classes or max(class_id, default=0) + 1))
    return BeatIndex(names, names, np.full(n, "II"), np.arange(n), np.array(class_id, np.int64), classes)


def many(n: int = 3000, seed: int = 0) -> BeatIndex:
    rng = np.random.default_rng(seed)
    return table([f"p{k}" for k in rng.integers(20, size=n)], rng.integers(4, size=n).tolist())


TABLES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), min_size=1, max_size=60).map(
    lambda rows: table([f"p{one}" for one, _ in rows], [of for _, of in rows], 5)
)


@given(TABLES, st.integers(0, 3), st.sampled_from(["none", "by-image", "by-patient"]), st.integers(1, 9) | st.none())
@settings(max_examples=60, deadline=None)
def test_no_row_is_on_two_sides_and_no_class_has_more_than_asked(
    rows: BeatIndex, seed: int, split: str, per_class: int | None
) -> None:
    if split == "by-patient" and len(set(rows.patient)) < 2:
        with pytest.raises(DataError, match="1 patient; to divide by patient, there must be two or more"):
            select(rows, split=split)
        return
    chosen = select(rows, per_class=per_class, split=split, seed=seed)
    both = np.concatenate((chosen.train, chosen.test))
    assert len(np.unique(both)) == len(both)
    assert np.bincount(rows.class_id[both], minlength=5).max() <= (per_class or len(rows))
    if per_class is None:
        assert len(both) == len(rows)


@given(TABLES, st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_each_patient_is_on_one_side_and_neither_is_empty(rows: BeatIndex, seed: int) -> None:
    if len(set(rows.patient)) > 1:
        side = sides(rows, "by-patient", seed=seed)
        assert not set(rows.patient[side == TRAIN]) & set(rows.patient[side == TEST])
        assert set(side) == {TRAIN, TEST}


def test_every_class_of_two_patients_is_on_both_sides_though_shares_speak_against_it() -> None:
    rare = [("a", 1), ("b", 1), ("c", 2), ("d", 2), ("e", 3)]
    patient = [one for one, _ in rare] + [one for one in "abcdefghij" for _ in range(50)]
    rows = table(patient, [of for _, of in rare] + [0] * 500)
    for seed in range(5):
        side = sides(rows, "by-patient", seed=seed)
        assert [set(side[rows.class_id == of]) for of in range(3)] == [{0, 1}] * 3
        assert abs(np.mean(side) - 0.3) < 0.11
        assert set(side[rows.class_id == 3]) == {TRAIN}  # one patient has it: best learnt from


def test_what_cannot_be_on_both_sides_is_on_one_and_the_rest_is_divided() -> None:
    triangle = table(list("abbcca"), [0, 0, 1, 1, 2, 2])  # three classes of two patients each, pairwise shared
    side = sides(triangle, "by-patient")
    assert sorted(len(set(side[triangle.class_id == of])) for of in range(3)) == [1, 2, 2]


def test_seven_tenths_of_the_published_numbers_are_learnt_from() -> None:
    rows = many()
    for n, n_train in ((20, 14), (100, 70), (700, 490)):
        chosen = select(rows, per_class=n, split="by-image")
        assert np.bincount(rows.class_id[chosen.train]).tolist() == [n_train] * 4
        assert np.bincount(rows.class_id[chosen.test]).tolist() == [n - n_train] * 4


@pytest.mark.parametrize("split", ["none", "by-image", "by-patient"])
def test_a_larger_draw_holds_the_smaller_one_side_by_side(split: str) -> None:
    rows = many()
    small, large = (select(rows, per_class=n, split=split, seed=3) for n in (20, 300))
    assert set(small.train) <= set(large.train)
    assert set(small.test) <= set(large.test)


@pytest.mark.parametrize("split", ["by-image", "by-patient"])
def test_the_seed_says_all(split: str) -> None:
    first, again, other = (select(many(), per_class=50, split=split, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.train, again.train)
    assert np.array_equal(first.test, again.test)
    assert not np.array_equal(first.train, other.train)


def test_ds1_is_learnt_from_ds2_tested_on_and_paced_records_are_neither() -> None:
    chosen = select(table(["101", "100", "102", "xyz"], [0, 0, 0, 0]), split="ds1-ds2")
    assert (chosen.train.tolist(), chosen.test.tolist(), chosen.neither) == ([0], [1], 2)
    assert ("101" in DS1, "100" in DS2) == (True, True)
    with pytest.raises(DataError, match="no record of DS2 is here"):
        select(table(["101"], [0]), split="ds1-ds2")


def test_a_class_of_one_picture_is_learnt_from_and_of_two_is_on_both_sides() -> None:
    side = sides(table(list("abc"), [0, 1, 1]), "by-image", 0.99)
    assert side[0] == TRAIN
    assert sorted(side[1:]) == [TRAIN, TEST]


def test_a_limit_takes_from_both_sides_and_moves_none() -> None:
    chosen = select(many(), split="by-image")
    few = limited(chosen, 100, seed=1)
    assert len(few.train) + len(few.test) == 100
    assert set(few.train) <= set(chosen.train)
    assert set(few.test) <= set(chosen.test)
    assert 15 < len(few.test) < 45
    assert np.array_equal(limited(chosen, 10_000).train, chosen.train)


def test_nothing_to_choose_from_gives_nothing() -> None:
    assert choose(np.zeros(0, np.int64), 5, np.random.default_rng(0)).tolist() == []
    assert choose(np.array([2, 2]), 5, np.random.default_rng(0)).tolist() == [0, 1]


def test_numbers_out_of_range_and_unknown_splits_are_refused() -> None:
    rows = many(10)
    with pytest.raises(OptionError, match="0 pictures a class; it must be 1 or more"):
        select(rows, per_class=0)
    with pytest.raises(OptionError, match="share to learn from is 1; it must be between 0 and 1"):
        select(rows, split="by-image", train_share=1)
    with pytest.raises(OptionError, match=f"split '70/30' is not known: choose from {', '.join(SPLITS)}"):
        select(rows, split="70/30")
    with pytest.raises(OptionError, match="limit is 0 pictures"):
        limited(select(rows), 0)
