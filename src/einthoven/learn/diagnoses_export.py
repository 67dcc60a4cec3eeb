"""From a run to a bundle that tells diagnoses: the networks of all folds side by side, and trees of all records."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from ..bundles.scores import sigmoid
from ..errors import BundleError, OptionError
from .blending import parts_of
from .cross import ALL, crossed_of, key_of
from .export import ANY, to_onnx, write_bundle
from .export import card as usual_card
from .int8 import kept_in_int8, to_int8
from .models import model_class, network
from .models.blend import taken
from .models.ensemble import Panel
from .models.forest import Forest
from .plant import plant, weigh
from .record_export import halve, order
from .record_lessons import RECORD_TARGETS
from .runs import WEIGHTS
from .told import shipped_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from ..bundles.bundle import Bundle
    from ..bundles.card import Card
    from .cross import Crossed
    from .examples import Examples
    from .recipe import Recipe
    from .runs import Run

    Shapes = Mapping[str, tuple[int, ...]]

TOLERANCE: Final = 1e-3
"""Largest difference allowed between a probability of torch and of the bundle, whose weights have 11 digits."""

TOLERANCE_INT8: Final = 0.2
"""The same in eight bits, where the area under the curve is what counts."""

SHOWN: Final = 256
"""Records that the steps of eight bits are taken from, of those that are judged: others may not be in millivolts."""


@dataclass(frozen=True, slots=True, eq=False)
class Answering:
    """What answers: the weighted mean of log-odds.

    Parameters
    ----------
    panel
        Networks.
    kinds
        Numbers of the recipe's parts that these are of, in their order, and the weights of the parts.
    weights
        Of each network.
    forests
        Trees, and the weight of each.
    """

    panel: Panel
    kinds: tuple[tuple[int, float], ...]
    weights: tuple[float, ...]
    forests: tuple[tuple[Forest, float], ...]

    def log_odds(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Return the log-odds of each class, shape (item, class)."""
        each = self.panel(*(inputs[name] for name in self.panel.names))
        together: Tensor = (each * torch.tensor(self.weights)[:, None]).sum(1)
        for forest, weight in self.forests:
            together = together + weight * forest(inputs["measures"])
        return together


def export(
    recipe: Recipe,
    run: Run,
    folder: Path,
    load: Callable[[Recipe], Examples],
    result: Mapping[str, Any] | None = None,
) -> Bundle:
    """Write the bundle of a run.

    Its networks are those that were trained without one fold each, and its trees those that learnt from all records.
    They answer by the mean of the networks' log-odds. Lines, thresholds and sets are fitted on other answers: for each
    record those of the one network that did not learn from it, in floats, and of trees grown without its fold, which
    are not shipped. So the fit is of answers like those of the bundle, not of its own: all but one of its networks, and
    its trees, have learnt from each record. Answers of several networks are less extreme than those of one.

    Parameters
    ----------
    recipe, run
        What was trained, and how.
    folder
        Where the bundle goes.
    load
        Gives the examples of a recipe; called only for eight bits.
    result
        Content of the result file, whose figures go on the card.

    Raises
    ------
    BundleError
        ONNX Runtime does not give what torch gives, or eight bits tell the classes apart less well.
    OptionError
        There is no network in it.
    OutputError
        The folder cannot be written.
    """
    shapes = {name: tuple(shape) for name, shape in run.facts["shapes"].items()}
    said = crossed_of(run)
    says = answering(recipe, run, said[0], shapes)
    made = card(recipe, run, result)
    names = says.panel.names
    shown: dict[str, Any] = {}
    with TemporaryDirectory() as draft:
        file = Path(draft) / "model.onnx"
        to_onnx(says.panel, {name: shapes[name] for name in names}, file)
        if recipe.blend and recipe.blend.int8:
            inputs = load(recipe).inputs
            usable = said[0].counted
            chosen = usable[np.linspace(0, len(usable) - 1, SHOWN).astype(np.int64)]
            shown = {name: inputs[name][chosen] for name in shapes}
            to_int8(file, {name: shown[name] for name in names})
            kinds, weights = [said[number] for number, _ in says.kinds], [weight for _, weight in says.kinds]
            areas = kept_in_int8(file, {name: inputs[name] for name in names}, kinds, weights)
            made = replace(made, training={**made.training, "macro_auc": areas})
        halve(file)
        join(file, says, shapes)
        return write_bundle(folder, made, partial(shutil.copyfile, file), partial(check, says, shown=shown))


