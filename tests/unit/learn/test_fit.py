from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from einthoven.errors import DataError, OptionError
from einthoven.evaluation.binary import binary_metrics
from einthoven.learn.fit import Batches, Learner, fit
from einthoven.learn.judge import result, write_result
from einthoven.learn.models import build
from einthoven.learn.runs import Run, train

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from einthoven.learn.examples import Examples
    from einthoven.learn.recipe import Recipe

SPLIT = {"split_seed": 42, "seed": 1}


@pytest.fixture
def trained(toy_recipe: Recipe, toy_examples: Examples, tmp_path: Path) -> Run:
    return train(toy_recipe, lambda recipe: toy_examples, tmp_path / "runs", **SPLIT)


def test_a_small_network_learns_and_knows_patients_it_never_saw(trained: Run) -> None:
    side = trained.test.column(0)
    assert binary_metrics(side.score, side.target, threshold=0.0)["auc"] > 0.9
    assert not set(trained.facts["train"]) & set(trained.facts["test"])


def test_the_loss_falls_and_tensorboard_can_show_it(trained: Run) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(trained.folder / "tensorboard"))
    events.Reload()
    assert "train/loss" in events.Tags()["scalars"]


def test_a_finished_run_is_read_not_done_again(trained: Run, toy_recipe: Recipe, tmp_path: Path) -> None:
    def never(recipe: Recipe) -> Examples:
        raise AssertionError("the data were asked for")

    again = train(toy_recipe, never, tmp_path / "runs", **SPLIT)
    np.testing.assert_array_equal(again.test.score, trained.test.score)
    assert again.facts == trained.facts


def test_the_same_seed_gives_the_same_weights(
    trained: Run, toy_recipe: Recipe, toy_examples: Examples, tmp_path: Path
) -> None:
    again = train(toy_recipe, lambda recipe: toy_examples, tmp_path / "elsewhere", **SPLIT)
    np.testing.assert_array_equal(again.test.score, trained.test.score)


def test_a_run_is_not_continued_under_another_recipe(trained: Run, toy_recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="toy/42-1: holds a run by another form of its recipe"):
        train(replace(toy_recipe, sha256="0"), lambda recipe: None, tmp_path / "runs", **SPLIT)  # type: ignore[arg-type,return-value]


def test_a_wrong_model_setting_is_told_before_the_data_are_read(toy_recipe: Recipe, tmp_path: Path) -> None:
    recipe = replace(toy_recipe, model={**toy_recipe.model, "filter": 8})
    with pytest.raises(OptionError, match=r"toy\.toml \[model\]: unknown key 'filter'; allowed are filters, kernel"):
        train(recipe, lambda recipe: 1 / 0, tmp_path / "runs", **SPLIT)  # type: ignore[arg-type,return-value]


def test_nothing_is_begun_when_the_data_are_not_there(toy_recipe: Recipe, tmp_path: Path) -> None:
    def absent(recipe: Recipe) -> Examples:
        raise DataError("mitdb is not here")

    with pytest.raises(DataError, match="not here"):
        train(toy_recipe, absent, tmp_path / "runs", **SPLIT)
    assert not (tmp_path / "runs").exists()


def test_nothing_to_learn_from_is_refused(toy_recipe: Recipe, toy_examples: Examples, tmp_path: Path) -> None:
    nothing = Batches(toy_examples, np.array([], int), size=32, epochs=2, seed=0)
    with pytest.raises(OptionError, match="0 items"):
        fit(torch.nn.Identity(), nothing, toy_recipe.training, seed=0, folder=tmp_path)


def test_progress_counts_every_step_once(toy_recipe: Recipe, toy_examples: Examples, tmp_path: Path) -> None:
    told: list[float] = []

    @contextmanager
    def watch(steps: int) -> Iterator[Callable[[float], None]]:
        told.append(-steps)
        yield told.append

    train(toy_recipe, lambda recipe: toy_examples, tmp_path / "runs", watch=watch, max_steps=5, **SPLIT)
    assert told[0] == -5
    assert sum(told) == 0


def test_an_epoch_holds_every_item_once_in_an_order_of_its_own(toy_examples: Examples) -> None:
    index = np.arange(3, 110)
    batches = Batches(toy_examples, index, size=32, epochs=2, seed=0)
    targets = [target.ravel() for _, target in batches]
    assert [len(target) for target in targets] == [32, 32, 32, 11] * 2
    epochs = [np.concatenate(targets[:4]), np.concatenate(targets[4:])]
    assert not np.array_equal(*epochs)
    assert epochs[0].sum() == epochs[1].sum() == toy_examples.target[index].sum()


