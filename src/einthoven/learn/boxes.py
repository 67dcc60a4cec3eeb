"""A detector of things in pictures, from raw files to weights: one that learns from all, one for each fold left out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import torch

from ..atomic import replacing
from ..datasets.splits import folds
from ..errors import OptionError
from ..evaluation.provenance import commit, versions
from .box_draws import BoxDraws
from .box_watch import BoxWatch
from .detection import facts_of, fold_folder
from .fill import checked
from .fit import fit, unwatched
from .models import build, model_class
from .models.ssd import Ssd
from .runs import FACTS, WEIGHTS, check_claim, claim, run_folder
from .scenes import scene_kind, scenes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .fit import Watch
    from .recipe import Recipe
    from .scenes import Scenes

PICTURE: Final = "picture"
"""Name of the input of these networks."""


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """What is the same for all networks of a recipe.

    Parameters
    ----------
    recipe
        How they learn.
    scenes
        What they are shown.
    seed
        Of starting weights and draws.
    max_steps
        Stop after so many steps; -1 for none.
    watch
        Shows how it goes.
    """

    recipe: Recipe
    scenes: Scenes
    seed: int
    max_steps: int = -1
    watch: Watch = unwatched

    def learn(self, folder: Path, without: Sequence[str] = ()) -> float:
        """Train a network on all but some patients, keep its weights in `folder`, and tell how many seconds it took.

        What it finds in pictures of those, or of a few it learns from where it learns from all, goes to TensorBoard.
        """
        if (folder / WEIGHTS).is_file():
            return float(json.loads((folder / "took.json").read_text(encoding="utf-8")))
        training, of = self.recipe.training, self.scenes
        torch.manual_seed(self.seed)
        model = network(self.recipe, of.size, len(of.classes)).train()
        draws = BoxDraws(
            of.drawer(without),
            of.classes,
            of.size,
            model.defaults.numpy(),
            batch=training.batch_size,
            steps=training.steps,
            seed=self.seed,
        )
        seen = BoxWatch(model, of, without or of.patients, folder, training.steps)
        wall_s = fit(
            model,
            draws,
            training,
            seed=self.seed,
            folder=folder,
            max_steps=self.max_steps,
            watch=self.watch,
            observe=seen,
        )
        with replacing(folder / "took.json") as draft:
            draft.write_text(json.dumps(wall_s), encoding="utf-8")
        with replacing(folder / WEIGHTS) as draft:
            torch.save(model.state_dict(), draft)
        return wall_s


def network(recipe: Recipe, size: tuple[int, int], classes: int, weights: Path | None = None) -> Ssd:
    """Build the network of a recipe, with the weights of a file if one is given; raises OptionError."""
    kind, settings, where = recipe.kind_of("model")
    model = build(kind, settings, where, {PICTURE: (1, *size)}, classes)
    if not isinstance(model, Ssd):
        raise OptionError(f"{where}: a network of kind '{kind}' finds no boxes; choose ssd")
    if weights:
        model.load_state_dict(torch.load(weights, weights_only=True))
    return model.eval()


def check(recipe: Recipe) -> None:
    """Make sure that the recipe can be followed, before data are read; raises OptionError."""
    kind, settings, where = recipe.kind_of("model")
    checked(model_class(kind), settings, where)
    kind, settings, where = recipe.kind_of("input")
    checked(scene_kind(kind), settings, where)
    if not recipe.training.steps:
        raise OptionError(f"{recipe.file} [training]: pictures are drawn in so many steps; steps are 0")
    if recipe.sources:
        raise OptionError(f"{recipe.file}: [[sources]] are not of pictures; [input] says what is drawn")


def train(
    recipe: Recipe,
    root: str | Path | None,
    runs: Path,
    *,
    seed: int = 0,
    max_steps: int = -1,
    threads: int = 1,
    watch: Watch | None = None,
) -> dict[str, Any]:
    """Train all networks of a recipe and return the facts of the run; what is finished is not done again.

    Parameters
    ----------
    recipe
        What to do.
    root
        Folder that holds the databases.
    runs
        Folder of all runs.
    seed
        Of starting weights and draws.
    max_steps
        Stop after so many steps, for a trial; -1 for none.
    threads
        Processor threads.
    watch
        Shows how it goes; see :data:`einthoven.learn.fit.Watch`.

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
    of = scenes(recipe, root)
    claim(folder, begun)
    learning = Boxes(recipe, of, seed, max_steps, watch or unwatched)
    number = recipe.evaluation.folds
    held = folds(dict.fromkeys(of.patients, 0.0), {}, number, recipe.split.seed) if number else ()
    wall_s = sum(learning.learn(fold_folder(folder, number), names) for number, names in enumerate(held))
    wall_s += learning.learn(folder)
    facts = {
        "recipe": recipe.name,
        "split_seed": recipe.split.seed,
        "seed": seed,
        "classes": of.classes,
        "size": of.size,
        "data": of.data,
        **of.facts,
        "folds": held,
        "commit": made_by,
        "versions": versions("numpy", "scipy", "torch", "lightning", "pillow"),
        "wall_s": round(wall_s, 1),
    }
    with replacing(folder / FACTS) as draft:  # last: with it the run is finished
        draft.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return facts_of(folder)
