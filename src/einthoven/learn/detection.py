"""A detector, from raw files to weights: a network that learns from all, and one for each fold of patients left out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import torch

from ..beats.detect import MARGIN_S
from ..beats.detection_inputs import LEAD_INPUTS, RATE_HZ
from ..datasets import mitdb, nstdb
from ..errors import OptionError, unknown
from .disturb import noises
from .fill import checked
from .fit import fit, unwatched
from .folded import learnt_once, train_folded
from .models import build, model_class
from .strip_draws import StripDraws
from .strips import strips

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from torch import nn

    from .disturb import Noises
    from .fit import Watch
    from .recipe import Recipe
    from .strips import Strip

CLASSES: Final = ("beat",)
SHAPES: Final[dict[str, tuple[int | None, ...]]] = {"leads": (None, None)}
"""Any number of leads, of any length."""


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """What is the same for all networks of a recipe.

    Parameters
    ----------
    recipe
        How they learn.
    material
        By database, the strips they learn from.
    noise
        What is added to these.
    seed
        Of starting weights and draws.
    max_steps
        Stop after so many steps; -1 for none.
    watch
        Shows how it goes.
    """

    recipe: Recipe
    material: Mapping[str, tuple[Strip, ...]]
    noise: Noises
    seed: int
    max_steps: int = -1
    watch: Watch = unwatched

    def learn(self, folder: Path, without: Collection[str] = ()) -> float:
        """Train a network on all but some patients, keep its weights in `folder`, and tell how many seconds it took."""
        return learnt_once(folder, partial(self._learnt, folder, without))

    def _learnt(self, folder: Path, without: Collection[str]) -> tuple[nn.Module, float]:
        recipe, training = self.recipe, self.recipe.training
        left_out = {(recipe.data.dataset, patient) for patient in without}
        parts = [
            (
                [s for s in self.material[source.dataset] if (source.dataset, s.patient) not in left_out],
                source.batch,
            )
            for source in recipe.sources
        ]
        draws = StripDraws(parts, self.noise, steps=training.steps, seed=self.seed, **recipe.augment)
        torch.manual_seed(self.seed)
        model = network(recipe).train()
        return model, fit(
            model, draws, training, seed=self.seed, folder=folder, max_steps=self.max_steps, watch=self.watch
        )

    @property
    def patients(self) -> tuple[str, ...]:
        """Those of the database that is judged on."""
        return tuple(dict.fromkeys(strip.patient for strip in self.material[self.recipe.data.dataset]))

    @property
    def facts(self) -> dict[str, Any]:
        """What a run tells of what it learnt from, and who is left to test on."""
        learnt = [strip.name for strip in self.material[self.recipe.data.dataset]]
        prints = {name: "\n".join(strip.fingerprint for strip in made) for name, made in self.material.items()}
        return {
            "classes": CLASSES,
            "shapes": SHAPES,
            "fs_hz": RATE_HZ,
            "length_s": sum(MARGIN_S),
            "data": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in prints.items()},
            "train": learnt,
            "test": [name for name in mitdb.RECORDS if name not in learnt],
        }


def network(recipe: Recipe, weights: Path | None = None) -> nn.Module:
    """Build the network of a recipe, with the weights of a file if one is given."""
    kind, settings, where = recipe.kind_of("model")
    model = build(kind, settings, where, SHAPES, len(CLASSES))
    if weights:
        model.load_state_dict(torch.load(weights, weights_only=True))
    return model.eval()


def check(recipe: Recipe) -> None:
    """Make sure that the recipe can be followed, before data are read; raises OptionError."""
    kind, settings, where = recipe.kind_of("model")
    checked(model_class(kind), settings, where)
    kind, _, where = recipe.kind_of("input")
    if kind not in LEAD_INPUTS:
        raise unknown("input kind", kind, LEAD_INPUTS)
    if recipe.card.int8:
        raise OptionError(f"{recipe.file} [card]: int8 is for detectors of boxes")
    given = {"steps", "seed"}
    checked(StripDraws, recipe.augment, f"{recipe.file} [augment]", given)
    if not recipe.sources or not recipe.training.steps:
        raise OptionError(f"{recipe.file}: a detector learns from [[sources]], in so many [training] steps")


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

    def prepare() -> Detection:
        material = {source.dataset: strips(source.dataset, root, runs) for source in recipe.sources}
        return Detection(recipe, material, noises(nstdb.load(root)), seed, max_steps, watch or unwatched)

    return train_folded(recipe, runs, check, prepare, seed=seed, max_steps=max_steps, threads=threads)
