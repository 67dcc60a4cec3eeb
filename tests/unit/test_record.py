import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven import Beats, Patient, Record
from einthoven.errors import OptionError, SignalError


def record(signal=None, **facts):
    return Record(
        np.arange(20.0).reshape(2, 10) if signal is None else signal, **{"fs_hz": 5, "leads": ("I", "II")} | facts
    )


def test_lead_names_are_spelt_the_standard_way():
    assert record(leads=("avr", "ECG v1")).leads == ("aVR", "V1")


def test_a_lead_is_found_in_any_spelling():
    assert record(leads=("aVR", "II"))["AVR"].tolist() == list(range(10))
    assert "avr" in record(leads=("aVR", "II"))
    assert 3 not in record()


def test_an_unknown_lead_is_answered_with_those_there_are():
    with pytest.raises(OptionError, match="100: no lead 'V5'; it has I, II"):
        record(id="100")["V5"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"signal": np.zeros(5)}, r"shape \(5,\); it must be \(lead, sample\)"),
        ({"leads": ("I",)}, "1 lead names for 2 signals"),
        ({"leads": ("I", "i")}, "lead I occurs more than once"),
        ({"fs_hz": 0}, "0 Hz; it must be a positive number"),
        ({"fs_hz": float("nan")}, "nan Hz"),
        ({"fs_hz": float("inf")}, "inf Hz"),
    ],
)
def test_what_is_no_record_is_refused(change, says):
    with pytest.raises(OptionError, match=says):
        record(**change)


@pytest.mark.parametrize("shape", [(2, 0), (0, 5)])
def test_nothing_recorded_is_no_record(shape):
    with pytest.raises(SignalError, match="nothing to read"):
        Record(np.zeros(shape), 5, ("I", "II")[: shape[0]])


def test_a_record_cannot_be_changed_but_its_caller_may_go_on():
    mine = np.zeros((2, 10), np.float32)
    kept = record(mine)
    with pytest.raises(ValueError, match="read-only"):
        kept.signal[0, 0] = 1
    mine[0, 0] = 1


@given(st.floats(-1, 3), st.floats(-1, 3))
def test_crop_takes_the_samples_between(start_s, stop_s):
    whole = record()
    first, last = (round(max(0, t) * 5) for t in (start_s, stop_s))
    if first >= min(last, 10):
        with pytest.raises(SignalError):
            whole.crop(start_s, stop_s)
    else:
        assert np.array_equal(whole.crop(start_s, stop_s).signal, whole.signal[:, first:last])


def test_pick_keeps_facts_and_order_asked_for():
    picked = record(id="a", notes=("n",)).pick(["II", "I"])
    assert (picked.leads, picked.id, picked.notes) == (("II", "I"), "a", ("n",))
    assert picked.signal[0, 0] == 10


@pytest.mark.parametrize("leads", [["I", "II"], ["I"], ["II"]])
def test_leads_that_lie_together_are_picked_without_a_copy(leads):
    whole = record()
    picked = whole.pick(leads)
    assert np.shares_memory(picked.signal, whole.signal)
    np.testing.assert_array_equal(picked.signal, np.stack([whole[lead] for lead in leads]))


@pytest.mark.parametrize(
    ("sample", "symbol", "probability", "says"),
    [
        ([1, 2], ["N"], None, "2 beat positions with 1 symbols"),
        ([2, 1], ["N", "N"], None, "not in ascending order"),
        ([1, 2], ["N", "N"], np.zeros((2, 2)), r"it must be \(2, 1\)"),
    ],
)
def test_what_are_no_beats_is_refused(sample, symbol, probability, says):
    with pytest.raises(OptionError, match=says):
        Beats(sample, symbol, probability, ("abnormal",))


@pytest.mark.parametrize("age_years", [-5, float("nan"), float("inf"), "60", True])
def test_an_age_that_is_none_is_refused(age_years):
    with pytest.raises(OptionError, match=r"age is .* years; it must be a number from 0 on"):
        Patient(age_years)


def test_a_sex_that_is_no_known_word_is_refused():
    with pytest.raises(OptionError, match="sex is 'banana'; it must be female, male or None"):
        Patient(sex="banana")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"fs_hz": None}, "sampling rate is None Hz"),
        ({"fs_hz": "360"}, "sampling rate is '360' Hz"),
        ({"signal": "abc"}, "it must be real numbers"),
        ({"signal": np.ones((2, 3)) * 1j}, "complex128; it must be real numbers"),
        ({"signal": [[1, 2], [3]]}, "signal is no array"),
        ({"leads": "I"}, "leads are 'I'; they must be a list of names"),
        ({"leads": ("I", " ")}, "none of them empty"),
        ({"leads": ("I", 2)}, "none of them empty"),
    ],
)
def test_what_would_be_taken_for_something_else_is_refused(change, says):
    with pytest.raises(OptionError, match=says):
        record(**change)


def test_a_lead_that_is_no_name_is_answered_as_an_unknown_one():
    with pytest.raises(OptionError, match="no lead '0'; it has I, II"):
        record()[0]


@pytest.mark.parametrize("leads", [[], "I", [0]])
def test_a_pick_of_nothing_is_refused(leads):
    with pytest.raises(OptionError, match=r"no lead is picked|must be a list of names"):
        record().pick(leads)


@pytest.mark.parametrize("span", [(float("nan"), 1), (0, float("nan")), ("0", 1), (None, 1)])
def test_a_crop_from_no_number_is_refused(span):
    with pytest.raises(OptionError, match="both must be numbers"):
        record().crop(*span)


def test_a_crop_may_go_on_for_ever():
    assert record().crop(1, float("inf")).n_samples == 5


@pytest.mark.parametrize(
    ("sample", "probability", "says"),
    [
        ([-1, 2], None, "a beat position is -1; positions count from 0"),
        ([1.5, 2], None, "must be whole numbers"),
        ([1, 2], [[0.5], [np.nan]], "probability is nan; it must be from 0 to 1"),
        ([1, 2], [[7], [0.5]], r"probability is 7\.0"),
    ],
)
def test_beats_that_cannot_be_are_refused(sample, probability, says):
    with pytest.raises(OptionError, match=says):
        Beats(sample, ["N", "N"], probability, ("abnormal",))


def test_no_beats_are_beats():
    assert len(Beats([], [])) == 0


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e300])
def test_infinite_samples_are_missing_and_counted(value):
    signal = np.zeros((2, 10))
    signal[1, [2, 5]] = value
    made = Record(signal, 100, ("II", "V5"), notes=("From tape.",))
    assert np.argwhere(np.isnan(made.signal)).tolist() == [[1, 2], [1, 5]]
    assert made.notes == ("From tape.", "infinite samples count as missing: 2 of V5")
    assert made.crop(0, 0.05).notes == made.notes
    assert np.abs(signal[1, 2]) == abs(value)


def test_paced_must_fit_the_beats():
    with pytest.raises(OptionError, match=r"paced has shape \(3,\); with 2 beats it must be \(2,\)"):
        Beats([1, 2], ["N", "N"], paced=np.zeros(3, bool))
