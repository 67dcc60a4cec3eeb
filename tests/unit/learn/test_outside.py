"""Records of other databases: who counts as normal there, and that none is asked about that was learnt from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.datasets.cinc2020 import Diagnosed
from einthoven.datasets.ptbxl import Stated
from einthoven.errors import OptionError
from einthoven.learn import outside
from einthoven.learn.examples import Examples
from einthoven.learn.judge import result
from einthoven.learn.outside import Case, asked_outside, of_ptbxl, of_the_challenge
from einthoven.learn.recipe import load_recipe, recipe_files
from einthoven.learn.runs import train
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from einthoven.learn.recipe import Recipe
    from einthoven.record import Record

RECORD = simulate(duration_s=10, fs_hz=500).record


def named(name: str) -> Record:
    return replace(RECORD, id=name)


def test_sinus_rhythm_alone_is_normal_and_records_that_were_learnt_from_are_not_asked_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    items = [
        Diagnosed(named("A0001"), frozenset({"426783006"}), "CPSC 2018"),
        Diagnosed(named("E00001"), frozenset({"426783006", "164934002"}), "Georgia"),
        Diagnosed(named("E00002"), frozenset(), "Georgia"),
        Diagnosed(named("HR00001"), frozenset({"426783006"}), "PTB-XL"),
    ]
    monkeypatch.setattr(outside.cinc2020, "load", lambda root: iter(items))
    asked = [(case.record.id, case.abnormal) for case in of_the_challenge(None, frozenset())]
    assert asked == [("A0001", False), ("E00001", True), ("E00002", True), ("HR00001", False)]
    others = of_the_challenge(None, frozenset({"ptb-xl"}))
    assert [case.record.id for case in others] == ["A0001", "E00001", "E00002"]


def test_only_the_fold_to_test_on_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [
        Stated(named("1"), frozenset({"NORM", "SR"}), "1", 10),
        Stated(named("2"), frozenset({"IMI"}), "2", 10),
        Stated(named("3"), frozenset({"NORM"}), "3", 9),
    ]
    monkeypatch.setattr(outside.ptbxl, "load", lambda root: iter(items))
    asked = [(case.record.id, case.abnormal, case.patient) for case in of_ptbxl(None, frozenset())]
    assert asked == [("1", False, "1"), ("2", True, "2")]


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    text = recipe_files()["cpic2019-conv1d"].read_text()
    for old, new in {
        '"cpic2019-conv1d"': '"toy"',
        "epochs = 20": "epochs = 1",
        "folds = 5\nrepeats = 5": 'folds = 2\nrepeats = 1\noutside = ["moon"]',
    }.items():
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "toy.toml").write_text(text)
    return load_recipe(str(tmp_path / "toy.toml"))


def test_the_bundle_of_the_first_repeat_answers(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def moon(root: object, seen: frozenset[str]) -> Iterator[Case]:
        assert seen == {"cpic2019"}
        yield Case(named("m1"), False, "one")
        yield Case(named("m2"), True, "one")

    monkeypatch.setitem(outside.OUTSIDE, "moon", moon)
    rng = np.random.default_rng(0)
    target = np.eye(2, dtype=np.float32)[np.arange(12) % 2]
    names = np.array([f"r{n:02}" for n in range(12)])
    rows = {"signal": rng.normal(size=(12, 12, 5000)).astype(np.float32)}
    made = Examples(rows, target, names, ("normal", "abnormal"), 500.0, 10.0, "f" * 64)
    run = train(recipe, lambda recipe: made, tmp_path / "runs", split_seed=0, seed=0)
    protocols = result(recipe, {"cpic-cv": [run]}, draws=5)["protocols"]
    assert protocols["cpic2019-external-moon"]["n"] == {"records": 2, "patients": 1, "abnormal": 1}
    assert protocols["cpic2019-external-moon"]["metrics"]["accuracy"]["value"] == 0.5  # of the same record twice


def test_a_database_outside_that_is_not_known_is_told(recipe: Recipe) -> None:
    with pytest.raises(OptionError, match="'moon' is not known: choose from cinc2020, ptbxl-fold-10"):
        asked_outside(recipe, None, None, draws=1)  # type: ignore[arg-type]
