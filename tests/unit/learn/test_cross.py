"""Networks left out of folds: nobody is scored by a network that learnt from it, and what is stopped goes on."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from einthoven.bundles.scores import softmax
from einthoven.datasets.splits import stratified
from einthoven.evaluation.record_figures import Rules
from einthoven.learn.cross import Crossed, crossed_of, odds, without
from einthoven.learn.examples import Examples
from einthoven.learn.judge import plan, result
from einthoven.learn.judge_records import judged
from einthoven.learn.learning import Learning
from einthoven.learn.models import network
from einthoven.learn.recipe import load_recipe, recipe_files
from einthoven.learn.record_export import export
from einthoven.learn.runs import train

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from torch import nn

    from einthoven.learn.recipe import Recipe
    from einthoven.learn.runs import Run

N = 40


@pytest.fixture(scope="session")
def records() -> Examples:
    """Forty records of one lead, two seconds; the abnormal ones are higher."""
    rng = np.random.default_rng(0)
    ill = np.arange(N) % 2 == 1
    signal = (rng.normal(size=(N, 1, 1000)) + ill[:, None, None] * 0.7).astype(np.float32)
    target = np.stack([~ill, ill], axis=1).astype(np.float32)
    names = np.array([f"r{n:02}" for n in range(N)])
    return Examples({"signal": signal}, target, names, ("normal", "abnormal"), 500.0, 2.0, "f" * 64)


def recipe_with(tmp_path: Path, evaluation: str, name: str = "toy") -> Recipe:
    text = recipe_files()["cpic2019-conv1d"].read_text()
    for old, new in {
        'name = "cpic2019-conv1d"': f'name = "{name}"',
        "epochs = 20": "epochs = 2",
        "batch_size = 20": "batch_size = 8",
        "folds = 5\nrepeats = 5": evaluation,
    }.items():
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / f"{name}.toml"
    file.write_text(text)
    return load_recipe(str(file))


@pytest.fixture
def pairs(tmp_path: Path) -> Recipe:
    return recipe_with(tmp_path, "folds = 4\nrepeats = 2\npairs = true")


@pytest.fixture
def folds(tmp_path: Path) -> Recipe:
    return recipe_with(tmp_path, "folds = 4\nrepeats = 2")


class Told:
    """Stands where a network is trained, and remembers whom each was shown: its score of a record tells, too."""

    def __init__(self) -> None:
        self.learnt: list[set[str]] = []

    def __call__(self, names: Sequence[str]) -> tuple[nn.Module, float]:
        self.learnt.append(set(names))
        model = torch.nn.Linear(1, 2)
        model.mark = len(self.learnt) - 1  # type: ignore[assignment]
        return model, 1.0


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    spy = Told()

    def mark(model: nn.Module, examples: Examples, index: np.ndarray) -> np.ndarray:
        return np.full((len(index), 2), model.mark, np.float32)

    def learn(self: Learning, names: Sequence[str], folder: Path) -> tuple[nn.Module, float]:
        return spy(names)

    monkeypatch.setattr(Learning, "learn", learn)
    monkeypatch.setattr("einthoven.learn.cross.logits", mark)
    return spy


@pytest.mark.parametrize("form", ["pairs", "folds"])
def test_no_network_scores_a_record_it_learnt_from(
    form: str, told: Told, records: Examples, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    run = train(request.getfixturevalue(form), lambda recipe: records, tmp_path / "runs", split_seed=1, seed=0)
    (said,) = crossed_of(run)
    assert len(said.logit) == len(told.learnt) == (10 if form == "pairs" else 4)
    for place, name in enumerate(said.name):
        for number in said.logit[:, place, 0][~np.isnan(said.logit[:, place, 0])]:
            assert name not in told.learnt[int(number)]
    scored = (~np.isnan(said.logit[..., 0])).sum(axis=0)
    assert set(scored.tolist()) == {4 if form == "pairs" else 1}


def test_what_is_chosen_for_a_fold_rests_on_networks_that_saw_neither_it_nor_what_they_score(
    told: Told, pairs: Recipe, records: Examples, tmp_path: Path
) -> None:
    (said,) = crossed_of(train(pairs, lambda recipe: records, tmp_path / "runs", split_seed=0, seed=0))
    for fold in range(4):
        score, record = said.inside(fold)
        tested = set(said.name[said.fold == fold])
        assert set(said.name[record]) == set(said.name) - tested
        for place, number in zip(record, score[:, 0].astype(int), strict=True):
            assert not tested & told.learnt[number]
            assert said.name[place] not in told.learnt[number]


def test_folds_are_those_of_the_protocol_and_share_no_record(
    told: Told, folds: Recipe, records: Examples, tmp_path: Path
) -> None:
    share = dict(zip(records.group.tolist(), records.target[:, 1].tolist(), strict=True))
    for repeat in (0, 1):
        run = train(folds, lambda recipe: records, tmp_path / "runs", split_seed=repeat, seed=0)
        (said,), held = crossed_of(run), stratified(share, {}, 4, repeat)
        assert [tuple(said.name[said.fold == k]) for k in range(4)] == [tuple(sorted(fold)) for fold in held]
        assert sum(map(len, held)) == len(set().union(*held)) == N


def test_rules_of_a_fold_do_not_change_with_its_answers() -> None:
    """If they did, something would be chosen on what is tested."""
    said = noise(pairs=True)
    before = judged([said], 0.05)
    turned = said.target.copy()
    turned[said.fold == 2] = ~turned[said.fold == 2]
    after = judged([replace(said, target=turned)], 0.05)
    here = said.fold == 2
    np.testing.assert_array_equal(before.probability[here], after.probability[here])
    np.testing.assert_array_equal(before.unsure[here], after.unsure[here])
    np.testing.assert_array_equal(before.sensitive[here], after.sensitive[here])
    assert (before.probability[~here] != after.probability[~here]).any()


def noise(*, pairs: bool, records: int = 60, folds: int = 5) -> Crossed:
    rng = np.random.default_rng(0)
    fold = np.arange(records) % folds
    left_out = np.array(without(folds, pairs=pairs))
    logit = rng.normal(size=(len(left_out), records, 2)).astype(np.float32)
    logit[~(fold[None, :, None] == left_out[:, None]).any(axis=2)] = np.nan
    ill = rng.random(records) < 0.5
    names = np.array([f"r{n:02}" for n in range(records)])
    return Crossed(logit, fold, left_out, np.stack([~ill, ill], axis=1), names)


def test_networks_answer_together_by_the_mean_of_their_probabilities() -> None:
    said = noise(pairs=True)
    mine = said.logit[:, 7][~np.isnan(said.logit[:, 7, 0])]
    assert len(mine) == 5
    np.testing.assert_allclose(softmax(said.together()[7]), softmax(mine).mean(axis=0), rtol=1e-5)


def test_without_pairs_there_is_nothing_to_choose_by() -> None:
    score, record = noise(pairs=False).inside(0)
    assert len(score) == len(record) == 0


def test_those_without_one_fold_alone_leave_each_out_once() -> None:
    said = noise(pairs=True)
    assert len(said.logit) == 15
    assert said.whole.left_out.tolist() == [[k, k] for k in range(5)]
    assert ((~np.isnan(said.whole.logit[..., 0])).sum(axis=0) == 1).all()
    assert (said.pairs, said.whole.pairs, noise(pairs=False).pairs) == (True, False, False)


class Stopped(RuntimeError):
    """The process ends here."""


def test_a_run_broken_off_goes_on_to_the_very_same_weights(pairs: Recipe, records: Examples, tmp_path: Path) -> None:
    whole = train(pairs, lambda recipe: records, tmp_path / "whole", split_seed=0, seed=0)
    begun: list[int] = []

    @contextmanager
    def failing(steps: int) -> Iterator[Callable[[float], None]]:
        begun.append(steps)
        done = 0

        def advance(by: float) -> None:
            nonlocal done
            done += int(by)
            if done == 3 and len(begun) in (2, 4, 7):  # in the middle of a network
                raise Stopped

        yield advance

    for _ in range(3):
        with pytest.raises(Stopped):
            train(pairs, lambda recipe: records, tmp_path / "broken", split_seed=0, seed=0, watch=failing)
    broken = train(pairs, lambda recipe: records, tmp_path / "broken", split_seed=0, seed=0, watch=failing)
    assert len(begun) == 10 + 3  # no network that was finished is trained again
    np.testing.assert_array_equal(broken.test.score, whole.test.score)
    ours, theirs = (torch.load(run.folder / "weights.pt", weights_only=True) for run in (whole, broken))
    assert ours.keys() == theirs.keys() == {"0-1", "0-2", "0-3", "1-2", "1-3", "2-3", *"0123"}
    for key in ours:
        assert all(torch.equal(ours[key][name], theirs[key][name]) for name in ours[key])


def test_figures_come_out_for_all_repeats_with_what_doubt_is_worth(
    pairs: Recipe, folds: Recipe, records: Examples, tmp_path: Path
) -> None:
    runs = [train(pairs, lambda recipe: records, tmp_path / "runs", split_seed=k, seed=0) for k in (0, 1)]
    assert plan(pairs) == {"cpic-cv": [(0, 0), (1, 0)]}
    content = result(pairs, {"cpic-cv": runs}, draws=20)
    judged_as = content["protocols"]["cpic-cv"]
    assert judged_as["n"] == {"repeats": 2, "records": N, "abnormal": N // 2}
    assert {"accuracy", "auc", "ece", "accuracy_decided_20", "deferred_20", "unsure"} <= set(judged_as["metrics"])
    assert len(content["per_record"]) == N
    assert [one["split_seed"] for one in content["per_run"]["cpic-cv"]] == [0, 1]
    plain = [train(folds, lambda recipe: records, tmp_path / "plain", split_seed=0, seed=0)]
    bare = result(folds, {"cpic-cv": plain}, draws=20)["protocols"]["cpic-cv"]["metrics"]
    assert not any(name.startswith(("accuracy_decided", "unsure", "deferred")) for name in bare)
    assert "accuracy_ranked_20" in bare


def test_the_best_epoch_is_the_best_on_the_tested_records_and_is_told_apart(records: Examples, tmp_path: Path) -> None:
    recipe = recipe_with(tmp_path, "repeats = 2\neach_epoch = true")
    recipe = replace(recipe, split=replace(recipe.split, rule="cpic-published-split"))
    runs = [train(recipe, lambda recipe: records, tmp_path / "runs", split_seed=k, seed=0) for k in (0, 1)]
    protocols = result(recipe, {"cpic-published-split": runs}, draws=20)["protocols"]
    best, last = (protocols[f"cpic-published-split-{which}-epoch"]["metrics"] for which in ("best", "last"))
    assert best["accuracy"]["value"] >= last["accuracy"]["value"]
    right = []
    for run in runs:
        with np.load(run.folder / "scores.npz") as arrays:
            epochs, target = arrays["epoch_score"], arrays["test_target"]
        assert len(epochs) == 2
        np.testing.assert_array_equal(epochs[-1], run.test.score)
        right.append(max(((epoch[:, 1] > epoch[:, 0]) == target[:, 1]).mean() for epoch in epochs))
    assert best["accuracy"]["value"] == pytest.approx(np.mean(right), abs=1e-5)


def test_a_bundle_answers_as_its_networks_do_together_and_is_fitted_on_what_they_did_not_learn_from(
    pairs: Recipe, records: Examples, tmp_path: Path
) -> None:
    run: Run = train(pairs, lambda recipe: records, tmp_path / "runs", split_seed=0, seed=0)
    bundle = export(pairs, run, tmp_path / "bundle")
    kept = torch.load(run.folder / "weights.pt", weights_only=True)
    shapes = {"signal": (1, 1000)}
    mean = 0.0
    for key in "0123":
        model = network(pairs, shapes, 2).eval()
        model.load_state_dict(kept[key])
        with torch.inference_mode():
            mean = mean + softmax(model(torch.from_numpy(records.inputs["signal"])).numpy()) / 4
    np.testing.assert_allclose(softmax(bundle.run({"signal": records.inputs["signal"]}).values), mean, atol=1e-3)
    (said,) = crossed_of(run)
    rules = Rules.fitted(odds(said.together()), said.target[:, 1], miss_rate=pairs.card.miss_rate)
    card = bundle.card
    assert card.operating_points == {"default": 0.5, "sensitivity-0.98": rules.sensitive_from}
    assert card.thresholds == dict.fromkeys(("normal", "abnormal"), rules.possible_from)
    assert (card.exclusive, card.n_leads, card.fs_hz, card.length_s) == (True, 1, 500.0, 2.0)
    probability = bundle.predict({"signal": records.inputs["signal"]}).values[:, 1]
    difference = odds(bundle.run({"signal": records.inputs["signal"]}).values)
    expected = 1 / (1 + np.exp(-(rules.line.slope * difference + rules.line.intercept)))
    np.testing.assert_allclose(probability, expected, atol=1e-5)
    assert (tmp_path / "bundle" / "model.onnx").stat().st_size < 4 * 0.6 * sum(t.nbytes for t in kept["0-1"].values())