def answering(recipe: Recipe, run: Run, said: Crossed, shapes: Shapes) -> Answering:
    """Build what answers: of each part the networks of all folds, or trees that learnt from all records.

    Raises
    ------
    OptionError
        There is no network.
    """
    kept, wanted = torch.load(run.folder / WEIGHTS, weights_only=True), run.facts["classes"]
    keys = [key_of(out) for out in said.left_out.tolist()]
    weights = recipe.blend.shares if recipe.blend else (1.0,)
    kinds, members, forests = [], [], []
    for number, (part, weight) in enumerate(zip(parts_of(recipe), weights, strict=True)):
        kind = model_class(part.kind_of("model")[0])
        names, classes = taken(kind, tuple(shapes)), RECORD_TARGETS[part.data.target][0]
        columns = [classes.index(name) for name in wanted]
        found = kept[part.name] if recipe.blend else kept
        learnt = [found[ALL]] if kind is Forest and ALL in found else [found[key] for key in keys]
        kinds += [(number, weight)] if kind is not Forest else []
        for state in learnt:
            model = network(part, {name: shapes[name] for name in names}, len(classes))
            model.load_state_dict(state)
            if isinstance(model, Forest):
                model.shares = model.shares[:, columns]
                forests.append((model.eval(), weight / len(learnt)))
            else:
                members.append(((model, names, columns), weight / len(learnt)))
    if not members:
        raise OptionError(f"{recipe.file}: none of it is a network; a bundle of diagnoses must have one")
    panel = Panel([member for member, _ in members]).eval()
    return Answering(panel, tuple(kinds), tuple(weight for _, weight in members), tuple(forests))


def card(recipe: Recipe, run: Run, result: Mapping[str, Any] | None) -> Card:
    """Write the card, with rules fitted on what was said of records by what did not learn from them."""
    usual, fitted = usual_card(recipe, run, result), shipped_rules(run, recipe.card.miss_rate)
    # All records of a database are learnt from and tested on: its fingerprint says which, in less than their names.
    made_by = {key: value for key, value in usual.training.items() if key not in ("train", "test")}
    return replace(
        usual,
        n_leads=run.facts["shapes"]["signal"][0],
        thresholds=fitted.thresholds,
        calibration=fitted.lines,
        sets=fitted.sets,
        miss_rate=fitted.miss_rate,
        training={**made_by, "records": len(run.facts["train"]), "shares": fitted.shares},
    )


def join(file: Path, says: Answering, shapes: Shapes) -> None:
    """Make one answer of what the networks in an ONNX file say, and let trees have their say in it."""
    forests = {f"forest_{number}": forest for number, (forest, _) in enumerate(says.forests)}
    heavy = dict(zip(forests, (weight for _, weight in says.forests), strict=True))
    weigh(file, says.weights, heavy, len(says.panel.columns[0]))
    for name, forest in forests.items():
        plant(file, [forest], name, "measures", shapes["measures"][0])
    order(file, tuple(shapes))


def check(says: Answering, bundle: Bundle, shown: Mapping[str, Any], n_items: int = 20) -> None:
    """Compare probabilities of torch and the bundle on noise, or in eight bits on what is shown.

    Of measures, a third is NaN, since trees go another way where something could not be measured.

    Raises
    ------
    BundleError
        They differ.
    """
    rng, tolerance = np.random.default_rng(0), TOLERANCE_INT8 if shown else TOLERANCE
    inputs = {name: rows[:n_items] for name, rows in shown.items()}
    for name, shape in ({} if shown else bundle.card.inputs).items():
        inputs[name] = rng.normal(size=(n_items, *(size or ANY for size in shape))).astype(np.float32)
    if "measures" in inputs:
        inputs["measures"][rng.random(inputs["measures"].shape) < 1 / 3] = np.nan
    with torch.inference_mode():
        logit = says.log_odds({name: torch.from_numpy(rows) for name, rows in inputs.items()}).numpy()
    ours, theirs = (sigmoid(one.astype(np.float64)) for one in (bundle.run(inputs).values, logit))
    off = float(np.max(np.abs(ours - theirs)))
    if not off <= tolerance:
        raise BundleError(f"{bundle.card.name}: ONNX Runtime and torch differ by {off:.2g}; allowed is {tolerance:g}")
