from __future__ import annotations

import numpy as np
import pytest

from einthoven.errors import OptionError
from einthoven.evaluation.conformal import possible_from


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
