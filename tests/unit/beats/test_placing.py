import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.beats.placing import APART_S, on_r_peaks
from einthoven.signal.simulate import Noise, simulate


@pytest.mark.parametrize("fs_hz", [100.0, 360.0, 1000.0])
@pytest.mark.parametrize("off_s", [-0.06, 0.0, 0.06])
def test_a_beat_about_there_is_moved_to_its_r_peak(fs_hz, off_s):
    heart = simulate(duration_s=60, fs_hz=fs_hz, seed=3, leads=("V5",), noise=Noise(muscle_mv=0.01, wander_mv=0.3))
    moved = on_r_peaks(heart.record.signal, fs_hz, heart.beats.sample + off_s * fs_hz)
    assert np.abs(moved - heart.beats.sample)[1:-1].max() <= max(2, 0.008 * fs_hz)


def test_a_lead_turned_over_has_its_r_peaks_where_its_s_waves_were():
    heart = simulate(duration_s=60, seed=3, leads=("V5",))
    moved = on_r_peaks(-heart.record.signal, 500.0, heart.beats.sample * 1.0)
    # V5 has hardly an S wave, so that R is the deepest deflection of a lead upside down.
    assert np.abs(moved - heart.beats.sample).max() <= 5


def test_the_other_lead_is_taken_where_one_has_no_signal():
    heart = simulate(duration_s=60, seed=3, leads=("V5", "II"), block="lbbb")
    about = heart.beats.sample * 1.0
    signal = heart.record.signal.copy()
    signal[0, 10_000:20_000] = np.nan
    moved = on_r_peaks(signal, 500.0, about)
    alone = [on_r_peaks(heart.record.signal[[row]], 500.0, about) for row in (0, 1)]
    lost = (about > 10_050) & (about < 19_950)
    np.testing.assert_array_equal(moved[lost], alone[1][lost])
    np.testing.assert_array_equal(moved[about > 20_300], alone[0][about > 20_300])


@pytest.mark.parametrize("value", [np.nan, 0.0, 1e30])
def test_a_beat_that_no_lead_shows_stays(value):
    found = np.array([0.4, 300.6, 999.0])
    moved = on_r_peaks(np.full((3, 1000), value, np.float32), 360.0, found)
    np.testing.assert_array_equal(moved, [0, 301, 999])


def test_no_beats_are_no_trouble():
    assert len(on_r_peaks(np.zeros((1, 1), np.float32), 360.0, np.empty(0))) == 0


@settings(max_examples=30, deadline=None)
@given(
    gaps_s=st.lists(st.floats(0.05, 1.5), min_size=2, max_size=40), seed=st.integers(0, 9), gain=st.floats(0.01, 100)
)
def test_beats_stay_in_order_apart_near_and_where_they_are_at_any_gain(gaps_s, seed, gain):
    signal = np.random.default_rng(seed).normal(size=(1, 20_000)).astype(np.float32)
    found = np.minimum(np.cumsum(gaps_s) * 360, 19_999)
    moved = on_r_peaks(signal, 360.0, found)
    assert (np.diff(moved) >= np.minimum(np.diff(np.rint(found)), APART_S * 360 - 1)).all()
    assert np.abs(moved - found).max() <= 0.08 * 360 + 1
    np.testing.assert_array_equal(on_r_peaks(signal * np.float32(gain), 360.0, found), moved)
