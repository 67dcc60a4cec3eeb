"""A sample no electrode can have given is missing; whatever a heart does stays."""

import numpy as np
import pytest

from einthoven.beats.fast import fast_detect
from einthoven.record import Record
from einthoven.signal.qrs import candidates
from einthoven.signal.quality import assess
from einthoven.signal.simulate import Noise, simulate
from einthoven.signal.wild import mend_wild, without_wild


@pytest.mark.parametrize("value", [1e4, -1e6, 1e38, -3e38])
def test_a_wild_sample_is_missing_and_nothing_else(value):
    record = simulate(duration_s=20, leads=("II", "V5"), seed=1).record
    signal = record.signal.copy()
    signal[1, [0, 4321, 9999]] = value
    mended = without_wild(signal, 1000)
    assert np.argwhere(np.isnan(mended)).tolist() == [[1, 0], [1, 4321], [1, 9999]]
    assert np.array_equal(np.nan_to_num(mended), np.where(np.abs(signal) > 100, 0, signal))


@pytest.mark.parametrize("gain", [1e-6, 1, 200, 1e6])
@pytest.mark.parametrize("rate_bpm", [20, 70, 220])
def test_no_heart_is_wild_at_any_gain_with_any_offset_and_steps(gain, rate_bpm):
    record = simulate(duration_s=30, rate_bpm=rate_bpm, pvc=0.2, noise=Noise(wander_mv=1, muscle_mv=0.1), seed=2).record
    signal = record.signal * np.float32(gain)
    signal[:, 7300:] += np.float32(3 * gain)
    signal[2, 2000:9000] = np.nan
    assert without_wild(signal, 1000) is signal


def test_a_lead_that_is_flat_missing_or_empty_is_left_alone():
    for signal in (np.zeros((1, 500)), np.full((1, 500), np.nan), np.zeros((1, 0)), np.full((1, 1), 1e6)):
        assert without_wild(signal.astype(np.float32), 250).shape == signal.shape
    assert not np.isnan(without_wild(np.full((1, 500), 1e6, np.float32), 250)).any()


@pytest.mark.parametrize("value", [1e6, 1e38, np.inf])
def test_a_broken_sample_costs_neither_beats_nor_quality(value):
    record = simulate(duration_s=60, leads=("II",), seed=1).record
    signal = record.signal.copy()
    signal[0, 14_321] = value
    broken = Record(signal, record.fs_hz, record.leads)
    assert assess(broken).usable.all()
    assert assess(broken).verdict is assess(record).verdict
    assert len(fast_detect(broken)) == len(fast_detect(record))
    for found, before in zip(candidates(broken).energy, candidates(record).energy, strict=True):
        assert len(found) == len(before)


def test_the_record_says_what_is_missing():
    record = simulate(duration_s=10, leads=("II", "V5"), seed=1).record
    signal = record.signal.copy()
    signal[1, [5, 6]] = 1e6
    mended = mend_wild(Record(signal, record.fs_hz, record.leads))
    assert mended.notes == ("samples far beyond all around them count as missing: 2 of V5",)
    assert np.isnan(mended.signal).sum() == 2
