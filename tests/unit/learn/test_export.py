from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.bundles.bundle import Bundle
from einthoven.bundles.scores import ScoreKind
from einthoven.errors import BundleError
from einthoven.learn.export import check, export
from einthoven.learn.judge import calibration_of
from einthoven.learn.models import build
from einthoven.learn.runs import train

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
    np.testing.assert_array_equal(probability.values, calibration_of(run).apply(logit).values)
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
