from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from einthoven.errors import OptionError
from einthoven.learn.export import to_onnx
from einthoven.learn.models import build
from einthoven.learn.models.resnet1d import Resnet1d

if TYPE_CHECKING:
    from pathlib import Path

SHAPES = {"signal": (8, 1000)}
SMALL = {"widths": (8, 12), "kernel": 5, "stem_kernel": 5}


def test_the_usual_network_is_small_enough_for_a_bundle_of_several() -> None:
    assert sum(weight.numel() for weight in Resnet1d(SHAPES, 2).parameters()) == 220_144


@pytest.mark.parametrize("samples", [50, 999, 1000])
def test_signals_of_any_length_are_taken(samples: int) -> None:
    logit = Resnet1d(SHAPES, 2, **SMALL).eval()(torch.randn(3, 8, samples))
    assert logit.shape == (3, 2)
    assert torch.isfinite(logit).all()


def test_a_moment_s_place_in_the_record_hardly_matters() -> None:
    torch.manual_seed(0)
    model = Resnet1d(SHAPES, 2, **SMALL).eval()
    early, late = torch.zeros(2, 1, 8, 1000)
    wave = torch.randn(8, 60)
    early[..., 300:360], late[..., 600:660] = wave, wave
    with torch.no_grad():
        torch.testing.assert_close(model(early), model(late), atol=1e-5, rtol=1e-5)


def test_depth_and_stride_make_it_the_eighteen_layers_of_the_literature() -> None:
    model = Resnet1d(SHAPES, 5, widths=(8, 16, 32, 64), depth=2, kernel=11, stem_stride=4)
    convolutions = [
        layer for layer in model.modules() if isinstance(layer, torch.nn.Conv2d) and layer.kernel_size[1] > 1
    ]
    assert len(convolutions) == 17


def test_an_item_s_answer_does_not_depend_on_its_batch() -> None:
    model, signal = Resnet1d(SHAPES, 2, **SMALL).eval(), torch.randn(4, 8, 200)
    with torch.no_grad():
        torch.testing.assert_close(model(signal)[1:2], model(signal[1:2]), atol=1e-5, rtol=1e-5)


def test_exported_it_answers_the_same(tmp_path: Path) -> None:
    import onnxruntime

    model, signal = Resnet1d(SHAPES, 2, **SMALL).eval(), torch.randn(5, 8, 1000)
    to_onnx(model, SHAPES, tmp_path / "m.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    (found,) = session.run(None, {"signal": signal.numpy()})
    np.testing.assert_allclose(found, model(signal).detach().numpy(), atol=1e-4)


def test_settings_that_fit_no_network_are_refused() -> None:
    with pytest.raises(OptionError, match="'resnet1d' cannot be built"):
        build("resnet1d", {"widths": ()}, "recipe [model]", SHAPES, 2)
