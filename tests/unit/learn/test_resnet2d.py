from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from einthoven.errors import OptionError
from einthoven.learn.export import to_onnx
from einthoven.learn.models import build
from einthoven.learn.models.resnet2d import Resnet2d

if TYPE_CHECKING:
    from pathlib import Path

SHAPES = {"picture": (1, 48, 64)}
SMALL = {"widths": (4, 6, 8, 12)}


@pytest.mark.parametrize(("depth", "weights"), [(18, 11_689_512), (34, 21_797_672), (50, 25_557_032)])
def test_it_has_as_many_weights_as_published(depth: int, weights: int) -> None:
    with torch.device("meta"):
        model = Resnet2d({"picture": (3, 224, 224)}, 1000, depth=depth)
    assert sum(weight.numel() for weight in model.parameters()) == weights


@pytest.mark.parametrize("depth", [18, 34, 50])
def test_it_has_as_many_layers_as_its_name_says(depth: int) -> None:
    model = Resnet2d(SHAPES, 4, depth=depth, width=0.125)
    around = {layer for name, layer in model.named_modules() if ".shortcut." in name}
    kinds = (torch.nn.Conv2d, torch.nn.Linear)
    assert sum(isinstance(layer, kinds) and layer not in around for layer in model.modules()) == depth


@pytest.mark.parametrize("depth", [18, 50])
def test_every_block_begins_as_the_identity_of_what_is_not_negative(depth: int) -> None:
    model = Resnet2d(SHAPES, 4, depth=depth, **SMALL).eval()
    block = model.blocks[1]
    x = torch.rand(2, block.channels, 6, 8)
    with torch.no_grad():
        torch.testing.assert_close(block(x), x)


def test_an_item_s_answer_does_not_depend_on_its_batch() -> None:
    model, picture = Resnet2d(SHAPES, 2, **SMALL).eval(), torch.rand(4, 1, 48, 64)
    with torch.no_grad():
        torch.testing.assert_close(model(picture)[1:2], model(picture[1:2]), atol=1e-5, rtol=1e-5)


def test_a_mean_over_all_forgets_where_and_a_grid_does_not() -> None:
    torch.manual_seed(0)
    picture = torch.zeros(2, 1, 96, 128)
    picture[0, 0, 30:34, 30:34] = picture[1, 0, 62:66, 62:66] = 1
    off = []
    for grid in (1, 3):
        model = Resnet2d(SHAPES, 8, grid=grid, **SMALL).eval()
        model.blocks = torch.nn.Sequential(*model.blocks[:2])
        model.head = torch.nn.Linear(4 * grid * grid, 8)
        with torch.no_grad():
            off.append(float((model(picture)[0] - model(picture)[1]).abs().max()))
    assert off[0] < 1e-5 < off[1]


def test_training_alone_asks_for_the_type_of_beat() -> None:
    model, picture = Resnet2d(SHAPES, 4, beat_types=8, **SMALL), torch.rand(3, 1, 48, 64)
    told = model.answers(picture)
    assert {name: tuple(of.shape) for name, of in told.items()} == {"target": (3, 4), "beat_type": (3, 8)}
    assert model(picture).shape == (3, 4)
    assert set(Resnet2d(SHAPES, 4, **SMALL).answers(picture)) == {"target"}


def test_it_learns_in_half_the_bits() -> None:
    torch.manual_seed(0)
    model, picture, target = Resnet2d(SHAPES, 2, **SMALL), torch.rand(8, 1, 48, 64), torch.arange(8) % 2
    picture[::2, :, :20] = 0
    learner = torch.optim.Adam(model.parameters(), 1e-2)
    losses = []
    for _ in range(15):
        with torch.autocast("cpu", torch.bfloat16):
            loss = torch.nn.functional.cross_entropy(model(picture).float(), target)
        learner.zero_grad()
        loss.backward()
        learner.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize("depth", [18, 50])
def test_exported_it_answers_the_same(tmp_path: Path, depth: int) -> None:
    import onnxruntime

    model, picture = Resnet2d(SHAPES, 2, depth=depth, **SMALL).eval(), torch.rand(5, 1, 48, 64)
    to_onnx(model, SHAPES, tmp_path / "m.onnx")
    (out,) = onnxruntime.InferenceSession(tmp_path / "m.onnx").run(None, {"picture": picture.numpy()})
    with torch.no_grad():
        np.testing.assert_allclose(out, model(picture).numpy(), atol=1e-4)


@pytest.mark.parametrize(
    ("settings", "shapes"),
    [({"depth": 19}, SHAPES), ({"widths": (8, 8)}, SHAPES), ({}, {"picture": (2, 48, 64)})],
)
def test_what_cannot_be_built_is_refused(settings: dict[str, object], shapes: dict[str, tuple[int, ...]]) -> None:
    with pytest.raises(OptionError, match="depth must be 18, 34 or 50"):
        build("resnet2d", settings, "r.toml [model]", shapes, 4)
