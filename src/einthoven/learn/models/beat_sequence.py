"""A network that reads the beats of a record as a sequence: each by its waves, all by their order and times."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Mapping

_STRETCHES: Final = ((20, 52), (48, 74), (72, 120))  # samples of the window before, in and after the QRS complex


class BeatSequence(nn.Module):
    """Class of every beat of a sequence.

    Each lead's waves are read by the same convolutions, and their features pooled over the leads, so that the order of
    leads plays no part. Dilated convolutions over beats and attention between them, both blind to what fills up a short
    sequence, then make out the rhythm: an odd interval is a premature beat in one and nothing in another.

    Parameters
    ----------
    shapes
        Takes ``waves``, (beat, lead, channel, sample), and ``timing``, (beat, feature), whose first feature is 1 for a
        beat and 0 for what fills up a sequence.
    classes
        Number of outputs.
    width
        Channels of the first convolution.
    hidden
        Features of a beat.
    dilations
        Of the convolutions over beats, in their order; after each run through them comes an attention.
    rounds
        Runs through them.
    dropout
        Share of features left out in training.
    causal
        Whether a beat is judged without those after it.
    rhythms, beat_types, statements
        Sizes of the heads that only training asks: the rhythm around the beat, the type of the beat, and what is stated
        of the record.
    """

    def __init__(
        self,
        shapes: Mapping[str, tuple[int, ...]],
        classes: int,
        *,
        width: int = 16,
        hidden: int = 64,
        dilations: tuple[int, ...] = (1, 2, 4, 8),
        rounds: int = 2,
        dropout: float = 0.2,
        causal: bool = False,
        rhythms: int = 5,
        beat_types: int = 8,
        statements: int = 20,
    ) -> None:
        super().__init__()
        (_, _, channels, samples), (_, features) = shapes["waves"], shapes["timing"]
        self.encoder = _Encoder(channels, samples, width, hidden, dropout)
        self.timing = nn.Sequential(nn.Linear(features, 48), nn.GELU(), nn.Linear(48, 48), nn.GELU())
        self.join = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * hidden + 48, hidden))
        self.steps = nn.ModuleList()
        for _ in range(rounds):
            self.steps.extend(_Around(hidden, dilation, dropout, causal) for dilation in dilations)
            self.steps.append(_Attention(hidden, dropout, causal))
        self.out = nn.Sequential(nn.LayerNorm(hidden), nn.Dropout(dropout))
        self.head = nn.Linear(hidden, classes)
        self.rhythm_head = nn.Linear(hidden, rhythms)
        self.type_head = nn.Linear(2 * hidden, beat_types)
        self.statement_head = nn.Linear(2 * hidden, statements)

    def forward(self, waves: Tensor, timing: Tensor) -> Tensor:
        """Logits (item, beat, class) of waves (item, beat, lead, channel, sample) and timing (item, beat, feature)."""
        _, beat = self.features(waves, timing)
        logits: Tensor = self.head(beat)
        return logits

    def answers(self, waves: Tensor, timing: Tensor) -> dict[str, Tensor]:
        """All heads: logits by label, of each beat but for ``statements``, which are of the item."""
        shape, beat = self.features(waves, timing)
        there = timing[..., :1]
        mean = (shape * there).sum(1) / there.sum(1).clamp(min=1)
        return {
            "target": self.head(beat),
            "rhythm": self.rhythm_head(beat),
            "beat_type": self.type_head(shape),
            "statements": self.statement_head(mean),
        }

    def features(self, waves: Tensor, timing: Tensor) -> tuple[Tensor, Tensor]:
        """Features of each beat's waves alone, and of the beat in its sequence."""
        there = timing[..., :1]
        if self.training:  # what fills up is left out: it would cost as much as beats, and move the norms
            known = there[..., 0] > 0
            read = self.shape(waves[known])
            shape = read.new_zeros(*known.shape, read.shape[1]).index_put((known,), read)
        else:
            read = self.shape(waves.flatten(0, 1))
            shape = read.reshape(*waves.shape[:2], read.shape[1])
        beat = self.join(torch.cat((shape, self.timing(timing)), dim=2)) * there
        for step in self.steps:
            beat = (beat + step(beat, there)) * there
        return shape, self.out(beat)

    def shape(self, waves: Tensor) -> Tensor:
        """Features of single beats, (item, feature), of waves (item, lead, channel, sample), pooled over leads."""
        leads = self.encoder(waves.flatten(0, 1)).unflatten(0, waves.shape[:2])
        return torch.cat((leads.mean(1), leads.amax(1)), dim=1)


