from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.beats.fast import fast_detect, leading_lead
from einthoven.beats.match import TOLERANCE_S, match
from einthoven.codes import STANDARD_12
from einthoven.errors import OptionError
from einthoven.record import Record
from einthoven.signal.simulate import Noise, simulate


def f1(heart, record=None, tolerance_s=TOLERANCE_S):
    record = record or heart.record
    return match(heart.beats.sample, fast_detect(record).sample, tolerance_s * record.fs_hz).f1


@pytest.mark.parametrize("rhythm", ["sinus", "af", "bigeminy"])
@pytest.mark.parametrize("fs_hz", [100, 128, 250, 360, 500, 1000])
def test_every_beat_of_every_rhythm_is_found_at_every_rate(rhythm, fs_hz):
    heart = simulate(duration_s=60, rhythm=rhythm, fs_hz=fs_hz, seed=2, noise=Noise(wander_mv=0.1, muscle_mv=0.02))
    assert f1(heart) >= 0.99


@pytest.mark.parametrize("rate_bpm", [25, 30, 60, 120, 180, 220])
def test_slow_and_fast_hearts_are_counted(rate_bpm):
    assert f1(simulate(duration_s=60, rate_bpm=rate_bpm, seed=5)) >= 0.98


@pytest.mark.parametrize("leads", [("II",), ("V1",), ("II", "V1"), ("V5",), STANDARD_12], ids="-".join)
@pytest.mark.parametrize("rhythm", ["bigeminy", "trigeminy"])
@pytest.mark.parametrize("rate_bpm", [60, 80, 100, 120])
def test_ventricular_beats_are_not_overlooked(rhythm, rate_bpm, leads):
    heart = simulate(duration_s=60, rhythm=rhythm, rate_bpm=rate_bpm, seed=2, leads=leads, fs_hz=250)
    assert f1(heart) >= 0.98


def test_a_pacing_spike_is_not_the_r_peak():
    heart = simulate(duration_s=30, block="lbbb", seed=3)
    signal = heart.record.signal.copy()
    signal[:, np.maximum(heart.beats.sample - 30, 0)] += 2  # 60 ms before
    assert f1(heart, replace(heart.record, signal=signal), tolerance_s=0.03) >= 0.95


def test_positions_are_at_the_r_peak():
    heart = simulate(duration_s=60, seed=3)
    assert f1(heart, tolerance_s=0.02) >= 0.99


@settings(max_examples=15, deadline=None)
@given(gain=st.floats(1e-3, 1e6), offset_mv=st.floats(-5, 5))
def test_gain_and_offset_do_not_move_beats(gain, offset_mv):
    record = simulate(duration_s=20, seed=8).record
    changed = replace(record, signal=(record.signal + np.float32(offset_mv)) * np.float32(gain))
    before, after = fast_detect(record).sample, fast_detect(changed).sample
    assert len(before) == len(after)
    assert np.abs(before - after).max() <= 0.01 * record.fs_hz


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(12)))
def test_order_of_leads_does_not_move_beats(order):
    record = simulate(duration_s=20, seed=8, noise=Noise(muscle_mv=0.02)).record
    shuffled = record.pick([record.leads[i] for i in order])
    assert match(fast_detect(record).sample, fast_detect(shuffled).sample, 0.05 * record.fs_hz).f1 == 1


@settings(max_examples=10, deadline=None)
@given(lag=st.integers(0, 1500))
def test_beats_move_with_the_signal(lag):
    heart = simulate(duration_s=30, seed=4)
    shifted = heart.record.crop(lag / heart.record.fs_hz, 30)
    expected = heart.beats.sample[heart.beats.sample >= lag] - lag
    assert match(expected, fast_detect(shifted).sample, 75).false_negatives <= 1  # the first may lie on the edge


def test_a_lost_electrode_costs_nothing_while_another_lead_is_good():
    heart = simulate(duration_s=60, seed=6, leads=("II", "V5"))
    signal = heart.record.signal.copy()
    signal[0, 10_000:20_000] = 0
    signal[1, 22_000:] = np.nan
    assert f1(heart, replace(heart.record, signal=signal)) >= 0.98


def test_the_lead_with_beats_leads():
    heart = simulate(duration_s=30, seed=6, leads=("I", "V5"))
    signal = heart.record.signal.copy()
    signal[0] = np.random.default_rng(0).normal(0, 0.3, signal.shape[1])
    assert leading_lead(replace(heart.record, signal=signal)) == "V5"


@pytest.mark.parametrize("signal", [np.zeros(5000), np.full(5000, np.nan), [1.0], np.zeros(40)])
def test_no_signal_no_beats(signal):
    record = Record(np.atleast_2d(signal), 360, ("II",))
    assert len(fast_detect(record)) == 0


def test_beats_are_not_found_in_a_gap():
    heart = simulate(duration_s=60, seed=6, leads=("II",))
    signal = heart.record.signal.copy()
    signal[:, 10_000:20_000] = np.nan
    sample = fast_detect(replace(heart.record, signal=signal)).sample
    assert not np.any((sample > 10_100) & (sample < 19_900))


def test_a_rate_too_low_for_a_qrs_is_refused():
    with pytest.raises(OptionError, match="20 Hz"):
        fast_detect(Record(np.zeros((1, 500)), 20, ("II",)))


def test_an_unknown_lead_is_named_with_those_there_are():
    with pytest.raises(OptionError, match="no lead 'V9'; it has I, II"):
        fast_detect(simulate(leads=("I", "II")).record, leads=["V9"])


def test_positions_are_those_of_one_lead_as_long_as_it_has_signal():
    heart = simulate(duration_s=30, seed=3, leads=("II", "V1"))
    signal = heart.record.signal.copy()
    signal[1] = np.roll(signal[1], 15)  # R 30 ms later in V1
    record = replace(heart.record, signal=signal)
    for lead, lag in (("II", 0), ("V1", 15)):
        gap = fast_detect(record, placed_on=lead).sample - fast_detect(record.pick([lead])).sample
        assert np.abs(gap).max() <= 1, (lead, lag)
    with pytest.raises(OptionError, match="no lead 'V6'"):
        fast_detect(record, placed_on="V6")
