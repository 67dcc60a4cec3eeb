from __future__ import annotations

import numpy as np
import pytest

from einthoven.beats.sequences import QRS
from einthoven.learn.trace_augment import vary_traces


def batch(items: int = 200, leads: int = 2) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    strip, usual = np.zeros((items, leads, 601), np.float32), np.zeros((items, leads, 128), np.float32)
    tall = rng.choice([-1, 1], (items, leads))[..., None] * np.hanning(11)
    strip[..., 295:306], usual[..., 55:66] = tall, tall
    return {"strip": strip, "usual": usual}


def vary(traces: dict[str, np.ndarray], noise: np.ndarray | None = None, **settings: float) -> dict[str, np.ndarray]:
    return vary_traces(traces, np.random.default_rng(1), noise, **settings)


def test_without_settings_nothing_is_varied() -> None:
    before = batch()
    for name, of in vary(before).items():
        np.testing.assert_array_equal(of, before[name])


def test_mixtures_of_leads_keep_the_height_of_the_usual_beat() -> None:
    one = vary(batch(), mixed=1.0)
    height = np.ptp(one["usual"][..., QRS], axis=-1)
    assert np.mean(np.abs(height - 1) < 1e-3) > 0.85  # the rest are leads that all but cancel out
    assert height.max() < 1.001
    np.testing.assert_allclose(one["strip"][..., 295:306], one["usual"][..., 55:66], atol=1e-5)


def test_a_lost_lead_is_replaced_by_the_other() -> None:
    one = vary(batch(), one_lead=1.0)
    np.testing.assert_array_equal(one["strip"][:, 0], one["strip"][:, 1])


def test_leads_that_change_places_do_so_in_both_traces() -> None:
    before = batch()
    one = vary(before, swapped=1.0)
    for name, of in one.items():
        np.testing.assert_array_equal(of[:, ::-1], before[name])


def test_a_shift_moves_beat_and_usual_beat_together_and_a_slip_the_strip_alone() -> None:
    for settings, moved in (({"shift": 3.0}, True), ({"jitter": 3.0}, False)):
        one = vary(batch(), **settings)
        at = {name: np.abs(of[:, 0]).argmax(axis=-1) for name, of in one.items()}
        assert np.std(at["strip"]) == pytest.approx(3, abs=0.5)
        if moved:
            assert np.abs(at["strip"] - 300 - (at["usual"] - 60)).max() <= 1
        else:
            assert (at["usual"] == 60).all()


def test_upside_down_a_lead_is_so_in_both_traces() -> None:
    before = batch()
    for name, of in vary(before, inverted=1.0).items():
        np.testing.assert_allclose(of, -before[name])


def test_the_usual_beat_gets_little_of_the_noise() -> None:
    before, noise = batch(), np.random.default_rng(2).normal(size=5000).astype(np.float32)
    one = vary(before, noise, noisy=1.0)
    off = {name: float(np.std(of - before[name])) for name, of in one.items()}
    assert off["usual"] == pytest.approx(0.1 * off["strip"], rel=0.1)
    assert off["strip"] > 0.1


def test_a_single_lead_without_usual_beat_is_varied_too() -> None:
    strip = np.random.default_rng(3).normal(size=(5, 1, 240)).astype(np.float32)
    one = vary({"strip": strip}, mixed=1.0, one_lead=0.5, swapped=0.5, shift=2, stretch=0.1, gain=0.2, wander=0.1)
    assert one["strip"].shape == strip.shape
    assert one["strip"].dtype == np.float32
    assert not np.array_equal(one["strip"], strip)
