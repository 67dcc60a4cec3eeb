from __future__ import annotations

import numpy as np
import pytest

from einthoven.errors import OptionError
from einthoven.evaluation.conformal import class_thresholds

CLASSES = 3


def patients(rng: np.random.Generator, number: int, beats: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities, truth and patient of beats; with several each, a patient's are hard or easy together."""
    n = number * beats
    truth = rng.choice(CLASSES, n, p=(0.7, 0.2, 0.1))
    patient = np.repeat(np.arange(number), beats)
    logit = rng.normal(size=(n, CLASSES))
    logit[np.arange(n), truth] += 2 + rng.normal(size=number)[patient]
    probability = np.exp(logit) / np.exp(logit).sum(axis=1, keepdims=True)
    return probability.astype(np.float32), truth[:, None] == np.arange(CLASSES), patient.astype(str)


@pytest.mark.parametrize("miss_rate", [0.02, 0.1, 0.3])
def test_exchangeable_beats_of_each_class_are_missed_as_seldom_as_promised(miss_rate: float) -> None:
    rng = np.random.default_rng(0)
    missed = np.zeros((300, CLASSES))
    for trial in missed:
        thresholds = class_thresholds(*patients(rng, 500), miss_rate)
        probability, truth, _ = patients(rng, 500)
        trial[:] = [np.mean(probability[of, c] < thresholds[c]) for c, of in enumerate(truth.T)]
    error = 3 * missed.std(axis=0) / np.sqrt(len(missed))
    assert (missed.mean(axis=0) <= miss_rate + error).all()
    assert (missed.mean(axis=0) >= miss_rate - 0.03 - error).all(), "no more cautious than few beats ask for"


def test_other_patients_are_missed_as_seldom_when_each_counts_alike() -> None:
    rng = np.random.default_rng(1)
    missed = []
    for _ in range(200):
        thresholds = class_thresholds(*patients(rng, 60, beats=20), 0.2, most_of_one=1.0)
        probability, truth, _ = patients(rng, 60, beats=20)
        missed.append([np.mean(probability[of, c] < thresholds[c]) for c, of in enumerate(truth.T)])
    assert (np.mean(missed, axis=0) <= 0.2 + 3 * np.std(missed, axis=0) / np.sqrt(200)).all()


def test_one_long_record_does_not_decide() -> None:
    probability = np.r_[np.full(100_000, 0.01), np.linspace(0.5, 1, 500)].astype(np.float32)[:, None]
    patient = np.r_[np.full(100_000, 0), np.arange(1, 501)].astype(str)
    everyone = np.ones((len(patient), 1), bool)
    assert class_thresholds(probability, everyone, patient, 0.3)[0] > 0.5
    assert class_thresholds(probability, everyone, patient, 0.3, most_of_one=np.inf)[0] == np.float32(0.01)


def test_a_class_of_few_beats_is_never_excluded() -> None:
    probability = np.full((40, 2), 0.5, np.float32)
    target = np.zeros((40, 2), bool)
    target[:, 0] = True
    assert class_thresholds(probability, target, np.arange(40).astype(str), 0.02).tolist() == [0, 0]


def test_beats_of_no_class_play_no_part() -> None:
    probability, target, patient = patients(np.random.default_rng(2), 200)
    none = np.zeros_like(target)
    joined = class_thresholds(
        np.concatenate([probability, 1 - probability]), np.concatenate([target, none]), np.r_[patient, patient], 0.1
    )
    np.testing.assert_array_equal(joined, class_thresholds(probability, target, patient, 0.1))


def test_what_cannot_be_right_is_refused() -> None:
    probability, target, patient = patients(np.random.default_rng(3), 5)
    with pytest.raises(OptionError, match=r"miss rate is 1\.5; it must be from 0 to 1"):
        class_thresholds(probability, target, patient, 1.5)
    with pytest.raises(OptionError, match=r"must be \(item, class\)"):
        class_thresholds(probability, target[:3], patient, 0.1)
    probability[2, 1] = np.nan
    with pytest.raises(OptionError, match="1 of 15 probabilities are NaN"):
        class_thresholds(probability, target, patient, 0.1)
