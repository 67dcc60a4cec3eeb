"""The published network: one convolution, flattened, dropout, one output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

from .keras_start import start_like_keras

if TYPE_CHECKING:
    from collections.abc import Mapping


class Conv(nn.Module):
    """Convolution, rectifier, dropout and a linear output over the whole window.

    Parameters
    ----------
    shapes
        Takes one input, ``window``: (lead, sample).
    classes
        Number of outputs.
    filters, kernel
        Of the convolution; kernel in samples, no padding.
    dropout
        Share of the flattened features left out in training.
    """

    def __init__(
        self,
        shapes: Mapping[str, tuple[int, ...]],
        classes: int,
        *,
        filters: int = 8,
        kernel: int = 4,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        leads, samples = shapes["window"]
        self.layers = nn.Sequential(
            nn.Conv1d(leads, filters, kernel),
            nn.ReLU(),
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(filters * (samples - kernel + 1), classes),
        )
        start_like_keras(self)

    def forward(self, window: Tensor) -> Tensor:
        """Logits, shape (item, class), of windows (item, lead, sample)."""
        out: Tensor = self.layers(window)
        return out
