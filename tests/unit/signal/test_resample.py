"""Another rate is the same signal, and beats stay on their peaks."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.errors import OptionError
from einthoven.record import Record
from einthoven.signal.resample import resample, resample_positions, resample_record
from einthoven.signal.simulate import simulate


@pytest.mark.parametrize(
    ("fs_hz", "to_hz"), [(500, 360), (360, 500), (1000, 250), (360, 128), (257, 333.3), (128, 1000)]
)
def test_resampled_is_what_would_have_been_recorded(fs_hz: float, to_hz: float) -> None:
    had, wanted = simulate(fs_hz=fs_hz).record, simulate(fs_hz=to_hz).record
    found = resample(had["II"], fs_hz, to_hz)
    n, edge = min(len(found), wanted.n_samples), round(0.2 * to_hz)
    error = (found[:n] - wanted["II"][:n])[edge:-edge]
    assert np.abs(error).max() < 0.03


@pytest.mark.parametrize("to_hz", [100, 250, 360, 720, 1000])
def test_beats_move_with_the_signal(to_hz: float) -> None:
    heart, there = simulate(duration_s=30), simulate(duration_s=30, fs_hz=to_hz)
    moved = resample_positions(heart.beats.sample, 500, to_hz)
    assert np.abs(moved - there.beats.sample).max() <= max(1, to_hz / 500)
    assert moved.dtype == np.int64


def test_length_is_rounded_up() -> None:
    for n in (1, 2, 9, 10, 361):
        assert len(resample(np.ones(n), 360, 250)) == int(np.ceil(n * 250 / 360))


def test_a_constant_stays_constant() -> None:
    np.testing.assert_allclose(resample(np.full((2, 100), 3.5), 360, 500), 3.5)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_short_signals_come_through(n: int) -> None:
    assert np.isfinite(resample(np.arange(n, dtype=np.float32), 100, 250)).all()


def test_gaps_move_along() -> None:
    x = np.zeros(1000, np.float32)
    x[500:600] = np.nan
    y = resample(x, 500, 250)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(y)), np.arange(250, 300))


def test_frequencies_the_new_rate_cannot_hold_are_gone() -> None:
    t = np.arange(5000) / 1000
    assert np.abs(resample(np.sin(2 * np.pi * 180 * t), 1000, 250)[50:-50]).max() < 0.01


def test_a_record_notes_the_rate_it_had() -> None:
    record = simulate().record
    moved = resample_record(record, 250)
    assert (moved.fs_hz, moved.n_samples, moved.leads) == (250, 2500, record.leads)
    assert moved.notes == ("Resampled from 500 Hz to 250 Hz.",)
    assert resample_record(record, 500) is record


@pytest.mark.parametrize("to_hz", [0, -1, float("nan"), float("inf"), 1e9])
def test_impossible_rates_are_refused(to_hz: float) -> None:
    with pytest.raises(OptionError, match="resample"):
        resample_record(Record(np.zeros((1, 10)), 500, ("I",)), to_hz)
