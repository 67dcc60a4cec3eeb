"""The lead laws: what breaks them is named, what does not is left alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from einthoven.codes import LIMB_LEADS, STANDARD_12
from einthoven.errors import OptionError, SignalError
from einthoven.findings import Decision
from einthoven.record import Record
from einthoven.signal.leads import check_laws, check_leads, derive_leads, repair_leads
from einthoven.signal.simulate import Noise, simulate

HEART = simulate(noise=Noise(0.05, 0.01, 0.01), seed=11).record


def changed(record: Record = HEART, **rows: np.ndarray) -> Record:
    """The record with some leads replaced."""
    signal = record.signal.copy()
    for name, row in rows.items():
        signal[record.leads.index(name)] = row
    return replace(record, signal=signal)


@pytest.mark.parametrize("lead", LIMB_LEADS)
def test_one_inverted_lead_is_named(lead: str) -> None:
    check = check_laws(changed(**{lead: -HEART[lead]}))
    assert check.explanation == f"{lead} inverted"
    assert [breach.lead for breach in check.breaches] == [lead]


@pytest.mark.parametrize(("a", "b"), list(combinations(LIMB_LEADS, 2)))
def test_two_swapped_leads_are_named(a: str, b: str) -> None:
    assert check_laws(changed(**{a: HEART[b], b: HEART[a]})).explanation == f"{a} and {b} swapped"


@pytest.mark.parametrize(
    ("rows", "explanation"),
    [
        ({"aVL": HEART["II"] / 2}, "aVL = II/2"),
        ({"aVR": (HEART["I"] + HEART["II"]) / 2, "aVL": HEART["II"] / 2}, "aVR inverted, aVL = II/2"),
        ({"aVF": HEART["III"]}, "aVF = III"),
        ({"III": HEART["I"] + HEART["II"]}, "III = I + II"),
        ({"aVF": 0.7 * HEART["aVF"]}, "aVF scaled by 0.7"),
        ({"aVL": np.zeros_like(HEART["I"])}, "aVL flat"),
        ({"aVF": HEART["V2"]}, "aVF: no simple explanation"),
        ({"aVF": 0.3 * HEART["I"] + 0.2 * HEART["II"]}, "aVF = 0.3 I + 0.2 II"),
    ],
)
def test_wrong_formulas_are_named(rows: dict[str, np.ndarray], explanation: str) -> None:
    assert check_laws(changed(**rows)).explanation == explanation


def test_the_finding_says_which_lead_breaks_which_law_and_by_how_much() -> None:
    wrong = changed(aVR=-HEART["aVR"])
    (finding,) = check_leads(wrong)
    off_mv = (wrong["aVR"] - HEART["aVR"]).std()
    assert (finding.system, finding.code, finding.decision) == ("einthoven", "lead-law", Decision.PRESENT)
    assert finding.detail.startswith("aVR inverted: aVR misses -(I + II)/2 by 0.")
    stated_mv = float(finding.detail.split(" by ")[1].split()[0])
    assert 0.3 * off_mv < stated_mv < off_mv
    assert finding.where[0].leads == ("aVR",)


def test_law_is_told_from_leads_that_are_right() -> None:
    (breach,) = check_laws(changed(I=-HEART["I"])).breaches
    assert breach.law == "II - III"


@pytest.mark.parametrize("order", [LIMB_LEADS, LIMB_LEADS[::-1], ("V1", "aVF", "I", "V6", "II", "aVR")])
def test_order_of_leads_does_not_matter(order: tuple[str, ...]) -> None:
    assert check_leads(HEART.pick(order)) == ()
    wrong = changed(aVR=-HEART["aVR"]).pick(order)
    assert check_laws(wrong).explanation == "aVR inverted"


@pytest.mark.parametrize("three", list(combinations(LIMB_LEADS, 3)))
def test_any_three_limb_leads_obey_a_law(three: tuple[str, ...]) -> None:
    assert check_leads(HEART.pick(three)) == ()
    broken = replace(HEART.pick(three), signal=np.stack([HEART[three[0]], HEART[three[1]], HEART["V3"]]))
    assert len(check_leads(broken)) == 1


def test_augmented_leads_alone_sum_to_zero() -> None:
    alone = changed(aVF=-HEART["aVF"]).pick(("aVR", "aVL", "aVF"))
    (breach,) = check_laws(alone).breaches
    assert (breach.law, breach.explanation) == ("-aVR - aVL", "aVF inverted")


def test_three_leads_that_allow_two_explanations_get_both() -> None:
    wrong = changed(III=-HEART["III"]).pick(("I", "II", "III"))
    assert check_laws(wrong).explanation == "III inverted or I and II swapped"


def test_leads_normalised_one_by_one_are_recognised() -> None:
    scale = np.array([0.7, 1.3, 1.1, 0.8, 1.5, 0.9], np.float32)[:, None]
    wrong = replace(HEART.pick(LIMB_LEADS), signal=HEART.signal[:6] * scale)
    assert check_laws(wrong).explanation == "each lead scaled on its own"
    assert repair_leads(wrong).signal is wrong.signal


def test_reversed_arm_electrodes_break_no_law() -> None:
    one, two, three, avr, avl, avf = HEART.signal[:6]
    assert check_leads(replace(HEART.pick(LIMB_LEADS), signal=np.stack([-one, three, two, avl, avr, avf]))) == ()


def test_an_offset_breaks_no_law() -> None:
    assert check_leads(changed(aVR=HEART["aVR"] + 0.4, II=HEART["II"] - 2)) == ()


@pytest.mark.parametrize("step_mv", [0.001, 0.005, 0.01])
def test_rounding_by_the_converter_breaks_no_law(step_mv: float) -> None:
    assert check_leads(replace(HEART, signal=np.round(HEART.signal / step_mv) * step_mv)) == ()


def test_a_clipped_peak_breaks_no_law() -> None:
    assert check_leads(changed(II=np.minimum(HEART["II"], 0.6))) == ()


def test_gaps_are_passed_over() -> None:
    holes = HEART.signal.copy()
    holes[1, :2000] = np.nan
    holes[3, 1000:2500] = np.nan
    assert check_leads(replace(HEART, signal=holes)) == ()
    holes = holes.copy()  # a record makes its array read-only
    holes[4] *= -1
    assert check_laws(replace(HEART, signal=holes)).explanation == "aVL inverted"
    holes = holes.copy()
    holes[0] = np.nan
    assert check_laws(replace(HEART, signal=holes)).explanation == "aVL inverted"


@pytest.mark.parametrize(
    "signal",
    [np.zeros((6, 1)), np.ones((6, 1)), np.zeros((6, 5000)), np.full((6, 5000), np.nan), np.full((6, 50), 1e6)],
)
def test_records_without_signal_break_no_law(signal: np.ndarray) -> None:
    record = Record(signal, 500, LIMB_LEADS)
    assert check_leads(record) == ()
    assert repair_leads(record) is record


def test_fewer_than_three_limb_leads_have_no_law() -> None:
    assert check_leads(HEART.pick(("I", "II", "V1"))) == ()
    assert check_leads(simulate(leads=("MLII", "V5")).record) == ()


def test_repair_rebuilds_only_what_is_wrong_and_says_so() -> None:
    wrong = changed(aVR=-HEART["aVR"], aVL=HEART["II"] / 2)
    right = repair_leads(wrong)
    np.testing.assert_allclose(right.signal, HEART.signal, atol=1e-6)
    assert right.notes == ("Rebuilt aVR, aVL from I and II; in the file: aVR inverted, aVL = II/2.",)
    np.testing.assert_array_equal(right["aVF"], wrong["aVF"])
    assert check_leads(right) == ()


def test_repair_leaves_a_sound_record_alone() -> None:
    assert repair_leads(HEART) is HEART


def test_repair_does_not_build_on_a_wrong_lead() -> None:
    wrong = changed(I=-HEART["I"])
    left = repair_leads(wrong)
    np.testing.assert_array_equal(left.signal, wrong.signal)
    assert left.notes == ("Limb leads not rebuilt, since I and II cannot be trusted; in the file: I inverted.",)


def test_repair_of_the_four_leads_a_competition_broke() -> None:
    wrong = changed(aVR=-HEART["aVR"], aVL=HEART["II"] / 2).pick(("I", "II", "aVR", "aVL"))
    np.testing.assert_allclose(repair_leads(wrong).signal, HEART.pick(("I", "II", "aVR", "aVL")).signal, atol=1e-6)


@pytest.mark.parametrize("pair", list(combinations(LIMB_LEADS, 2)))
def test_any_two_limb_leads_give_the_other_four(pair: tuple[str, str]) -> None:
    derived = derive_leads(HEART.pick((*pair, "V2")))
    assert set(derived.leads) == {*LIMB_LEADS, "V2"}
    np.testing.assert_allclose(derived.pick(LIMB_LEADS).signal, HEART.signal[:6], atol=1e-5)
    assert derived.notes[-1].startswith("Computed ")


def test_three_limb_leads_without_i_and_ii_give_the_rest() -> None:
    derived = derive_leads(HEART.pick(("III", "aVR", "aVF")))
    np.testing.assert_allclose(derived.pick(LIMB_LEADS).signal, HEART.signal[:6], atol=1e-5)


def test_a_lead_without_samples_is_filled() -> None:
    derived = derive_leads(changed(III=np.full(HEART.n_samples, np.nan)))
    assert derived.leads == STANDARD_12
    np.testing.assert_allclose(derived["III"], HEART["III"], atol=1e-6)


def test_derived_leads_are_missing_where_their_sources_are() -> None:
    holes = HEART.pick(("I", "II")).signal.copy()
    holes[0, 100:200] = np.nan
    derived = derive_leads(Record(holes, 500, ("I", "II")))
    assert np.isnan(derived["aVF"][100:200]).all()
    assert np.isfinite(derived["aVF"][200:]).all()


def test_deriving_needs_two_leads_that_agree() -> None:
    with pytest.raises(OptionError, match="the record has only II"):
        derive_leads(HEART.pick(("II", "V1")))
    with pytest.raises(OptionError, match="the record has none"):
        derive_leads(HEART.pick(("V1", "V2")))
    with pytest.raises(SignalError, match="aVR inverted"):
        derive_leads(changed(aVR=-HEART["aVR"]).pick(("I", "II", "aVR", "aVF")))


def test_nothing_to_derive_is_no_change() -> None:
    assert derive_leads(HEART) is HEART


def test_a_day_of_twelve_leads_is_checked_in_a_moment() -> None:
    long = np.tile(HEART.signal[:6], (1, 400)).astype(np.float32)
    long[3] *= -1
    assert check_laws(Record(long, 500, LIMB_LEADS)).explanation == "aVR inverted"
