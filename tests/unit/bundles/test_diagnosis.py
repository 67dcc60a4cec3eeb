"""Whole records are asked of a bundle: one or many, short or long, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.bundles.beats import beat_net
from einthoven.bundles.bundle import Bundle
from einthoven.bundles.diagnosis import AT_ONCE, ask, check, operating_point, peaks, read_records, why
from einthoven.errors import BundleError, OptionError
from einthoven.findings import Decision, Interval
from einthoven.signal.quality import assess
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from pathlib import Path

    from einthoven.beats.detect import Net
    from einthoven.record import Record


@pytest.fixture(scope="module")
def reader(tall_v2: Path) -> Bundle:
    return Bundle.load(tall_v2)


@pytest.fixture(scope="module")
def net() -> Net:
    return beat_net(Bundle.load("beat-detector"))


def with_tall_v2(record: Record, times: float, start_s: float = 0.0, stop_s: float = 1e9) -> Record:
    signal = record.signal.copy()
    first, last = (round(min(at, record.duration_s) * record.fs_hz) for at in (start_s, stop_s))
    signal[record.row("V2"), first:last] *= times
    return replace(record, signal=signal)


def test_each_of_many_records_has_its_own_answer_in_their_order(reader: Bundle, net: Net) -> None:
    heart = simulate(duration_s=10, fs_hz=250).record
    tall = [k % 3 == 0 for k in range(AT_ONCE + 5)]
    answers = list(read_records((with_tall_v2(heart, 8 if one else 1) for one in tall), reader, net))
    assert [one.decision is Decision.PRESENT for one in answers] == tall
    assert [one.decision is Decision.ABSENT for one in answers] == [not one for one in tall]


def test_a_record_has_the_same_answer_alone_as_among_others(reader: Bundle, net: Net) -> None:
    hearts = [with_tall_v2(simulate(duration_s=10, fs_hz=250, seed=k).record, 1 + k) for k in range(5)]
    together = [one.probability for one in read_records(hearts, reader, net)]
    alone = [one.probability for heart in hearts for one in read_records([heart], reader, net)]
    assert together == pytest.approx(alone, abs=1e-6)
    assert together == sorted(together)


@pytest.mark.parametrize("bundle", ["cpic2019", None])
def test_of_a_longer_record_nothing_but_its_middle_has_a_say(bundle: str | None, reader: Bundle, net: Net) -> None:
    model = Bundle.load(bundle) if bundle else reader
    long = simulate(duration_s=60, fs_hz=250, pvc=0.3, seed=3).record
    answers = list(read_records([long, long.crop(25, 35)], model, net))
    assert answers[0] == answers[1]


def test_no_record_is_no_answer_and_records_are_taken_as_they_are_needed(reader: Bundle, net: Net) -> None:
    assert list(read_records([], reader, net)) == []
    taken = []

    def hearts():
        for k in range(3 * AT_ONCE):
            taken.append(k)
            yield simulate(duration_s=10, fs_hz=100).record

    next(read_records(hearts(), reader, net))
    assert len(taken) == AT_ONCE


@pytest.mark.parametrize("leads", [("II", "V1"), ("V2",), ("ECG1", "ECG2")])
def test_beats_are_found_on_what_leads_there_are(net: Net, leads: tuple[str, ...]) -> None:
    heart = simulate(duration_s=10, fs_hz=250)
    record = replace(heart.record.pick(["II", "V2"][: len(leads)]), leads=leads)
    assert len(peaks(record, net)) == len(heart.beats)


@pytest.mark.parametrize("dead", [("II",), ("V2", "V5"), ("I", "II", "V2"), ("I", "II", "V2", "V5")])
def test_leads_without_a_signal_cost_no_beat(net: Net, dead: tuple[str, ...]) -> None:
    heart = simulate(duration_s=10, fs_hz=250, seed=5)
    signal = heart.record.signal.copy()
    signal[[heart.record.row(lead) for lead in dead]] = 0.0
    found = peaks(replace(heart.record, signal=signal), net)
    assert len(found) == len(heart.beats)
    assert np.abs(found - heart.beats.sample).max() <= 0.05 * 250


def test_of_a_long_record_several_stretches_are_looked_at(reader: Bundle, net: Net) -> None:
    record = with_tall_v2(simulate(duration_s=60, fs_hz=250).record, 8, 30, 40)
    answer = ask(record, peaks(record, net), assess(record), reader)
    assert len(answer.starts_s) == 6
    assert answer.finding.where == (Interval(30, 40),)
    assert answer.finding.decision is Decision.ABSENT  # a usual ten seconds of it is normal
    assert answer.log_odds.argmax() == 3


def test_why_points_to_the_lead_and_the_second(reader: Bundle, net: Net) -> None:
    record = simulate(duration_s=10, seed=3)
    beat_s = record.beats.sample[4] / 500
    tall = with_tall_v2(record.record, 9, beat_s - 0.06, beat_s + 0.06)
    answer = ask(tall, peaks(tall, net), assess(tall), reader)
    most = why(answer, reader).most
    assert answer.finding.decision is Decision.PRESENT
    assert most[0].leads == ("V2",)
    assert most[0].start_s <= beat_s <= most[0].stop_s


def test_why_tells_the_time_of_a_record_shorter_than_what_the_network_takes(reader: Bundle, net: Net) -> None:
    record = simulate(duration_s=8, seed=3)
    beat_s = record.beats.sample[2] / 500
    tall = with_tall_v2(record.record, 9, beat_s - 0.06, beat_s + 0.06)
    found = why(ask(tall, peaks(tall, net), assess(tall), reader), reader)
    assert found.start_s == -1.0
    assert found.most[0].start_s <= beat_s <= found.most[0].stop_s


@pytest.mark.parametrize("inputs", [{"measures": np.zeros(3, np.float32)}, {"signal": np.zeros((12, 50), np.float32)}])
def test_nothing_is_said_of_leads_that_a_model_is_not_shown(inputs: dict, reader: Bundle, net: Net) -> None:
    record = simulate(duration_s=10, fs_hz=250).record
    answer = ask(record, peaks(record, net), assess(record), reader)
    assert why(replace(answer, inputs=(inputs,)), reader) is None


def test_operating_points_are_those_of_the_card(reader: Bundle) -> None:
    assert operating_point(reader, "sensitivity-0.98") == 0.01
    with pytest.raises(OptionError, match=r"point 'best' is not known: choose from default, sensitivity-0\.98"):
        operating_point(reader, "best")


def test_a_bundle_for_beats_is_refused() -> None:
    with pytest.raises(BundleError, match="bundle mitdb-aami tells N, S, V, F; whole records need normal or abnormal"):
        check(Bundle.load("mitdb-aami"))


@pytest.mark.parametrize("value", [np.nan, 0.0, 1e6])
def test_records_of_nothing_break_nothing(reader: Bundle, net: Net, value: float) -> None:
    record = simulate(duration_s=10, fs_hz=250).record
    (one,) = read_records([replace(record, signal=np.full_like(record.signal, value))], reader, net)
    assert 0 <= one.probability <= 1
