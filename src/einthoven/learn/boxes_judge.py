"""How well a trained detector finds things in pictures and, where it looks at strips, the beats of whole recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..bundles.boxes import beats_seen
from ..datasets import mitdb
from ..evaluation.beat_figures import class_protocol, detection_protocol
from ..evaluation.boxes import box_protocol
from ..evaluation.ec57 import compare
from ..images.sight import Sight
from .box_watch import as_net, look
from .boxes import network, train
from .folded import where_from
from .runs import WEIGHTS, run_folder
from .scenes import scenes
from .strip_scenes import StripScenes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ..datasets.annotated import Annotated
    from .fit import Watch
    from .models.ssd import Ssd
    from .recipe import Recipe

MEAN_OVER: Final = ("N", "S", "V")
"""Classes of beats that figures are the mean over; of fusion beats there are too few hearts to say much."""

SURE: Final = 0.5
"""Probability from which a box counts as found: there is more likely something than not."""


def evaluated(
    recipe: Recipe, root: str | Path | None, runs: Path, *, threads: int = 1, watch: Watch | None = None
) -> dict[str, Any]:
    """Train what is not trained yet, and judge it on what the recipe's split keeps to test on.

    Returns
    -------
    dict
        The content of ``results/<recipe>.json``. Of strips, besides the protocol of boxes, how well beats are found and
        told apart in whole recordings by their boxes, as EC57 counts.
    """
    facts = train(recipe, root, runs, threads=threads, watch=watch)
    of = scenes(recipe, root)
    weights = run_folder(runs, recipe, recipe.split.seed, facts["seed"]) / WEIGHTS
    model = network(recipe, of.size, len(of.classes), weights)
    mean_over = MEAN_OVER if isinstance(of, StripScenes) else ()
    judged = box_protocol(look(model, of.tested(), of.classes, of.size), of.classes, mean_over=mean_over)
    judged["n"]["pictures_learnt"] = facts["n"].get("train", 0)
    protocols = {protocol_name(recipe): judged}
    if isinstance(of, StripScenes):
        protocols |= beat_protocols(mitdb.load(root, facts["test"]), model, of)
    return where_from(recipe, facts) | {"protocols": protocols}


def protocol_name(recipe: Recipe) -> str:
    """Name the protocol of a recipe: what is boxed, and how pictures are parted."""
    if recipe.split.rule == "ds1-ds2":
        return "boxes-ds2"
    _, settings, _ = recipe.kind_of("input")
    return f"boxes-21-{recipe.split.rule}-{settings.get('per_class', 0)}"


def beat_protocols(items: Iterable[Annotated], model: Ssd, of: StripScenes) -> Mapping[str, Any]:
    """Judge the beats that boxes stand for, in whole recordings."""
    sight = Sight(of.size, model.maps, model.default_wh, of.look.px_per_mm, of.look.pen_px)
    net = as_net(model)
    compared = [compare(item, beats_seen(item.record, sight, net, of.classes, least=SURE)) for item in items]
    found, told = detection_protocol(compared), class_protocol(compared)
    without = class_protocol([one for one in compared if one.record != "202"])
    return {"boxes-ds2-beats": found, "boxes-ds2-classes": told, "boxes-ds2-classes-without-202": without}
