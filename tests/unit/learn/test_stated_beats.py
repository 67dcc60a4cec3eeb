from __future__ import annotations

import numpy as np
import pytest

from einthoven.beats.sequences import timing_features
from einthoven.learn.stated_beats import OPEN, N, S, V, classes_of, like_the_usual, rhythm_of
from einthoven.signal.simulate import Simulation, simulate


def told(heart: Simulation, *statements: str) -> np.ndarray:
    peak, fs_hz = heart.beats.sample, heart.record.fs_hz
    early = timing_features(peak / fs_hz, causal=False)[1]
    return classes_of(statements, like_the_usual(heart.record.signal, fs_hz, peak), early)


def test_stated_ventricular_beats_are_the_odd_ones() -> None:
    heart = simulate(duration_s=30, pvc=0.15, seed=3)
    found, ventricular = told(heart, "PVC", "SR"), heart.beats.symbol == "V"
    assert ventricular.sum() > 2
    assert (found[ventricular] == V).all()
    assert (found[~ventricular] != V).all()
    assert (found[~ventricular] == N).mean() > 0.8


def test_stated_atrial_beats_are_the_early_ones_that_look_like_the_others() -> None:
    heart = simulate(duration_s=30, pac=0.15, seed=5)
    found, atrial = told(heart, "PAC"), heart.beats.symbol == "A"
    assert atrial.sum() > 2
    assert (found[atrial] == S).all()
    assert (found[~atrial] != S).all()
    assert not (told(heart, "PAC", "AFIB") == S).any()  # in fibrillation an early beat says nothing


def test_an_odd_beat_of_which_nothing_is_stated_stays_open() -> None:
    heart = simulate(duration_s=30, pvc=0.15, seed=3)
    found = told(heart, "NORM")
    assert set(found[heart.beats.symbol == "V"].tolist()) == {OPEN}
    assert (found[heart.beats.symbol == "N"] == N).all()


@pytest.mark.parametrize(("statement", "expected"), [("PSVT", S), ("PACE", OPEN), ("CLBBB", N), ("AFIB", N)])
def test_some_statements_tell_of_every_beat(statement: str, expected: int) -> None:
    assert (told(simulate(duration_s=10, seed=1), statement) == expected).all()


def test_likeness_is_blind_to_gain_and_polarity_and_to_flat_leads() -> None:
    heart = simulate(duration_s=20, pvc=0.1, seed=2)
    signal, fs_hz, peak = heart.record.signal, heart.record.fs_hz, heart.beats.sample
    like = like_the_usual(signal, fs_hz, peak)
    gain = np.linspace(-3, 4, len(signal), dtype=np.float32)[:, None]
    np.testing.assert_allclose(like_the_usual(signal * gain, fs_hz, peak), like, atol=1e-3)
    flat = np.concatenate([signal, np.zeros_like(signal[:3])])
    np.testing.assert_allclose(like_the_usual(flat, fs_hz, peak), like, atol=1e-6)


def test_the_gravest_rhythm_is_named() -> None:
    assert [rhythm_of(codes) for codes in ({"AFIB", "SVTAC"}, {"AFLT"}, {"SVTAC"}, {"SR"}, {"PAC"})] == [1, 2, 3, 0, -1]
