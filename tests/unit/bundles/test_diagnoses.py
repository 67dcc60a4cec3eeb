"""Diagnoses are asked of a bundle: many records at once, long ones by stretches, and what is written down."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.bundles.beats import beat_net
from einthoven.bundles.bundle import Bundle
from einthoven.bundles.diagnoses import check, diagnose, log_odds, record_log_odds, shown, tells_diagnoses, written
from einthoven.bundles.scores import Calibration
from einthoven.codes import CINC2020_CLASSES, REPORTED
from einthoven.errors import BundleError
from einthoven.findings import Decision
from einthoven.signal.quality import assess
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from einthoven.beats.detect import Net
    from einthoven.record import Record

AF, PVC = REPORTED.index("164889003"), REPORTED.index("427172004")
NO_BEATS = np.empty(0, np.int64)


@pytest.fixture(scope="module")
def model(many_waves: Path) -> Bundle:
    return Bundle.load(many_waves)


@pytest.fixture(scope="module")
def net() -> Net:
    return beat_net(Bundle.load("beat-detector"))


def nobody(leads: NDArray[np.float32], /) -> NDArray[np.float32]:
    raise AssertionError("nobody need find beats")


def tall(record: Record, lead: str, times: float, start_s: float = 0.0, stop_s: float = 1e9) -> Record:
    signal = record.signal.copy()
    first, last = (round(min(at, record.duration_s) * record.fs_hz) for at in (start_s, stop_s))
    signal[record.row(lead), first:last] *= times
    return replace(record, signal=signal)


def odds_of(model: Bundle, net: Net, *records: Record) -> NDArray[np.float64]:
    return record_log_odds([shown(record, model, net) for record in records], model)


def test_records_of_any_lengths_are_asked_together_as_alone(model: Bundle, net: Net) -> None:
    records = [
        tall(simulate(duration_s=seconds, fs_hz=250, seed=k).record, "V2", 1 + k)
        for k, seconds in enumerate((10, 35, 4, 12, 10))
    ]
    together = odds_of(model, net, *records)
    assert together.shape == (5, len(REPORTED))
    np.testing.assert_allclose(together, np.concatenate([odds_of(model, net, one) for one in records]), atol=1e-5)


def test_of_a_short_record_the_rhythm_goes_on(model: Bundle, net: Net) -> None:
    (short,) = shown(simulate(duration_s=4, fs_hz=250, seed=1).record, model, net)
    (whole,) = shown(simulate(duration_s=10, fs_hz=250, seed=1).record, model, net)
    tops = [(one["signal"][1] > 0.6 * one["signal"][1].max()) for one in (short, whole)]
    beats = [int(np.count_nonzero(np.diff(top.astype(int)) == 1)) for top in tops]
    assert beats[0] == pytest.approx(beats[1], abs=1)


def test_no_record_is_no_row(model: Bundle) -> None:
    assert record_log_odds([], model).shape == (0, len(REPORTED))
    assert written(np.empty((0, len(REPORTED))), model).shape == (0, len(REPORTED))


def test_a_burst_of_tall_waves_is_enough_for_premature_beats_alone(model: Bundle, net: Net) -> None:
    heart = simulate(duration_s=60, fs_hz=250, seed=1).record
    calm, beats, rhythm = odds_of(model, net, heart, tall(heart, "V5", 8, 21, 29), tall(heart, "V2", 8, 21, 29))
    assert calm[PVC] < 0 < beats[PVC]
    assert calm[AF] < rhythm[AF] < 0


def test_calibration_is_a_line_of_each_class(model: Bundle) -> None:
    lines = {name: Calibration(2.0, k) for k, name in enumerate(REPORTED)}
    turned = replace(model, card=replace(model.card, calibration=lines))
    inputs = list(shown(simulate(duration_s=10).record, model, nobody))
    np.testing.assert_allclose(log_odds(inputs, turned), 2 * log_odds(inputs, model) + np.arange(len(REPORTED)))


def test_answers_of_the_challenge_are_weighed_together_and_others_by_their_threshold(model: Bundle) -> None:
    probability = np.full((1, len(REPORTED)), 0.01)
    probability[0, REPORTED.index("MI")] = 0.6
    probability[0, REPORTED.index("HYP")] = 0.4
    (answer,) = written(probability, model)
    assert answer[: len(REPORTED) - len(CINC2020_CLASSES)].tolist() == [False, True, False, False, False]
    assert answer[-len(CINC2020_CLASSES) :].any()  # the least wrong answer earns more than none


def test_the_share_of_sinus_rhythm_in_the_card_is_reckoned_with(model: Bundle) -> None:
    probability = np.full((1, len(REPORTED)), 0.001)
    probability[0, REPORTED.index("426783006")] = 0.5
    probability[0, AF] = 0.5
    usual = replace(model, card=replace(model.card, training={"shares": {"426783006": 0.95}}))
    assert written(probability, model)[0, REPORTED.index("426783006")]
    assert not written(probability, usual)[0, REPORTED.index("426783006")]
    assert written(probability, usual)[0, AF]


@pytest.mark.parametrize("value", [0.0, 0.7, np.nan])
def test_a_straight_line_is_answered_as_most_records_and_no_more(model: Bundle, net: Net, value: float) -> None:
    shares = dict.fromkeys(REPORTED, 0.2) | {"426783006": 0.86}
    usual = replace(model, card=replace(model.card, training={"shares": shares}))
    record = simulate(duration_s=10, fs_hz=250, seed=1).record
    level, heart = odds_of(usual, net, replace(record, signal=np.full_like(record.signal, value)), record)
    assert {round(one, 6) for one in (1 / (1 + np.exp(-level))).tolist()} == {0.01, 0.86}
    np.testing.assert_array_equal(heart, odds_of(model, net, record)[0])
    (answer,) = written(1 / (1 + np.exp(-level[None])), usual)
    assert [REPORTED[column] for column in np.flatnonzero(answer)] == ["426783006"]


def test_a_report_has_every_class_once(model: Bundle) -> None:
    record = tall(simulate(duration_s=10, fs_hz=250, seed=1).record, "V2", 9)
    said = diagnose(record, NO_BEATS, assess(record), model)
    assert len({(one.system, one.code) for one in said}) == len(said) == len(REPORTED)
    assert said[0].name == "Atrial fibrillation"
    assert said[0].decision is Decision.PRESENT


@pytest.mark.parametrize("broken", ["noise", "gap"])
def test_nothing_is_sure_of_a_poor_signal(model: Bundle, broken: str) -> None:
    record = simulate(duration_s=10, fs_hz=250, seed=1).record
    signal = record.signal.copy()
    if broken == "noise":
        signal[6:] += np.random.default_rng(0).normal(0, 2, signal[6:].shape)
    else:
        signal[:, 1000:1700] = np.nan
    record = replace(record, signal=signal)
    said = diagnose(record, NO_BEATS, assess(record), model)
    assert {one.decision for one in said} == {Decision.UNSURE}


def test_a_model_that_never_says_how_sure_it_is_makes_no_report(model: Bundle) -> None:
    record = simulate(duration_s=10, fs_hz=250).record
    silent = replace(model, card=replace(model.card, sets={}))
    with pytest.raises(BundleError, match="many-waves has no sets of what is possible"):
        diagnose(record, NO_BEATS, assess(record), silent)


@pytest.mark.parametrize("name", ["cpic2019", "mitdb-aami", "beat-detector"])
def test_bundles_of_other_questions_are_refused(name: str) -> None:
    other = Bundle.load(name)
    assert not tells_diagnoses(other)
    with pytest.raises(BundleError, match="it must tell diagnoses, each by itself"):
        check(other)


@pytest.mark.parametrize("value", [np.nan, 0.0, 1e6])
@pytest.mark.parametrize("n_samples", [1, 7, 2500, 30_000])
def test_records_of_nothing_break_nothing(model: Bundle, net: Net, value: float, n_samples: int) -> None:
    record = simulate(duration_s=10, fs_hz=250).record
    empty = replace(record, signal=np.full((12, n_samples), value, np.float32))
    assert np.isfinite(odds_of(model, net, empty)).all()
