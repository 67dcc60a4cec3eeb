"""A short record is shown again and again, in its own rhythm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from einthoven.diagnosis.repeat import repeated
from einthoven.signal.simulate import simulate

NO_BEATS = np.empty(0, np.int64)


@pytest.mark.parametrize("duration_s", [2.7, 4, 5.5, 8, 9.9])
@pytest.mark.parametrize("fs_hz", [100, 257, 1000])
def test_the_rhythm_goes_on_without_a_break(duration_s: float, fs_hz: float) -> None:
    heart = simulate(duration_s=duration_s, fs_hz=fs_hz, rate_bpm=75, seed=3)
    ticks = np.zeros_like(heart.record.signal)
    ticks[:, heart.beats.sample] = 1
    long = repeated(replace(heart.record, signal=ticks), heart.beats.sample)
    known_s, found_s = (np.diff(at) / fs_hz for at in (heart.beats.sample, np.flatnonzero(long.signal[0])))
    assert long.duration_s == pytest.approx(10, abs=1 / fs_hz)
    assert found_s.min() == pytest.approx(known_s.min(), abs=1.01 / fs_hz)
    assert found_s.max() == pytest.approx(known_s.max(), abs=1.01 / fs_hz)


def test_the_record_itself_stands_in_the_middle() -> None:
    heart = simulate(duration_s=6, fs_hz=500, seed=1)
    long = repeated(heart.record, heart.beats.sample)
    assert np.array_equal(long.crop(2, 8).signal, heart.record.signal)
    assert long.leads == heart.record.leads


@pytest.mark.parametrize("n_samples", [1, 2, 3, 99, 2499, 2500, 2501, 9000])
@pytest.mark.parametrize("peak", [NO_BEATS, np.array([0]), np.array([0, 0, 0])])
def test_with_too_few_beats_all_of_it_is_repeated(n_samples: int, peak: np.ndarray) -> None:
    record = simulate(duration_s=40, fs_hz=250, seed=1).record
    short = replace(record, signal=record.signal[:, :n_samples])
    long = repeated(short, peak)
    assert long.n_samples == max(2500, n_samples)
    if n_samples < 2500:
        first = (2500 - n_samples) // 2
        again = np.tile(short.signal, 2500 // n_samples + 3)
        offset = -first % n_samples
        assert np.array_equal(long.signal, again[:, offset : offset + 2500])


def test_what_is_missing_stays_missing() -> None:
    heart = simulate(duration_s=5, fs_hz=250, seed=1)
    signal = heart.record.signal.copy()
    signal[4] = np.nan
    long = repeated(replace(heart.record, signal=signal), heart.beats.sample)
    assert np.isnan(long.signal[4]).all()
    assert np.isfinite(np.delete(long.signal, 4, axis=0)).all()
