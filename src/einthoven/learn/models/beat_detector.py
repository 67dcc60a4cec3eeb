"""Where the beats are, from any number of leads: what each lead shows, what all of them show, and the rhythm around."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Mapping


class BeatDetector(nn.Module):
    """A fully convolutional network: the same layers look at every lead, then leads are pooled, then time is.

    Pooling is a mean weighed by how much each lead is to be trusted at the moment, beside the maximum. So their number
    and order play no part, and a lead given twice counts once.

    Parameters
    ----------
    shapes
        Takes one input, ``leads``: (lead, sample); both may vary, samples come in eights.
    classes
        Number of outputs a frame; frames come one in four samples.
    narrow, width, deep
        Channels at half, a quarter and an eighth of the input's rate.
    alone, together
        Dilations of the layers at an eighth of the rate, of each lead and after pooling.
    """

    def __init__(
        self,
        shapes: Mapping[str, tuple[int | None, ...]],
        classes: int,
        *,
        narrow: int = 16,
        width: int = 32,
        deep: int = 48,
        alone: tuple[int, ...] = (1, 2),
        together: tuple[int, ...] = (1, 2, 4, 8, 16),
    ) -> None:
        super().__init__()
        self.near = nn.Sequential(_layer(1, narrow, 9, 2), _layer(narrow, width, 5, 2), _Residual(width, 5, 1))
        self.far = nn.Sequential(_layer(width, deep, 4, 2), *(_Residual(deep, 3, dilation) for dilation in alone))
        self.trust = nn.Conv1d(deep, 1, 1)
        self.join_near, self.join_far = _layer(2 * width, width, 1), _layer(2 * deep, deep, 1)
        self.rhythm = nn.Sequential(*(_Residual(deep, 3, dilation) for dilation in together))
        self.up = _layer(deep, width, 1)
        self.last = nn.Sequential(_Residual(width, 5, 1), nn.Conv1d(width, classes, 1))

    def forward(self, leads: Tensor) -> Tensor:
        """Logits, shape (item, frame, class), of conditioned leads, shape (item, lead, sample)."""
        n_items, n_leads, n_samples = leads.shape
        near = self.near(leads.reshape(n_items * n_leads, 1, n_samples))
        far = self.far(near)
        share = torch.softmax(self.trust(far).reshape(n_items, n_leads, 1, -1), dim=1)
        near = self.join_near(_pooled(near, _twice(share), n_items, n_leads))
        far = self.join_far(_pooled(far, share, n_items, n_leads))
        logit: Tensor = self.last(near + _twice(self.up(self.rhythm(far))))
        return logit.transpose(1, 2)

    def answers(self, leads: Tensor) -> dict[str, Tensor]:
        """Logits by question; the only one is whether there is a beat."""
        return {"target": self(leads)}


def _layer(n_in: int, n_out: int, kernel: int, stride: int = 1) -> nn.Sequential:
    """Convolution, normalisation, rectifier; its output has one frame in `stride` of the input's."""
    return nn.Sequential(
        nn.Conv1d(n_in, n_out, kernel, stride, (kernel - 1) // 2, bias=False), nn.BatchNorm1d(n_out), nn.ReLU()
    )


class _Residual(nn.Module):
    """A dilated convolution whose rectified outcome is added to what came in."""

    def __init__(self, width: int, kernel: int, dilation: int) -> None:
        super().__init__()
        reach = dilation * (kernel - 1) // 2
        self.layers = nn.Sequential(
            nn.Conv1d(width, width, kernel, padding=reach, dilation=dilation, bias=False),
            nn.BatchNorm1d(width),
            nn.ReLU(),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.layers(x)
        return out


def _pooled(x: Tensor, share: Tensor, n_items: int, n_leads: int) -> Tensor:
    """Pool (item * lead, channel, frame) over leads: mean by `share`, (item, lead, 1, frame), beside the maximum."""
    apart = x.reshape(n_items, n_leads, x.shape[1], -1)
    return torch.cat([(apart * share).sum(1), apart.amax(1)], dim=1)


def _twice(x: Tensor) -> Tensor:
    """Repeat every frame, the last axis, twice."""
    return torch.repeat_interleave(x, 2, dim=-1)
