"""From a finished run of a detector to its bundle."""

from __future__ import annotations

from functools import partial
from math import exp
from typing import TYPE_CHECKING, Any

from torch.export import Dim

from ..beats.detect import PADDED, SURE
from ..bundles.card import Card
from ..bundles.scores import Calibration
from .detection import SHAPES, network
from .export import check, to_onnx, told, write_bundle
from .runs import WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..bundles.bundle import Bundle
    from .recipe import Recipe


def export(
    recipe: Recipe, run: Path, facts: Mapping[str, Any], folder: Path, result: Mapping[str, Any] | None = None
) -> Bundle:
    """Write the bundle of a run.

    Parameters
    ----------
    recipe
        What was trained.
    run, facts
        Folder of the run, and what is known of it.
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
    model = network(recipe, run / WEIGHTS)
    free = {"leads": {1: Dim("lead"), 2: PADDED * Dim("eighth")}}
    write = partial(to_onnx, model, SHAPES, free=free)
    return write_bundle(folder, card(recipe, facts, result), write, partial(check, model))


def card(recipe: Recipe, facts: Mapping[str, Any], result: Mapping[str, Any] | None) -> Card:
    """Write the card of a run."""
    kind, options, _ = recipe.kind_of("input")
    keys = ("data", "train", "test", "folds", "split_seed", "seed", "commit", "versions")
    classes = tuple(facts["classes"])
    return Card(
        **told(recipe, facts, keys, result),
        n_leads=1,
        fs_hz=facts["fs_hz"],
        length_s=facts["length_s"],
        preprocessing={"kind": kind, "options": options},
        inputs=SHAPES,
        classes=classes,
        thresholds=dict.fromkeys(classes, round(1 / (1 + exp(-SURE)), 4)),
        calibration=dict.fromkeys(classes, Calibration()),
    )
