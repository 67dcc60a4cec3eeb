"""Filters remove what they should, move no peak, and mind neither gaps nor short signals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt

from einthoven.errors import OptionError
from einthoven.signal.filter import bandpass, bridge_gaps, notch
from einthoven.signal.simulate import Noise, simulate


def test_bandpass_is_scipys_butterworth_both_ways() -> None:
    x = np.random.default_rng(0).standard_normal((2, 1000))
    sos = butter(2, (0.5, 40), "bandpass", fs=250, output="sos")
    np.testing.assert_allclose(bandpass(x, 250, 0.5, 40), sosfiltfilt(sos, x, padlen=15), atol=1e-9)


def test_filters_move_no_peak() -> None:
    heart = simulate(duration_s=20, fs_hz=1000)
    clean = notch(bandpass(heart.record["V5"], 1000, 0.5, 40), 1000, 50)
    for at in heart.beats.sample[1:-1]:
        window = slice(at - 50, at + 50)
        assert abs(int(np.argmax(clean[window])) - int(np.argmax(heart.record["V5"][window]))) <= 3


def test_wander_and_mains_go_and_the_heart_stays() -> None:
    quiet = simulate(duration_s=20).record["II"]
    noisy = simulate(duration_s=20, noise=Noise(wander_mv=0.5, mains_mv=0.5)).record["II"]
    clean = notch(bandpass(noisy, 500, 0.8, None), 500, 50)
    expected = bandpass(quiet, 500, 0.8, None)
    middle = slice(1000, -1000)
    assert (clean - expected)[middle].std() < 0.1 * (noisy - quiet)[middle].std()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_type_and_shape_stay(dtype: type) -> None:
    for shape in [(100,), (3, 100), (2, 3, 100)]:
        x = np.ones(shape, dtype)
        for y in (bandpass(x, 100, 1, 20), notch(x, 120, 50)):
            assert (y.dtype, y.shape) == (x.dtype, x.shape)


def test_gaps_stay_gaps_and_spoil_nothing_else() -> None:
    x = simulate(fs_hz=250).record["II"].copy()
    whole = bandpass(x, 250, 0.5, 40)
    x[1000:1010] = np.nan
    y = bandpass(x, 250, 0.5, 40)
    assert np.isnan(y[1000:1010]).all()
    assert np.isfinite(np.delete(y, np.arange(1000, 1010))).all()
    np.testing.assert_allclose(y[1500:], whole[1500:], atol=0.05)


@pytest.mark.parametrize("n", [0, 1, 2, 5, 20])
def test_short_signals_come_through(n: int) -> None:
    x = np.arange(n, dtype=np.float64)
    for y in (bandpass(x, 100, 1, 20), bandpass(x, 100, None, 20), bandpass(x, 100, 1, None), notch(x, 120, 50)):
        assert y.shape == (n,)
        assert np.isfinite(y).all()


def test_nothing_but_gaps_stays_nothing_but_gaps() -> None:
    x = np.full((2, 100), np.nan)
    assert np.isnan(bandpass(x, 100, 1, 20)).all()


def test_open_edges() -> None:
    x = np.random.default_rng(1).standard_normal(500)
    np.testing.assert_array_equal(bandpass(x, 100, None, None), x)
    np.testing.assert_array_equal(bandpass(x, 100, None, 50), x)
    np.testing.assert_array_equal(bandpass(x, 100, 1, 80), bandpass(x, 100, 1, None))


@pytest.mark.parametrize("edges", [(40, 1), (60, None), (-1, 20), (5, 5), (float("nan"), 20)])
def test_impossible_bands_are_refused(edges: tuple[float, float | None]) -> None:
    with pytest.raises(OptionError, match="band is"):
        bandpass(np.zeros(100), 100, *edges)


@pytest.mark.parametrize("hz", [0, 50, 60])
def test_a_notch_needs_a_frequency_the_rate_can_hold(hz: float) -> None:
    with pytest.raises(OptionError, match="between 0 and 50 Hz"):
        notch(np.zeros(100), 100, hz)


def test_bridging_does_not_touch_its_input() -> None:
    x = np.array([[np.nan, 1, np.nan, 3], [np.nan] * 4])
    bridged, missing = bridge_gaps(x)
    np.testing.assert_array_equal(bridged, [[1, 1, 2, 3], [0, 0, 0, 0]])
    np.testing.assert_array_equal(missing, np.isnan(x))
