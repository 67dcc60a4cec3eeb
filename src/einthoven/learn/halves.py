"""One network that learns from one side of a split and is tested on the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..datasets.splits import abnormal_share, split
from .fit import logits
from .learning import epoch_scores

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .learning import Learning


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """What a run comes to.

    Parameters
    ----------
    arrays
        Scores, targets and records of both sides, by name.
    weights
        What :func:`torch.save` keeps of the networks.
    train, test
        Records learnt from, and those scored by networks that did not learn from them.
    wall_s
        Seconds of training.
    """

    arrays: dict[str, Any]
    weights: dict[str, Any]
    train: tuple[str, ...]
    test: tuple[str, ...]
    wall_s: float


def halved(learning: Learning, folder: Path, split_seed: int) -> Done:
    """Train by the split of a recipe, and score those tested on, and where lines are fitted those learnt from.

    Parameters
    ----------
    learning
        How.
    folder
        Of the run.
    split_seed
        Of the split.
    """
    recipe, examples = learning.recipe, learning.examples
    share = abnormal_share(examples.group, examples.abnormal)
    sides = split(recipe.split.rule, share, split_seed)
    arrays: dict[str, Any] = {}
    if recipe.evaluation.each_epoch:
        model, wall_s = learning.learn(sides.train, folder, sides.test)
        arrays["epoch_score"] = epoch_scores(folder, recipe.training.epochs)
    else:
        model, wall_s = learning.learn_together(sides.train, folder)
    scores = {"test": logits(model, examples, examples.of_groups(sides.test))}
    learn_from: Sequence[str] = sides.train if recipe.evaluation.calibrate else ()
    if not recipe.evaluation.folds:
        scores["train"] = logits(model, examples, examples.of_groups(learn_from))
    else:
        learn_from = learn_from if split_seed == recipe.split.seed else ()
        scores["train"], folds_s = learning.out_of_fold({name: share[name] for name in learn_from}, folder, split_seed)
        wall_s += folds_s
    for side, names in (("train", learn_from), ("test", sides.test)):
        index = examples.of_groups(names)
        arrays[f"{side}_score"] = scores[side]
        arrays[f"{side}_target"] = examples.target[index] > 0
        arrays[f"{side}_group"] = examples.group[index]
    return Done(arrays, model.state_dict(), sides.train, sides.test, wall_s)
