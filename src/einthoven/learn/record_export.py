"""From the networks of one repeat to a bundle for whole records: an ensemble that was tried on all it learnt from."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from ..bundles.card import DEFAULT
from ..bundles.scores import softmax
from ..datasets.splits import FOLD_RULES
from ..diagnosis.independent import INDEPENDENT
from ..diagnosis.normality import CLASSES
from ..errors import BundleError
from ..evaluation.record_figures import SENSITIVITY, Rules, blend_weights
from .blending import parts_of
from .cross import crossed_of, key_of, odds
from .export import ANY, to_onnx, write_bundle
from .export import card as usual_card
from .models import model_class, network
from .models.blend import Blend, taken
from .models.ensemble import Ensemble
from .models.forest import Forest
from .plant import plant
from .runs import WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import nn

    from ..bundles.bundle import Bundle
    from ..bundles.card import Card
    from .cross import Crossed
    from .recipe import Recipe
    from .runs import Run

TOLERANCE: Final = 1e-3
"""Largest difference allowed between a probability of torch and of the bundle, whose weights have 11 digits."""

_SMALL: Final = 256
"""Numbers up to which an array keeps all its digits: they are few, and thresholds and spreads may be among them."""


def export(recipe: Recipe, run: Run, folder: Path, result: Mapping[str, Any] | None = None) -> Bundle:
    """Write the bundle of one repeat.

    Its networks are those that were trained without one fold alone, which answer together, by the mean of their
    probabilities. The weights of several kinds, the line, the possible classes and the operating points are fitted on
    another such mean: for each record that of all networks which did not learn from it, of which one is among the
    shipped and the others, where there are pairs, learnt from fewer records. So the fit is of answers like those of the
    shipped networks, not of theirs: all but one of these have learnt from the record.

    Parameters
    ----------
    recipe, run
        What was trained, and how.
    folder
        Where the bundle goes.
    result
        Content of the result file, whose figures go on the card.

    Raises
    ------
    BundleError
        ONNX Runtime does not give what torch gives.
    OutputError
        The folder cannot be written.
    """
    said, weights, rules = fitted(recipe, run)
    shapes = {name: tuple(shape) for name, shape in run.facts["shapes"].items()}
    model = answering(recipe, run, said.left_out.tolist(), shapes, weights.tolist())
    made = card(recipe, run, said, rules, result)
    return write_bundle(folder, made, partial(write, model, shapes), partial(check, model))


def fitted(recipe: Recipe, run: Run) -> tuple[Crossed, NDArray[np.float64], Rules]:
    """Return the first kind of the networks that are shipped, the weights of all kinds, and what is decided by."""
    said = crossed_of(run)
    together, ill = np.stack([odds(part.together()) for part in said], axis=1), said[0].target[:, 1]
    weights = blend_weights(together, ill, recipe.least)
    return (
        said[0].whole,
        weights,
        Rules.fitted(together @ weights.astype(np.float32), ill, miss_rate=recipe.card.miss_rate),
    )


def answering(
    recipe: Recipe, run: Run, left_out: list[list[int]], shapes: Mapping[str, tuple[int, ...]], weights: list[float]
) -> Blend:
    """Build what answers, with its weights: of each kind of network those without these folds, side by side."""
    kept = torch.load(run.folder / WEIGHTS, weights_only=True)
    parts, keys = [], [key_of(out) for out in left_out]
    for part in parts_of(recipe):
        names = taken(model_class(part.kind_of("model")[0]), tuple(shapes))
        some = {name: shapes[name] for name in names}
        found = kept[part.name] if recipe.blend else kept
        learnt = [found[key] for key in keys] if part.split.rule in FOLD_RULES else [found]
        members = [network(part, some, len(run.facts["classes"])) for _ in learnt]
        for member, state in zip(members, learnt, strict=True):
            member.load_state_dict(state)
        parts.append((Ensemble(members), names))
    return Blend(tuple(shapes), parts, weights).eval()


def write(model: Blend, shapes: Mapping[str, tuple[int, ...]], file: Path) -> None:
    """Write what answers as ONNX, weights of networks in float16, and trees by the operator for them."""
    names, given = tuple(shapes), dict(shapes)
    parts: list[tuple[nn.Module, list[str]]] = []
    planted: list[tuple[list[Forest], str, str]] = []
    for number, (part, places) in enumerate(zip(model.parts, model.places, strict=True)):
        taken_by = [names[place] for place in places]
        members = list(part.members)  # type: ignore[arg-type]
        if isinstance(members[0], Forest):
            stands_in = f"forest_{number}"
            planted.append((members, stands_in, taken_by[0]))
            given[stands_in] = (len(CLASSES),)
            parts.append((torch.nn.Identity(), [stands_in]))
        else:
            parts.append((part, taken_by))
    asked = {name: shape for name, shape in given.items() if any(name in taken_by for _, taken_by in parts)}
    to_onnx(Blend(tuple(asked), parts, model.weights).eval(), asked, file)
    halve(file)
    for forests, stands_in, measures in planted:
        plant(file, forests, stands_in, measures, shapes[measures][0])
    order(file, names)


def order(file: Path, names: Sequence[str]) -> None:
    """Put the inputs of an ONNX file in this order."""
    import onnx

    model = onnx.load(str(file))
    inputs = sorted(model.graph.input, key=lambda one: names.index(one.name))
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    onnx.save(model, str(file))


def card(recipe: Recipe, run: Run, said: Crossed, rules: Rules, result: Mapping[str, Any] | None) -> Card:
    """Write the card, with the rules that were fitted on the scores of the networks that are shipped."""
    usual = usual_card(recipe, run, result)
    normal, abnormal = usual.classes
    return replace(
        usual,
        n_leads=run.facts["shapes"].get("signal", [len(INDEPENDENT)])[0],  # measures are taken on these eight
        thresholds=dict.fromkeys(usual.classes, rules.possible_from),
        calibration={normal: replace(rules.line, intercept=0.0), abnormal: rules.line},
        miss_rate=recipe.card.miss_rate,
        operating_points={DEFAULT: 0.5, f"sensitivity-{SENSITIVITY:g}": rules.sensitive_from},
        training={**usual.training, "left_out": said.left_out.tolist()},
    )


def halve(file: Path) -> None:
    """Store the weights of an ONNX file as float16, which are made float32 again when it is loaded."""
    import onnx

    model = onnx.load(str(file))
    graph, casts = model.graph, []
    for place, weight in enumerate(graph.initializer):
        values = onnx.numpy_helper.to_array(weight)
        if values.dtype == np.float32 and values.size > _SMALL:
            stored = f"{weight.name}_float16"
            casts.append(onnx.helper.make_node("Cast", [stored], [weight.name], to=onnx.TensorProto.FLOAT))
            graph.initializer[place].CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), stored))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, str(file))


def check(model: nn.Module, bundle: Bundle, n_items: int = 20) -> None:
    """Compare probabilities of torch and the bundle on noise; raises BundleError where they differ.

    Of trees, a third of the measures are NaN, since these go another way where something could not be measured.
    """
    rng = np.random.default_rng(0)
    shapes = {name: [n_items, *(size or ANY for size in shape)] for name, shape in bundle.card.inputs.items()}
    inputs = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    if any(isinstance(part, Forest) for part in model.modules()):
        inputs["measures"][rng.random(inputs["measures"].shape) < 1 / 3] = np.nan
    with torch.inference_mode():
        logit = model(*map(torch.from_numpy, inputs.values())).numpy()
    ours, theirs = (softmax(said.astype(np.float64)) for said in (bundle.run(inputs).values, logit))
    off = float(np.max(np.abs(ours - theirs)))
    if not off <= TOLERANCE:
        raise BundleError(f"{bundle.card.name}: ONNX Runtime and torch differ by {off:.2g}; allowed is {TOLERANCE:g}")
