"""Pacing spikes are found where sampling shows them, in noise too, and never guessed where it does not."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.signal import butter, lfilter

from einthoven.beats.pacing import Pacing, find_pacing, mark_paced, pacing_finding
from einthoven.evaluation.noise import add_noise
from einthoven.findings import Decision
from einthoven.record import Beats, Record
from einthoven.signal.simulate import simulate

LEADS = ("I", "II", "V1", "V5")


@cache
def heart(fs_hz: float, paced: float = 1.0, spike_mv: float = 1.0, seconds: float = 30) -> tuple[Record, Beats]:
    """Fibrillating atria and a pacemaker: a pulse of 1 ms, 120 ms before the R peaks of the first beats.

    An analogue filter of 0.4 times the rate lets it through, as before any converter.
    """
    made = simulate(duration_s=seconds, fs_hz=4000, leads=LEADS, rhythm="af", block="lbbb", seed=3)
    signal = made.record.signal.astype(np.float64)
    beats = made.beats.sample
    for r in beats[: round(paced * len(beats))]:
        if r > 1000:
            signal[:, r - 480 : r - 476] += np.array([0.4, 1.0, -0.7, 0.6])[:, None] * spike_mv
    signal = lfilter(*butter(2, 0.4 * fs_hz, fs=4000), signal)
    at = np.arange(round(seconds * fs_hz)) * 4000 / fs_hz
    sampled = np.stack([np.interp(at, np.arange(signal.shape[1]), lead) for lead in signal])
    record = Record(sampled, fs_hz, LEADS, id="paced")
    return record, Beats(np.round(beats * fs_hz / 4000).astype(np.int64), made.beats.symbol)


@pytest.mark.parametrize(("fs_hz", "share"), [(250, 0.8), (360, 0.9), (500, 0.95), (1000, 0.95)])
def test_a_pacemaker_is_seen_from_250_hz_on(fs_hz: float, share: float) -> None:
    record, beats = heart(fs_hz)
    pacing = find_pacing(record, beats)
    assert pacing.decision is Decision.PRESENT
    assert pacing.paced.mean() > share
    early_s = (beats.sample - pacing.spike)[pacing.paced] / fs_hz
    assert early_s == pytest.approx(np.full(len(early_s), 0.12), abs=0.007)


@pytest.mark.parametrize("fs_hz", [250, 360, 500, 1000])
@pytest.mark.parametrize("block", [None, "lbbb", "rbbb"])
def test_a_heart_without_pacemaker_has_no_spike(fs_hz: float, block: str | None) -> None:
    made = simulate(duration_s=60, fs_hz=fs_hz, leads=LEADS, block=block, pvc=0.1, seed=5)
    pacing = find_pacing(made.record, made.beats)
    assert not pacing.paced.any()
    assert pacing.decision is not Decision.PRESENT


@pytest.mark.parametrize("fs_hz", [100, 128, 249])
def test_at_a_low_rate_it_says_that_it_cannot_tell(fs_hz: float) -> None:
    record, beats = heart(fs_hz)
    pacing = find_pacing(record, beats)
    assert (pacing.decision, pacing.can_tell) == (Decision.UNSURE, False)
    assert pacing_finding(pacing, fs_hz).detail == f"{fs_hz} Hz is too slow to see pacing spikes, which need 250 Hz"


@pytest.mark.parametrize("change", [0.1, 10, -1])
def test_gain_and_polarity_change_nothing(change: float) -> None:
    record, beats = heart(500)
    changed = replace(record, signal=record.signal * change)
    assert find_pacing(changed, beats).spike.tolist() == find_pacing(record, beats).spike.tolist()


def test_an_offset_of_the_electrodes_changes_nothing() -> None:
    record, beats = heart(500)
    shifted = replace(record, signal=record.signal + 50)
    assert find_pacing(shifted, beats).paced.tolist() == find_pacing(record, beats).paced.tolist()


@pytest.mark.parametrize("snr_db", [24, 12, 6])
def test_noise_hides_no_spike_of_a_millivolt_and_makes_none(snr_db: float) -> None:
    rng = np.random.default_rng(0)
    rough = np.cumsum(rng.normal(size=(2, 20_000)), axis=1)  # brown, as electrode motion is
    noise = Record(rough - rough.mean(axis=1, keepdims=True), 500, ("a", "b"), id="brown")
    for paced, decision in ((1.0, {Decision.PRESENT}), (0.0, {Decision.ABSENT, Decision.UNSURE})):
        record, beats = heart(500, paced)
        noisy = add_noise(record, noise, snr_db, beats, start_s=0, segment_s=math.inf)
        assert find_pacing(noisy, beats).decision in decision


def test_a_disturbance_of_one_lead_among_many_is_no_spike() -> None:
    record, beats = heart(500, paced=0)
    signal = record.signal.copy()
    signal[2, beats.sample - 30] += 2
    assert not find_pacing(replace(record, signal=signal), beats).paced.any()


def test_only_the_beats_with_a_spike_become_q() -> None:
    record, beats = heart(500, paced=0.3)
    marked = mark_paced(beats, find_pacing(record, beats))
    share = round(0.3 * len(beats))
    assert set(marked.symbol[1:share]) == {"Q"}
    assert marked.symbol[share:].tolist() == beats.symbol[share:].tolist()
    assert marked.paced.tolist() == (marked.symbol == "Q").tolist()


def test_a_single_odd_spike_makes_no_paced_beat() -> None:
    record, beats = heart(500, paced=3 / 35)
    pacing = find_pacing(record, beats)
    assert 0 < pacing.paced.sum() < 3
    assert pacing.decision is not Decision.PRESENT
    assert mark_paced(beats, pacing) is beats


def test_few_paced_beats_of_many_leave_it_open() -> None:
    spike = np.full(1000, -1)
    spike[:4] = 7
    assert Pacing(spike, 0.0, can_tell=True).decision is Decision.UNSURE
    spike[:60] = 7
    assert Pacing(spike, 0.0, can_tell=True).decision is Decision.PRESENT


def test_the_finding_names_it_counts_it_and_shows_it() -> None:
    record, beats = heart(500)
    finding = pacing_finding(find_pacing(record, beats), 500)
    assert (finding.code, finding.system, finding.name) == ("10370003", "SNOMED CT", "Pacemaker")
    assert finding.decision is Decision.PRESENT
    assert "a spike before" in finding.detail
    assert len(finding.where) == 5
    bare = pacing_finding(find_pacing(*heart(500, paced=0)), 500)
    assert "spike" in bare.detail
    assert bare.where == ()


@pytest.mark.parametrize(
    "signal",
    [np.zeros((1, 5000)), np.full((2, 5000), np.nan), np.full((3, 5000), 1e6), np.ones((1, 1))],
    ids=["flat", "missing", "huge", "one sample"],
)
def test_nothing_to_see_is_no_pacemaker(signal: np.ndarray) -> None:
    record = Record(signal, 500, tuple("abc")[: len(signal)])
    for sample in ([], [0], [1000, 2000, 3000]):
        pacing = find_pacing(record, Beats.unlabelled(np.array(sample, np.int64)))
        assert pacing.decision is Decision.ABSENT
        assert len(pacing.spike) == len(sample)


def test_the_edge_of_a_gap_is_no_spike() -> None:
    record, beats = heart(500, paced=0)
    signal = record.signal.copy()
    for r in beats.sample[::2]:
        signal[:, r - 60 : r - 40] = np.nan
    assert not find_pacing(replace(record, signal=signal + 3), beats).paced.any()


def test_a_long_record_with_spikes_is_looked_at_beat_by_beat() -> None:
    record, beats = heart(250, seconds=20)
    times = 150
    signal = np.tile(record.signal, times)
    sample = (beats.sample + np.arange(times)[:, None] * record.n_samples).reshape(-1)
    many = Beats.unlabelled(sample)
    assert len(many) > 2 * 1500
    assert find_pacing(replace(record, signal=signal), many).paced.mean() > 0.75
