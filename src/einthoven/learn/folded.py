"""Detectors learn from all patients, and once without each fold of them: how that is kept, and never done twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

import torch

from ..atomic import replacing
from ..datasets.splits import folds
from ..errors import DataError
from ..evaluation.provenance import commit, versions
from .runs import FACTS, WEIGHTS, check_claim, claim, run_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from torch import nn

    from .recipe import Recipe

TOOK = "took.json"


class Learns(Protocol):
    """What trains the networks of a recipe."""

    @property
    def patients(self) -> Sequence[str]:
        """Those of the database that is judged on who are learnt from."""
        ...

    @property
    def facts(self) -> Mapping[str, Any]:
        """What a run tells of what it learns from: ``data``, ``train``, ``test``, ``classes`` and so on."""
        ...

    def learn(self, folder: Path, without: Sequence[str] = ()) -> float:
        """Train a network on all but some patients, keep its weights, and tell how many seconds it took."""
        ...


def learnt_once(folder: Path, learn: Callable[[], tuple[nn.Module, float]]) -> float:
    """Train a network and keep its weights in a folder, unless they are there; tell how many seconds it took."""
    if (folder / WEIGHTS).is_file():
        return float(json.loads((folder / TOOK).read_text(encoding="utf-8")))
    model, wall_s = learn()
    with replacing(folder / TOOK) as draft:
        draft.write_text(json.dumps(wall_s), encoding="utf-8")
    with replacing(folder / WEIGHTS) as draft:
        torch.save(model.state_dict(), draft)
    return wall_s


def train_folded(
    recipe: Recipe,
    runs: Path,
    check: Callable[[Recipe], None],
    prepare: Callable[[], Learns],
    *,
    seed: int,
    max_steps: int,
    threads: int,
) -> dict[str, Any]:
    """Train all networks of a recipe and return the facts of the run; what is finished is not done again.

    Parameters
    ----------
    recipe
        What to do. Without folds it is one network.
    runs
        Folder of all runs.
    check
        Makes sure that the recipe can be followed, before data are read.
    prepare
        Reads what is learnt from.
    seed
        Of starting weights and draws.
    max_steps
        Stop after so many steps, for a trial; -1 for none.
    threads
        Processor threads.

    Raises
    ------
    OptionError
        The folder holds a run by another recipe, or the recipe asks for what there is not.
    """
    folder = run_folder(runs, recipe, recipe.split.seed, seed)
    begun = f"{recipe.sha256} {max_steps}\n"
    check_claim(folder, begun)
    if (folder / FACTS).is_file():
        return facts_of(folder)
    check(recipe)
    made_by = commit()
    torch.set_num_threads(threads)
    learning = prepare()
    claim(folder, begun)
    number = recipe.evaluation.folds
    held = folds(dict.fromkeys(learning.patients, 0.0), {}, number, recipe.split.seed) if number else ()
    wall_s = sum(learning.learn(fold_folder(folder, number), names) for number, names in enumerate(held))
    wall_s += learning.learn(folder)
    facts = {
        "recipe": recipe.name,
        "split_seed": recipe.split.seed,
        "seed": seed,
        **learning.facts,
        "folds": held,
        "commit": made_by,
        "versions": versions("numpy", "scipy", "torch", "lightning", "pillow"),
        "wall_s": round(wall_s, 1),
    }
    with replacing(folder / FACTS) as draft:  # last: with it the run is finished
        draft.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return facts_of(folder)


def where_from(recipe: Recipe, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a result file says of where its figures come from, of a run with these facts."""
    return {
        "recipe": recipe.name,
        "title": recipe.title,
        "commit": facts["commit"],
        "versions": facts["versions"],
        "data": dict(facts["data"]),
        "wall_s": facts["wall_s"],
        "seeds": {recipe.split.rule: [[facts["split_seed"], facts["seed"]]]},
    }


def facts_of(folder: Path) -> dict[str, Any]:
    """Read what is known of a finished run; raises DataError where it is damaged."""
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        missing = {"split_seed", "seed", "train", "folds", "data", "wall_s"} - set(facts)
    except (OSError, ValueError, TypeError) as error:
        raise DataError(f"{folder}: the run is damaged ({error}); remove the folder and train again") from error
    if missing:
        raise DataError(f"{folder / FACTS}: says nothing of {', '.join(sorted(missing))}; train again")
    return dict(facts)


def fold_folder(folder: Path, number: int) -> Path:
    """Where the network that did not learn from a fold is kept, below the folder of its run."""
    return folder / "folds" / str(number)
