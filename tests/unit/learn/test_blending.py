"""Networks of several kinds answer together, with weights that no tested record had a part in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from einthoven.errors import OptionError
from einthoven.evaluation.calibration import fit_platt
from einthoven.evaluation.record_figures import blend_weights, calibrated
from einthoven.learn import models
from einthoven.learn.blending import parts_of
from einthoven.learn.cross import crossed_of, odds
from einthoven.learn.examples import Examples
from einthoven.learn.judge import result
from einthoven.learn.judge_records import judged
from einthoven.learn.recipe import load_recipe, recipe_files
from einthoven.learn.record_export import answering, export, fitted
from einthoven.learn.runs import train

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from einthoven.learn.recipe import Recipe

N = 40
LEFT_OUT = [[k, k] for k in range(4)]


class Means(nn.Module):
    """Knows the mean of its only measure in normal and abnormal records: what no gradient leads to."""

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], classes: int, *, steepness: float = 4.0) -> None:
        super().__init__()
        self.steepness = steepness
        self.register_buffer("means", torch.zeros(classes))

    def learn_at_once(self, inputs: Mapping[str, np.ndarray], target: np.ndarray, seed: int) -> None:
        rows = inputs["measures"][:, 0]
        self.means.copy_(torch.tensor([rows[target[:, number] > 0].mean() for number in range(2)]))

    def forward(self, measures: Tensor) -> Tensor:
        return -self.steepness * (measures[:, :1] - self.means).abs()


def examples(*names: str) -> Examples:
    rng = np.random.default_rng(0)
    ill = np.arange(N) % 2 == 1
    arrays = {
        "signal": (rng.normal(size=(N, 1, 1000)) + ill[:, None, None] * 0.3).astype(np.float32),
        "measures": (rng.normal(size=(N, 1)) + ill[:, None]).astype(np.float32),
    }
    target = np.stack([~ill, ill], axis=1).astype(np.float32)
    group = np.array([f"r{n:02}" for n in range(N)])
    some = {name: arrays[name] for name in names}
    return Examples(some, target, group, ("normal", "abnormal"), 500.0, 2.0, "f" * 64)


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """A network on the signal and means of a measure, blended."""
    monkeypatch.setitem(models.MODELS, "means", f"{__name__}:Means")
    text = recipe_files()["cpic2019-conv1d"].read_text()
    model = text[text.index("[model]") : text.index("[evaluation]")]
    evaluation = "folds = 4\nrepeats = 2\npairs = true"
    text = text.replace("folds = 5\nrepeats = 5", evaluation)
    files = ", ".join(f'"{tmp_path / name}.toml"' for name in ("net", "means", "far"))
    blend = f"[blend]\nrecipes = [{files}]\nleast = [1.0, 0.0, 0.5]\n\n"
    for name, instead in (
        ("net", model.replace("epochs = 20", "epochs = 2")),
        ("means", '[model]\nkind = "means"\n\n'),
        ("both", blend),
    ):
        made = text.replace(model, instead).replace('"cpic2019-conv1d"', f'"{name}"')
        (tmp_path / f"{name}.toml").write_text(made)
    far = (tmp_path / "means.toml").read_text().replace('"means"\ntitle', '"far"\ntitle')
    far = far.replace('dataset = "cpic2019"', 'dataset = "ptb-xl"').replace('rule = "cpic-cv"', 'rule = "none"')
    (tmp_path / "far.toml").write_text(far.replace(evaluation, ""))
    return load_recipe(str(tmp_path / "both.toml"))


def load(recipe: Recipe) -> Examples:
    if recipe.name == "far":
        made = examples("measures")
        return replace(made, group=np.char.add("far-", made.group))
    return examples(*{"net": ["signal"], "means": ["measures"], "both": ["signal", "measures"]}[recipe.name])


def test_weights_are_those_of_logistic_regression() -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(scale=3, size=(2000, 2)).astype(np.float32)
    ill = rng.random(2000) < 1 / (1 + np.exp(-(0.7 * z[:, 0] + 0.2 * z[:, 1])))
    theirs = LogisticRegression(C=1e9).fit(z, ill).coef_[0]
    np.testing.assert_allclose(blend_weights(z, ill), theirs, rtol=1e-3)


def test_what_tells_the_wrong_way_counts_nothing_and_one_alone_counts_whole() -> None:
    rng = np.random.default_rng(2)
    z = rng.normal(scale=3, size=(2000, 2)).astype(np.float32)
    ill = rng.random(2000) < 1 / (1 + np.exp(-(z[:, 0] - 0.5 * z[:, 1])))
    assert blend_weights(z, ill)[1] == 0
    assert blend_weights(z[:, :1], ill).tolist() == [1.0]
    with pytest.raises(OptionError, match=r"must be \(record, part\)"):
        blend_weights(z[:5], ill)


def test_what_must_count_counts_at_least_so_much_beside_the_first() -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(scale=3, size=(2000, 3)).astype(np.float32)
    ill = rng.random(2000) < 1 / (1 + np.exp(-(0.8 * z[:, 0] + 0.5 * z[:, 1])))
    free, bound = blend_weights(z, ill), blend_weights(z, ill, (1.0, 0.0, 0.5))
    assert free[2] < 0.1
    assert bound[2] == pytest.approx(0.5 * bound[0])
    loose = blend_weights(z, ill, (1.0, 0.3, 0.0))  # it counts more than that anyway
    np.testing.assert_allclose(loose, free, rtol=1e-2, atol=1e-3)


def test_what_learnt_elsewhere_says_the_same_of_a_record_whoever_was_left_out(recipe: Recipe, tmp_path: Path) -> None:
    parts = crossed_of(train(recipe, load, tmp_path / "runs", split_seed=0, seed=0))
    for place in range(N):
        said = parts[2].logit[:, place][~np.isnan(parts[2].logit[:, place, 0])]
        assert len(said) == 4
        assert len({tuple(row) for row in said.tolist()}) == 1
    np.testing.assert_array_equal(np.isnan(parts[2].logit), np.isnan(parts[0].logit))


def test_parts_are_trained_once_judged_together_and_shipped_as_one(recipe: Recipe, tmp_path: Path) -> None:
    runs = [train(recipe, load, tmp_path / "runs", split_seed=k, seed=0) for k in (0, 1)]
    assert (tmp_path / "runs" / "net" / "1-0" / "run.json").is_file()
    assert list(runs[0].facts["blend"]) == ["net", "means", "far"]
    assert (tmp_path / "runs" / "far" / "0-0" / "run.json").is_file()
    assert not (tmp_path / "runs" / "far" / "1-0").exists()  # what learns elsewhere learns once
    content = result(recipe, {"cpic-cv": runs}, draws=10)
    assert content["protocols"]["cpic-cv"]["n"]["repeats"] == 2
    bundle = export(recipe, runs[0], tmp_path / "bundle")
    assert dict(bundle.card.inputs) == {"signal": (1, 1000), "measures": (1,)}
    made = examples("signal", "measures")
    shown = {name: np.asarray(rows) for name, rows in made.inputs.items()}
    _, weights, _ = fitted(recipe, runs[0])
    assert weights[2] >= 0.5 * weights[0]
    alone = []  # what each part says by itself: the difference it makes when its weight is taken away
    with torch.inference_mode():
        for number in range(3):
            some = [weight * (place == number) for place, weight in enumerate(weights.tolist())]
            model = answering(recipe, runs[0], LEFT_OUT, {"signal": (1, 1000), "measures": (1,)}, some)
            alone.append(odds(model(*map(torch.from_numpy, shown.values())).numpy()))
    np.testing.assert_allclose(odds(bundle.run(shown).values), np.sum(alone, axis=0), atol=5e-3)


def test_weights_of_a_fold_do_not_change_with_its_answers(recipe: Recipe, tmp_path: Path) -> None:
    parts = crossed_of(train(recipe, load, tmp_path / "runs", split_seed=0, seed=0))
    before = judged(parts, 0.05)
    here = parts[0].fold == 1
    turned = parts[0].target.copy()
    turned[here] = ~turned[here]
    after = judged([replace(part, target=turned) for part in parts], 0.05)
    np.testing.assert_array_equal(before.probability[here], after.probability[here])
    assert (before.probability[~here] != after.probability[~here]).any()


def test_a_fold_is_decided_by_the_sum_that_others_weighed(recipe: Recipe, tmp_path: Path) -> None:
    parts = crossed_of(train(recipe, load, tmp_path / "runs", split_seed=0, seed=0))
    assert [part.logit.shape for part in parts] == [(10, N, 2)] * 3
    least = (1.0, 0.0, 0.5)
    said, together = judged(parts, 0.05, least), np.stack([odds(part.together()) for part in parts], axis=1)
    for fold in range(4):
        here, inside = parts[0].fold == fold, [part.inside(fold) for part in parts]
        taught = np.stack([odds(logit) for logit, _ in inside], axis=1)
        ill = parts[0].target[inside[0][1], 1]
        weights = blend_weights(taught, ill, least)
        expected = calibrated(together[here] @ weights, fit_platt(taught @ weights, ill))
        np.testing.assert_allclose(said.probability[here], expected, atol=1e-4)


@pytest.mark.parametrize(
    ("line", "instead", "said"),
    [
        ("least = ", "least = [1.0]", "least, if said, have 3 numbers"),
        ("recipes = ", "recipes = []", "recipes is empty"),
        ("recipes = ", 'parts = ["net"]', "unknown key 'parts'; allowed are recipes, least"),
    ],
)
def test_a_blend_that_makes_no_sense_is_refused(line: str, instead: str, said: str, recipe: Recipe) -> None:
    lines = [instead if one.startswith(line) else one for one in recipe.file.read_text().splitlines()]
    recipe.file.write_text("\n".join(lines))
    with pytest.raises(OptionError, match=said):
        parts_of(load_recipe(str(recipe.file)))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('task = "records"', 'task = "beats"', "must have the same task and target"),
        ('rule = "cpic-cv"', 'rule = "none"', "net learns from all of cpic2019, which this is judged on"),
        ("pairs = true", "pairs = false", "must have pairs = true"),
        ("folds = 4", "folds = 5", "and folds = 4"),
        ("seed = 0", "seed = 1", r"must have the same \[data\] and \[split\]"),
    ],
)
def test_parts_that_do_not_fit_are_refused(old: str, new: str, said: str, recipe: Recipe, tmp_path: Path) -> None:
    file = tmp_path / "net.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    with pytest.raises(OptionError, match=said):
        parts_of(recipe)
