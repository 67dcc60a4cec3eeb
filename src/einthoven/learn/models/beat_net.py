"""A small residual network that reads a beat beside the median beat of its context, and the rhythm around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

if TYPE_CHECKING:
    from collections.abc import Mapping

_STRETCHES: Final = ((15, 42), (38, 64), (62, 110))  # samples of the window before, in and after the QRS complex


class BeatNet(nn.Module):
    """Normal against abnormal for one beat, asked in each of its contexts; the answer is the mean probability.

    Parameters
    ----------
    shapes
        Takes ``waves``, (context, 2, sample): the beat and the median beat; and ``rhythm``, (context, feature).
    classes
        Number of outputs.
    width
        Channels of the first layer.
    hidden
        Features that the heads read.
    dropout
        Share of features left out before each linear layer in training.
    beat_types, statements
        Sizes of the heads that only training asks: the type of the beat, and what is stated of the record.
    """

    def __init__(
        self,
        shapes: Mapping[str, tuple[int, ...]],
        classes: int,
        *,
        width: int = 24,
        hidden: int = 64,
        dropout: float = 0.3,
        beat_types: int = 8,
        statements: int = 20,
    ) -> None:
        super().__init__()
        (_, waves, samples), (_, features) = shapes["waves"], shapes["rhythm"]
        last = 3 * width
        self.stem = nn.Sequential(
            nn.Conv1d(waves + 1, width, 7, padding=3, bias=False), nn.BatchNorm1d(width), nn.ReLU()
        )
        self.blocks = nn.Sequential(
            _Block(width, width * 3 // 2, 5), _Block(width * 3 // 2, width * 2, 5), _Block(width * 2, last, 3)
        )
        self.reduce = nn.Sequential(nn.Conv1d(last, 16, 1), nn.ReLU())  # keeps where in the window it happens
        self.embed = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(2 * last + 16 * (samples // 8), hidden),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
        )
        self.rhythm = nn.Sequential(nn.Linear(features + len(_STRETCHES), 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU())
        self.mix = nn.Sequential(nn.Dropout(dropout), nn.Linear(hidden + 32, hidden), nn.ReLU(), nn.Dropout(dropout))
        self.head = nn.Linear(hidden, classes)
        self.type_head = nn.Linear(hidden, beat_types)
        self.statement_head = nn.Linear(hidden, statements)

    def forward(self, waves: Tensor, rhythm: Tensor) -> Tensor:
        """Logits, shape (item, class), of waves (item, context, 2, sample) and rhythm (item, context, feature)."""
        _, mixed = self.features(waves.flatten(0, 1), rhythm.flatten(0, 1))
        logit = self.head(mixed).unflatten(0, waves.shape[:2])
        # The logit of the mean probability: no context can shout the others down as it could in a mean of logits.
        return torch.logsumexp(-softplus(-logit), dim=1) - torch.logsumexp(-softplus(logit), dim=1)

    def answers(self, waves: Tensor, rhythm: Tensor) -> dict[str, Tensor]:
        """All heads, in one context: logits by label, of waves (item, 2, sample) and rhythm (item, feature)."""
        shape, mixed = self.features(waves, rhythm)
        return {
            "target": self.head(mixed),
            "beat_type": self.type_head(mixed),
            "statements": self.statement_head(shape),
        }

    def features(self, waves: Tensor, rhythm: Tensor) -> tuple[Tensor, Tensor]:
        """Features of the wave alone, and of wave and rhythm together; each (item, hidden)."""
        x = self.blocks(self.stem(torch.cat((waves, waves[:, :1] - waves[:, 1:2]), dim=1)))
        shape = self.embed(torch.cat((x.mean(2), x.amax(2), self.reduce(x).flatten(1)), dim=1))
        around = self.rhythm(torch.cat((rhythm, likeness(waves)), dim=1))
        return shape, self.mix(torch.cat((shape, around), dim=1))


class _Block(nn.Module):
    """Half the length by pooling, then two convolutions, the second with a shortcut around it."""

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__()
        self.pool = nn.MaxPool1d(2)
        self.first = nn.Sequential(
            nn.Conv1d(inputs, outputs, kernel, padding=kernel // 2, bias=False), nn.BatchNorm1d(outputs), nn.ReLU()
        )
        self.second = nn.Sequential(
            nn.Conv1d(outputs, outputs, kernel, padding=kernel // 2, groups=4, bias=False), nn.BatchNorm1d(outputs)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(self.pool(x))
        return torch.relu(x + self.second(x))


def likeness(waves: Tensor) -> Tensor:
    """Cosine likeness of beat and median beat before, in and after the QRS complex: (item, 3), -1 to 1."""
    parts = []
    for start, stop in _STRETCHES:
        part = waves[:, :, start:stop]
        beat, median = (part - part.mean(2, keepdim=True)).unbind(1)
        parts.append((beat * median).sum(1) / ((beat * beat).sum(1) * (median * median).sum(1) + 1e-4).sqrt())
    return torch.stack(parts, dim=1)
