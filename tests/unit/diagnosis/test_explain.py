"""What moved an answer is found where it lies, on networks whose reasons are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.diagnosis.explain import STEP_S, explain, explain_measures
from einthoven.diagnosis.independent import INDEPENDENT
from einthoven.findings import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE_HZ = 100


@pytest.fixture
def noise() -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(0, 0.05, (8, 1000)).astype(np.float32)


@pytest.mark.parametrize("lead", INDEPENDENT)
@pytest.mark.parametrize("at_s", [0.1, 4.7, 9.8])
def test_a_network_that_looks_at_one_wave_is_found_out(noise: NDArray[np.float32], lead: str, at_s: float) -> None:
    row, first = INDEPENDENT.index(lead), round(at_s * RATE_HZ)
    noise[row, first : first + 10] += 2
    found = explain(noise, RATE_HZ, lambda x: 3 * x[:, row, first : first + 10].mean(axis=1) - 2)
    (most,) = found.most
    assert most.leads == (lead,)
    assert most.start_s <= at_s < most.stop_s
    assert most.stop_s - most.start_s == STEP_S
    assert np.argwhere(found.change).tolist() == [[row, int(at_s / STEP_S)]]


def test_what_speaks_for_the_other_answer_is_not_what_moved_this_one(noise: NDArray[np.float32]) -> None:
    noise[2, 120:130] += 1  # V1 speaks for "abnormal", V5 more against it
    noise[6, 720:730] += 2
    found = explain(noise, RATE_HZ, lambda x: x[:, 2, 120:130].mean(axis=1) - x[:, 6, 720:730].mean(axis=1))
    assert found.log_odds < 0
    assert found.most == (Interval(7.0, 7.5, ("V5",)),)
    assert found.change[2, 2] > 0 > found.change[6, 14]


def test_leads_that_moved_it_alike_are_named_in_their_order(noise: NDArray[np.float32]) -> None:
    noise[[4, 2, 3], 300:320] += 1
    (most,) = explain(noise, RATE_HZ, lambda x: x[:, :, 300:320].mean(axis=2).sum(axis=1)).most
    assert most == Interval(3.0, 3.5, ("V1", "V2", "V3"))


@pytest.mark.parametrize("answer", [0.0, -4.0])
def test_a_network_that_always_says_the_same_was_moved_by_nothing(noise: NDArray[np.float32], answer: float) -> None:
    found = explain(noise, RATE_HZ, lambda x: np.full(len(x), answer))
    assert found.most == ()
    assert not found.change.any()


@pytest.mark.parametrize("n_samples", [1, 49, 100, 1024])
def test_signals_of_any_length_are_covered(n_samples: int) -> None:
    found = explain(np.ones((8, n_samples), np.float32), RATE_HZ, lambda x: x.sum(axis=(1, 2)))
    assert found.change.shape == (8, -(-n_samples // 50))


def test_times_are_those_of_the_record(noise: NDArray[np.float32]) -> None:
    noise[0, 100:120] += 3
    (most,) = explain(noise, RATE_HZ, lambda x: x[:, 0, 100:120].mean(axis=1), start_s=3600.0).most
    assert (most.start_s, most.stop_s) == (3601.0, 3601.5)


def test_the_signal_itself_is_left_as_it_was(noise: NDArray[np.float32]) -> None:
    before = noise.copy()
    explain(noise, RATE_HZ, lambda x: x.sum(axis=(1, 2)))
    np.testing.assert_array_equal(noise, before)


def test_measures_are_left_out_group_by_group() -> None:
    names = ("rate_bpm", "qrs_ms", "r_peak_v1_ms", "t_ii_mv", "t_v5_mv")
    values = np.array([72, 148, 70, 0.3, -0.1], np.float32)

    def answer(measures: NDArray[np.float32]) -> NDArray[np.float32]:
        usual = np.where(np.isnan(measures), np.float32([70, 90, 30, 0.2, 0.2]), measures)
        return (usual[:, 1] - 100) / 20 + (usual[:, 2] - 40) / 20 + usual[:, 4]

    first, second, third = explain_measures(values, names, answer)
    assert (first.group, first.detail) == ("QRS", "148 ms")
    assert first.change == pytest.approx(58 / 20 + 40 / 20)
    assert (second.group, second.detail) == ("T waves", "−0.10 mV in V5 to 0.30 mV in II")
    assert second.change == pytest.approx(-0.3)
    assert (third.group, third.change) == ("rate and rhythm", 0)


def test_what_could_not_be_measured_moved_nothing() -> None:
    values = np.full(2, np.nan, np.float32)
    assert explain_measures(values, ("qrs_ms", "rate_bpm"), lambda x: np.zeros(len(x))) == ()
