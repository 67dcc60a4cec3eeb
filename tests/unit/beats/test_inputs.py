from __future__ import annotations

import numpy as np

from einthoven.beats.inputs import window_inputs


def test_the_published_window_is_six_seconds_of_the_standardised_lead() -> None:
    signal = np.random.default_rng(0).normal(2.0, 3.0, 5000).astype(np.float32)
    made = window_inputs(signal, 360.0, np.array([1079, 1080, 3920, 3921]))
    assert made.arrays["window"].shape == (4, 1, 2160)
    assert made.complete.tolist() == [False, True, True, False]
    expected = (signal[:2160] - signal.mean()) / signal.std()
    np.testing.assert_allclose(made.arrays["window"][np.array([1])][0, 0], expected, atol=1e-5)


def test_gain_does_not_change_the_input() -> None:
    signal = np.random.default_rng(1).normal(size=5000).astype(np.float32)
    one, ten = (window_inputs(signal * gain, 360.0, np.array([2000])).arrays["window"] for gain in (1, 10))
    np.testing.assert_allclose(one[np.array([0])], ten[np.array([0])], atol=1e-5)


def test_a_record_without_beats_gives_no_rows() -> None:
    made = window_inputs(np.zeros(10, np.float32), 360.0, np.array([], np.int64))
    assert made.arrays["window"][np.arange(0)].shape == (0, 1, 2160)


def test_a_record_of_another_rate_is_brought_to_that_of_the_window() -> None:
    time_s = {fs_hz: np.arange(0, 20, 1 / fs_hz) for fs_hz in (250, 360)}
    waves = {fs_hz: np.sin(2 * np.pi * 1.3 * t).astype(np.float32) for fs_hz, t in time_s.items()}
    windows = [window_inputs(waves[fs_hz], fs_hz, np.array([10 * fs_hz])).arrays["window"] for fs_hz in (250, 360)]
    assert windows[0].shape == windows[1].shape == (1, 1, 2160)
    np.testing.assert_allclose(windows[0][np.array([0])], windows[1][np.array([0])], atol=0.02)