KILLED = """
import os, signal, sys, contextlib
from pathlib import Path
import numpy as np, torch, lightning
from einthoven.learn import fit as fitting
from einthoven.learn.examples import Examples
from einthoven.learn.recipe import load_recipe
from einthoven.learn.runs import train

DIE_AT = [int(step) for step in sys.argv[4:]]
recipe, arrays, folder = load_recipe(sys.argv[1]), np.load(sys.argv[2]), Path(sys.argv[3])
examples = Examples({"window": arrays["window"]}, arrays["target"], arrays["group"], ("abnormal",), 36.0, 1.0, "f" * 64)
fitting.fit.__kwdefaults__["checkpoint_every"] = 3
steps_done = 0

@contextlib.contextmanager
def dying(steps):
    def advance(done):
        global steps_done
        steps_done += done
        if steps_done >= die_at:
            os.kill(os.getpid(), signal.SIGKILL)
    yield advance

for die_at in DIE_AT:
    child = os.fork()
    if not child:
        train(recipe, lambda recipe: examples, folder, split_seed=42, seed=1, watch=dying)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.slow
def test_training_killed_three_times_ends_with_the_very_same_weights(
    trained: Run, toy_recipe: Recipe, toy_examples: Examples, tmp_path: Path
) -> None:
    arrays = tmp_path / "toy.npz"
    np.savez(arrays, window=toy_examples.inputs["window"], target=toy_examples.target, group=toy_examples.group)
    command = [sys.executable, "-c", KILLED, str(toy_recipe.file), str(arrays), str(tmp_path / "killed")]
    # In mid-epoch, at the end of an epoch and after it, with the last step of all; the fourth time it may end.
    command += ["5", "12", "36", "99"]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=120, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    assert [int(line) for line in done.stdout.split()] == [-signal.SIGKILL] * 3 + [0]
    killed = Run.read(tmp_path / "killed" / "toy" / "42-1")
    for file in (killed.folder, trained.folder):
        assert not list(file.glob(".einthoven-*"))
    ours, theirs = (torch.load(run.folder / "weights.pt", weights_only=True) for run in (trained, killed))
    for name, weight in ours.items():
        assert torch.equal(weight, theirs[name]), name


def test_the_result_file_has_every_figure_with_interval_and_counts(
    trained: Run, toy_recipe: Recipe, tmp_path: Path
) -> None:
    file = write_result(result(toy_recipe, {"patients-75-25": [trained]}, draws=50), tmp_path / "results")
    content = json.loads(file.read_text())
    assert file.name == "toy.json"
    assert {"recipe", "commit", "versions", "data", "wall_s", "seeds", "protocols"} <= set(content)
    judged = content["protocols"]["patients-75-25"]
    assert judged["n"]["positive"] + judged["n"]["negative"] == len(trained.test.score)
    assert set(judged["metrics"]) == {"accuracy", "sensitivity", "specificity", "f1", "auc", "ece"}
    for figure in judged["metrics"].values():
        assert figure["low"] <= figure["value"] <= figure["high"]
    assert set(content["per_record"]) == set(trained.facts["test"])


def test_a_record_tested_by_three_runs_is_counted_once(trained: Run, toy_recipe: Recipe) -> None:
    once, thrice = (result(toy_recipe, {"p": [trained] * n_runs}, draws=2) for n_runs in (1, 3))
    counted, again = (content["protocols"]["p"]["n"] for content in (once, thrice))
    assert again == {**counted, "runs": 3}
    assert len(thrice["per_run"]["p"]) == 3
    assert once["per_record"] == thrice["per_record"]


def test_runs_on_different_data_are_not_judged_together(trained: Run, toy_recipe: Recipe) -> None:
    other = replace(trained, facts={**trained.facts, "data": {"mitdb": "0" * 64}})
    with pytest.raises(OptionError, match="different data"):
        result(toy_recipe, {"patients-75-25": [trained, other]})


def test_the_rate_rises_in_a_line_and_falls_along_a_cosine(toy_recipe: Recipe) -> None:
    settings = replace(toy_recipe.training, learning_rate=0.1, schedule="cosine", warm_up=0.2)
    made = Learner(torch.nn.Linear(1, 1), settings, 0, steps=50).configure_optimizers()
    optimizer, schedule = made["optimizer"], made["lr_scheduler"]["scheduler"]
    rates = []
    for _ in range(50):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    np.testing.assert_allclose(rates[:10], np.arange(1, 11) / 100)
    np.testing.assert_allclose(rates[10:], 0.05 * (1 + np.cos(np.pi * np.arange(40) / 40)))


def test_training_mixes_in_the_network_where_it_is_told_to(toy_recipe: Recipe) -> None:
    model = build("resnet1d", {"widths": (4,), "dropout": 0.0}, "here", {"signal": (1, 40)}, 2)
    batch = ((torch.randn(16, 1, 40),), torch.eye(2).repeat(8, 1))
    losses = []
    for strength in (0.0, 1.0, 1.0):
        learner = Learner(model, replace(toy_recipe.training, manifold_mixup=strength), 0, steps=9)
        learner.log_dict = lambda *_: None  # type: ignore[assignment,method-assign]
        losses.append(learner.training_step(batch, 0).item())
    assert losses[0] != losses[1] == losses[2]  # chance is that of the step
