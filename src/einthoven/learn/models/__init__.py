"""The networks, one file each: torch modules, nothing else. A recipe names them by their key in :data:`MODELS`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from ...errors import OptionError, unknown
from ..fill import checked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import nn

    from ..recipe import Recipe

MODELS: Final[dict[str, str]] = {
    "beat_detector": "einthoven.learn.models.beat_detector:BeatDetector",
    "beat_net": "einthoven.learn.models.beat_net:BeatNet",
    "beat_sequence": "einthoven.learn.models.beat_sequence:BeatSequence",
    "conv": "einthoven.learn.models.conv:Conv",
    "conv1d": "einthoven.learn.models.conv1d:Conv1d",
    "conv_lstm": "einthoven.learn.models.conv_lstm:ConvLstm",
    "forest": "einthoven.learn.models.forest:Forest",
    "measured_resnet1d": "einthoven.learn.models.measured_resnet1d:MeasuredResnet1d",
    "resnet1d": "einthoven.learn.models.resnet1d:Resnet1d",
    "resnet2d": "einthoven.learn.models.resnet2d:Resnet2d",
    "ssd": "einthoven.learn.models.ssd:Ssd",
    "wide_resnet1d": "einthoven.learn.models.wide_resnet1d:WideResnet1d",
    "xresnet1d": "einthoven.learn.models.xresnet1d:Xresnet1d",
}
"""Where each network's class is; as text, so that naming one does not load torch.

A class takes the shape of one item of each input, by name, and the number of classes; its settings are keyword-only.
Its ``forward`` takes the inputs in the order of their names here and returns logits, shape (item, class).
"""


def model_class(kind: str) -> type[nn.Module]:
    """Look up the class of a network.

    Raises
    ------
    OptionError
        There is no such kind; the message lists those there are.
    """
    if kind not in MODELS:
        raise unknown("model kind", kind, MODELS)
    module, name = MODELS[kind].split(":")
    return getattr(import_module(module), name)  # type: ignore[no-any-return]


def build(kind: str, settings: Mapping[str, Any], where: str, shapes: Mapping[str, Any], classes: int) -> nn.Module:
    """Build a network.

    Parameters
    ----------
    kind
        Key in :data:`MODELS`.
    settings
        Its settings by name.
    where
        The place they stand in, for messages.
    shapes
        Shape of one item of each input.
    classes
        Number of outputs.

    Raises
    ------
    OptionError
        There is no such kind, or a setting is unknown or of the wrong type.
    """
    found = model_class(kind)
    given = checked(found, settings, where)
    try:
        return found(shapes, classes, **given)
    except (ValueError, RuntimeError, KeyError, ZeroDivisionError) as error:
        said = " ".join(str(error).split())
        raise OptionError(
            f"{where}: a network of kind '{kind}' cannot be built with these settings ({said})"
        ) from error


def network(recipe: Recipe, shapes: Mapping[str, tuple[int, ...]], classes: int, members: int = 1) -> nn.Module:
    """Build the network of a recipe, or several that answer together; raises as :func:`build` does."""
    kind, settings, where = recipe.kind_of("model")
    if members == 1:
        return build(kind, settings, where, shapes, classes)
    from .ensemble import Ensemble

    return Ensemble([build(kind, settings, where, shapes, classes) for _ in range(members)])
