"""The shipped detector of boxes does on real records what its result file says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.bundles.boxes import find_boxes, record_beats
from einthoven.bundles.bundle import Bundle
from einthoven.codes import AAMI_OF_SYMBOL
from einthoven.datasets import mitdb
from einthoven.evaluation.boxes import Looked, box_protocol
from einthoven.evaluation.ec57 import compare
from einthoven.images.strips import Lead, strip_picture

if TYPE_CHECKING:
    from einthoven.datasets.annotated import Annotated

RESULT = Path(__file__).parents[2] / "results" / "boxes-ds2.json"
TESTED = ("100", "221", "232", "233")

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def hearts(data_dir: Path) -> dict[str, Annotated]:
    return {item.record.id: item for item in mitdb.load(data_dir, TESTED)}


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return Bundle.load("boxes-ds2")


@pytest.mark.parametrize("name", TESTED)
def test_the_bundle_gives_the_table_of_the_result_file(hearts: dict[str, Annotated], bundle: Bundle, name: str) -> None:
    """It works in eight bits, the figures are of floats: a few doubtful beats may be of another class."""
    item = hearts[name]
    expected = json.loads(RESULT.read_text())["protocols"]["boxes-ds2-classes"]["records"][name]
    found = compare(item, record_beats(bundle, item.record)).named_cells
    off = sum(abs(found.get(cell, 0) - expected.get(cell, 0)) for cell in found.keys() | expected.keys())
    assert off <= 0.04 * len(item.beats)
    missed = sum(count for cell, count in found.items() if cell[1] == "o")
    extra = sum(count for cell, count in found.items() if cell[0] in "OX")
    assert missed <= 0.01 * len(item.beats)
    assert extra <= 0.01 * len(item.beats)


def test_boxes_lie_where_beats_were_drawn(hearts: dict[str, Annotated], bundle: Bundle) -> None:
    pictures = []
    for item in hearts.values():
        record = item.record
        labels = [AAMI_OF_SYMBOL[symbol] for symbol in item.beats.symbol.tolist()]
        lead = Lead(record["MLII"], record.fs_hz, item.beats.sample, labels, record.id)
        pictures += [strip_picture(lead, start_s) for start_s in range(300, 500, 10)]
    classes = bundle.card.classes
    looked = [
        Looked(one.boxes_xyxy, np.array([classes.index(label) for label in one.labels]), found, one.record)
        for one, found in zip(pictures, find_boxes(bundle, [one.pixels for one in pictures], least=0.01), strict=True)
    ]
    judged = box_protocol(looked, classes, draws=1)["metrics"]
    assert judged["ap50_any"]["value"] >= 0.985
    assert judged["ap50_V"]["value"] >= 0.95


def test_the_card_has_the_figures_of_the_result_file(bundle: Bundle) -> None:
    protocols = json.loads(RESULT.read_text())["protocols"]
    assert bundle.card.figures == {name: {k: of[k] for k in ("n", "metrics")} for name, of in protocols.items()}


def test_no_patient_it_was_tested_on_was_learnt_from_but_202(bundle: Bundle) -> None:
    training = bundle.card.training
    assert sorted(training["test"]) == sorted(mitdb.DS2)
    assert sorted(training["train"]) == sorted(mitdb.DS1)
    assert [name for name in training["test"] if mitdb.patient_of(name) in training["train"]] == ["202"]
