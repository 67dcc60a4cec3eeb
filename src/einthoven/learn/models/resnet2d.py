"""The residual network for pictures, of 18, 34 or 50 layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d

from .shortcut import shortcut as shortcut_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BLOCKS: Final = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}
"""By number of layers: blocks in each of the four stages."""

WIDTHS: Final = (64, 128, 256, 512)
_BOTTLENECKS: Final = frozenset({50})


class Resnet2d(nn.Module):
    """ResNet-18, -34 or -50, with one head for each question.

    He et al., CVPR 2016, with two things as torchvision and most others have them since: in a bottleneck it is the
    convolution of 3 x 3 that strides (Goyal et al., 2017, 5.1), and each block begins as the identity, since its last
    normalisation begins with zeros (the same).

    Parameters
    ----------
    shapes
        Takes one input of any name: (channel, row, column), of 1 channel for grey, or 3.
    classes
        Number of outputs.
    depth
        Number of layers: 18, 34 or 50.
    widths
        Channels of the four stages, before a bottleneck widens them fourfold; the first is that of the stem.
    width
        Times that.
    dropout
        Share of the features left out before the heads in training.
    grid
        Rows and columns of the means that the heads read: 1 is one mean over all of the picture; more keep where in the
        picture something is.
    beat_types
        Size of the head that only training asks: the type of the beat; 0 for none.
    """

    def __init__(
        self,
        shapes: Mapping[str, tuple[int, ...]],
        classes: int,
        *,
        depth: int = 18,
        widths: tuple[int, ...] = WIDTHS,
        width: float = 1.0,
        dropout: float = 0.0,
        grid: int = 1,
        beat_types: int = 0,
    ) -> None:
        super().__init__()
        ((channels, *_),) = shapes.values()
        if depth not in BLOCKS or channels not in (1, 3) or len(widths) != len(WIDTHS):
            raise ValueError(
                f"depth {depth}, {channels} channels, {len(widths)} widths; depth must be 18, 34 or 50, channels 1 or "
                "3, and widths four"
            )
        sizes = [round(one * width) for one in widths]
        bottleneck = depth in _BOTTLENECKS
        stem = normalised(channels, sizes[0], 7, 2)
        self.stem = nn.Sequential(*stem, nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1))
        now, blocks = sizes[0], []
        for stage, (size, number) in enumerate(zip(sizes, BLOCKS[depth], strict=True)):
            for place in range(number):
                block = _Block(now, size, 2 if stage and not place else 1, bottleneck=bottleneck)
                blocks.append(block)
                now = block.channels
        self.blocks = nn.Sequential(*blocks)
        self.grid = grid
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(now * grid * grid, classes)
        self.type_head = nn.Linear(now * grid * grid, beat_types) if beat_types else None
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, picture: Tensor) -> Tensor:
        """Logits, shape (item, class), of pictures (item, channel, row, column)."""
        logit: Tensor = self.head(self.features(picture))
        return logit

    def answers(self, picture: Tensor) -> dict[str, Tensor]:
        """All heads: logits by question."""
        features = self.features(picture)
        told = {"target": self.head(features)}
        return told if self.type_head is None else told | {"beat_type": self.type_head(features)}

    def features(self, picture: Tensor) -> Tensor:
        """Return what the heads read: shape (item, feature)."""
        found = self.blocks(self.stem(picture.contiguous(memory_format=torch.channels_last)))
        means = found.mean((2, 3)) if self.grid == 1 else adaptive_avg_pool2d(found, self.grid).flatten(1)
        kept: Tensor = self.dropout(means)
        return kept

    @property
    def mixing_points(self) -> tuple[nn.Module, ...]:
        """The parts whose outputs two items may be mixed in; see :mod:`einthoven.learn.mixup`."""
        return (self.stem, *self.blocks)


def normalised(channels: int, width: int, kernel: int, stride: int = 1) -> tuple[nn.Conv2d, nn.BatchNorm2d]:
    """Return a convolution over rows and columns, and its normalisation."""
    return nn.Conv2d(channels, width, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(width)


class _Block(nn.Module):
    """Two convolutions of 3 x 3, or one between two of 1 x 1, added to what came in."""

    def __init__(self, channels: int, size: int, stride: int, *, bottleneck: bool) -> None:
        super().__init__()
        self.channels = 4 * size if bottleneck else size
        plan = ((size, 1, 1), (size, 3, stride), (4 * size, 1, 1)) if bottleneck else ((size, 3, stride), (size, 3, 1))
        layers: list[nn.Module] = []
        now = channels
        for out, kernel, step in plan:
            layers += [*normalised(now, out, kernel, step), nn.ReLU(inplace=True)]
            now = out
        self.layers = nn.Sequential(*layers[:-1])
        nn.init.zeros_(layers[-2].weight)  # type: ignore[arg-type]
        project: Callable[[int, int], nn.Module] = lambda less, more: nn.Sequential(*normalised(less, more, 1, stride))  # noqa: E731
        if stride > 1 and channels == self.channels:
            self.shortcut = project(channels, self.channels)
        else:
            self.shortcut = shortcut_of("projection", channels, self.channels, project)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.shortcut(x) + self.layers(x))
