from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from einthoven.diagnosis.independent import independent_leads
from einthoven.record import Record
from einthoven.signal.simulate import simulate

WHOLE = simulate().record
RIGHT = WHOLE.pick(["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]).signal


def changed(**leads: np.ndarray) -> Record:
    signal = WHOLE.signal.copy()
    for name, row in leads.items():
        signal[WHOLE.row(name)] = row
    return replace(WHOLE, signal=signal)


def test_a_right_record_gives_its_own_leads() -> None:
    np.testing.assert_array_equal(independent_leads(WHOLE), RIGHT)


def test_wrong_augmented_leads_as_the_china_competition_has_them_change_nothing() -> None:
    record = changed(aVR=(WHOLE["I"] + WHOLE["II"]) / 2, aVL=WHOLE["II"] / 2)
    np.testing.assert_array_equal(independent_leads(record), RIGHT)


@pytest.mark.parametrize(
    "wrong",
    [{"I": -WHOLE["I"]}, {"I": WHOLE["II"], "II": WHOLE["I"]}, {"I": WHOLE["I"] * 3, "II": WHOLE["II"] * 3}],
    ids=["I inverted", "I and II swapped", "I and II scaled"],
)
def test_four_leads_that_agree_outvote_i_and_ii(wrong: dict[str, np.ndarray]) -> None:
    np.testing.assert_allclose(independent_leads(changed(**wrong)), RIGHT, atol=1e-4)


@pytest.mark.parametrize("kept", [("III", "aVF"), ("II", "aVR"), ("aVR", "aVL", "aVF"), ("I", "III"), ("I", "II")])
def test_any_two_limb_leads_give_the_others(kept: tuple[str, ...]) -> None:
    np.testing.assert_allclose(independent_leads(WHOLE.pick(kept))[:2], RIGHT[:2], atol=1e-4)


def test_one_limb_lead_gives_itself_alone_and_missing_leads_are_zero() -> None:
    made = independent_leads(WHOLE.pick(["V6", "II"]))
    np.testing.assert_array_equal(made[[1, 7]], RIGHT[[1, 7]])
    assert not made[[0, 2, 3, 4, 5, 6]].any()


def test_a_lead_without_samples_is_computed_and_gaps_are_bridged() -> None:
    gap = WHOLE["V3"].copy()
    gap[1000:1100] = np.nan
    made = independent_leads(changed(I=np.full(WHOLE.n_samples, np.nan), V3=gap))
    assert np.isfinite(made).all()
    np.testing.assert_allclose(made[0], RIGHT[0], atol=1e-4)
    np.testing.assert_array_equal(made[4, :1000], RIGHT[4, :1000])


def test_limb_leads_that_all_contradict_each_other_are_taken_as_they_are() -> None:
    noise = np.random.default_rng(0).normal(size=(12, 1000)).astype(np.float32)
    record = Record(noise, 500, WHOLE.leads)
    np.testing.assert_array_equal(independent_leads(record), record.pick(["I", "II", *WHOLE.leads[6:]]).signal)


def test_one_sample_is_enough_and_other_leads_are_none_of_the_eight() -> None:
    assert independent_leads(WHOLE.crop(0, 0.002)).shape == (8, 1)
    assert not independent_leads(Record(np.ones((2, 50)), 500, ("MLII", "V"))).any()
