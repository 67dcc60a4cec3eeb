"""One training from raw files to scores, kept in a folder: resumed where it was stopped, and never done twice."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ..atomic import replacing
from ..datasets.splits import abnormal_share, split
from ..errors import OptionError
from ..evaluation.intervals import Scored
from ..evaluation.provenance import commit, versions
from .fill import checked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .examples import Examples
    from .fit import Watch
    from .recipe import Recipe

FACTS, SCORES, WEIGHTS, BEGUN = "run.json", "scores.npz", "weights.pt", "recipe.sha256"


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A finished training.

    Parameters
    ----------
    folder
        Where it is kept: ``run.json``, ``scores.npz``, ``weights.pt`` and the TensorBoard log.
    facts
        Recipe, seeds, records on both sides, fingerprint of the data, versions, time taken.
    train, test
        Logits of the items on both sides.
    """

    folder: Path
    facts: dict[str, Any]
    train: Scored
    test: Scored

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read a finished run from its folder."""
        with np.load(folder / SCORES) as kept:
            sides = [
                Scored(*(kept[f"{side}_{part}"] for part in ("score", "target", "group"))) for side in ("train", "test")
            ]
        return cls(folder, json.loads((folder / FACTS).read_text(encoding="utf-8")), *sides)


def run_folder(runs: Path, recipe: Recipe, split_seed: int, seed: int) -> Path:
    """Where a run is kept: ``<runs>/<recipe>/<split seed>-<seed>``."""
    return runs / recipe.name / f"{split_seed}-{seed}"


def train(
    recipe: Recipe,
    load: Callable[[], Examples],
    runs: Path,
    *,
    split_seed: int,
    seed: int,
    max_steps: int = -1,
    threads: int = 1,
    watch: Watch | None = None,
) -> Run:
    """Train by a recipe and score both sides of its split; a finished run is read, a stopped one goes on.

    Parameters
    ----------
    recipe
        What to do.
    load
        Gives the examples; called only when there is something to do.
    runs
        Folder of all runs.
    split_seed, seed
        Of the split, and of starting weights, order and dropout.
    max_steps
        Stop after so many steps, for a trial; -1 for none.
    threads
        Processor threads. Their number can change the last digits.
    watch
        Shows how it goes; see :data:`einthoven.learn.fit.Watch`.

    Raises
    ------
    OptionError
        The folder holds a run by another recipe, or the recipe asks for what there is not.
    """
    folder = run_folder(runs, recipe, split_seed, seed)
    begun = f"{recipe.sha256} {max_steps}\n"
    _check_claim(folder, begun)
    if (folder / FACTS).is_file():
        return Run.read(folder)

    import torch

    from .fit import fit, logits, unwatched
    from .models import build, model_class

    kind, settings, where = recipe.kind_of("model")
    checked(model_class(kind), settings, where)  # a mistake shows before the data are read
    made_by = commit()  # before training: the code may have changed when it ends
    torch.set_num_threads(threads)
    examples = load()
    _claim(folder, begun)
    share = abnormal_share(examples.group, examples.target.max(axis=1) > 0)
    sides = split(recipe.split.rule, share, split_seed)
    torch.manual_seed(seed)
    model = build(kind, settings, where, examples.shapes, len(examples.classes))
    learn_from, test_on = examples.of_groups(sides.train), examples.of_groups(sides.test)
    wall_s = fit(
        model,
        examples,
        learn_from,
        recipe.training,
        seed=seed,
        folder=folder,
        max_steps=max_steps,
        watch=watch or unwatched,
    )
    arrays: dict[str, Any] = {}
    for side, index in (("train", learn_from), ("test", test_on)):
        arrays[f"{side}_score"] = logits(model, examples, index)
        arrays[f"{side}_target"] = examples.target[index] > 0
        arrays[f"{side}_group"] = examples.group[index]
    with replacing(folder / SCORES) as draft:
        np.savez(draft, **arrays)
    with replacing(folder / WEIGHTS) as draft:
        torch.save(model.state_dict(), draft)
    facts = {
        "recipe": recipe.name,
        "split_seed": split_seed,
        "seed": seed,
        "classes": examples.classes,
        "shapes": examples.shapes,
        "fs_hz": examples.fs_hz,
        "length_s": examples.length_s,
        "train": sides.train,
        "test": sides.test,
        "data": {recipe.data.dataset: examples.fingerprint},
        "commit": made_by,
        "versions": versions("numpy", "scipy", "torch", "lightning", "scikit-learn"),
        "wall_s": round(wall_s, 1),
    }
    with replacing(folder / FACTS) as draft:  # last: with it the run is finished
        draft.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return Run.read(folder)


def _check_claim(folder: Path, begun: str) -> None:
    """Make sure that a run begun here is of this recipe."""
    if (folder / BEGUN).is_file() and (folder / BEGUN).read_text(encoding="ascii") != begun:
        raise OptionError(f"{folder}: holds a run by another form of its recipe; remove it or choose other --runs")


def _claim(folder: Path, begun: str) -> None:
    """Begin a run, or go on with it, and sweep up what a killed process left."""
    with replacing(folder / BEGUN) as draft:
        draft.write_text(begun, encoding="ascii")
    for left in folder.glob(".einthoven-*"):
        shutil.rmtree(left, ignore_errors=True)
