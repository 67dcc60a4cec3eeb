import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven import Beats, Record
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
