from __future__ import annotations

import pytest
import torch

from einthoven.errors import OptionError
from einthoven.learn.models import build

WINDOW = {"window": (1, 2160)}


def size(kind: str) -> int:
    return sum(weight.numel() for weight in build(kind, {}, "here", WINDOW, 1).parameters())


def test_the_published_networks_have_as_many_weights_as_in_keras() -> None:
    assert size("conv") == (4 + 1) * 8 + 2157 * 8 + 1
    keras_lstm = 4 * (537 * 8 * 4 + 4 * 4 + 4)
    torch_adds_a_bias = 4 * 4
    assert size("conv_lstm") == (4 + 1) * 8 + keras_lstm + torch_adds_a_bias + 4 + 1


def test_networks_start_as_keras_starts_them() -> None:
    torch.manual_seed(0)
    conv = build("conv", {}, "here", WINDOW, 1)
    assert not conv.layers[0].bias.any()
    limit = (6 / (4 + 4 * 8)) ** 0.5
    assert 0.8 * limit < conv.layers[0].weight.abs().max() <= limit
    memory = build("conv_lstm", {}, "here", WINDOW, 1).memory
    bias = memory.bias_ih + memory.bias_hh
    assert bias.tolist() == [0.0] * 4 + [1.0] * 4 + [0.0] * 8
    torch.testing.assert_close(memory.weight_hh.T @ memory.weight_hh, torch.eye(4))


def test_the_parts_of_the_window_are_read_in_their_order() -> None:
    torch.manual_seed(0)
    model = build("conv_lstm", {"parts": 2}, "here", {"window": (1, 40)}, 1).eval()
    window = torch.randn(1, 1, 40)
    features = [model.convolution(part) for part in (window[..., :20], window[..., 20:])]
    lstm = torch.nn.LSTM(features[0].shape[1], 4, batch_first=True)
    lstm.load_state_dict({f"{name}_l0": weight for name, weight in model.memory.state_dict().items()})
    expected = model.output(lstm(torch.stack(features, dim=1))[0][:, -1])
    torch.testing.assert_close(model(window), expected)


def test_a_window_that_cannot_be_parted_is_refused() -> None:
    with pytest.raises(OptionError, match="2160 samples cannot be cut into 7 equal parts"):
        build("conv_lstm", {"parts": 7}, "here", WINDOW, 1)


def test_an_unknown_network_lists_the_known_ones() -> None:
    with pytest.raises(OptionError, match=r"'vit' is not known: choose from .*conv, conv1d, conv_lstm"):
        build("vit", {}, "here", WINDOW, 1)
