"""The published network of the China ECG competition 2019, and what its author hoped would do better in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from ...errors import unknown
from .keras_start import start_like_keras

if TYPE_CHECKING:
    from collections.abc import Mapping

BLOCKS: Final = ((16, 16, 2), (64, 8, 2), (128, 4, 2), (256, 2, 1))
"""Filters, kernel and stride of two convolutions each, after which the length is halved."""

SUMMARIES: Final = ("average", "gru", "attention")


class Conv1d(nn.Module):
    """Eight convolutions in four blocks, a summary over time, dropout and a linear output.

    The published network (github.com/xiaosongshine/preliminary_challenge_baseline_keras, 344,482 weights) averages over
    time. Its article names recurrent networks with gates, attention and residual networks as what would do better: here
    each stands where the average is, or around the convolutions.

    Parameters
    ----------
    shapes
        Takes one input, ``signal``: (lead, sample).
    classes
        Number of outputs.
    dropout
        Share of the features left out before the output in training.
    summary
        What makes one vector of the features over time: ``average``; ``gru``, a recurrent layer of 64 units either way
        that reads them; or ``attention``, eight heads of which each moment looks at all, then the average. Both read
        the features before the last halving of the length.
    residual
        Whether each block is added to a shortcut around it, its convolutions followed by batch normalisation.
    """

    def __init__(
        self,
        shapes: Mapping[str, tuple[int, ...]],
        classes: int,
        *,
        dropout: float = 0.3,
        summary: str = "average",
        residual: bool = False,
    ) -> None:
        super().__init__()
        if summary not in SUMMARIES:
            raise unknown("summary", summary, SUMMARIES)
        channels, samples = shapes["signal"]
        layers: list[nn.Module] = []
        for number, (filters, kernel, stride) in enumerate(BLOCKS):
            block = _Block(channels, filters, kernel, stride, samples, padded=number > 0, residual=residual)
            layers.append(block)
            channels, samples = filters, block.samples // 2
            if number < len(BLOCKS) - 1 or summary == "average":
                layers.append(nn.MaxPool1d(2))
        self.blocks = nn.Sequential(*layers)
        self.summary = {"average": _Average, "gru": _Gru, "attention": _Attention}[summary](channels)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(self.summary.size, classes))
        start_like_keras(self)

    def forward(self, signal: Tensor) -> Tensor:
        """Logits, shape (item, class), of signals (item, lead, sample)."""
        out: Tensor = self.head(self.summary(self.blocks(signal)))
        return out


class _Convolution(nn.Module):
    """A convolution over a length that is known, without padding or as Keras pads to the `same` length.

    That is the length over the stride, rounded up; of an odd number of zeros the end gets one more.
    """

    def __init__(self, channels: int, filters: int, kernel: int, stride: int, samples: int, *, padded: bool) -> None:
        super().__init__()
        self.samples = -(-samples // stride) if padded else (samples - kernel) // stride + 1
        zeros = max((self.samples - 1) * stride + kernel - samples, 0)
        self.zeros = (zeros // 2, zeros - zeros // 2)
        self.convolution = nn.Conv1d(channels, filters, kernel, stride)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.convolution(pad(x, self.zeros))
        return out


class _Block(nn.Module):
    """Two convolutions, each with its rectifier, and a shortcut around both where there is one."""

    def __init__(
        self, channels: int, filters: int, kernel: int, stride: int, samples: int, *, padded: bool, residual: bool
    ) -> None:
        super().__init__()
        one = _Convolution(channels, filters, kernel, stride, samples, padded=padded)
        two = _Convolution(filters, filters, kernel, stride, one.samples, padded=True)
        self.samples = two.samples
        self.one = nn.Sequential(one, nn.BatchNorm1d(filters) if residual else nn.Identity(), nn.ReLU())
        self.two = nn.Sequential(two, nn.BatchNorm1d(filters) if residual else nn.Identity())
        self.shortcut = nn.Conv1d(channels, filters, 1, stride * stride) if residual else None

    def forward(self, x: Tensor) -> Tensor:
        out = self.two(self.one(x))
        if self.shortcut is not None:
            out = out + self.shortcut(x)[..., : self.samples]
        return torch.relu(out)


class _Average(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.size = channels

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(2)


class _Gru(nn.Module):
    """The last outputs of two recurrent layers with gates, one of which reads backwards."""

    def __init__(self, channels: int, units: int = 64) -> None:
        super().__init__()
        self.size = 2 * units
        self.memory = nn.GRU(channels, units, batch_first=True, bidirectional=True)

    def forward(self, x: Tensor) -> Tensor:
        _, last = self.memory(x.transpose(1, 2))
        return torch.cat((last[0], last[1]), dim=1)


class _Attention(nn.Module):
    """Each moment adds what it finds in all of them; the average over time of the normalised sums."""

    def __init__(self, channels: int, heads: int = 8) -> None:
        super().__init__()
        self.size = channels
        self.attention = nn.MultiheadAttention(channels, heads, batch_first=True)
        self.norm = nn.LayerNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        moments = x.transpose(1, 2)
        found, _ = self.attention(moments, moments, moments, need_weights=False)
        out: Tensor = self.norm(moments + found).mean(1)
        return out
