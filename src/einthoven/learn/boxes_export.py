"""From a finished run of a detector of boxes to its bundle."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..bundles.boxes import net_of, sight_of
from ..bundles.card import Card
from ..bundles.scores import Calibration
from ..errors import BundleError
from ..evaluation.boxes import box_protocol
from ..images.seen import darkness
from .box_watch import as_net, looked_at
from .boxes import PICTURE, network
from .boxes_judge import SURE
from .export import TOLERANCE, to_onnx, told, write_bundle
from .int8 import to_int8
from .runs import WEIGHTS
from .scenes import scenes
from .strip_scenes import strip_look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..bundles.bundle import Bundle
    from ..images.picture import Picture
    from .models.ssd import Ssd
    from .recipe import Recipe

TRIED: Final = 512
"""Pictures that eight bits are tried on."""

STEPPED_BY: Final = 4
"""One in so many of these tells the steps."""

LOSS: Final = 0.005
"""By how much the mean average precision, at overlaps of 0.5 to 0.95, may be less in eight bits."""


def export(
    recipe: Recipe,
    run: Path,
    facts: Mapping[str, Any],
    folder: Path,
    result: Mapping[str, Any] | None = None,
    root: str | Path | None = None,
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
    root
        Folder that holds the databases: in eight bits a network is stepped, and tried, by pictures it learnt from.

    Raises
    ------
    BundleError
        ONNX Runtime does not give what torch gives, or eight bits cost too much precision.
    OutputError
        The folder cannot be written.
    """
    size = (facts["size"][0], facts["size"][1])
    model = network(recipe, size, len(facts["classes"]), run / WEIGHTS)
    made = card(recipe, model, facts, result)
    write = partial(to_onnx, model, {PICTURE: (1, *size)})
    if not recipe.card.int8:
        return write_bundle(folder, made, write, partial(check, model))
    of = scenes(recipe, root)
    pictures = list(of.shown(of.patients, TRIED))
    steps = {PICTURE: np.stack([darkness(one.pixels, size) for one in pictures[::STEPPED_BY]])}

    def write_int8(file: Path) -> None:
        write(file)
        to_int8(file, steps, last=False)

    return write_bundle(folder, made, write_int8, partial(check_int8, model, pictures))


def card(recipe: Recipe, model: Ssd, facts: Mapping[str, Any], result: Mapping[str, Any] | None) -> Card:
    """Write the card of a run."""
    kind, settings, _ = recipe.kind_of("input")
    options: dict[str, Any] = {"size": facts["size"], "maps": model.maps, "default_wh": model.default_wh}
    length_s = 0.0
    if kind == "strip-picture":
        look = strip_look(**settings.get("look", {}))
        options |= {"px_per_mm": look.px_per_mm, "pen_px": look.pen_px}
        length_s = look.seconds
    keys = ("data", "train", "test", "n", "folds", "split_seed", "seed", "commit", "versions")
    classes = tuple(facts["classes"])
    return Card(
        **told(recipe, facts, keys, result),
        n_leads=1,
        fs_hz=0.0,  # a picture has none
        length_s=length_s,
        preprocessing={"kind": kind, "options": options},
        inputs={PICTURE: (1, *facts["size"])},
        classes=classes,
        thresholds=dict.fromkeys(classes, SURE),
        calibration=dict.fromkeys(classes, Calibration()),
    )


def check_int8(model: Ssd, pictures: Sequence[Picture], bundle: Bundle) -> None:
    """Compare what is found with floats and in eight bits; raises BundleError where precision is less by over `LOSS`.

    Parameters
    ----------
    model
        With floats.
    pictures
        With their boxes.
    bundle
        In eight bits.
    """
    classes, sight = bundle.card.classes, sight_of(bundle)
    before, after = (
        box_protocol(looked_at(sight, net, pictures, classes), classes, draws=1)["metrics"]["map50_95"]["value"]
        for net in (as_net(model), net_of(bundle))
    )
    if not after >= before - LOSS:
        raise BundleError(
            f"{bundle.card.name}: mean precision is {before:g}, in eight bits {after:g}: less by over {LOSS:g}"
        )


def check(model: Ssd, bundle: Bundle, n_items: int = 3) -> None:
    """Compare torch and the bundle on noise, probabilities and offsets; raises BundleError where they differ.

    Logits are not compared: where a network is all but sure, they hang on the last digits of what is left.
    """
    shape = (n_items, *(size or 1 for size in bundle.card.inputs[PICTURE]))
    pictures = np.random.default_rng(0).random(shape, np.float32)
    answers, expected = (net(pictures) for net in (net_of(bundle), as_net(model)))
    off = float(np.max(np.abs(answers - expected) / np.maximum(1, np.abs(expected))))
    allowed = 10 * TOLERANCE  # sums over a picture are longer than those over a beat
    if not off <= allowed:
        raise BundleError(f"{bundle.card.name}: ONNX Runtime and torch differ by {off:.2g}; allowed is {allowed:g}")
