from __future__ import annotations

import numpy as np
import pytest

from einthoven.errors import OptionError
from einthoven.evaluation.conformal import class_set, possible, possible_from


def patients(rng: np.random.Generator, number: int, beats: int) -> tuple[np.ndarray, np.ndarray]:
    """Probability of the right class and patient of beats; hearts are hard or easy, and some records long."""
    size = rng.integers(1, 2 * beats, number)
    patient = np.repeat(np.arange(number), size)
    logit = (2 + 2 * rng.normal(size=number))[patient] + rng.normal(size=size.sum())
    return (1 / (1 + np.exp(-logit))).astype(np.float32), patient.astype(str)


def missed(right: np.ndarray, patient: np.ndarray, threshold: float) -> float:
    """Share of missed beats, each patient counting alike."""
    return float(np.mean([np.mean(right[patient == name] < threshold) for name in np.unique(patient)]))


@pytest.mark.parametrize("miss_rate", [0.05, 0.1, 0.3])
def test_beats_of_other_patients_are_missed_as_seldom_as_promised(miss_rate: float) -> None:
    rng = np.random.default_rng(0)
    shares = [missed(*patients(rng, 60, 20), possible_from(*patients(rng, 60, 20), miss_rate)) for _ in range(200)]
    error = 3 * np.std(shares) / np.sqrt(len(shares))
    assert np.mean(shares) <= miss_rate + error
    assert np.mean(shares) >= miss_rate - 1 / 61 - error, "no more cautious than one new patient asks for"


def test_one_long_record_does_not_decide() -> None:
    right = np.r_[np.full(100_000, 0.01), np.linspace(0.5, 1, 500)].astype(np.float32)
    patient = np.r_[np.full(100_000, 0), np.arange(1, 501)].astype(str)
    assert possible_from(right, patient, 0.3) > 0.5


def test_few_patients_can_promise_nothing() -> None:
    right = np.full(1000, 0.9, np.float32)
    assert possible_from(right, np.repeat(np.arange(10), 100).astype(str), 0.05) == 0
    assert possible_from(right, np.repeat(np.arange(20), 50).astype(str), 0.05) == np.float32(0.9)


def test_what_cannot_be_right_is_refused() -> None:
    right, patient = patients(np.random.default_rng(3), 5, 3)
    with pytest.raises(OptionError, match=r"miss rate is 1\.5; it must be from 0 to 1"):
        possible_from(right, patient, 1.5)
    with pytest.raises(OptionError, match=r"both must be \(item,\)"):
        possible_from(right[1:], patient, 0.1)
    with pytest.raises(OptionError, match="and some"):
        possible_from(right[:0], patient[:0], 0.1)
    right[2] = np.nan
    with pytest.raises(OptionError, match="1 of"):
        possible_from(right, patient, 0.1)


def records(rng: np.random.Generator, number: int, share: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probability, truth and patient of records, some patients with several alike."""
    patient = np.sort(rng.integers(0, number, number))
    target = rng.random(number) < share
    logit = np.where(target, 1.0, -1.0) + rng.normal(size=number)[patient] + rng.normal(size=number)
    return (1 / (1 + np.exp(-logit))).astype(np.float32), target, patient.astype(str)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_both_promises_are_kept_where_the_diagnosis_is_more_frequent_or_rarer(share: float) -> None:
    rng = np.random.default_rng(1)
    lost = []
    for _ in range(100):
        ends = class_set(*records(rng, 400, 0.2), 0.1)
        probability, target, _ = records(rng, 400, share)
        lost.append([np.mean(probability[target] < ends[1]), np.mean(probability[~target] > ends[0])])
    assert np.mean(lost, axis=0) == pytest.approx([0.1, 0.1], abs=0.02)


def test_a_diagnosis_of_few_patients_is_never_excluded() -> None:
    probability = np.linspace(0, 1, 200, dtype=np.float32)
    patient = np.arange(200).astype(str)
    assert class_set(probability, probability > 0.91, patient, 0.05)[1] == 0, "18 with it"
    assert class_set(probability, probability > 0.9, patient, 0.05)[1] > 0.9, "20 with it"
    assert class_set(probability, probability > 2, patient, 0.05)[1] == 0, "none"
    assert class_set(probability, probability > -1, patient, 0.05)[0] == 1, "nobody without it"


def test_the_record_that_set_a_threshold_is_within_it() -> None:
    probability, target, patient = records(np.random.default_rng(2), 99, 0.5)
    absent_to, present_from = class_set(probability, target, patient, 0.2)
    assert absent_to in probability[~target]
    assert present_from in probability[target]
    assert possible(np.array([[absent_to], [present_from]]), [(absent_to, present_from)])[[0, 1], 0, [0, 1]].all()


def test_records_may_have_thresholds_of_their_own() -> None:
    ends = np.array([[[0.2, 0.1]], [[1.0, 0.0]]])
    assert possible(np.full((2, 1), 0.6, np.float32), ends).tolist() == [[[False, True]], [[True, True]]]


def test_what_is_likelier_than_not_stays_possible() -> None:
    probability = np.linspace(0, 1, 101)[:, np.newaxis]
    absent, present = possible(probability, [(0.01, 0.9)])[:, 0].T
    assert absent[probability[:, 0] < 0.5].all()
    assert present[probability[:, 0] > 0.5].all()
    assert (absent | present).all()


def test_sets_of_arrays_that_do_not_fit_are_refused() -> None:
    probability, target, patient = records(np.random.default_rng(3), 9, 0.5)
    with pytest.raises(OptionError, match=r"must be \(record,\)"):
        class_set(probability, target[1:], patient, 0.1)
    with pytest.raises(OptionError, match="9 of 9 probabilities are NaN"):
        class_set(probability * np.nan, target, patient, 0.1)
    with pytest.raises(OptionError, match="miss rate is -1"):
        class_set(probability, target, patient, -1)
