"""Networks of several kinds that answer together, each of which takes its own of the inputs."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Sequence


class Blend(nn.Module):
    """The weighted sum of the log-odds of networks that tell two classes apart.

    Parameters
    ----------
    names
        Of the inputs, in their order.
    parts
        Networks, and the names of the inputs each takes, in its own order.
    weights
        One for each.
    """

    def __init__(
        self, names: Sequence[str], parts: Sequence[tuple[nn.Module, Sequence[str]]], weights: Sequence[float]
    ) -> None:
        super().__init__()
        self.parts = nn.ModuleList(part for part, _ in parts)
        self.places = [[names.index(name) for name in taken] for _, taken in parts]
        self.weights = tuple(weights)

    def forward(self, *inputs: Tensor) -> Tensor:
        """Logits, shape (item, class), of which the first is 0."""
        odds = torch.zeros(1)
        for part, places, weight in zip(self.parts, self.places, self.weights, strict=True):
            logit = part(*(inputs[place] for place in places))
            odds = odds + weight * (logit[:, 1:] - logit[:, :1])
        return torch.cat((torch.zeros_like(odds), odds), dim=1)


def taken(kind: type[nn.Module], names: Sequence[str]) -> tuple[str, ...]:
    """Return which inputs networks of a class take: those that arguments of its ``forward`` are called by, in order."""
    return tuple(name for name in signature(kind.forward).parameters if name in names)
