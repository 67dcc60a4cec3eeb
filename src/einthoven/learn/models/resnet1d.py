"""A residual network along time that weighs its channels, for whole records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from .shortcut import shortcut as shortcut_of
from .windows import Windows

if TYPE_CHECKING:
    from collections.abc import Mapping


class Resnet1d(nn.Module):
    """Residual blocks with squeeze and excitation; the mean and the maximum over time are read by a linear layer.

    He et al., CVPR 2016, and Hu et al., CVPR 2018, along one axis. Before each stage but the first, time is halved by
    means of two, which leave less aliases than a stride. Signals of any length are taken. They are laid out as pictures
    of height one, since convolutions of pictures are up to twice as fast on a processor as those of rows.

    Parameters
    ----------
    shapes
        Takes one input, ``signal``: (lead, sample).
    classes
        Number of outputs.
    widths
        Channels of each stage.
    depth
        Blocks of two convolutions in a stage.
    kernel
        Samples that a convolution of a block spans, an odd number.
    stem_kernel, stem_stride
        The same of the first convolution, and by how much it shortens.
    squeeze
        How many channels are described by one number where channels are weighed; 0 where they are not.
    dropout
        Share of the features left out before the output in training.
    shortcut
        What goes around a block whose channels are more than what came in; see :data:`.shortcut.SHORTCUTS`.
    window, overlap
        Samples of the windows that a signal is cut into, and by which they overlap; see :class:`.windows.Windows`. With
        0 all of it is one.
    """

    def __init__(
        self,
        shapes: Mapping[str, tuple[int | None, ...]],
        classes: int,
        *,
        widths: tuple[int, ...] = (32, 48, 64, 96),
        depth: int = 1,
        kernel: int = 7,
        stem_kernel: int = 15,
        stem_stride: int = 2,
        squeeze: int = 8,
        dropout: float = 0.3,
        shortcut: str = "projection",
        window: int = 0,
        overlap: int = 0,
    ) -> None:
        super().__init__()
        if not widths:
            raise ValueError("widths are none; give one for each stage")
        leads = shapes["signal"][0] or 1
        self.windows = Windows(window, overlap)
        self.stem = nn.Sequential(convolution(leads, widths[0], stem_kernel, stem_stride), nn.ReLU())
        channels, blocks = widths[0], []
        for stage, width in enumerate(widths):
            for number in range(depth):
                blocks.append(_Block(channels, width, kernel, squeeze, shortcut, halved=stage > 0 and number == 0))
                channels = width
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(nn.BatchNorm1d(2 * channels), nn.Dropout(dropout), nn.Linear(2 * channels, classes))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, signal: Tensor) -> Tensor:
        """Logits, shape (item, class), of signals (item, lead, sample)."""
        rows = self.windows(signal)[:, :, None].contiguous(memory_format=torch.channels_last)
        found = self.blocks(self.stem(rows))[:, :, 0]
        features = torch.cat((found.mean(2), found.amax(2)), dim=1)
        out: Tensor = self.head(self.windows.largest(features, signal.shape[0]))
        return out

    @property
    def mixing_points(self) -> tuple[nn.Module, ...]:
        """The parts whose outputs two items may be mixed in; see :mod:`einthoven.learn.mixup`."""
        return (self.stem, *self.blocks)


def convolution(channels: int, width: int, kernel: int, stride: int = 1) -> nn.Sequential:
    """Return a convolution along time, of rows laid out as pictures of height one, and its normalisation."""
    along = nn.Conv2d(channels, width, (1, kernel), (1, stride), (0, kernel // 2), bias=False)
    return nn.Sequential(along, nn.BatchNorm2d(width))


def weighing(width: int, squeeze: int) -> nn.Sequential | None:
    """Return what weighs channels by their means (Hu et al., CVPR 2018), `squeeze` of them described by one number.

    None with a `squeeze` of 0.
    """
    if not squeeze:
        return None
    few = max(width // squeeze, 4)
    return nn.Sequential(nn.Linear(width, few), nn.ReLU(), nn.Linear(few, width), nn.Sigmoid())


class _Block(nn.Module):
    """Two convolutions whose channels are weighed by what all of time shows, added to what came in."""

    def __init__(self, channels: int, width: int, kernel: int, squeeze: int, shortcut: str, *, halved: bool) -> None:
        super().__init__()
        self.halved = halved
        self.two = nn.Sequential(convolution(channels, width, kernel), nn.ReLU(), convolution(width, width, kernel))
        self.weigh = weighing(width, squeeze)
        self.shortcut = shortcut_of(shortcut, channels, width, lambda less, more: convolution(less, more, 1))

    def forward(self, x: Tensor) -> Tensor:
        if self.halved:
            x = avg_pool2d(x, (1, 2))
        found = self.two(x)
        if self.weigh is not None:
            found = found * self.weigh(found.mean((2, 3)))[:, :, None, None]
        return torch.relu(self.shortcut(x) + found)
