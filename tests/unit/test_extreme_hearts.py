"""Very slow, very fast, very short, very loud, mostly gone: what the analysis says of hearts at the limits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.analysis import DETECTORS, Report, analyze
from einthoven.beats.match import TOLERANCE_S
from einthoven.findings import Decision
from einthoven.signal.qrs import near
from einthoven.signal.quality import Verdict
from einthoven.signal.simulate import Simulation, simulate

if TYPE_CHECKING:
    from einthoven.record import Record

FS_HZ = 360.0

pytestmark = pytest.mark.parametrize("detector", DETECTORS)


@pytest.fixture(scope="module")
def heart() -> Simulation:
    """A minute of two leads with ventricular beats; none at the edges of what the tests cut out."""
    return simulate(duration_s=60, fs_hz=FS_HZ, leads=["MLII", "V5"], pvc=0.15, seed=2)


def missed_and_extra(report: Report, heart: Simulation, first: int = 0) -> tuple[int, int]:
    """Count on a part of the heart's record that begins at sample `first`; a beat cut at an end may be seen or not."""
    fs_hz = report.record.fs_hz
    low, high = 0.2 * fs_hz, report.record.n_samples - 0.2 * fs_hz
    true, seen = heart.beats.sample - first, report.beats.sample
    inner = (true >= low) & (true < high)
    missed = ~near(true[inner], seen, TOLERANCE_S * fs_hz)
    extra = ~near(seen, true, TOLERANCE_S * fs_hz) & (seen >= low) & (seen < high)
    doubled = np.diff(seen) < TOLERANCE_S * fs_hz
    return int(missed.sum()), int(extra.sum() + doubled.sum())


def decisions(report: Report) -> dict[str, Decision]:
    return {finding.name: finding.decision for finding in report.findings}


def with_signal(record: Record, signal: np.ndarray) -> Record:
    return replace(record, signal=signal.astype(np.float32))


@pytest.mark.parametrize("rate_bpm", [30, 60, 150, 200, 220])
def test_every_beat_is_found_from_30_to_220_a_minute(detector: str, rate_bpm: int) -> None:
    heart = simulate(duration_s=30, fs_hz=FS_HZ, rate_bpm=rate_bpm, leads=["MLII", "V5"], seed=1)
    report = analyze(heart.record, detector=detector)
    assert missed_and_extra(report, heart) == (0, 0)
    assert report.rhythm.mean_rate_bpm == pytest.approx(rate_bpm, rel=0.02)
    said = decisions(report)
    assert (said["Mean rate below 60 bpm"] is Decision.PRESENT) == (report.rhythm.mean_rate_bpm < 60)
    assert (said["Mean rate above 100 bpm"] is Decision.PRESENT) == (rate_bpm > 100)


@pytest.mark.parametrize("into_s", [-0.1, 0.0, 0.1])
def test_ten_seconds_that_begin_and_end_within_a_beat_lose_no_whole_beat(
    detector: str, heart: Simulation, into_s: float
) -> None:
    start_s = float(heart.beats.sample[3]) / FS_HZ + into_s
    report = analyze(heart.record.crop(start_s, start_s + 10), detector=detector)
    assert missed_and_extra(report, heart, round(start_s * FS_HZ)) == (0, 0)


@pytest.mark.parametrize("n_samples", [1, 2, 100, 359, 400, 720])
def test_a_moment_is_analysed_without_claims(detector: str, heart: Simulation, n_samples: int) -> None:
    report = analyze(heart.record.crop(0, n_samples / FS_HZ), detector=detector)
    assert len(report.beats) <= 3
    assert report.warnings
    assert decisions(report).get("Ventricular ectopic beats") is not Decision.PRESENT


@pytest.mark.parametrize("gain", [0.1, 0.3, 3, 10])
def test_gain_moves_no_beat_and_changes_no_class(detector: str, heart: Simulation, gain: float) -> None:
    usual = analyze(heart.record, detector=detector)
    other = analyze(with_signal(heart.record, heart.record.signal * gain), detector=detector)
    assert np.abs(other.beats.sample - usual.beats.sample).max() <= 1
    assert other.beats.symbol.tolist() == usual.beats.symbol.tolist()


@pytest.mark.parametrize("gain", [1e-6, 1e6])
def test_a_signal_that_cannot_be_millivolts_is_poor_and_nothing_is_sure(
    detector: str, heart: Simulation, gain: float
) -> None:
    report = analyze(with_signal(heart.record, heart.record.signal * gain), detector=detector)
    assert report.quality.verdict is Verdict.POOR
    assert set(decisions(report).values()) <= {Decision.UNSURE}


def test_pacing_spikes_add_no_beats(detector: str, heart: Simulation) -> None:
    signal = heart.record.signal.copy()
    spike = heart.beats.sample - round(0.05 * FS_HZ)
    signal[:, spike[spike >= 0]] += 3  # one sample, four times an R wave
    report = analyze(with_signal(heart.record, signal), detector=detector)
    assert missed_and_extra(report, heart) == (0, 0)


def test_in_a_gap_nothing_is_found_and_no_pause_is_claimed(detector: str, heart: Simulation) -> None:
    signal = heart.record.signal.copy()
    gap = slice(round(20 * FS_HZ), round(30 * FS_HZ))
    signal[:, gap] = np.nan
    report = analyze(with_signal(heart.record, signal), detector=detector)
    beats, there = report.beats.sample, heart.beats.sample
    assert not np.any((beats >= gap.start) & (beats < gap.stop))
    outside = there[(there < gap.start - 0.2 * FS_HZ) | (there > gap.stop + 0.2 * FS_HZ)]
    assert near(outside, beats, TOLERANCE_S * FS_HZ).all()
    assert decisions(report)["Pauses"] is Decision.ABSENT
    assert any("no lead is usable" in warning for warning in report.warnings)


@pytest.mark.parametrize("nothing", [np.nan, 0.0, 5.0])
def test_a_lead_without_signal_costs_no_beat_of_the_other(detector: str, heart: Simulation, nothing: float) -> None:
    signal = heart.record.signal.copy()
    signal[0] = nothing
    report = analyze(with_signal(heart.record, signal), detector=detector)
    assert missed_and_extra(report, heart) == (0, 0)
    assert report.quality.lead_verdict["MLII"] is Verdict.POOR
    assert report.leads == ("V5",)


@pytest.mark.parametrize("nothing", [np.nan, 0.0])
def test_an_electrode_lost_half_way_costs_no_beat(detector: str, heart: Simulation, nothing: float) -> None:
    signal = heart.record.signal.copy()
    signal[0, signal.shape[1] // 2 :] = nothing
    report = analyze(with_signal(heart.record, signal), detector=detector)
    assert missed_and_extra(report, heart) == (0, 0)


def test_the_order_of_the_leads_plays_no_part(detector: str, heart: Simulation) -> None:
    usual = analyze(heart.record, detector=detector)
    turned = analyze(heart.record.pick(["V5", "MLII"]), detector=detector)
    assert turned.beats.sample.tolist() == usual.beats.sample.tolist()
    assert turned.beats.symbol.tolist() == usual.beats.symbol.tolist()
