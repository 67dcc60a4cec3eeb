"""A detector, from raw files to weights: a network that learns from all, and one for each fold of patients left out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import torch

from ..atomic import replacing
from ..beats.detect import MARGIN_S
from ..beats.detection_inputs import LEAD_INPUTS, RATE_HZ
from ..datasets import mitdb, nstdb
from ..datasets.splits import folds
from ..errors import DataError, OptionError, unknown
from ..evaluation.provenance import commit, versions
from .disturb import noises
from .fill import checked
from .fit import fit, unwatched
from .models import build, model_class
from .runs import FACTS, WEIGHTS, check_claim, claim, run_folder
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
        if (folder / WEIGHTS).is_file():
            return float(json.loads((folder / "took.json").read_text(encoding="utf-8")))
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
        wall_s = fit(model, draws, training, seed=self.seed, folder=folder, max_steps=self.max_steps, watch=self.watch)
        with replacing(folder / "took.json") as draft:
            draft.write_text(json.dumps(wall_s), encoding="utf-8")
        with replacing(folder / WEIGHTS) as draft:
            torch.save(model.state_dict(), draft)
        return wall_s


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
    folder = run_folder(runs, recipe, recipe.split.seed, seed)
    begun = f"{recipe.sha256} {max_steps}\n"
    check_claim(folder, begun)
    if (folder / FACTS).is_file():
        return facts_of(folder)
    check(recipe)
    made_by = commit()
    torch.set_num_threads(threads)
    material = {source.dataset: strips(source.dataset, root, runs) for source in recipe.sources}
    claim(folder, begun)
    detection = Detection(recipe, material, noises(nstdb.load(root)), seed, max_steps, watch or unwatched)
    patients = dict.fromkeys((strip.patient for strip in material[recipe.data.dataset]), 0.0)
    held = folds(patients, {}, recipe.evaluation.folds, recipe.split.seed)
    wall_s = sum(detection.learn(fold_folder(folder, number), names) for number, names in enumerate(held))
    wall_s += detection.learn(folder)
    facts = {
        "recipe": recipe.name,
        "split_seed": recipe.split.seed,
        "seed": seed,
        **_facts_of_material(material, recipe.data.dataset),
        "folds": held,
        "commit": made_by,
        "versions": versions("numpy", "scipy", "torch", "lightning"),
        "wall_s": round(wall_s, 1),
    }
    with replacing(folder / FACTS) as draft:  # last: with it the run is finished
        draft.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return facts_of(folder)


def _facts_of_material(material: Mapping[str, tuple[Strip, ...]], dataset: str) -> dict[str, Any]:
    """Return what a run tells of what it learnt from, and who is left to test on in the database it is judged on."""
    learnt = [strip.name for strip in material[dataset]]
    prints = {name: "\n".join(strip.fingerprint for strip in made) for name, made in material.items()}
    return {
        "classes": CLASSES,
        "shapes": SHAPES,
        "fs_hz": RATE_HZ,
        "length_s": sum(MARGIN_S),
        "data": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in prints.items()},
        "train": learnt,
        "test": [name for name in mitdb.RECORDS if name not in learnt],
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
