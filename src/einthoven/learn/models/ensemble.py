"""Several networks of one kind that answer together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Sequence


class Ensemble(nn.Module):
    """The mean of the probabilities of networks whose classes exclude each other, as logits: its logarithm.

    Parameters
    ----------
    members
        Networks that give logits, shape (item, class), or (item, beat, class) of sequences.
    """

    def __init__(self, members: Sequence[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, *inputs: Tensor) -> Tensor:
        """Logits, of the shape of a member's, whose softmax is the mean of the members' own."""
        shares = torch.stack([torch.softmax(member(*inputs).float(), dim=-1) for member in self.members])
        return torch.log(shares.mean(0).clamp(min=1e-12))


class Panel(nn.Module):
    """Networks side by side, each of which takes its own of the inputs and is asked for the same classes.

    Parameters
    ----------
    members
        Networks that give logits, shape (item, class); the names of the inputs each takes, in its own order; and which
        of its classes are asked for.

    Attributes
    ----------
    names : tuple of str
        Of the inputs of all, in the order they are first named.
    """

    def __init__(self, members: Sequence[tuple[nn.Module, Sequence[str], Sequence[int]]]) -> None:
        super().__init__()
        self.members = nn.ModuleList(member for member, _, _ in members)
        self.names = tuple(dict.fromkeys(name for _, taken, _ in members for name in taken))
        self.places = [[self.names.index(name) for name in taken] for _, taken, _ in members]
        self.columns = [list(columns) for _, _, columns in members]

    def forward(self, *inputs: Tensor) -> Tensor:
        """Logits, shape (item, network, class)."""
        said = zip(self.members, self.places, self.columns, strict=True)
        return torch.stack([one(*(inputs[place] for place in places))[:, asked] for one, places, asked in said], dim=1)
