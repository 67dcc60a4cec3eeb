from __future__ import annotations

import numpy as np
import pytest

from einthoven.datasets.mitdb import DS1, DS2, PACED, RECORDS, patient_of
from einthoven.datasets.splits import Split, abnormal_share, by_patient, folds, split, stratified
from einthoven.errors import DataError, OptionError

SHARE = dict(zip(RECORDS, np.linspace(0, 1, 48), strict=True))


def test_no_record_is_on_both_sides_and_none_is_lost() -> None:
    for seed in range(5):
        sides = split("patients-75-25", SHARE, seed)
        assert sorted(sides.train + sides.test) == sorted(RECORDS)
        assert len(sides.test) == 12


def test_both_sides_have_their_part_of_the_abnormal_records() -> None:
    sides = split("patients-75-25", SHARE, 42)
    for low, high in ((0, 0.2), (0.2, 0.6), (0.6, 1.01)):
        inside = [name for name, share in SHARE.items() if low < share <= high or share == low == 0]
        assert abs(len(set(inside) & set(sides.test)) - len(inside) / 4) < 1


def test_another_seed_is_another_split() -> None:
    assert split("patients-75-25", SHARE, 1) == split("patients-75-25", SHARE, 1) != split("patients-75-25", SHARE, 2)


def test_too_few_records_are_refused() -> None:
    with pytest.raises(DataError, match="2 records cannot be split"):
        split("patients-75-25", {"100": 0.0, "101": 1.0}, 42)


def test_de_chazals_halves_leave_out_the_paced_records_only() -> None:
    sides = split("ds1-ds2", SHARE, 0)
    assert (sides.train, sides.test) == (DS1, DS2)
    assert set(DS1) | set(DS2) | PACED == set(RECORDS)
    assert not set(DS1) & set(DS2)


def test_one_patient_lies_in_both_of_de_chazals_halves() -> None:
    """201 and 202 are one man: known of this split, and why protocols ask for figures without 202."""
    assert {patient_of(name) for name in DS1} & {patient_of(name) for name in DS2} == {"201"}


def test_shares_keep_the_order_of_the_database() -> None:
    group = np.array(["9", "9", "1", "1", "1"])
    shares = abnormal_share(group, np.array([True, False, False, False, True]))
    assert list(shares.items()) == [("9", 0.5), ("1", pytest.approx(1 / 3))]


def test_an_unknown_rule_lists_the_known_ones() -> None:
    with pytest.raises(OptionError, match="choose from patients-75-25, ds1-ds2, cpic-published-split"):
        split("by-beat", SHARE, 0)


def test_folds_hold_each_record_once_and_keep_patients_together() -> None:
    patients = {"202": "201"}
    dealt = folds(SHARE, patients, 6, seed=1)
    assert sorted(name for fold in dealt for name in fold) == sorted(SHARE)
    assert any({"201", "202"} <= set(fold) for fold in dealt)
    assert {len(fold) for fold in dealt} <= {7, 8, 9}
    means = [np.mean([SHARE[name] for name in fold]) for fold in dealt]
    assert np.ptp(means) < 0.15
    assert folds(SHARE, patients, 6, seed=1) == dealt
    assert folds(SHARE, patients, 6, seed=2) != dealt


@pytest.mark.parametrize("number", [0, 1, 49])
def test_folds_nobody_can_deal_are_refused(number: int) -> None:
    with pytest.raises(OptionError, match=rf"48 patients into {number} folds"):
        folds(SHARE, {}, number, seed=0)


def test_the_rule_for_weights_to_start_from_tests_on_nobody() -> None:
    assert split("none", SHARE, 3) == Split(tuple(SHARE), ())


COMPETITION = {f"TRAIN{101 + n}": float(n < 300) for n in range(600)}  # as reference.txt has them: abnormal ones first


def test_folds_of_the_competition_are_those_of_scikit_learn() -> None:
    from sklearn.model_selection import StratifiedKFold

    names, ill = np.array(list(COMPETITION)), np.array(list(COMPETITION.values())) > 0
    for repeat in range(5):
        theirs = StratifiedKFold(5, shuffle=True, random_state=repeat).split(names, ill)
        ours = stratified(COMPETITION, {}, 5, repeat)
        assert [list(fold) for fold in ours] == [names[test].tolist() for _, test in theirs]
        assert sorted(name for fold in ours for name in fold) == sorted(COMPETITION)
        assert all(sum(COMPETITION[name] for name in fold) == 60 for fold in ours)


def test_folds_need_records_of_both_kinds() -> None:
    with pytest.raises(DataError, match="1 abnormal of 9 records into 5 folds"):
        stratified({str(n): float(n == 0) for n in range(9)}, {}, 5, 0)


def test_the_published_split_tests_on_a_hundred_of_six_hundred() -> None:
    one, other = (split("cpic-published-split", COMPETITION, seed) for seed in (0, 1))
    assert (len(one.train), len(one.test)) == (500, 100)
    assert not set(one.train) & set(one.test)
    assert 30 < sum(COMPETITION[name] for name in one.test) < 70, "the records must be shuffled"
    assert set(one.test) != set(other.test)


def test_all_records_of_a_patient_lie_in_one_fold_and_folds_have_as_many_patients() -> None:
    names = [f"r{n}" for n in range(101)]
    patient = {name: f"p{n // 3}" for n, name in enumerate(names)}
    for seed in (0, 1):
        dealt = by_patient(dict.fromkeys(names, 0.0), patient, 5, seed)
        assert sorted(name for fold in dealt for name in fold) == sorted(names)
        patients = [{patient[name] for name in fold} for fold in dealt]
        assert sum(map(len, patients)) == len(set().union(*patients)) == 34
        assert {len(some) for some in patients} == {6, 7}
    assert by_patient(dict.fromkeys(names, 0.0), patient, 5, 0) != dealt


def test_what_records_have_moves_no_patient_to_another_fold() -> None:
    names = [f"r{n}" for n in range(40)]
    one, other = (by_patient(dict.fromkeys(names, share), {}, 4, 0) for share in (0.0, 1.0))
    assert one == other


def test_two_records_of_one_patient_cannot_be_parted() -> None:
    with pytest.raises(DataError, match="1 patients into 2 folds"):
        by_patient({"a": 0.0, "b": 1.0}, {"a": "1", "b": "1"}, 2, 0)
