from __future__ import annotations

import time

import numpy as np
import pytest

from einthoven.beats.contexts import FEATURES, WINDOW, rhythm_features, waves_and_rhythm
from einthoven.beats.inputs import context_inputs
from einthoven.signal.simulate import Simulation, simulate


@pytest.fixture(scope="module")
def heart() -> Simulation:
    return simulate(duration_s=60, seed=3)


def shown(signal: np.ndarray, fs_hz: float, peak: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    waves, rhythm = waves_and_rhythm(signal, fs_hz, peak)
    return waves[np.arange(len(waves))], rhythm


@pytest.mark.parametrize("gain", [0.1, 10.0])
def test_gain_plays_no_part(heart: Simulation, gain: float) -> None:
    signal, peak = heart.record["II"], heart.beats.sample
    one, rhythm = shown(signal, heart.record.fs_hz, peak)
    other, same = shown(signal * np.float32(gain), heart.record.fs_hz, peak)
    np.testing.assert_allclose(one, other, atol=1e-3)
    np.testing.assert_array_equal(rhythm, same)


def test_an_inverted_lead_gives_inverted_waves(heart: Simulation) -> None:
    up, down = (shown(sign * heart.record["II"], heart.record.fs_hz, heart.beats.sample)[0] for sign in (1, -1))
    np.testing.assert_allclose(up, -down, atol=1e-4)


def test_the_scale_is_the_height_of_the_usual_qrs(heart: Simulation) -> None:
    waves, _ = shown(heart.record["II"], heart.record.fs_hz, heart.beats.sample)
    height = np.ptp(waves[:, :, 0, 38:63], axis=2)
    np.testing.assert_allclose(np.median(height[:, 0]), 1, atol=0.01)


def test_the_second_context_is_that_of_the_ten_seconds(heart: Simulation) -> None:
    fs_hz, peak, signal = heart.record.fs_hz, heart.beats.sample, heart.record["II"].copy()
    signal[int(30 * fs_hz) :] *= 4
    waves, rhythm = shown(signal, fs_hz, peak)
    late = (peak > 42 * fs_hz) & (peak < 48 * fs_hz)
    height = np.ptp(waves[late, :, 0, 38:63], axis=2).mean(axis=0)
    assert height[1] == pytest.approx(1, abs=0.1)
    assert height[0] > 1.3 * height[1]
    assert not np.array_equal(rhythm[late, 0], rhythm[late, 1])


def test_a_strip_of_ten_seconds_has_one_context_twice(heart: Simulation) -> None:
    strip, fs_hz = heart.record.crop(0, 10), heart.record.fs_hz
    waves, rhythm = shown(strip["II"], fs_hz, heart.beats.sample[heart.beats.sample < 10 * fs_hz])
    np.testing.assert_array_equal(waves[:, 0], waves[:, 1])
    np.testing.assert_array_equal(rhythm[:, 0], rhythm[:, 1])


@pytest.mark.parametrize("fs_hz", [100.0, 128.0, 250.0, 360.0, 1000.0])
def test_the_sampling_rate_hardly_matters(fs_hz: float) -> None:
    def waves(rate_hz: float) -> np.ndarray:
        made = simulate(duration_s=12, fs_hz=rate_hz, seed=5)
        return shown(made.record["II"], rate_hz, made.beats.sample)[0][3:-3, 0, 1]

    assert np.abs(waves(fs_hz) - waves(500.0)).mean() < 0.02


@pytest.mark.parametrize("peak", [[], [50], [50, 300], [0, 999], [5, 5, 5]])
@pytest.mark.parametrize("signal", ["flat", "missing", "gappy", "noise"])
def test_few_beats_and_poor_signals_give_finite_rows(peak: list[int], signal: str) -> None:
    lead = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    if signal == "flat":
        lead[:] = 3
    elif signal == "missing":
        lead[:] = np.nan
    elif signal == "gappy":
        lead[200:800] = np.nan
    made = context_inputs(lead, 360.0, np.array(peak, np.int64))
    waves, rhythm = (made.arrays[name][np.arange(len(peak))] for name in ("waves", "rhythm"))
    assert waves.shape == (len(peak), 2, 2, WINDOW)
    assert rhythm.shape == (len(peak), 2, FEATURES)
    assert waves.dtype == rhythm.dtype == np.float32
    assert np.isfinite(waves).all()
    assert np.isfinite(rhythm).all()
    assert np.abs(waves).max(initial=0) <= 5
    assert made.complete.all()


def test_a_steady_rhythm_has_no_features_but_its_rate() -> None:
    features = rhythm_features(np.arange(30) * 0.8)
    np.testing.assert_allclose(features, 0, atol=1e-6)
    np.testing.assert_allclose(rhythm_features(np.arange(30) * 1.6)[:, 8], np.log(2), atol=1e-6)


def test_an_early_beat_is_seen_from_both_sides() -> None:
    times = np.arange(30) * 1.0
    times[15] -= 0.4
    features = rhythm_features(times)
    assert features[15, 3] == pytest.approx(np.log(0.6), abs=1e-3)
    assert features[15, 4] == pytest.approx(np.log(1.4), abs=1e-3)
    assert features[14, 4] == features[15, 3]


def test_a_day_is_described_in_seconds_and_cut_on_demand() -> None:
    rng = np.random.default_rng(0)
    signal = rng.normal(size=24 * 3600 * 125).astype(np.float32)
    peak = np.cumsum(rng.integers(80, 120, size=105_000))
    began = time.perf_counter()
    waves, _ = waves_and_rhythm(signal, 125.0, peak)
    assert time.perf_counter() - began < 30
    kept = sum(array.nbytes for array in (waves.lead, waves.position, waves.context, waves.median, waves.scale))
    assert kept < 60e6
    assert waves[np.array([0, 104_999])].shape == (2, 2, 2, WINDOW)
