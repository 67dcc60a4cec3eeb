"""Recipes that answer together: what their networks said is put side by side, and nothing is trained."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ..datasets.splits import FOLD_RULES
from ..errors import OptionError
from .cross import Crossed, arrays_of
from .fit import logits
from .halves import Done
from .models import model_class, network
from .models.blend import taken
from .recipe import load_recipe
from .record_lessons import RECORD_TARGETS
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
    if recipe.split.rule == recipe.evaluation.test:
        parts = tuple(part.tested or part for part in parts)
    for part in parts:
        if part.blend or part.data.task != recipe.data.task:
            raise OptionError(f"{where}: {part.name} must have the same task and target, and no [blend] of its own")
        (_check_apart if recipe.blend.weights else _check_together)(recipe, part, where)
    if parts[0].split.rule == "none" or len(recipe.blend.least) not in (0, len(parts)):
        raise OptionError(f"{where}: the first recipe must be by folds, and least, if said, have {len(parts)} numbers")
    if len(recipe.blend.weights) not in (0, len(parts)):
        raise OptionError(f"{where}: {len(recipe.blend.weights)} weights for {len(parts)} recipes; each must have one")
    if any(weight <= 0 for weight in recipe.blend.weights):
        raise OptionError(f"{where}: weights are {recipe.blend.weights}; all must be above 0")
    return parts


def _check_together(recipe: Recipe, part: Recipe, where: str) -> None:
    """Make sure of a part of what tells classes that exclude each other, whose weights are fitted inside."""
    own, theirs, data = recipe.evaluation, part.evaluation, part.data
    if data.target != recipe.data.target:
        raise OptionError(f"{where}: {part.name} must have the same task and target")
    if part.split.rule == "none":
        if data.dataset == recipe.data.dataset:
            raise OptionError(f"{where}: {part.name} learns from all of {data.dataset}, which this is judged on")
        return
    if (data, part.split) != (recipe.data, recipe.split):
        raise OptionError(f"{where}: {part.name} must have the same [data] and [split]")
    if not (own.pairs and theirs.pairs and own.folds == theirs.folds):
        raise OptionError(f"{where}: {part.name} must have pairs = true and folds = {own.folds}, as this must")


def _check_apart(recipe: Recipe, part: Recipe, where: str) -> None:
    """Make sure of a part of what tells each class by itself: it may tell more of them, of the same folds."""
    if (part.data.dataset, part.split) != (recipe.data.dataset, recipe.split):
        raise OptionError(f"{where}: {part.name} must have the same dataset and [split]")
    own, theirs = recipe.evaluation, part.evaluation
    if own.folds != theirs.folds or own.test not in ("", theirs.test):
        raise OptionError(f"{where}: {part.name} must have the same folds as this, and its test")
    told = [RECORD_TARGETS[one.data.target][0] for one in (recipe, part) if one.data.target in RECORD_TARGETS]
    if len(told) < 2 or not set(told[0]) <= set(told[1]):
        raise OptionError(f"{where}: {part.name} must tell all classes of target {recipe.data.target!r}")


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
                said.append(Crossed.of(kept).columns(run.facts["classes"], examples.classes))
        else:
            logit = told_by(part, weights[part.name], examples)
            said.append(replace(said[0], logit=np.where(np.isnan(said[0].logit), np.float32(np.nan), logit)))
    one = said[0]
    for other in said[1:]:
        same = [np.array_equal(getattr(one, name), getattr(other, name)) for name in ("fold", "left_out", "name")]
        if not all(same) or not np.array_equal(one.target, other.target):
            raise OptionError(f"{recipe.file} [blend]: the runs are of different records; train all anew")
    if recipe.blend and recipe.blend.weights:
        score = weighed([part.mean_logit() for part in said], recipe.blend.shares)
    else:
        score = np.mean([part.together() for part in said], axis=0)
    arrays = arrays_of(replace(one, logit=np.stack([part.logit for part in said])), score)
    wall_s = sum(run.facts["wall_s"] for run in runs)
    return Done(arrays, weights, runs[0].facts["train"], runs[0].facts["test"], wall_s)


def weighed(logit: Sequence[NDArray[np.float32]], weights: Sequence[float]) -> NDArray[np.float32]:
    """Return the weighted sum of the log-odds of several kinds of networks: float32, shape (record, class)."""
    total: NDArray[np.float32] = np.tensordot(np.asarray(weights, np.float32), np.stack(logit), axes=1)
    return total


def told_by(recipe: Recipe, weights: dict[str, Any], examples: Examples) -> NDArray[np.float32]:
    """Ask a network that learnt from another database: its logits, float32, shape (record, class)."""
    names = taken(model_class(recipe.kind_of("model")[0]), tuple(examples.inputs))
    some = replace(examples, inputs={name: examples.inputs[name] for name in names})
    model = network(recipe, some.shapes, len(some.classes))
    model.load_state_dict(weights)
    return logits(model, some, np.arange(len(some)))
