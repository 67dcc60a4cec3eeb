from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.beats.sequences import (
    AFTER,
    BEFORE,
    CHANNELS,
    FEATURES,
    QRS,
    WINDOW,
    rested,
    sequence_inputs,
    timing_features,
)
from einthoven.signal.resample import resample, resample_positions
from einthoven.signal.simulate import Simulation, simulate

if TYPE_CHECKING:
    from einthoven.beats.rows import BeatInputs

BEAT, USUAL, KIN, RESTED = range(CHANNELS)


@pytest.fixture(scope="module")
def heart() -> Simulation:
    return simulate(duration_s=300, fs_hz=360, leads=("II", "V1"), pac=0.1, pvc=0.05, seed=3)


def shown(inputs: BeatInputs) -> tuple[np.ndarray, np.ndarray]:
    waves = inputs.arrays["waves"]
    return waves[np.arange(len(waves))], np.asarray(inputs.arrays["timing"])


def of(heart: Simulation, *, causal: bool = False, signal: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    signal = heart.record.signal if signal is None else signal
    return shown(sequence_inputs(signal, heart.record.fs_hz, heart.beats.sample, causal=causal))


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("gain", [0.1, 10.0])
def test_gain_plays_no_part(heart: Simulation, gain: float, causal: bool) -> None:
    one, same = of(heart, causal=causal)
    other, times = of(heart, causal=causal, signal=heart.record.signal * np.float32(gain))
    np.testing.assert_allclose(one, other, atol=2e-3)
    np.testing.assert_array_equal(same, times)


def test_an_inverted_lead_gives_inverted_waves(heart: Simulation) -> None:
    np.testing.assert_allclose(of(heart)[0], -of(heart, signal=-heart.record.signal)[0], atol=1e-4)


def test_each_lead_is_described_by_itself(heart: Simulation) -> None:
    both, _ = of(heart)
    turned, _ = of(heart, signal=heart.record.signal[::-1])
    np.testing.assert_array_equal(both, turned[:, ::-1])
    three, _ = of(heart, signal=heart.record.signal[[0, 1, 0]])
    np.testing.assert_array_equal(three, both[:, [0, 1, 0]])


def test_a_single_lead_is_given_twice(heart: Simulation) -> None:
    both, _ = of(heart)
    for one in (heart.record.signal[:1], heart.record.signal[0]):
        single, _ = of(heart, signal=one)
        np.testing.assert_array_equal(single, both[:, [0, 0]])


def test_the_scale_is_the_height_of_the_usual_qrs(heart: Simulation) -> None:
    waves, _ = of(heart)
    height = np.median(np.ptp(waves[..., BEAT, QRS], axis=-1), axis=0)
    np.testing.assert_allclose(height, 1, atol=0.02)


def test_the_usual_beat_and_the_like_of_a_ventricular_one_differ(heart: Simulation) -> None:
    waves, _ = of(heart)
    symbol = heart.beats.symbol

    def apart(channel: int, other: int, which: np.ndarray) -> float:
        return float(np.abs(waves[which][:, 0, channel, QRS] - waves[which][:, 0, other, QRS]).max(axis=-1).mean())

    ventricular, normal = symbol == "V", symbol == "N"
    assert ventricular.sum() > 5
    assert apart(BEAT, USUAL, ventricular) > 3 * apart(BEAT, USUAL, normal)
    assert apart(BEAT, KIN, ventricular) < 0.5 * apart(BEAT, USUAL, ventricular)


def test_where_ectopic_beats_are_the_usual_ones_the_rested_beat_is_still_sinus() -> None:
    slow = simulate(duration_s=60, fs_hz=250, leads=("II",), rate_bpm=50, seed=1)
    fast = simulate(duration_s=120, fs_hz=250, leads=("II",), rate_bpm=150, block="lbbb", seed=1)
    signal = np.concatenate([slow.record.signal, fast.record.signal], axis=1)
    peak = np.concatenate([slow.beats.sample, fast.beats.sample + slow.record.n_samples])
    waves, _ = shown(sequence_inputs(signal, 250, peak))
    slow_beat = waves[len(slow.beats) // 2, 0, BEAT]
    late = waves[-100:, 0].mean(axis=0)
    unlike = [1 - np.corrcoef(slow_beat[QRS], late[channel, QRS])[0, 1] for channel in (RESTED, USUAL)]
    assert unlike[0] < 0.3 * unlike[1]


@pytest.mark.parametrize("fs_hz", [128.0, 250.0, 1000.0])
def test_another_sampling_rate_changes_little(heart: Simulation, fs_hz: float) -> None:
    one, times = of(heart)
    signal = resample(heart.record.signal, 360, fs_hz)
    peak = resample_positions(heart.beats.sample, 360, fs_hz)
    other, same = shown(sequence_inputs(signal, fs_hz, peak))
    assert np.abs(one - other)[:, :, BEAT].mean() < 0.03  # a peak falls on the next sample of 100 Hz here and there
    assert np.abs(times - same).mean() < 0.02


@pytest.mark.parametrize("causal", [False, True])
def test_rows_asked_for_singly_are_those_asked_for_together(heart: Simulation, causal: bool) -> None:
    inputs = sequence_inputs(heart.record.signal, 360, heart.beats.sample, causal=causal)
    waves = inputs.arrays["waves"]
    some = np.array([7, 200, 3, 131, 7])
    np.testing.assert_allclose(waves[some], waves[np.arange(len(waves))][some], atol=1e-5)
    assert waves[np.array([], np.int64)].shape == (0, 2, CHANNELS, WINDOW)


def test_the_causal_form_sees_nothing_later_than_the_next_beat(heart: Simulation) -> None:
    peak, fs_hz, number = heart.beats.sample, 360, 200
    one, times = of(heart, causal=True)
    later = heart.record.signal.copy()
    later[:, peak[number + 1] + round(0.2 * fs_hz) :] = np.random.default_rng(0).normal(size=(2, 1))
    moved = peak.copy()
    moved[number + 2 :] += 30
    other, same = shown(sequence_inputs(later, fs_hz, moved, causal=True))
    np.testing.assert_allclose(one[: number + 1], other[: number + 1], atol=1e-3)
    np.testing.assert_array_equal(times[: number + 1], same[: number + 1])
    assert np.abs(times[number + 1] - same[number + 1]).max() > 0.01


def test_far_away_beats_play_no_part() -> None:
    time_s = np.cumsum(np.random.default_rng(2).uniform(0.5, 1.1, 6000))
    late = np.concatenate([time_s[:4000], time_s[4000:] * 1.2])
    one, same = (timing_features(times, causal=False)[0][:1500] for times in (time_s, late))
    np.testing.assert_array_equal(one, same)
    np.testing.assert_array_equal(rested(time_s, causal=False)[:10], rested(late, causal=False)[:10])


def test_rested_beats_are_those_after_the_longest_intervals() -> None:
    interval = np.full(200, 0.5)
    interval[50::60] = 1.5
    chosen = rested(np.cumsum(interval), causal=False)
    assert {50, 110, 170} <= set(chosen[0].tolist())
    assert (rested(np.cumsum(interval), causal=True)[0] == -1).all()
    assert set(rested(np.cumsum(interval), causal=True)[1].tolist()) <= set(range(128))


def test_an_early_beat_is_told_by_its_intervals() -> None:
    time_s = np.linspace(0, 47.2, 60)
    time_s[30] -= 0.3
    timing, prematurity = timing_features(time_s, causal=False)
    assert timing[30, 4] == pytest.approx(np.log(0.5 / 0.8), abs=1e-5)
    assert timing[30, 5] == pytest.approx(np.log(1.1 / 0.8), abs=1e-5)
    assert prematurity.argmin() == 30
    np.testing.assert_array_equal(timing[:, 0], 1)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("signal", [np.zeros((2, 500)), np.full((2, 500), np.nan), np.ones((3, 1)), np.ones(400)])
@pytest.mark.parametrize("peak", [[], [0], [0, 0], [0, 100, 300]])
def test_flat_missing_and_tiny_records_are_finite(signal: np.ndarray, peak: list[int], causal: bool) -> None:
    waves, timing = shown(sequence_inputs(signal.astype(np.float32), 360, np.array(peak, np.int64), causal=causal))
    assert waves.shape[0] == len(peak)
    assert waves.shape[2:] == (CHANNELS, BEFORE + AFTER)
    assert timing.shape == (len(peak), FEATURES)
    assert np.isfinite(waves).all()
    assert np.isfinite(timing).all()


def test_a_gap_spoils_no_beat_far_from_it(heart: Simulation) -> None:
    signal = heart.record.signal.copy()
    signal[:, 360 * 100 : 360 * 110] = np.nan
    one, _ = of(heart)
    other, _ = of(heart, signal=signal)
    far = np.abs(heart.beats.sample / 360 - 105) > 15
    assert np.isfinite(other).all()
    assert np.abs(one - other)[far][:, :, BEAT].max() < 0.1
