"""A long signal is worked on in pieces, and what comes out is what the whole would give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import butter, resample_poly, sosfiltfilt

from einthoven.record import Record
from einthoven.signal import filter as filters
from einthoven.signal import qrs
from einthoven.signal import resample as resampling
from einthoven.signal.pieces import pieces
from einthoven.signal.qrs import candidates, near
from einthoven.signal.simulate import Noise, simulate


@given(st.integers(0, 5000), st.integers(1, 700), st.integers(0, 300), st.integers(1, 50))
def test_every_sample_is_answered_for_once(n_samples: int, size: int, margin: int, step: int) -> None:
    cut = list(pieces(n_samples, size, margin, step=step))
    at = np.arange(n_samples)
    assert np.concatenate([np.empty(0), *(at[one.kept] for one in cut)]).tolist() == at.tolist()
    for one in cut:
        assert one.start % step == one.first % step == 0
        assert at[one.seen][one.inner].tolist() == at[one.kept].tolist()
        assert one.first - one.start >= min(margin, one.first)
        assert one.stop - one.last >= min(margin, n_samples - one.last)
        assert one.last - one.first < size + step


@pytest.fixture
def wandering() -> np.ndarray:
    return np.cumsum(np.random.default_rng(0).standard_normal(40_001)) * 0.05


@pytest.mark.parametrize("edges", [(0.5, 40), (0.05, 150), (None, 20), (1, None)])
def test_filtering_in_pieces_is_filtering_the_whole(
    wandering: np.ndarray, edges: tuple[float | None, float | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "_PIECE", 5000)
    kind = {(True, True): "bandpass", (False, True): "lowpass", (True, False): "highpass"}[
        (edges[0] is not None, edges[1] is not None)
    ]
    corners = [edge for edge in edges if edge is not None]
    sos = butter(2, corners if len(corners) == 2 else corners[0], kind, fs=360, output="sos")
    whole = sosfiltfilt(sos, wandering, padlen=3 * (2 * len(sos) + 1))
    np.testing.assert_allclose(filters.bandpass(wandering, 360, *edges), whole, atol=1e-6)


@pytest.mark.parametrize("to_hz", [100, 128, 250, 500, 77.3])
def test_resampling_in_pieces_is_resampling_the_whole(
    wandering: np.ndarray, to_hz: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resampling, "_PIECE", 5000)
    ratio = resampling._ratio(360, to_hz)
    offset = np.median(wandering)
    whole = resample_poly(wandering - offset, ratio.numerator, ratio.denominator) + offset
    np.testing.assert_allclose(resampling.resample(wandering, 360, to_hz), whole, atol=1e-12)


def test_a_beat_on_the_edge_of_two_pieces_is_seen_once(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = Noise(muscle_mv=0.03, wander_mv=0.2)
    heart = simulate(duration_s=600, fs_hz=125, leads=["II", "V5"], noise=noise, seed=3)
    whole = candidates(heart.record)
    for size_s in (41.0, 43.5):  # many edges, wherever they fall
        monkeypatch.setattr(qrs, "_PIECE_S", size_s)
        cut = candidates(heart.record)
        for ours, theirs in zip(cut.adaptive + cut.energy, whole.adaptive + whole.energy, strict=True):
            assert np.all(np.diff(ours) > 0.2 * 125)
            assert near(ours, theirs, 1).all()
            assert near(theirs, ours, 1).all()


def test_a_piece_without_signal_has_no_candidates_and_the_rest_keeps_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    heart = simulate(duration_s=300, fs_hz=125, leads=["II"], seed=3)
    monkeypatch.setattr(qrs, "_PIECE_S", 50.0)
    monkeypatch.setattr(qrs, "_MARGIN_S", 10.0)
    signal = heart.record.signal.copy()
    signal[:, 100 * 125 : 200 * 125] = np.nan
    found = candidates(Record(signal, 125, ["II"]))
    beats = heart.beats.sample
    there = beats[(beats < 99 * 125) | (beats > 201 * 125)]
    for hits in (*found.adaptive, *found.energy):
        assert near(there, hits, 0.15 * 125).all()
        assert not np.any((hits >= 100 * 125) & (hits < 200 * 125))
