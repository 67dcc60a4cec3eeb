"""The residual networks that others published for twelve leads, and the one they are compared with."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from einthoven.errors import OptionError
from einthoven.learn.models import build

LEADS = {"signal": (12, 1000)}
SMALL = {"wide_resnet1d": {"width": 8, "window": 0, "overlap": 0}, "xresnet1d": {"blocks": (1, 2), "width": 8}}


def layers(kind: str, **settings: object) -> list[nn.Module]:
    """Layers with weights that lie one behind the other, shortcuts apart."""
    model = build(kind, settings, "here", LEADS, 5)
    names = [name for name, _ in model.named_modules() if "shortcut" not in name and "weigh" not in name]
    return [one for one in map(model.get_submodule, names) if isinstance(one, nn.Conv2d | nn.Linear)]


def test_the_wide_network_has_eighteen_layers_whose_channels_double() -> None:
    found = layers("wide_resnet1d")
    assert len(found) == 18
    assert [one.out_channels for one in found[1:-1:4]] == [64, 128, 256, 512]
    assert {one.kernel_size for one in found[:-1]} == {(1, 11)}
    assert sum(one.stride[1] == 4 for one in found[:-1]) == 4


def test_xresnet1d101_has_as_many_layers_as_its_name_says() -> None:
    three_in_the_stem, hidden = 3, 1
    assert len(layers("xresnet1d")) - (three_in_the_stem - 1) - hidden == 101


def test_a_block_of_xresnet1d_begins_as_its_shortcut_alone() -> None:
    block = build("xresnet1d", {}, "here", LEADS, 5).blocks[1].eval()
    x = torch.rand(2, 256, 1, 30)
    with torch.no_grad():
        torch.testing.assert_close(block(x), x)


@pytest.mark.parametrize("kind", SMALL)
@pytest.mark.parametrize("samples", [1, 7, 250, 1003])
def test_signals_of_any_length_are_taken_and_answers_hang_on_their_record_alone(kind: str, samples: int) -> None:
    torch.manual_seed(0)
    model, signal = build(kind, SMALL[kind], "here", LEADS, 5).eval(), torch.randn(3, 12, samples)
    with torch.no_grad():
        assert model(signal).shape == (3, 5)
        torch.testing.assert_close(model(signal)[1:2], model(signal[1:2]), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("kind", ["wide_resnet1d", "resnet1d"])
def test_channels_can_be_weighed_or_not_and_shortcuts_be_without_weights(kind: str) -> None:
    plain, weighed = (build(kind, {"squeeze": squeeze}, "here", LEADS, 5) for squeeze in (0, 8))
    free = build(kind, {"squeeze": 0, "shortcut": "padding"}, "here", LEADS, 5)
    sizes = [sum(weight.numel() for weight in model.parameters()) for model in (weighed, plain, free)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3
    assert torch.isfinite(free.eval()(torch.randn(2, 12, 300))).all()


def test_a_shortcut_without_weights_keeps_what_came_in() -> None:
    from einthoven.learn.models.shortcut import shortcut

    x = torch.randn(2, 3, 1, 5)
    more, fewer = (shortcut("padding", 3, width, nn.Linear)(x) for width in (5, 2))
    torch.testing.assert_close(more[:, :3], x)
    assert not more[:, 3:].any()
    torch.testing.assert_close(fewer, x[:, :2])


def test_settings_that_fit_no_network_are_refused() -> None:
    for kind, settings in (
        ("wide_resnet1d", {"kernel": 4}),
        ("wide_resnet1d", {"stages": 0}),
        ("xresnet1d", {"blocks": ()}),
    ):
        with pytest.raises(OptionError, match=f"'{kind}' cannot be built"):
            build(kind, settings, "recipe [model]", LEADS, 2)
    with pytest.raises(OptionError, match="shortcut 'bridge' is not known: choose from projection, padding"):
        build("resnet1d", {"shortcut": "bridge"}, "recipe [model]", LEADS, 2)
