from __future__ import annotations

import numpy as np
import pytest

from einthoven.diagnosis.band import in_band


def test_a_band_keeps_amplitude_inside_and_half_of_it_at_its_edges() -> None:
    t = np.arange(10_000) / 250
    for hz, expected in ((0.5, 0.5), (10, 1.0), (40, 0.5), (0.05, 0.0)):
        made = in_band(np.float32(np.cos(2 * np.pi * hz * t))[None], 250, 100, 0.5, 40)
        assert np.abs(made[:, 400:-400]).max() == pytest.approx(expected, abs=0.03)


def test_a_notch_takes_the_mains_and_leaves_what_is_beside_them() -> None:
    t = np.arange(5000) / 500
    for hz, left in ((50.0, 0.0), (60.0, 0.0), (40.0, 1.0), (70.0, 1.0)):
        tone = np.cos(2 * np.pi * hz * t).astype(np.float32)[None]
        made = in_band(tone, 500, 500, 0.0, 1e4, notch=True)[:, 500:-500]
        assert np.abs(made).max() == pytest.approx(left, abs=0.03)
        np.testing.assert_allclose(in_band(tone, 500, 500, 0.0, 1e4), tone, atol=1e-4)


def test_a_notch_beyond_what_the_rate_can_hold_changes_nothing() -> None:
    rows = np.random.default_rng(0).normal(size=(2, 400)).astype(np.float32)
    made, usual = (in_band(rows, 50, 40, 0.5, 15, notch=notch) for notch in (True, False))
    np.testing.assert_allclose(made, usual, atol=1e-5)
