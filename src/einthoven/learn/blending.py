"""Recipes that answer together: what their networks said is put side by side, and nothing is trained."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ..datasets.splits import FOLD_RULES
from ..errors import OptionError
from .cross import Crossed
from .fit import logits
from .halves import Done
from .models import model_class, network
from .models.blend import taken
from .recipe import load_recipe
from .runs import SCORES, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .examples import Examples
    from .recipe import Recipe
    from .runs import Run


def parts_of(recipe: Recipe) -> tuple[Recipe, ...]:
    """Load the recipes that answer together in one, or the recipe itself where it names none.

    Raises
    ------
    OptionError
        One of them is of other data, folds or inputs, or names others itself.
    """
    if recipe.blend is None:
        return (recipe,)
    where = f"{recipe.file} [blend]"
    if not recipe.blend.recipes:
        raise OptionError(f"{where}: recipes is empty; it must name some")
    parts = tuple(map(load_recipe, recipe.blend.recipes))
    for part in parts:
        own, theirs, data = recipe.evaluation, part.evaluation, part.data
        if part.blend or (data.task, data.target) != (recipe.data.task, recipe.data.target):
            raise OptionError(f"{where}: {part.name} must have the same task and target, and no [blend] of its own")
        if part.split.rule == "none":
            if data.dataset == recipe.data.dataset:
                raise OptionError(f"{where}: {part.name} learns from all of {data.dataset}, which this is judged on")
            continue
        if (data, part.split) != (recipe.data, recipe.split):
            raise OptionError(f"{where}: {part.name} must have the same [data] and [split]")
        if not (own.pairs and theirs.pairs and own.folds == theirs.folds):
            raise OptionError(f"{where}: {part.name} must have pairs = true and folds = {own.folds}, as this must")
    if parts[0].split.rule == "none" or len(recipe.blend.least) not in (0, len(parts)):
        raise OptionError(f"{where}: the first recipe must be by folds, and least, if said, have {len(parts)} numbers")
    return parts


def blended(recipe: Recipe, runs: Sequence[Run], examples: Examples) -> Done:
    """Put the same repeat of several recipes side by side.

    Parameters
    ----------
    recipe
        Of all together.
    runs
        One for each part.
    examples
        The records, with the inputs of all parts.

    Raises
    ------
    OptionError
        They are of other records.
    """
    said: list[Crossed] = []
    weights = {}
    for part, run in zip(parts_of(recipe), runs, strict=True):
        weights[part.name] = torch.load(run.folder / WEIGHTS, weights_only=True)
        if part.split.rule in FOLD_RULES:
            with np.load(run.folder / SCORES) as kept:
                said.append(Crossed.of(kept))
        else:
            logit = told_by(part, weights[part.name], examples)
            said.append(replace(said[0], logit=np.where(np.isnan(said[0].logit), np.float32(np.nan), logit)))
    one = said[0]
    for other in said[1:]:
        same = [np.array_equal(getattr(one, name), getattr(other, name)) for name in ("fold", "left_out", "name")]
        if not all(same) or not np.array_equal(one.target, other.target):
            raise OptionError(f"{recipe.file} [blend]: the runs are of different records; train all anew")
    side_by_side = np.stack([part.logit for part in said])
    arrays: dict[str, Any] = {"logit": side_by_side, "fold": one.fold, "left_out": one.left_out}
    arrays |= {"test_score": np.mean([part.together() for part in said], axis=0)}
    arrays |= {"test_target": one.target, "test_group": one.name}
    arrays |= {f"train_{part}": arrays[f"test_{part}"][:0] for part in ("score", "target", "group")}
    names = tuple(one.name.tolist())
    return Done(arrays, weights, names, names, sum(run.facts["wall_s"] for run in runs))


def told_by(recipe: Recipe, weights: dict[str, Any], examples: Examples) -> NDArray[np.float32]:
    """Ask a network that learnt from another database: its logits, float32, shape (record, class)."""
    names = taken(model_class(recipe.kind_of("model")[0]), tuple(examples.inputs))
    some = replace(examples, inputs={name: examples.inputs[name] for name in names})
    model = network(recipe, some.shapes, len(some.classes))
    model.load_state_dict(weights)
    return logits(model, some, np.arange(len(some)))
