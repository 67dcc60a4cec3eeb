"""One training from raw files to scores, kept in a folder: resumed where it was stopped, and never done twice."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self
from zipfile import BadZipFile

import numpy as np

from ..atomic import replacing
from ..datasets.splits import FOLD_RULES
from ..errors import DataError, OptionError
from ..evaluation.intervals import Scored
from ..evaluation.provenance import commit, versions
from .recipe import load_recipe

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
        Logits of the items on both sides; on the training side, where the recipe asks for folds, each item's from the
        network that did not learn from it.
    """

    folder: Path
    facts: dict[str, Any]
    train: Scored
    test: Scored

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read a finished run from its folder; raises DataError where that is damaged."""
        try:
            with np.load(folder / SCORES) as kept:
                sides = [
                    Scored(*(kept[f"{side}_{part}"] for part in ("score", "target", "group")))
                    for side in ("train", "test")
                ]
            facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
            missing = {"split_seed", "seed", "train", "test", "data", "wall_s"} - set(facts)
        except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise DataError(f"{folder}: the run is damaged ({error}); remove the folder and train again") from error
        if missing:
            raise DataError(f"{folder / FACTS}: says nothing of {', '.join(sorted(missing))}; train again")
        return cls(folder, facts, *sides)


def run_folder(runs: Path, recipe: Recipe, split_seed: int, seed: int) -> Path:
    """Where a run is kept: ``<runs>/<recipe>/<split seed>-<seed>``, or in a folder of its rule where it is a test's."""
    folder = runs / recipe.name
    return (
        folder / recipe.split.rule if recipe.split.rule == recipe.evaluation.test else folder
    ) / f"{split_seed}-{seed}"


def train(
    recipe: Recipe,
    load: Callable[[Recipe], Examples],
    runs: Path,
    *,
    split_seed: int,
    seed: int,
    max_steps: int = -1,
    threads: int = 1,
    watch: Watch | None = None,
) -> Run:
    """Train by a recipe and score both sides of its split; a finished run is read, a stopped one goes on.

    Where the recipe starts from another, that one is trained first, by its own split and from seed 0; where others
    answer together in it, these are.

    Parameters
    ----------
    recipe
        What to do.
    load
        Gives the examples of a recipe; called only when there is something to do.
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
    first = load_recipe(recipe.start.recipe) if recipe.start else None
    others = [first] if first else [load_recipe(name) for name in recipe.blend.recipes] if recipe.blend else []
    begun = f"{recipe.sha256} {max_steps}\n" + "".join(f"{other.sha256}\n" for other in others)
    check_claim(folder, begun)
    if (folder / FACTS).is_file():
        return Run.read(folder)

    import torch

    from .blending import blended, parts_of
    from .cross import crossed
    from .halves import halved
    from .learning import Learning

    for part in parts_of(recipe):
        Learning.check(part)  # a mistake shows before the data are read
    made_by = commit()  # before training: the code may have changed when it ends
    torch.set_num_threads(threads)
    likewise = partial(train, load=load, runs=runs, max_steps=max_steps, threads=threads, watch=watch)
    if first:
        start = likewise(first, split_seed=first.split.seed, seed=0)
    parts = []
    for part in parts_of(recipe) if recipe.blend else ():
        repeated = part.split.rule in FOLD_RULES  # else it is learnt once, for all repeats
        seeds = (split_seed, seed) if repeated else (part.split.seed, 0)
        parts.append(likewise(part, split_seed=seeds[0], seed=seeds[1]))
    examples = load(recipe)
    claim(folder, begun)
    if parts:
        done = blended(recipe, parts, examples)
    else:
        learning = Learning(recipe, examples, start.folder / WEIGHTS if first else None, seed, max_steps, watch)
        done = (crossed if recipe.split.rule in FOLD_RULES else halved)(learning, folder, split_seed)
    with replacing(folder / SCORES) as draft:
        np.savez(draft, **done.arrays)
    with replacing(folder / WEIGHTS) as draft:
        torch.save(done.weights, draft)
    facts = {
        "recipe": recipe.name,
        "split_seed": split_seed,
        "seed": seed,
        **_facts_of(examples, recipe),
        "train": done.train,
        "test": done.test,
        "commit": made_by,
        "versions": versions("numpy", "scipy", "torch", "lightning", "scikit-learn"),
        "wall_s": round(done.wall_s, 1),
    }
    if parts:
        facts["blend"] = {part.facts["recipe"]: part.facts["commit"] for part in parts}
        facts["data"] = {name: of for part in parts for name, of in part.facts["data"].items()}
    if first:
        facts["start"] = {"recipe": first.name, "recipe_sha256": first.sha256, "data": start.facts["data"]}
    with replacing(folder / FACTS) as draft:  # last: with it the run is finished
        draft.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return Run.read(folder)


def _facts_of(examples: Examples, recipe: Recipe) -> dict[str, Any]:
    """Return what a run tells of the examples it was made with."""
    drawn_from = {part.source.dataset: part.pool.fingerprint for part in examples.parts}
    return {
        "classes": examples.classes,
        "exclusive": examples.exclusive,
        "shapes": examples.shapes,
        "fs_hz": examples.fs_hz,
        "length_s": examples.length_s,
        "data": drawn_from | {recipe.data.dataset: examples.fingerprint},
    }


def check_finished(folder: Path, recipe: Recipe) -> None:
    """Make sure that the run in a folder was made by this recipe, to the end; raises OptionError."""
    begun = (folder / BEGUN).read_text(encoding="ascii", errors="replace") if (folder / BEGUN).is_file() else ""
    if begun.splitlines()[:1] != [f"{recipe.sha256} -1"]:
        raise OptionError(
            f"{folder}: holds a trial, or a run by another form of {recipe.name}; train it to the end first"
        )


def check_claim(folder: Path, begun: str) -> None:
    """Make sure that a run begun here is of this recipe."""
    if (folder / BEGUN).is_file() and (folder / BEGUN).read_text(encoding="ascii") != begun:
        raise OptionError(f"{folder}: holds a run by another form of its recipe; remove it or choose other --runs")


def claim(folder: Path, begun: str) -> None:
    """Begin a run, or go on with it, and sweep up what a killed process left."""
    with replacing(folder / BEGUN) as draft:
        draft.write_text(begun, encoding="ascii")
    for left in folder.glob(".einthoven-*"):
        shutil.rmtree(left, ignore_errors=True)
