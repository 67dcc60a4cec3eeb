"""The residual network of Min et al., whose blocks normalise before they convolve, on windows of a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from .resnet1d import weighing
from .shortcut import shortcut as shortcut_of
from .windows import Windows

if TYPE_CHECKING:
    from collections.abc import Mapping


class WideResnet1d(nn.Module):
    """Eighteen layers: a convolution, eight blocks of two with normalisation first, a linear one.

    Min et al., Bag of Tricks for Electrocardiogram Classification with Deep Neural Networks, CinC 2020, after Zagoruyko
    and Komodakis, BMVC 2016, and He et al., ECCV 2016. Each stage shortens time by a stride and has twice the channels
    of the one before. What the paper does not say is as in these: the stride is that of a stage's first convolution,
    dropout lies between the two of a block, and what is pooled over time is averaged. Signals are laid out as pictures
    of height one; see :class:`.resnet1d.Resnet1d`.

    Parameters
    ----------
    shapes
        Takes one input, ``signal``: (lead, sample).
    classes
        Number of outputs.
    width
        Channels of the first stage.
    widening
        By how much each stage has more than the one before.
    stages, depth
        Number of stages, and blocks of two convolutions in each.
    kernel
        Samples that a convolution spans, an odd number.
    stride
        By how much each stage shortens time.
    dropout
        Share of the features left out within each block in training.
    squeeze
        How many channels are described by one number where channels are weighed (Hu et al., CVPR 2018); 0 where they
        are not.
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
        width: int = 64,
        widening: int = 2,
        stages: int = 4,
        depth: int = 2,
        kernel: int = 11,
        stride: int = 4,
        dropout: float = 0.3,
        squeeze: int = 0,
        shortcut: str = "projection",
        window: int = 2048,
        overlap: int = 512,
    ) -> None:
        super().__init__()
        if stages < 1 or not kernel % 2:
            raise ValueError(f"{stages} stages, kernel {kernel}: there must be a stage, and the kernel be odd")
        self.windows = Windows(window, overlap)
        self.stem = _convolution(shapes["signal"][0] or 1, width, kernel)
        channels, blocks = width, []
        for stage in range(stages):
            for number in range(depth):
                wanted, steps = width * widening**stage, stride if number == 0 else 1
                blocks.append(_Block(channels, wanted, kernel, steps, dropout, squeeze, shortcut))
                channels = wanted
        self.blocks = nn.Sequential(*blocks)
        self.norm = nn.BatchNorm2d(channels)
        self.head = nn.Linear(channels, classes)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, signal: Tensor) -> Tensor:
        """Logits, shape (item, class), of signals (item, lead, sample)."""
        rows = self.windows(signal)[:, :, None].contiguous(memory_format=torch.channels_last)
        found = torch.relu(self.norm(self.blocks(self.stem(rows)))).mean((2, 3))
        out: Tensor = self.head(self.windows.largest(found, signal.shape[0]))
        return out

    @property
    def mixing_points(self) -> tuple[nn.Module, ...]:
        """The parts whose outputs two items may be mixed in; see :mod:`einthoven.learn.mixup`."""
        return (self.stem, *self.blocks)


def _convolution(channels: int, width: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(channels, width, (1, kernel), (1, stride), (0, kernel // 2), bias=False)


class _Block(nn.Module):
    """Twice normalised, rectified and convolved; added to what came in, shortened by means where that is needed."""

    def __init__(
        self, channels: int, width: int, kernel: int, stride: int, dropout: float, squeeze: int, shortcut: str
    ) -> None:
        super().__init__()
        self.stride = stride
        self.two = nn.Sequential(
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            _convolution(channels, width, kernel, stride),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Dropout(dropout),
            _convolution(width, width, kernel),
        )
        self.weigh = weighing(width, squeeze)
        self.shortcut = shortcut_of(shortcut, channels, width, lambda less, more: _convolution(less, more, 1))

    def forward(self, x: Tensor) -> Tensor:
        found = self.two(x)
        if self.weigh is not None:
            found = found * self.weigh(found.mean((2, 3)))[:, :, None, None]
        if self.stride > 1:
            x = avg_pool2d(x, (1, self.stride), ceil_mode=True)
        out: Tensor = self.shortcut(x) + found
        return out