class _Encoder(nn.Module):
    """Features of a beat in one lead: of its waves, and of how like each other they are."""

    def __init__(self, channels: int, samples: int, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        widths = (width, width * 3 // 2, width * 2, width * 3)
        self.stem = nn.Sequential(
            nn.Conv1d(2 * channels - 1, width, 7, stride=2, padding=3, bias=False), nn.BatchNorm1d(width), nn.ReLU()
        )
        self.blocks = nn.Sequential(*(_Block(a, b) for a, b in pairwise(widths)))
        self.reduce = nn.Sequential(nn.Conv1d(widths[-1], 16, 1), nn.ReLU())  # keeps where in the window it happens
        inputs = 2 * widths[-1] + 16 * (samples // 16) + len(_STRETCHES) * (channels - 1)
        self.embed = nn.Sequential(nn.Dropout(dropout), nn.Linear(inputs, hidden), nn.GELU())

    def forward(self, waves: Tensor) -> Tensor:
        x = self.blocks(self.stem(torch.cat((waves, waves[:, :1] - waves[:, 1:]), dim=1)))
        pooled = (x.mean(2), x.amax(2), self.reduce(x).flatten(1), likeness(waves))
        features: Tensor = self.embed(torch.cat(pooled, dim=1))
        return features


class _Block(nn.Module):
    """Half the length by pooling, then two convolutions, the second with a shortcut around it."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.pool = nn.MaxPool1d(2)
        self.first = nn.Sequential(
            nn.Conv1d(inputs, outputs, 5, padding=2, bias=False), nn.BatchNorm1d(outputs), nn.ReLU()
        )
        self.second = nn.Sequential(nn.Conv1d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm1d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(self.pool(x))
        return torch.relu(x + self.second(x))


class _Around(nn.Module):
    """A convolution over beats, its neighbours `dilation` beats apart."""

    def __init__(self, hidden: int, dilation: int, dropout: float, causal: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(hidden)
        self.shift = dilation if causal else 0
        self.conv = nn.Conv1d(hidden, hidden, 3, padding=2 * dilation if causal else dilation, dilation=dilation)
        self.out = nn.Sequential(nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, hidden))

    def forward(self, beat: Tensor, there: Tensor) -> Tensor:
        x = self.conv((self.norm(beat) * there).transpose(1, 2))[:, :, : beat.shape[1]]
        out: Tensor = self.out(x.transpose(1, 2))
        return out


class _Attention(nn.Module):
    """Beats that look at each other, the nearer ones more."""

    reach: Tensor

    def __init__(self, hidden: int, dropout: float, causal: bool, heads: int = 4) -> None:
        super().__init__()
        self.heads, self.causal = heads, causal
        self.norm = nn.LayerNorm(hidden)
        self.ask = nn.Linear(hidden, 3 * hidden)
        self.out = nn.Sequential(nn.Linear(hidden, hidden), nn.Dropout(dropout))
        self.register_buffer("reach", torch.tensor([4.0, 16.0, 64.0, 256.0])[:, None, None])

    def forward(self, beat: Tensor, there: Tensor) -> Tensor:
        query, key, value = (
            x.unflatten(2, (self.heads, -1)).transpose(1, 2) for x in self.ask(self.norm(beat)).chunk(3, dim=2)
        )
        number = torch.arange(beat.shape[1], dtype=beat.dtype, device=beat.device)
        apart = number[:, None] - number
        score = query @ key.transpose(2, 3) / query.shape[-1] ** 0.5 - apart.abs() / self.reach
        score = score + (there.transpose(1, 2)[:, None] - 1) * 1e4
        if self.causal:
            score = score - (apart < 0).to(beat.dtype) * 1e4
        seen = torch.softmax(score, dim=-1) @ value
        out: Tensor = self.out(seen.transpose(1, 2).flatten(2))
        return out


def likeness(waves: Tensor) -> Tensor:
    """Cosine likeness of the beat and each other channel before, in and after the QRS complex, -1 to 1."""
    parts = []
    for start, stop in _STRETCHES:
        part = waves[:, :, start:stop]
        part = part - part.mean(2, keepdim=True)
        power = (part * part).sum(2)
        parts.append((part[:, :1] * part[:, 1:]).sum(2) / (power[:, :1] * power[:, 1:] + 1e-4).sqrt())
    return torch.cat(parts, dim=1)
