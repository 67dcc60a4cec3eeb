"""The shipped beat model does on real records what its result file says, however they were amplified."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.bundles.beats import classify
from einthoven.bundles.bundle import Bundle
from einthoven.datasets import mitdb

if TYPE_CHECKING:
    from einthoven.datasets.annotated import Annotated

RESULT = Path(__file__).parents[2] / "results" / "mitdb-normal.json"
TESTED = ("119", "124", "210", "231")

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def hearts(data_dir: Path) -> dict[str, Annotated]:
    return {item.record.id: item for item in mitdb.load(data_dir, TESTED)}


def accuracy(item: Annotated, signal: np.ndarray) -> float:
    beats = item.beats
    inner = (beats.sample >= 1080) & (beats.sample + 1080 <= item.record.n_samples)
    said = classify(beats, signal, 360.0, Bundle.load("mitdb-normal")).symbol != "N"
    return float(np.mean((said == (beats.symbol != "N"))[inner]))


@pytest.mark.parametrize("name", TESTED)
def test_the_bundle_gives_the_figures_of_the_result_file(hearts: dict[str, Annotated], name: str) -> None:
    expected = json.loads(RESULT.read_text())["per_record"][name]["accuracy"]
    assert accuracy(hearts[name], hearts[name].record.signal[0]) == pytest.approx(expected, abs=0.002)


@pytest.mark.parametrize("gain", [0.1, 10])
def test_gain_changes_no_answer(hearts: dict[str, Annotated], gain: float) -> None:
    lead = hearts["210"].record.signal[0]
    assert accuracy(hearts["210"], lead * np.float32(gain)) == pytest.approx(accuracy(hearts["210"], lead), abs=0.002)


def test_the_card_has_the_figures_of_the_result_file() -> None:
    assert Bundle.load("mitdb-normal").card.figures == json.loads(RESULT.read_text())["protocols"]


def test_no_record_it_was_tested_on_was_learnt_from() -> None:
    training = Bundle.load("mitdb-normal").card.training
    assert set(TESTED) <= set(training["test"])
    assert not set(training["test"]) & set(training["train"])
