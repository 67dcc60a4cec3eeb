"""The shipped model of pictures does on real records what its result file says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.analysis import analyze, classify
from einthoven.bundles.bundle import Bundle
from einthoven.datasets import mitdb
from einthoven.evaluation.ec57 import compare
from einthoven.findings import Decision
from einthoven.record import Beats

if TYPE_CHECKING:
    from einthoven.datasets.annotated import Annotated

RESULT = Path(__file__).parents[2] / "results" / "mitdb-image.json"
TESTED = ("200", "213", "221", "233")

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def hearts(data_dir: Path) -> dict[str, Annotated]:
    return {item.record.id: item for item in mitdb.load(data_dir, TESTED)}


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return Bundle.load("mitdb-image")


def said(item: Annotated, bundle: Bundle, signal: np.ndarray) -> Beats:
    return classify(Beats.unlabelled(item.beats.sample), signal, item.record.fs_hz, bundle)


@pytest.mark.parametrize("name", TESTED)
def test_the_bundle_gives_the_table_of_the_result_file(hearts: dict[str, Annotated], bundle: Bundle, name: str) -> None:
    item = hearts[name]
    expected = json.loads(RESULT.read_text())["protocols"]["ds1-ds2-reference"]["records"][name]
    found = compare(item, said(item, bundle, item.record.signal)).named_cells
    off = sum(abs(found.get(cell, 0) - expected.get(cell, 0)) for cell in found.keys() | expected.keys())
    assert off <= 0.002 * len(item.beats), "another processor may round otherwise"


@pytest.mark.parametrize(("name", "least"), [("200", 0.85), ("213", 0.7), ("221", 0.85), ("233", 0.85)])
def test_pictures_alone_find_ventricular_beats(
    hearts: dict[str, Annotated], bundle: Bundle, name: str, least: float
) -> None:
    """In record 213 a quarter of them look like its many fusion beats, and are missed."""
    item = hearts[name]
    ventricular, told = (beats.symbol == "V" for beats in (item.beats, said(item, bundle, item.record.signal)))
    assert (ventricular & told).sum() > least * ventricular.sum()
    assert (ventricular & told).sum() > least * told.sum()


def test_gain_changes_no_class(hearts: dict[str, Annotated], bundle: Bundle) -> None:
    item = hearts["221"]
    one, other = (said(item, bundle, item.record.signal * np.float32(k)).symbol for k in (1, 10))
    assert np.mean(one != other) <= 0.002


def test_the_analysis_tells_classes_from_pictures(hearts: dict[str, Annotated]) -> None:
    report = analyze(hearts["200"].record, bundle="mitdb-image")
    found = {finding.name: finding for finding in report.findings}
    assert found["Ventricular ectopic beats"].decision is Decision.PRESENT
    assert np.mean(report.beats.symbol == "V") == pytest.approx(np.mean(hearts["200"].beats.symbol == "V"), abs=0.04)
    assert "mitdb-image" in [model.name for model in report.models]


def test_the_card_has_the_figures_of_the_result_file(bundle: Bundle) -> None:
    protocols = json.loads(RESULT.read_text())["protocols"]
    assert bundle.card.figures == {name: {k: of[k] for k in ("n", "metrics")} for name, of in protocols.items()}


def test_no_patient_it_was_tested_on_was_learnt_from_but_202(bundle: Bundle) -> None:
    training = bundle.card.training
    assert sorted(training["test"]) == sorted(mitdb.DS2)
    assert set(mitdb.DS1) <= set(training["train"])
    assert [name for name in training["test"] if mitdb.patient_of(name) in training["train"]] == ["202"]
