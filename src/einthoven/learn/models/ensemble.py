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
