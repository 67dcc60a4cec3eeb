"""What is drawn of a lead is what was recorded."""

from __future__ import annotations

import numpy as np

from einthoven.images.trace import pieces, trace
from einthoven.record import Record


def record(values: object, fs_hz: float = 500) -> Record:
    return Record(np.atleast_2d(np.asarray(values, dtype=float)), fs_hz, ("II",))


def test_few_samples_are_all_drawn() -> None:
    signal = np.sin(np.arange(5000) / 50)
    drawn = trace(record(signal), "II", 0, 10, 25)
    np.testing.assert_allclose(drawn.value_mv + drawn.baseline_mv, signal, atol=1e-6)
    np.testing.assert_allclose(drawn.time_s, np.arange(5000) / 500)


def test_thinning_keeps_every_extreme_in_its_place() -> None:
    signal = np.random.default_rng(1).normal(size=360 * 600)
    drawn = trace(record(signal, 360), "II", 0, 600, 0.5)
    assert len(drawn.time_s) < 6001
    index = np.rint(drawn.time_s * 360).astype(int)
    assert np.all(np.diff(index) >= 0)
    np.testing.assert_allclose(drawn.value_mv + drawn.baseline_mv, signal[index], atol=1e-5)
    assert {int(signal.argmax()), int(signal.argmin())} <= set(index.tolist())


def test_thinning_keeps_gaps() -> None:
    signal = np.random.default_rng(1).normal(size=360 * 600)
    signal[360 * 100 : 360 * 200] = np.nan
    drawn = trace(record(signal, 360), "II", 0, 600, 0.5)
    lost = np.isnan(drawn.value_mv)
    assert drawn.time_s[lost].min() >= 100
    assert drawn.time_s[lost].max() < 200
    assert len(pieces(drawn.time_s, drawn.value_mv)) == 2


def test_infinite_samples_count_as_missing() -> None:
    assert [len(piece) for piece in pieces(np.arange(4.0), np.array([1.0, np.inf, 2.0, 3.0]))] == [1, 2]
    assert np.isnan(trace(record([1.0, np.inf, 1.0]), "II", 0, 1, 25).value_mv[1])


def test_a_lead_without_signal_or_not_recorded_is_empty() -> None:
    assert trace(record([np.nan] * 100), "II", 0, 1, 25).is_empty
    assert trace(record([0.0] * 100), "V1", 0, 1, 25).is_empty
    assert not trace(record([0.0]), "II", 0, 1, 25).is_empty


def test_offset_does_not_move_the_trace() -> None:
    signal = np.sin(np.arange(5000) / 50)
    np.testing.assert_allclose(
        trace(record(signal + 4), "II", 0, 10, 25).value_mv, trace(record(signal), "II", 0, 10, 25).value_mv, atol=1e-5
    )
