"""Starting weights as Keras draws them, for networks that were published in it."""

from __future__ import annotations

import torch
from torch import nn


def start_like_keras(model: nn.Module) -> None:
    """Draw all weights anew: Glorot's uniform for kernels, orthogonal for recurrent ones, biases 0, forget gate 1.

    torch starts otherwise (Kaiming's uniform, random biases), and a network this small shows it.
    """
    for layer in model.modules():
        if isinstance(layer, nn.Conv1d | nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.LSTMCell):
            _start_lstm(layer)


def _start_lstm(layer: nn.LSTMCell) -> None:
    units = layer.hidden_size
    for name, weight in layer.named_parameters():
        if name.startswith("weight_ih"):
            nn.init.xavier_uniform_(weight)
        elif name.startswith("weight_hh"):
            nn.init.orthogonal_(weight.T)  # Keras holds it transposed: (unit, 4 gates of units)
        else:
            with (
                torch.no_grad()
            ):  # torch adds two biases where Keras has one; the gates are input, forget, cell, output
                weight.zero_()
                if name.startswith("bias_ih"):
                    weight[units : 2 * units] = 1.0
