"""The network that reads PTB-XL best in its benchmark: a residual one of 101 layers with narrow waists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, max_pool2d

from .resnet1d import convolution
from .windows import Windows

if TYPE_CHECKING:
    from collections.abc import Mapping


class Xresnet1d(nn.Module):
    """xresnet1d101 of the benchmark on PTB-XL, on windows whose largest logits count.

    Strodthoff et al., IEEE J Biomed Health Inform 2021;25:1519, after He et al., CVPR 2019: three convolutions in the
    stem, means of two before a shortcut that shortens, last normalisations that begin at zero, and the mean and the
    maximum over time, read by a hidden layer. As in the benchmark all stages are equally wide. There the network learns
    from 2.5 s at random and is tested on windows of 2.5 s that overlap by half, whose largest probabilities count; so
    `window` and `overlap` are 250 and 125 at 100 Hz, and what is shown in training is a window long.

    Parameters
    ----------
    shapes
        Takes one input, ``signal``: (lead, sample).
    classes
        Number of outputs.
    blocks
        Blocks of three convolutions in each stage.
    width
        Channels at the waist of a block; around it there are four times as many.
    stem
        Channels of the first three convolutions.
    kernel
        Samples that a convolution spans which is not of one sample, an odd number.
    hidden
        Numbers in the layer before the output.
    dropout
        Share of these left out in training; half as many before.
    window, overlap
        Samples of the windows that a signal is cut into, and by which they overlap; see :class:`.windows.Windows`. With
        0 all of it is one.
    """

    def __init__(
        self,
        shapes: Mapping[str, tuple[int | None, ...]],
        classes: int,
        *,
        blocks: tuple[int, ...] = (3, 4, 23, 3),
        width: int = 64,
        stem: tuple[int, ...] = (32, 32, 64),
        kernel: int = 5,
        hidden: int = 128,
        dropout: float = 0.5,
        window: int = 250,
        overlap: int = 125,
    ) -> None:
        super().__init__()
        if not blocks or not stem:
            raise ValueError("blocks or stem are none; give one number for each stage, and for each convolution")
        self.windows = Windows(window, overlap)
        widths = (shapes["signal"][0] or 1, *stem)
        self.stem = nn.Sequential(
            *(
                nn.Sequential(convolution(widths[place], widths[place + 1], kernel, 1 if place else 2), nn.ReLU())
                for place in range(len(stem))
            )
        )
        channels, parts = stem[-1], []
        for stage, number in enumerate(blocks):
            for place in range(number):
                parts.append(_Block(channels, width, kernel, halved=stage > 0 and place == 0))
                channels = 4 * width
        self.blocks = nn.Sequential(*parts)
        self.head = nn.Sequential(
            nn.BatchNorm1d(2 * channels),
            nn.Dropout(dropout / 2),
            nn.Linear(2 * channels, hidden),
            nn.ReLU(),
            nn.BatchNorm1d(hidden),
            nn.Dropout(dropout),
            nn.Linear(hidden, classes),
        )
        self._start()
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def _start(self) -> None:
        """Draw weights as He et al., ICCV 2015, do, without biases."""
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(layer.weight)
            if isinstance(layer, nn.Linear):
                nn.init.zeros_(layer.bias)

    def forward(self, signal: Tensor) -> Tensor:
        """Logits, shape (item, class), of signals (item, lead, sample)."""
        rows = self.windows(signal)[:, :, None].contiguous(memory_format=torch.channels_last)
        found = self.blocks(max_pool2d(self.stem(rows), (1, 3), (1, 2), (0, 1)))[:, :, 0]
        said = self.head(torch.cat((found.mean(2), found.amax(2)), dim=1))
        return self.windows.largest(said, signal.shape[0])

    @property
    def mixing_points(self) -> tuple[nn.Module, ...]:
        """The parts whose outputs two items may be mixed in; see :mod:`einthoven.learn.mixup`."""
        return (*self.stem, *self.blocks)


class _Block(nn.Module):
    """Three convolutions, the middle one of few channels over several samples, added to what came in."""

    def __init__(self, channels: int, width: int, kernel: int, *, halved: bool) -> None:
        super().__init__()
        self.halved = halved
        last = convolution(width, 4 * width, 1)
        middle = convolution(width, width, kernel, 2 if halved else 1)
        self.three = nn.Sequential(convolution(channels, width, 1), nn.ReLU(), middle, nn.ReLU(), last)
        nn.init.zeros_(last.get_parameter("1.weight"))  # so that a block begins as its shortcut alone
        self.shortcut = convolution(channels, 4 * width, 1) if channels != 4 * width else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        around = avg_pool2d(x, (1, 2), ceil_mode=True) if self.halved else x
        return torch.relu(self.three(x) + self.shortcut(around))
