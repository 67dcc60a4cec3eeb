"""The published network with memory: the same convolution over each part of the window, then a small LSTM."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ...errors import OptionError
from .keras_start import start_like_keras

if TYPE_CHECKING:
    from collections.abc import Mapping


class ConvLstm(nn.Module):
    """One convolution shared by all parts of the window, whose flattened features an LSTM reads in turn.

    Parameters
    ----------
    shapes
        Takes one input, ``window``: (lead, sample).
    classes
        Number of outputs.
    parts
        Equal parts the window is cut into.
    filters, kernel
        Of the convolution; kernel in samples, no padding.
    units
        Of the LSTM, whose last output feeds the linear one.
    rectify
        Whether a rectifier follows the convolution.

    Raises
    ------
    OptionError
        The window cannot be cut into equal parts.
    """

    def __init__(
        self,
        shapes: Mapping[str, tuple[int, ...]],
        classes: int,
        *,
        parts: int = 4,
        filters: int = 8,
        kernel: int = 4,
        units: int = 4,
        rectify: bool = True,
    ) -> None:
        super().__init__()
        leads, samples = shapes["window"]
        if samples % parts:
            raise OptionError(f"a window of {samples} samples cannot be cut into {parts} equal parts")
        self.part_length = samples // parts
        self.convolution = nn.Sequential(
            nn.Conv1d(leads, filters, kernel), nn.ReLU() if rectify else nn.Identity(), nn.Flatten()
        )
        self.memory = nn.LSTMCell(filters * (self.part_length - kernel + 1), units)
        self.output = nn.Linear(units, classes)
        start_like_keras(self)

    def forward(self, window: Tensor) -> Tensor:
        """Logits, shape (item, class), of windows (item, lead, sample)."""
        state = None
        for part in torch.split(window, self.part_length, dim=2):  # a cell in a loop: ONNX gets plain products
            state = self.memory(self.convolution(part), state)
        out: Tensor = self.output(state[0])  # type: ignore[index]
        return out
