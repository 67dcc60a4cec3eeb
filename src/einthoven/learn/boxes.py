"""A detector of things in pictures, from raw files to weights: one that learns from all, one for each fold left out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import torch

from ..errors import OptionError
from .box_draws import BoxDraws
from .box_watch import BoxWatch
from .fill import checked
from .fit import fit, unwatched
from .folded import learnt_once, train_folded
from .models import build, model_class
from .models.ssd import Ssd
from .scenes import scene_kind, scenes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import nn

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
        return learnt_once(folder, partial(self._learnt, folder, without))

    def _learnt(self, folder: Path, without: Sequence[str]) -> tuple[nn.Module, float]:
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
        return model, fit(
            model,
            draws,
            training,
            seed=self.seed,
            folder=folder,
            max_steps=self.max_steps,
            watch=self.watch,
            observe=seen,
        )

    @property
    def patients(self) -> Sequence[str]:
        """Those of the database that is judged on who are learnt from."""
        return self.scenes.patients

    @property
    def facts(self) -> dict[str, Any]:
        """What a run tells of its pictures."""
        of = self.scenes
        return {"classes": of.classes, "size": of.size, "data": of.data, **of.facts}


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

    def prepare() -> Boxes:
        return Boxes(recipe, scenes(recipe, root), seed, max_steps, watch or unwatched)

    return train_folded(recipe, runs, check, prepare, seed=seed, max_steps=max_steps, threads=threads)
