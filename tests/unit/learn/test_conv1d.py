from __future__ import annotations

import numpy as np
import pytest
import torch

from einthoven.errors import OptionError
from einthoven.learn.models.conv1d import SUMMARIES, Conv1d, _Convolution

SHAPES = {"signal": (12, 5000)}


def test_the_published_network_has_its_lengths_and_its_number_of_weights() -> None:
    """As ``model.summary()`` prints them in the article."""
    model = Conv1d(SHAPES, 2)
    assert sum(weight.numel() for weight in model.parameters()) == 344_482
    lengths = [layer.samples for layer in model.modules() if isinstance(layer, _Convolution)]
    assert lengths == [2493, 1247, 312, 156, 39, 20, 10, 10]
    with torch.inference_mode():
        assert model.blocks(torch.zeros(1, 12, 5000)).shape == (1, 256, 5)


@pytest.mark.parametrize(
    ("samples", "kernel", "stride"), [(623, 8, 2), (312, 8, 2), (78, 4, 2), (39, 4, 2), (10, 2, 1)]
)
def test_padding_is_that_of_keras(samples: int, kernel: int, stride: int) -> None:
    """Output k of Keras' `same` begins at k strides less half the zeros, rounded down: told by an impulse."""
    layer = _Convolution(1, 1, kernel, stride, samples, padded=True)
    torch.nn.init.ones_(layer.convolution.weight)
    torch.nn.init.zeros_(layer.convolution.bias)
    out = -(-samples // stride)
    before = max((out - 1) * stride + kernel - samples, 0) // 2
    for at in (0, samples // 2, samples - 1):
        x = torch.zeros(1, 1, samples)
        x[0, 0, at] = 1
        seen = layer(x)[0, 0].detach().numpy() > 0.5
        first = np.arange(out) * stride - before
        np.testing.assert_array_equal(seen, (first <= at) & (at < first + kernel))


def test_weights_start_as_in_keras() -> None:
    torch.manual_seed(0)
    model = Conv1d(SHAPES, 2)
    for layer in model.modules():
        if isinstance(layer, torch.nn.Conv1d):
            bound = np.sqrt(6 / (layer.kernel_size[0] * (layer.in_channels + layer.out_channels)))
            assert 0.97 * bound < float(layer.weight.detach().abs().max()) <= bound
            assert not layer.bias.any()  # type: ignore[union-attr]


@pytest.mark.parametrize("settings", [*({"summary": name} for name in SUMMARIES), {"residual": True}])
def test_each_form_answers_for_any_number_of_records(settings: dict[str, object]) -> None:
    model = Conv1d(SHAPES, 2, **settings).eval()  # type: ignore[arg-type]
    with torch.inference_mode():
        assert model(torch.zeros(3, 12, 5000)).shape == (3, 2)


def test_an_unknown_summary_lists_the_known_ones() -> None:
    with pytest.raises(OptionError, match="'lstm' is not known: choose from average, gru, attention"):
        Conv1d(SHAPES, 2, summary="lstm")
