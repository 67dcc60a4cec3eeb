"""The shipped detector does on real records what its result file says, and bears what is done to them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.beats.detect import BeatStream, detect
from einthoven.beats.match import TOLERANCE_S, match
from einthoven.bundles.beats import beat_net
from einthoven.bundles.bundle import Bundle
from einthoven.datasets import mitdb
from einthoven.evaluation.beat_figures import detection_protocol
from einthoven.evaluation.ec57 import compare
from einthoven.formats import read
from einthoven.signal.resample import resample_record

if TYPE_CHECKING:
    from einthoven.beats.detect import Net
    from einthoven.datasets.annotated import Annotated

RESULT = Path(__file__).parents[2] / "results" / "beat-detector.json"
BORNE = ("119", "203", "223")

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def net() -> Net:
    return beat_net(Bundle.load("beat-detector"))


@pytest.fixture(scope="module")
def items(data_dir: Path) -> list[Annotated]:
    return list(mitdb.load(data_dir, BORNE))


def f1(item: Annotated, found: np.ndarray, fs_hz: float = 360.0) -> float:
    return match(item.beats.sample / 360, found / fs_hz, TOLERANCE_S).f1


def test_the_bundle_gives_the_figures_of_the_result_file(data_dir: Path, net: Net) -> None:
    expected = json.loads(RESULT.read_text())["protocols"]["ec57-detection-ds2"]
    judged = detection_protocol([compare(item, detect(item.record, net)) for item in mitdb.load(data_dir, mitdb.DS2)])
    assert judged["n"] == expected["n"]
    for name, figure in expected["metrics"].items():
        assert judged["metrics"][name]["value"] == pytest.approx(figure["value"], abs=5e-5), name


def test_gain_and_the_order_of_leads_move_no_beat(items: list[Annotated], net: Net) -> None:
    for item in items:
        record = item.record
        before = detect(record, net).sample
        for gain in (0.1, 10):
            np.testing.assert_array_equal(
                detect(replace(record, signal=record.signal * np.float32(gain)), net).sample, before
            )
        turned = replace(record, signal=record.signal[::-1], leads=record.leads[::-1])
        np.testing.assert_array_equal(detect(turned, net, placed_on=record.leads[0]).sample, before)


def test_a_lead_upside_down_or_lost_or_alone_costs_little(items: list[Annotated], net: Net) -> None:
    for item in items:
        whole = f1(item, detect(item.record, net).sample)
        for row in (0, 1):
            over, lost = item.record.signal.copy(), item.record.signal.copy()
            over[row] *= -1
            lost[row, 200_000:] = np.nan
            for signal in (over, lost):
                assert f1(item, detect(replace(item.record, signal=signal), net).sample) >= whole - 0.012
        first = detect(item.record, net, leads=item.record.leads[:1]).sample
        assert f1(item, first) >= whole - 0.012


@pytest.mark.parametrize("fs_hz", [50.0, 128.0, 250.0, 1000.0])
def test_another_sampling_rate_costs_little(items: list[Annotated], net: Net, fs_hz: float) -> None:
    for item in items[:2]:
        whole = f1(item, detect(item.record, net).sample)
        assert f1(item, detect(resample_record(item.record, fs_hz), net).sample, fs_hz) >= whole - 0.003


def test_a_stream_finds_the_beats_of_the_whole(items: list[Annotated], net: Net) -> None:
    record = items[2].record.crop(0, 600)
    rng = np.random.default_rng(0)
    cuts = np.cumsum(rng.integers(1, 5000, 200))
    stream = BeatStream(2, 360.0, net)
    parts = [stream.feed(part) for part in np.split(record.signal, cuts[cuts < record.n_samples], axis=1)]
    found = np.concatenate([beats.sample for beats in (*parts, stream.finish())])
    np.testing.assert_array_equal(found, detect(record, net).sample)


def test_twelve_leads_and_one_show_the_same_beats_of_other_databases(data_dir: Path, net: Net) -> None:
    agreed = [0, 0]
    for file in sorted((data_dir / "cinc2020" / "records").rglob("*.hea"))[::3]:
        record = read(file)
        twelve, second = detect(record, net).sample, detect(record, net, leads=record.leads[1:2]).sample
        pairs = match(twelve, second, TOLERANCE_S * record.fs_hz)
        agreed[0] += pairs.true_positives
        agreed[1] += max(len(twelve), len(second))
    assert agreed[1] > 600
    assert agreed[0] / agreed[1] >= 0.98
