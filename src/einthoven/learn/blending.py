"""Recipes that answer together: what their networks said is put side by side, and nothing is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from ..errors import OptionError
from .cross import Crossed
from .halves import Done
from .recipe import load_recipe
from .runs import SCORES, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .recipe import Recipe
    from .runs import Run

SAME: Final = ("data", "split")
"""Tables that recipes which answer together have in common."""


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
        own, theirs = recipe.evaluation, part.evaluation
        if part.blend or any(getattr(part, name) != getattr(recipe, name) for name in SAME):
            raise OptionError(f"{where}: {part.name} must have the same [data] and [split], and no [blend] of its own")
        if not (own.pairs and theirs.pairs and own.folds == theirs.folds):
            raise OptionError(f"{where}: {part.name} must have pairs = true and folds = {own.folds}, as this must")
    return parts


def blended(recipe: Recipe, runs: Sequence[Run]) -> Done:
    """Put the same repeat of several recipes side by side.

    Parameters
    ----------
    recipe
        Of all together.
    runs
        One for each part.

    Raises
    ------
    OptionError
        They are of other records.
    """
    said, weights = [], {}
    for run in runs:
        with np.load(run.folder / SCORES) as kept:
            said.append(Crossed.of(kept))
        weights[run.facts["recipe"]] = torch.load(run.folder / WEIGHTS, weights_only=True)
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
