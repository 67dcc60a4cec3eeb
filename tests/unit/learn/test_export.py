from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.bundles.bundle import Bundle
from einthoven.bundles.scores import ScoreKind, calibrated
from einthoven.errors import BundleError, DataError, OptionError
from einthoven.learn.export import check, export, figures_of
from einthoven.learn.models import build
from einthoven.learn.runs import check_finished, train
from einthoven.learn.sureness import sureness

if TYPE_CHECKING:
    from pathlib import Path

    from einthoven.learn.examples import Examples
    from einthoven.learn.recipe import Recipe


def test_a_bundle_says_what_the_trained_network_says(
    toy_recipe: Recipe, toy_examples: Examples, tmp_path: Path
) -> None:
    run = train(toy_recipe, lambda recipe: toy_examples, tmp_path / "runs", split_seed=42, seed=0)
    bundle = export(toy_recipe, run, tmp_path / "bundle", {"protocols": {"p": {"n": {}, "metrics": {}}}})
    tested = toy_examples.of_groups(run.facts["test"])
    window = toy_examples.inputs["window"][tested]
    logit = bundle.run({"window": window})
    assert logit.kind is ScoreKind.LOGIT
    np.testing.assert_allclose(logit.values, run.test.score, atol=1e-5)
    probability = bundle.predict({"window": window})
    assert probability.kind is ScoreKind.PROBABILITY
    lines = sureness(toy_recipe, run).lines
    assert lines["abnormal"].slope != 1
    np.testing.assert_array_equal(probability.values, calibrated(logit, lines, exclusive=False).values)
    assert bundle.card.classes == ("abnormal",)
    assert bundle.card.training["test"] == run.facts["test"]
    assert bundle.card.figures == {"p": {"n": {}, "metrics": {}}}
    assert sorted(file.name for file in (tmp_path / "bundle").iterdir()) == ["SHA256SUMS", "card.json", "model.onnx"]


def test_a_network_that_is_not_the_bundles_is_found_out(
    toy_recipe: Recipe, toy_examples: Examples, tmp_path: Path
) -> None:
    run = train(toy_recipe, lambda recipe: toy_examples, tmp_path / "runs", split_seed=42, seed=0, max_steps=1)
    bundle = export(toy_recipe, run, tmp_path / "bundle")
    other = build("conv", {}, "here", {"window": (1, 36)}, 1).eval()
    with pytest.raises(BundleError, match="differ by"):
        check(other, bundle)


def test_a_failed_export_leaves_the_old_bundle(toy_recipe: Recipe, toy_examples: Examples, tmp_path: Path) -> None:
    run = train(toy_recipe, lambda recipe: toy_examples, tmp_path / "runs", split_seed=42, seed=0, max_steps=1)
    before = export(toy_recipe, run, tmp_path / "bundle").sha256
    shutil.copy(tmp_path / "bundle" / "card.json", run.folder / "weights.pt")
    with pytest.raises(Exception):  # noqa: B017, PT011 - torch has its own for weights that are none
        export(toy_recipe, run, tmp_path / "bundle")
    assert Bundle.load(tmp_path / "bundle").sha256 == before


def test_a_trial_or_a_run_by_another_recipe_is_no_finished_one(toy_recipe: Recipe, tmp_path: Path) -> None:
    claim = tmp_path / "recipe.sha256"
    for begun in (f"{toy_recipe.sha256} 3\n", "0 -1\n", ""):
        claim.write_text(begun)
        with pytest.raises(OptionError, match="holds a trial, or a run by another form"):
            check_finished(tmp_path, toy_recipe)
    claim.write_text(f"{toy_recipe.sha256} -1\n")
    check_finished(tmp_path, toy_recipe)


def test_figures_are_those_of_the_run_or_none(toy_recipe: Recipe, toy_examples: Examples, tmp_path: Path) -> None:
    run = train(toy_recipe, lambda recipe: toy_examples, tmp_path / "runs", split_seed=42, seed=0)
    file = tmp_path / "toy.json"
    assert figures_of(file, run.facts) is None
    mine = {"seeds": {"p": [[run.facts["split_seed"], run.facts["seed"]]]}, "data": run.facts["data"]}
    file.write_text(json.dumps(mine))
    assert figures_of(file, run.facts) == mine
    for other in (mine | {"seeds": {"p": [[9, 9]]}}, mine | {"data": {"moon": "0"}}):
        file.write_text(json.dumps(other))
        assert figures_of(file, run.facts) is None
    file.write_text("{")
    with pytest.raises(DataError, match=r"toy\.json"):
        figures_of(file, run.facts)


def test_a_bundle_does_not_tell_whose_machine_made_it(
    toy_recipe: Recipe, toy_examples: Examples, tmp_path: Path
) -> None:
    run = train(toy_recipe, lambda recipe: toy_examples, tmp_path / "runs", split_seed=42, seed=0)
    export(toy_recipe, run, tmp_path / "bundle")
    content = (tmp_path / "bundle" / "model.onnx").read_bytes()
    assert b".py" not in content
    assert b"site-packages" not in content
