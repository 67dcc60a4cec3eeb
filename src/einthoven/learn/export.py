"""From a finished run to a bundle: the network as ONNX, checked against torch, with its card and checksums."""

from __future__ import annotations

import io
import json
import logging
import warnings
from contextlib import redirect_stdout
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .. import __version__
from ..atomic import replacing_in
from ..beats.inputs import SEQUENCES
from ..bundles.bundle import Bundle, write_checksums
from ..bundles.card import Card
from ..bundles.inputs import leads_at_once
from ..errors import BundleError, DataError
from .models import network
from .runs import WEIGHTS
from .sureness import sureness

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from torch import nn

    from .recipe import Recipe
    from .runs import Run

TOLERANCE = 1e-5
"""Largest difference allowed between a logit of torch and of ONNX Runtime, relative where logits pass 1."""

ANY = 400
"""Length at which an axis of any length is tried."""


def export(recipe: Recipe, run: Run, folder: Path, result: Mapping[str, Any] | None = None) -> Bundle:
    """Write the bundle of a run.

    Parameters
    ----------
    recipe, run
        What was trained, and how.
    folder
        Where the bundle goes.
    result
        Content of the result file, whose figures go on the card.

    Returns
    -------
    Bundle
        The bundle as anyone will load it.

    Raises
    ------
    BundleError
        ONNX Runtime does not give what torch gives.
    OutputError
        The folder cannot be written.
    """
    shapes = {name: tuple(shape) for name, shape in run.facts["shapes"].items()}
    model = network(recipe, shapes, len(run.facts["classes"]), recipe.training.members)
    model.load_state_dict(torch.load(run.folder / WEIGHTS, weights_only=True))
    made = card(recipe, run, result)
    return write_bundle(folder, made, partial(to_onnx, model.eval(), shapes), partial(check, model))


def write_bundle(folder: Path, card: Card, write: Callable[[Path], None], check: Callable[[Bundle], None]) -> Bundle:
    """Write a bundle whole or not at all: its card, its network by `write`, its checksums; then `check` may refuse it.

    Returns
    -------
    Bundle
        The bundle as anyone will load it.
    """
    with replacing_in(folder) as draft:
        (draft / "card.json").write_text(card.as_json(), encoding="utf-8")
        write(draft / "model.onnx")
        write_checksums(draft)
        check(Bundle.load(draft))
    return Bundle.load(folder)


def card(recipe: Recipe, run: Run, result: Mapping[str, Any] | None) -> Card:
    """Write the card of a run."""
    kind, options, _ = recipe.kind_of("input")
    classes = tuple(run.facts["classes"])
    sure = sureness(recipe, run)
    keys = ("data", "start", "train", "test", "split_seed", "seed", "commit", "versions")
    return Card(
        **told(recipe, run.facts, [key for key in keys if key in run.facts], result),
        n_leads=leads_at_once(kind),
        fs_hz=run.facts["fs_hz"],
        length_s=run.facts["length_s"],
        preprocessing={"kind": kind, "options": options},
        inputs={name: tuple(shape) for name, shape in run.facts["shapes"].items()},
        classes=classes,
        thresholds=sure.thresholds,
        calibration=sure.lines,
        exclusive=sure.exclusive,
        miss_rate=sure.miss_rate,
    )


def told(
    recipe: Recipe, facts: Mapping[str, Any], keys: Sequence[str], result: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return what every card says of its model: which it is, what it learnt from, how good it is and where it fails.

    Parameters
    ----------
    recipe, facts
        What was trained, and what is known of the run.
    keys
        Which of the facts are told.
    result
        Content of the result file; None where there is none.
    """
    protocols = result["protocols"] if result else {}
    return {
        "name": recipe.name,
        "version": __version__,
        "title": recipe.title,
        "leads": recipe.card.leads,
        "training": {"recipe": recipe.name, "recipe_sha256": recipe.sha256, **{key: facts[key] for key in keys}},
        "figures": {name: {key: judged[key] for key in ("n", "metrics")} for name, judged in protocols.items()},
        "limits": recipe.card.limits,
    }


def to_onnx(
    model: nn.Module,
    shapes: Mapping[str, tuple[int | None, ...]],
    file: Path,
    free: Mapping[str, Mapping[int, Any]] | None = None,
) -> None:
    """Write a network as ONNX, its inputs by their names and any number of items at once.

    Parameters
    ----------
    model
        The network.
    shapes
        Shape of one item of each input, None for an axis of any length.
    file
        Where it goes.
    free
        By input and axis (the item's first is 1), for each axis of any length the ``torch.export.Dim`` that says which.
    """
    item = torch.export.Dim("item")
    inputs = tuple(torch.zeros(2, *(size or ANY for size in shape)) for shape in shapes.values())
    lengths: tuple[Any, ...] = tuple({0: item, **(free or {}).get(name, {})} for name in shapes)
    if any(one.kind is one.VAR_POSITIONAL for one in signature(model.forward).parameters.values()):
        lengths = (lengths,)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it misses torchvision, which nothing here needs
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):  # the exporter prints its progress
        warnings.simplefilter("ignore", (DeprecationWarning, FutureWarning))  # torch 2.13's own, of its own parts
        warnings.filterwarnings("ignore", message="# The axis name: item")  # two inputs share it, as they should
        torch.onnx.export(
            model,
            inputs,
            str(file),
            input_names=list(shapes),
            output_names=["logit"],
            dynamic_shapes=lengths,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    _forget_origin(file)


def _forget_origin(file: Path) -> None:
    """Take out of an ONNX file where on this machine each node came from: the exporter writes stack traces into it."""
    import onnx

    model = onnx.load(str(file))
    for part in (model, model.graph, *model.graph.node, *model.graph.value_info, *model.functions):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    onnx.save(model, str(file))


def check(model: nn.Module, bundle: Bundle, n_items: int = 5) -> None:
    """Compare torch and the bundle on noise; raises BundleError where they differ."""
    generator = np.random.default_rng(0)
    shapes = {name: [size or ANY for size in shape] for name, shape in bundle.card.inputs.items()}
    inputs = {n: generator.normal(size=(n_items, *shape)).astype(np.float32) for n, shape in shapes.items()}
    if bundle.card.preprocessing["kind"] in SEQUENCES:
        inputs["timing"][..., 0] = 1  # every place holds a beat
    with torch.inference_mode():
        expected = model(*map(torch.from_numpy, inputs.values())).numpy()
    off = float(np.max(np.abs(bundle.run(inputs).values - expected) / np.maximum(1, np.abs(expected))))
    if not off <= TOLERANCE:
        raise BundleError(f"{bundle.card.name}: ONNX Runtime and torch differ by {off:.2g}; allowed is {TOLERANCE:g}")


def figures_of(file: Path, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read the result file of a run with these facts; None where there is none yet, or it is of other runs or data.

    Raises
    ------
    DataError
        It is no result file.
    """
    if not file.is_file():
        return None
    try:
        result: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        judged = [pair for pairs in result["seeds"].values() for pair in pairs]
        mine = [facts["split_seed"], facts["seed"]] in judged and result["data"] == facts["data"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{file}: not a result file that can be read ({error})") from error
    return result if mine else None
