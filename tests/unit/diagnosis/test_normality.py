"""Who may be asked whether an ECG is normal, which seconds are looked at, and what is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from einthoven.codes import STANDARD_12
from einthoven.diagnosis.normality import (
    MOST_VIEWS,
    abnormal_finding,
    check_askable,
    decide,
    has_twelve_leads,
    share,
    silent_leads,
    views,
    why_not,
)
from einthoven.errors import SignalError
from einthoven.findings import Decision, Interval
from einthoven.record import Record
from einthoven.signal.quality import assess
from einthoven.signal.simulate import Noise, simulate

THRESHOLDS = {"normal": 0.3, "abnormal": 0.3}


@pytest.fixture(scope="module")
def ten() -> Record:
    return simulate(duration_s=10, seed=1).record


def silenced(record: Record, *leads: str) -> Record:
    signal = record.signal.copy()
    for lead in leads:
        signal[record.row(lead)] = 0.0
    return replace(record, signal=signal)


@pytest.mark.parametrize(
    ("leads", "enough"),
    [
        (STANDARD_12, True),
        (("I", "II", "V1", "V2", "V3", "V4", "V5", "V6"), True),
        (("III", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"), True),
        (("II", "V1", "V2", "V3", "V4", "V5", "V6"), False),
        (("I", "II", "V1", "V2", "V3", "V4", "V5"), False),
        (("II", "V5"), False),
        (("MLII", "V1", "V2", "V3", "V4", "V5", "V6"), False),
    ],
)
def test_eight_leads_make_twelve_and_fewer_do_not(leads: tuple[str, ...], enough: bool) -> None:
    assert has_twelve_leads(Record(np.zeros((len(leads), 10)), 500, leads)) == enough


def test_two_limb_leads_that_are_left_make_the_others(ten: Record) -> None:
    lost = silenced(ten, "I", "II", "III", "aVR")
    assert why_not(lost, assess(lost)) == ""


def test_a_lead_without_signal_is_named(ten: Record) -> None:
    lost = silenced(ten, "V3", "V6")
    assert why_not(lost, assess(lost)) == "there is no signal in V3, V6"
    limbless = silenced(ten, "I", "II", "III", "aVR", "aVL")
    assert why_not(limbless, assess(limbless)) == "there is no signal in I, II, III, aVR, aVL"


@pytest.mark.parametrize("value", [0.0, 0.3, np.nan])
def test_a_record_without_any_signal_gets_no_answer(value: float) -> None:
    record = Record(np.full((12, 5000), value), 500, STANDARD_12, source="flat.mat")
    with pytest.raises(SignalError, match=r"^flat.mat: has no signal in I, II, III, .*, V6$"):
        check_askable(record)


@pytest.mark.parametrize(
    ("dead", "missed"),
    [
        (("II", "III", "aVR", "aVF"), ()),
        (("V1",), ("V1",)),
        (("V1", "V6"), ("V1", "V6")),
    ],
)
def test_two_chest_leads_may_be_silent_and_limb_leads_but_for_two(ten: Record, dead: tuple, missed: tuple) -> None:
    record = silenced(ten, *dead)
    check_askable(record)
    assert silent_leads(record) == missed


@pytest.mark.parametrize(
    "dead", [("I", "II", "III", "aVR", "aVL"), ("V1", "V2", "V3"), ("V1", "V2", "V3", "V4", "V5", "V6")]
)
def test_with_more_silent_nobody_is_asked(ten: Record, dead: tuple) -> None:
    with pytest.raises(SignalError, match=f"has no signal in {', '.join(dead)}$"):
        check_askable(silenced(ten, *dead))


def test_a_signal_that_is_there_for_a_moment_is_none(ten: Record) -> None:
    signal = ten.signal.copy()
    signal[:, 200:] = np.nan
    with pytest.raises(SignalError, match="has no signal in I, II"):
        check_askable(replace(ten, signal=signal))


def test_what_no_electrode_gives_is_refused(ten: Record) -> None:
    with pytest.raises(SignalError, match=r"reaches 1e\+30 mV; no electrode gives more than 100000 mV"):
        check_askable(replace(ten, signal=np.full_like(ten.signal, 1e30)))


def test_what_a_record_lacks_is_said_with_its_name(ten: Record) -> None:
    with pytest.raises(SignalError, match="has leads II, V1; V1 to V6 and two limb leads are needed"):
        check_askable(ten.pick(["II", "V1"]))
    with pytest.raises(SignalError, match="is 3 s long; 8 s or more are needed"):
        check_askable(ten.crop(0, 3))
    slow = simulate(duration_s=10, fs_hz=60).record
    with pytest.raises(SignalError, match="is sampled at 60 Hz; 80 Hz or more are needed"):
        check_askable(slow)
    assert why_not(slow, assess(slow)) == "it takes 80 Hz, and the record has 60 Hz"


@pytest.mark.parametrize("duration_s", [8.0, 9.5, 10.0, 10.5, 12.0, 19.9, 20.0, 61.5, 240.0])
def test_views_lie_in_the_record_apart_from_each_other(duration_s: float) -> None:
    record = simulate(duration_s=duration_s, fs_hz=100).record
    at = np.array(views(record, assess(record)))
    assert len(at) == min(MOST_VIEWS, max(1, int(duration_s // 10)))
    assert np.all(np.diff(at) >= 10)
    if duration_s >= 10:
        assert at.min() >= 0
        assert at.max() + 10 <= duration_s
    else:  # ten seconds around the record
        assert at.tolist() == [(duration_s - 10) / 2]


def test_of_a_long_record_the_clean_seconds_are_looked_at() -> None:
    record = simulate(duration_s=240, fs_hz=250, seed=2).record
    loud = simulate(duration_s=240, fs_hz=250, seed=2, noise=Noise(muscle_mv=0.5)).record
    time_s = np.arange(record.n_samples) / 250
    noisy = replace(record, signal=np.where((time_s % 20 < 9), loud.signal, record.signal))
    starts = views(noisy, assess(noisy))
    assert len(starts) == 12
    assert {start % 20 for start in starts} <= {8.0, 9.0, 10.0}


@pytest.mark.parametrize(
    ("probability", "decision"),
    [(0.0, "absent"), (0.29, "absent"), (0.31, "unsure"), (0.5, "unsure"), (0.69, "unsure"), (0.71, "present")],
)
def test_where_both_classes_are_possible_nothing_is_decided(probability: float, decision: str) -> None:
    assert decide(probability, THRESHOLDS) == decision


def test_where_no_class_is_possible_nothing_is_decided() -> None:
    assert decide(0.5, {"normal": 0.8, "abnormal": 0.8}) is Decision.UNSURE


def test_a_longer_record_is_not_more_often_abnormal_for_being_looked_at_more_often(ten: Record) -> None:
    quality = assess(ten)
    one = abnormal_finding(np.array([-3.0]), (0.0,), THRESHOLDS, quality, "m")
    odd = abnormal_finding(np.array([-3.0] * 11 + [3.0]), tuple(range(0, 120, 10)), THRESHOLDS, quality, "m")
    assert one.decision is odd.decision is Decision.ABSENT
    assert odd.where == (Interval(110, 120),)
    assert odd.detail == "by m, on 12 stretches of 10 s, from 0.05 to 0.95"


def test_answers_are_averaged_by_their_log_odds(ten: Record) -> None:
    found = abnormal_finding(np.array([1.0, 5.0]), (0.0, 10.0), THRESHOLDS, assess(ten), "m")
    assert found.probability == pytest.approx(1 / (1 + np.exp(-3)))
    assert (found.code, found.system) == ("102594003", "SNOMED CT")


def test_with_poor_signal_in_most_leads_the_answer_is_unsure() -> None:
    record = simulate(duration_s=10, noise=Noise(muscle_mv=0.5)).record
    found = abnormal_finding(np.array([9.0]), (0.0,), THRESHOLDS, assess(record), "m")
    assert found.decision is Decision.UNSURE
    assert found.detail.startswith("by m; unsure because of poor signal in I, II")


def test_a_probability_is_one_whatever_the_log_odds() -> None:
    odds = [-1e30, -50.0, 0.0, 50.0, 1e30]
    assert [share(one) for one in odds] == pytest.approx([0, 0, 0.5, 1, 1])


def test_a_gap_that_would_look_like_a_pause_makes_the_answer_unsure(ten: Record) -> None:
    signal = ten.signal.copy()
    signal[:, 1000:1500] = np.nan
    found = abnormal_finding(np.array([4.0]), (0.0,), THRESHOLDS, assess(replace(ten, signal=signal)), "m")
    assert (found.decision, found.detail) == (Decision.UNSURE, "by m; unsure because 1 s of it are missing")
    signal = ten.signal.copy()
    signal[6, 1000:1500] = np.nan  # of one lead
    assert (
        abnormal_finding(np.array([4.0]), (0.0,), THRESHOLDS, assess(replace(ten, signal=signal)), "m").decision
        == "present"
    )
