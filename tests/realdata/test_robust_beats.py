"""Real beats under what befalls recordings: other gain, polarity and rate, noise, lost and doubled electrodes.

Two records of the training set: atrial fibrillation with ventricular runs (203), and atrial ectopic beats (209). The
claims are on beats found and on the share of beats whose class stays what it was.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from einthoven.analysis import DETECTORS, Report, analyze
from einthoven.beats.match import TOLERANCE_S, match
from einthoven.datasets import mitdb
from einthoven.evaluation.noise import add_noise
from einthoven.findings import Decision
from einthoven.formats import read
from einthoven.signal.quality import Verdict
from einthoven.signal.resample import resample_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from einthoven.datasets.annotated import Annotated
    from einthoven.record import Record

FROM_S, TO_S = 300.0, 480.0
RECORDS = ("203", "209")

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.parametrize("detector", DETECTORS),
    pytest.mark.parametrize("name", RECORDS),
]


class Outcome(NamedTuple):
    """F1 against the experts, and the share of beats found both with and without the change that keep their class."""

    report: Report
    f1: float
    same: float


Judge = "Callable[[str, str, Callable[[Record], Record]], Outcome]"


@pytest.fixture(scope="module")
def items(data_dir: Path) -> dict[str, Annotated]:
    def cut(item: Annotated) -> Annotated:
        first = round(FROM_S * item.record.fs_hz)
        inside = (item.beats.sample >= first) & (item.beats.sample < round(TO_S * item.record.fs_hz))
        beats = replace(item.beats, sample=item.beats.sample[inside] - first, symbol=item.beats.symbol[inside])
        return replace(item, record=item.record.crop(FROM_S, TO_S), beats=beats, flutter=(), unreadable=())

    return {item.record.id: cut(item) for item in mitdb.load(data_dir, RECORDS)}


@pytest.fixture(scope="module")
def judged(items: dict[str, Annotated]) -> Judge:
    @cache
    def usual(name: str, detector: str) -> Report:
        return analyze(items[name].record, detector=detector)

    def judge(name: str, detector: str, change: Callable[[Record], Record]) -> Outcome:
        changed = change(items[name].record)
        report, before = analyze(changed, detector=detector), usual(name, detector)
        fs_hz = items[name].record.fs_hz
        sample = np.rint(report.beats.sample * fs_hz / changed.fs_hz).astype(np.int64)
        pairs = match(before.beats.sample, sample, TOLERANCE_S * fs_hz)
        same = before.beats.symbol[pairs.reference_idx] == report.beats.symbol[pairs.found_idx]
        return Outcome(report, match(items[name].beats.sample, sample, TOLERANCE_S * fs_hz).f1, float(np.mean(same)))

    return judge


def scaled(*factors: float) -> Callable[[Record], Record]:
    """Multiply each lead by its factor."""
    return lambda record: replace(record, signal=record.signal * np.float32(factors)[:, None])


def test_as_it_is(judged: Judge, name: str, detector: str) -> None:
    assert judged(name, detector, lambda record: record).f1 > 0.985


@pytest.mark.parametrize("gain", [0.1, 10])
def test_gain_changes_next_to_nothing(judged: Judge, name: str, detector: str, gain: float) -> None:
    usual, got = judged(name, detector, lambda record: record), judged(name, detector, scaled(gain, gain))
    assert abs(got.f1 - usual.f1) < 0.002
    assert got.same > 0.995


def test_a_tenfold_gain_is_seen_as_poor_signal(judged: Judge, name: str, detector: str) -> None:
    assert judged(name, detector, scaled(10, 10)).report.quality.verdict is Verdict.POOR


def test_an_inverted_lead_loses_few_beats_and_few_classes(judged: Judge, name: str, detector: str) -> None:
    got = judged(name, detector, scaled(-1, 1))
    assert got.f1 > 0.98
    assert got.same > 0.95


@pytest.mark.parametrize("to_hz", [128, 1000])
def test_the_rate_changes_next_to_nothing(judged: Judge, name: str, detector: str, to_hz: float) -> None:
    usual = judged(name, detector, lambda record: record)
    got = judged(name, detector, lambda record: resample_record(record, to_hz))
    assert abs(got.f1 - usual.f1) < 0.005
    assert got.same > 0.98


def test_one_lead_is_enough_and_twice_the_same_lead_is_one(judged: Judge, name: str, detector: str) -> None:
    one = judged(name, detector, lambda record: record.pick(record.leads[:1]))
    twins = judged(name, detector, lambda record: replace(record, signal=record.signal[[0, 0]]))
    assert one.f1 > 0.98
    assert twins.f1 == pytest.approx(one.f1, abs=0.002)
    assert one.same > 0.97  # what the other lead told is lost: the class of 2 beats in 100 of 203
    assert twins.same == pytest.approx(one.same, abs=0.005)


def test_the_order_of_the_leads_plays_no_part(judged: Judge, name: str, detector: str) -> None:
    usual = judged(name, detector, lambda record: record)
    turned = judged(name, detector, lambda record: record.pick(record.leads[::-1]))
    assert turned.f1 == pytest.approx(usual.f1, abs=0.001)
    assert turned.same > 0.999


@pytest.mark.parametrize(("from_share", "nothing"), [(0.0, np.nan), (0.5, 0.0)])
def test_a_lost_electrode_costs_what_the_other_lead_cannot_tell(
    judged: Judge, name: str, detector: str, from_share: float, nothing: float
) -> None:
    def lost(record: Record) -> Record:
        signal = record.signal.copy()
        signal[0, round(from_share * record.n_samples) :] = nothing
        return replace(record, signal=signal)

    got = judged(name, detector, lost)
    alone = judged(name, detector, lambda record: record.pick(record.leads[1:]))
    assert got.f1 > alone.f1 - 0.02
    assert got.f1 > 0.9


@pytest.mark.parametrize(("snr_db", "f1"), [(6, 0.93)])
def test_electrode_motion_costs_some_beats_and_the_quality_tells(
    judged: Judge, items: dict[str, Annotated], data_dir: Path, name: str, detector: str, snr_db: float, f1: float
) -> None:
    em = read(data_dir / "nstdb" / "em.hea")
    got = judged(
        name, detector, lambda record: add_noise(record, em, snr_db, items[name].beats, start_s=0, segment_s=np.inf)
    )
    usual = judged(name, detector, lambda record: record)
    assert got.f1 > f1
    assert got.report.quality.usable.mean() < usual.report.quality.usable.mean()


def test_in_noise_that_drowns_the_beats_nothing_is_claimed(judged: Judge, name: str, detector: str) -> None:
    rng = np.random.default_rng(0)

    def drowned(record: Record) -> Record:
        return replace(record, signal=rng.standard_normal(record.signal.shape).astype(np.float32))

    got = judged(name, detector, drowned)
    assert got.report.quality.verdict is Verdict.POOR
    assert {finding.decision for finding in got.report.findings} <= {Decision.UNSURE}


def test_strips_of_ten_seconds_find_the_beats_of_the_whole(
    items: dict[str, Annotated], name: str, detector: str
) -> None:
    item = items[name]
    fs_hz = item.record.fs_hz
    found = []
    for start_s in range(0, 100, 10):
        beats = analyze(item.record.crop(start_s, start_s + 10), detector=detector).beats
        found.append(beats.sample + round(start_s * fs_hz))
    there = item.beats.sample[item.beats.sample < 100 * fs_hz]
    assert match(there, np.concatenate(found), TOLERANCE_S * fs_hz).f1 > 0.975
