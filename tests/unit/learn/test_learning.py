"""Training that draws from several databases, starts from another recipe and is calibrated out of fold."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from einthoven.datasets.annotated import Annotated
from einthoven.datasets.splits import folds
from einthoven.errors import OptionError
from einthoven.evaluation.binary import binary_metrics
from einthoven.learn import examples as room
from einthoven.learn import fit as fitting
from einthoven.learn import pools
from einthoven.learn.examples import Examples, examples
from einthoven.learn.export import export
from einthoven.learn.judge import plan, result
from einthoven.learn.learning import Learning, keep_some
from einthoven.learn.lessons import of_marked_beats
from einthoven.learn.models import build
from einthoven.learn.recipe import Recipe, load_recipe
from einthoven.learn.runs import Run, train
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TABLES = """
title = "A toy"
source = "Invented"
[data]
dataset = "mitdb"
task = "beats"
target = "abnormal"
[split]
rule = "{rule}"
seed = 42
[input]
kind = "beat-contexts"
[model]
kind = "beat_net"
width = 8
hidden = 16
[training]
steps = {steps}
learning_rate = 1e-2
schedule = "one-cycle"
clip = 1.0
average = 0.9
smoothing = 0.05
losses = {{ beat_type = 0.3, statements = 0.5 }}
[augment]
shift = 0.5
gain = 0.1
[[sources]]
dataset = "mitdb"
batch = 32
[evaluation]
calibrate = true
{more}
"""


@pytest.fixture(scope="module")
def hearts() -> list[Annotated]:
    """Twelve hearts, the odd ones with premature beats."""
    made = [
        simulate(duration_s=24, fs_hz=100, seed=k, rhythm="bigeminy" if k % 2 else "sinus", leads=("II",))
        for k in range(12)
    ]
    return [Annotated(replace(h.record, id=f"r{k:02}"), h.beats, f"r{k // 2}") for k, h in enumerate(made)]


@pytest.fixture
def recipe(tmp_path: Path, hearts: list[Annotated], monkeypatch: pytest.MonkeyPatch) -> Recipe:
    (tmp_path / "data" / "mitdb").mkdir(parents=True)
    monkeypatch.setitem(room.SOURCES, "mitdb", lambda root: iter(hearts))
    monkeypatch.setitem(pools.LESSONS, "mitdb", lambda root: of_marked_beats(hearts))
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    first.write_text('name = "first"\n' + TABLES.format(rule="none", steps=12, more=""))
    start = f'[start]\nrecipe = "{first.as_posix()}"\nkeep = 0.25\n'
    second.write_text('name = "second"\n' + TABLES.format(rule="patients-75-25", steps=12, more="folds = 2\n" + start))
    return load_recipe(str(second))


@pytest.fixture
def load(tmp_path: Path) -> Callable[[Recipe], Examples]:
    return lambda one: examples(one, tmp_path / "data", tmp_path / "pools")


@pytest.fixture
def trained(recipe: Recipe, load: Callable[[Recipe], Examples], tmp_path: Path) -> Run:
    return train(recipe, load, tmp_path / "runs", split_seed=42, seed=0)


def test_it_learns_starts_from_the_other_recipe_and_says_so(trained: Run, tmp_path: Path) -> None:
    side = trained.test.column(0)
    assert binary_metrics(side.score, side.target, threshold=0.0)["auc"] > 0.9
    first = Run.read(tmp_path / "runs" / "first" / "42-0")
    assert first.facts["test"] == []
    assert trained.facts["start"]["recipe"] == "first"
    assert trained.facts["start"]["data"] == first.facts["data"]


def test_the_training_side_is_scored_by_networks_that_did_not_learn_from_it(
    trained: Run, recipe: Recipe, load: Callable[[Recipe], Examples], tmp_path: Path
) -> None:
    made = load(recipe)
    assert sorted(set(trained.train.group)) == sorted(trained.facts["train"])
    learning = Learning(recipe, made, tmp_path / "runs" / "first" / "42-0" / "weights.pt", seed=0)
    share = {name: float(made.target[made.of_groups([name])].mean()) for name in trained.facts["train"]}
    held = folds(share, made.patient, 2, 42)[1]
    model, _ = learning.learn([name for name in share if name not in held], tmp_path / "again")
    expected = fitting.logits(model, made, made.of_groups(held))
    np.testing.assert_array_equal(trained.train.score[np.isin(trained.train.group, held)], expected)


def test_another_split_has_no_line_and_the_result_says_so(
    trained: Run, recipe: Recipe, load: Callable[[Recipe], Examples], tmp_path: Path
) -> None:
    other = train(recipe, load, tmp_path / "runs", split_seed=1, seed=0)
    assert len(other.train.score) == 0
    content = result(recipe, {"own": [trained], "others": [other]}, draws=10)
    assert content["calibrated"] == {"own": True, "others": False}


def test_an_exported_bundle_says_what_it_started_from(trained: Run, recipe: Recipe, tmp_path: Path) -> None:
    card = export(recipe, trained, tmp_path / "bundle").card
    assert card.training["start"]["recipe"] == "first"
    assert dict(card.inputs) == {"waves": (2, 2, 128), "rhythm": (2, 12)}
    assert json.loads(card.as_json())["calibration"]["abnormal"]["slope"] > 0


class Stopped(RuntimeError):
    """What stands for the power failing."""


def test_training_broken_off_goes_on_to_the_very_same_weights(
    trained: Run,
    recipe: Recipe,
    load: Callable[[Recipe], Examples],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(fitting.fit.__kwdefaults__, "checkpoint_every", 3)
    left = [4, 5, 9, 11, 2, 5]  # steps until the next failure; in both recipes, and in the folds

    @contextmanager
    def failing(steps: int) -> Iterator[Callable[[float], None]]:
        begun = False

        def advance(done: float) -> None:
            nonlocal begun
            if begun and left:  # the first call tells of steps done before
                left[0] -= int(done)
                if left[0] <= 0:
                    left.pop(0)
                    raise Stopped
            begun = True

        yield advance

    failures = 0
    while True:
        try:
            again = train(recipe, load, tmp_path / "broken", split_seed=42, seed=0, watch=failing)
        except Stopped:
            failures += 1
        else:
            break
    assert failures == 6
    ours, theirs = (torch.load(run.folder / "weights.pt", weights_only=True) for run in (trained, again))
    for name, weight in ours.items():
        assert torch.equal(weight, theirs[name]), name
    np.testing.assert_array_equal(again.train.score, trained.train.score)


def test_what_is_kept_of_the_start_lies_between_start_and_end() -> None:
    shapes = {"waves": (2, 2, 128), "rhythm": (2, 12)}
    one, two = (build("beat_net", {"width": 8}, "here", shapes, 1) for _ in range(2))
    begun, ended = ({name: w.clone() for name, w in model.state_dict().items()} for model in (one, two))
    keep_some(two, begun, 0.25)
    for name, weight in two.state_dict().items():
        torch.testing.assert_close(weight, (0.25 * begun[name] + 0.75 * ended[name]).to(weight.dtype))


def test_steps_without_sources_are_refused(recipe: Recipe) -> None:
    with pytest.raises(OptionError, match=r"second\.toml: .* steps need sources"):
        Learning.check(replace(recipe, sources=()))


def test_a_wrong_variation_is_told(recipe: Recipe) -> None:
    with pytest.raises(OptionError, match=r"second\.toml \[augment\]: unknown key 'shake'; allowed are second_context"):
        Learning.check(replace(recipe, augment={"shake": 1.0}))


def test_an_unknown_schedule_is_told(recipe: Recipe, load: Callable[[Recipe], Examples], tmp_path: Path) -> None:
    odd = replace(recipe, training=replace(recipe.training, schedule="linear"), start=None)
    with pytest.raises(OptionError, match="schedule 'linear' is not known: choose from constant, one-cycle, cosine"):
        train(odd, load, tmp_path / "odd", split_seed=42, seed=0)


def test_weights_to_start_from_are_not_judged(recipe: Recipe) -> None:
    assert recipe.start is not None
    with pytest.raises(OptionError, match="first tests on nobody"):
        plan(load_recipe(recipe.start.recipe))


def test_beats_at_the_edge_are_not_judged(recipe: Recipe, load: Callable[[Recipe], Examples]) -> None:
    every = load(recipe)
    inner = load(replace(recipe, data=replace(recipe.data, edge_s=3.0)))
    assert 0 < len(every) - len(inner) <= 12 * 8
