from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from einthoven.diagnosis.inputs import RECORD_INPUTS, record_input_kind, twelve_leads
from einthoven.diagnosis.measures import MEASURES
from einthoven.errors import OptionError
from einthoven.record import Record
from einthoven.signal.filter import bandpass
from einthoven.signal.resample import resample
from einthoven.signal.simulate import simulate

NO_PEAK = np.zeros(0, np.int64)
WHOLE = simulate().record


def test_the_published_form_is_each_lead_less_its_mean_over_its_maximum() -> None:
    made = record_input_kind("as-published")(WHOLE.crop(0, 10), NO_PEAK)["signal"]
    lead = WHOLE.crop(0, 10)["aVL"].astype(np.float64)
    assert made.shape == (12, 5000)
    np.testing.assert_allclose(made[4], (lead - lead.mean()) / lead.max(), atol=1e-5)


@pytest.mark.parametrize("kind", RECORD_INPUTS)
@pytest.mark.parametrize("seconds", [0.002, 0.5, 9, 10, 31])
def test_every_kind_has_one_shape_and_finite_numbers_whatever_the_length(kind: str, seconds: float) -> None:
    record = simulate(duration_s=max(seconds, 1)).record.crop(0, seconds)
    made, usual = (RECORD_INPUTS[kind](some, NO_PEAK) for some in (record, WHOLE))
    assert {name: rows.shape for name, rows in made.items()} == {name: rows.shape for name, rows in usual.items()}
    assert all(rows.dtype == np.float32 for rows in made.values())
    assert all(np.isfinite(rows).all() for name, rows in made.items() if name != "measures")  # NaN: not measurable


@pytest.mark.parametrize("kind", RECORD_INPUTS)
@pytest.mark.parametrize("value", [0.0, np.nan, 1e5])
def test_a_flat_or_empty_record_is_finite_too(kind: str, value: float) -> None:
    made = RECORD_INPUTS[kind](Record(np.full((12, 5000), value), 500, WHOLE.leads), NO_PEAK)
    assert not np.isinf(made.get("measures", np.zeros(1))).any()
    assert all(np.isfinite(rows).all() for name, rows in made.items() if name != "measures")


def test_measures_and_leads_come_together_as_alone() -> None:
    both = record_input_kind("twelve-leads-measured")(WHOLE, NO_PEAK, high_hz=25.0)
    alone = twelve_leads(WHOLE, NO_PEAK, high_hz=25) | record_input_kind("measures")(WHOLE, NO_PEAK)
    assert both.keys() == alone.keys()
    assert all(np.array_equal(both[name], alone[name], equal_nan=True) for name in both)


def test_without_criteria_no_limit_set_by_hand_is_told_of() -> None:
    heart = simulate(rate_bpm=120)
    every, plain = (
        record_input_kind("measures")(heart.record, heart.beats.sample, criteria=told) for told in (True, False)
    )
    lost = np.isfinite(every["measures"]) & np.isnan(plain["measures"])
    assert [MEASURES[place] for place in np.flatnonzero(lost)] == ["beyond_count", "beyond_sum", "beyond_most"]
    np.testing.assert_array_equal(plain["measures"][~lost], every["measures"][~lost])


@pytest.mark.parametrize("fs_hz", [100.0, 257.0, 360.0, 1000.0])
def test_the_recorder_s_rate_does_not_change_what_is_seen(fs_hz: float) -> None:
    other = replace(WHOLE, signal=resample(WHOLE.signal, WHOLE.fs_hz, fs_hz), fs_hz=fs_hz)
    one, two = (twelve_leads(record, NO_PEAK, high_hz=25)["signal"] for record in (WHOLE, other))
    assert np.abs(one - two)[:, 50:-50].max() < 0.03


def test_wander_and_hum_are_left_out_and_waves_are_not_moved() -> None:
    t = np.arange(5000) / 500
    wander, hum = np.sin(2 * np.pi * 0.1 * t), np.sin(2 * np.pi * 60 * t)
    noisy = replace(WHOLE, signal=WHOLE.signal[:, :5000] + np.float32(wander + hum))
    clean = twelve_leads(replace(WHOLE, signal=WHOLE.signal[:, :5000]), NO_PEAK)["signal"]
    assert np.abs(twelve_leads(noisy, NO_PEAK)["signal"] - clean)[:, 100:-100].max() < 0.06
    usual = bandpass(resample(WHOLE["II"][:5000], 500, 100), 100, 0.5, 40)
    assert np.corrcoef(clean[1, 100:900], usual[100:900])[0, 1] > 0.98


def test_of_a_long_record_the_middle_is_seen_and_a_short_one_stands_between_zeros() -> None:
    long = simulate(duration_s=30).record
    part, middle = (twelve_leads(record, NO_PEAK)["signal"] for record in (long, long.crop(10, 20)))
    assert np.abs(part - middle)[:, 100:-100].max() < 0.05
    short = twelve_leads(long.crop(0, 6), NO_PEAK)["signal"]
    assert short[:, 200:800].any(axis=1).all()
    assert not short[:, :200].any()
    assert not short[:, 800:].any()


def test_a_band_and_a_length_that_cannot_be_are_refused_in_one_line() -> None:
    with pytest.raises(OptionError, match="band is 50 to 40 Hz"):
        twelve_leads(WHOLE, NO_PEAK, low_hz=50)
    with pytest.raises(OptionError, match="0 s at 100 Hz are no sample"):
        twelve_leads(WHOLE, NO_PEAK, duration_s=0)


def test_an_unknown_kind_lists_the_known_ones() -> None:
    with pytest.raises(OptionError, match="'wavelet' is not known: choose from as-published, twelve-leads"):
        record_input_kind("wavelet")
