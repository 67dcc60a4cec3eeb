import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from einthoven.beats.detection_inputs import AFTER_S, BEFORE_S, conditioned, ratio
from einthoven.errors import OptionError
from einthoven.signal.resample import resample
from einthoven.signal.simulate import Noise, simulate


@given(st.floats(50, 5000))
@example(99.5)
def test_every_rate_becomes_about_100_hz_and_two_seconds_are_whole_samples(fs_hz):
    up, down = ratio(fs_hz)
    assert abs(fs_hz * up - 100 * down) <= 0.5 * down * (1 + 1e-12)  # half a percent, but for a double's last digit
    assert 200 % up == 0
    assert 200 * down % up == 0


@pytest.mark.parametrize("fs_hz", [49.9, 0.0, -100.0, float("nan")])
def test_too_low_a_rate_is_refused(fs_hz):
    with pytest.raises(OptionError, match="finding beats needs 50 Hz or more"):
        ratio(fs_hz)


@pytest.mark.parametrize("fs_hz", [125.0, 360.0, 500.0, 1000.0])
def test_waves_keep_their_shape_and_place(fs_hz):
    record = simulate(duration_s=20, fs_hz=fs_hz, leads=("V5",), seed=2).record
    seen = conditioned(record.signal, fs_hz)[0]
    plain = resample(record.signal, fs_hz, 100.0)[0]
    assert len(seen) == 2000
    window = slice(800, 1200)
    lag = np.correlate(seen[window] - seen[window].mean(), plain[window] - plain[window].mean(), "full").argmax() - 399
    assert lag == 0


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 99), start=st.integers(0, 40), fs_hz=st.sampled_from([50.0, 100.0, 128.0, 257.3, 360.0, 1000.0])
)
def test_a_part_with_its_margins_is_conditioned_as_the_whole(seed, start, fs_hz):
    rng = np.random.default_rng(seed)
    n = int(90 * fs_hz)
    signal = (0.05 * rng.normal(size=(2, n)).cumsum(axis=1) + rng.normal(size=(2, n))).astype(np.float32)
    signal[0, int(35 * fs_hz) : int(rng.uniform(35, 60) * fs_hz)] = np.nan
    up, down = ratio(fs_hz)
    first = 200 * (start // 2)
    part = conditioned(signal[:, first * down // up : int((first / 100 + 45) * fs_hz)], fs_hz)
    before, after = round(BEFORE_S * 100), part.shape[1] - round(AFTER_S * 100)
    whole = conditioned(signal, fs_hz)[:, first : first + part.shape[1]]
    np.testing.assert_allclose(part[:, before:after], whole[:, before:after], atol=1e-4)


def test_each_lead_has_a_height_of_its_own_and_drift_none():
    noise = Noise(wander_mv=0.5)
    record = simulate(duration_s=60, leads=("I", "II", "V5"), seed=1, noise=noise).record
    signal = record.signal * np.float32([[0.1], [1], [30]]) + np.float32([[0], [-3], [100]])
    seen = conditioned(signal, 500.0)
    high = np.quantile(np.abs(seen), 0.99, axis=1)
    assert ((high > 1) & (high < 3)).all()
    seconds = seen.reshape(3, 60, 100)
    assert np.abs(np.median(seconds, axis=2)).max() < 1


def test_a_burst_a_hundred_times_as_large_neither_hides_the_beats_around_it_nor_grows_much():
    record = simulate(duration_s=60, leads=("II",), seed=1).record
    signal = record.signal.copy()
    signal[:, 15_000:15_500] += 100 * np.random.default_rng(0).normal(size=500).astype(np.float32)
    calm, seen = conditioned(record.signal, 500.0), conditioned(signal, 500.0)
    assert np.abs(seen).max() < 8
    np.testing.assert_allclose(seen[:, 4500:], calm[:, 4500:], atol=0.05)


@pytest.mark.parametrize("n_samples", [1, 2, 99, 361, 720])
@pytest.mark.parametrize("value", [0.0, 5.0, -1e6, np.nan, np.inf])
def test_a_lead_without_signal_is_zero(n_samples, value):
    seen = conditioned(np.full((2, n_samples), value, np.float32), 360.0)
    assert seen.shape == (2, int(np.ceil(n_samples * 5 / 18)))
    assert seen.dtype == np.float32
    assert not seen.any()


def test_where_a_lead_is_missing_it_is_zero_and_around_it_as_it_was():
    record = simulate(duration_s=60, fs_hz=100, leads=("I", "II"), seed=1).record
    signal = record.signal.copy()
    signal[0, 2000:2400] = np.nan
    seen, whole = conditioned(signal, 100.0), conditioned(record.signal, 100.0)
    assert not seen[0, 2000:2400].any()
    np.testing.assert_array_equal(seen[1], whole[1])
    np.testing.assert_allclose(seen[0, :1900], whole[0, :1900], atol=0.5)
    np.testing.assert_array_equal(seen[0, 4000:], whole[0, 4000:])
