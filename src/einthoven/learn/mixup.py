"""Two items mixed somewhere in a network, and their targets likewise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Sequence


@runtime_checkable
class Mixable(Protocol):
    """A network that says where items may be mixed."""

    @property
    def mixing_points(self) -> Sequence[nn.Module]:
        """Parts whose output has the items, or their windows item by item, along its first axis."""
        ...


def mixed(model: nn.Module, inputs: Sequence[Tensor], target: Tensor, strength: float) -> tuple[Tensor, Tensor]:
    """Ask a network about items each of which is mixed with another, at a place drawn for the batch.

    Manifold mixup: Verma et al., ICML 2019. The places are the input and the network's `mixing_points`. Chance is that
    of torch's own generator.

    Parameters
    ----------
    model
        The network; with a `strength` it must be :class:`Mixable`.
    inputs
        What it takes, each of shape (item, ...).
    target
        float32, shape (item, class); NaN where the truth is open, and so is the mixture's.
    strength
        The weight of the other item is drawn from the beta distribution with twice this number; 0 mixes none.

    Returns
    -------
    logit, target
        float32, shape (item, class).
    """
    if not strength or not isinstance(model, Mixable):
        return model(*inputs).float(), target
    weight = float(torch.distributions.Beta(strength, strength).sample())
    other = torch.randperm(len(target))
    points = model.mixing_points
    place = int(torch.randint(len(points) + 1, ()))

    def mix(of: Tensor) -> Tensor:
        items = torch.unflatten(of, 0, (len(target), -1))  # windows are mixed in their order
        return torch.lerp(items, items[other], 1 - weight).flatten(0, 1)

    def hook(_part: nn.Module, _taken: Any, given: Tensor) -> Tensor:
        return mix(given)

    if place == len(points):
        return model(*map(mix, inputs)).float(), mix(target)
    handle = points[place].register_forward_hook(hook)
    try:
        return model(*inputs).float(), mix(target)
    finally:
        handle.remove()
