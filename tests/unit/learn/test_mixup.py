from __future__ import annotations

import pytest
import torch
from torch import nn

from einthoven.learn.mixup import mixed
from einthoven.learn.models import build

NAN = float("nan")


class Chain(nn.Module):
    """Parts that change nothing, so that where items are mixed cannot matter; two windows an item in the middle."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleList(nn.Identity() for _ in range(3))

    @property
    def mixing_points(self) -> tuple[nn.Module, ...]:
        return tuple(self.parts)

    def forward(self, signal: torch.Tensor) -> torch.Tensor:
        found = signal.reshape(-1, signal.shape[1] // 2)  # two windows of each item
        for part in self.parts:
            found = part(found)
        return found.reshape(signal.shape)


@pytest.mark.parametrize("seed", range(8))
def test_answers_and_targets_are_mixed_alike_wherever_it_is_done(seed: int) -> None:
    torch.manual_seed(seed)
    truth = torch.eye(6)[:, :4]
    logit, target = mixed(Chain(), (truth.clone(),), truth, 1.0)
    torch.testing.assert_close(logit, target)
    assert target.sum(0).tolist() == pytest.approx([1] * 4)  # what one gives another gets
    assert not torch.equal(target, truth)


def test_mixtures_with_what_is_not_known_are_not_known() -> None:
    torch.manual_seed(0)
    truth = torch.tensor([[1.0], [NAN], [0.0], [1.0]])
    _, target = mixed(Chain(), (torch.zeros(4, 2),), truth, 1.0)
    assert target.isnan().sum() == 2  # itself, and whoever it was mixed into


def test_without_strength_nothing_is_mixed_and_no_chance_is_used() -> None:
    truth, before = torch.eye(4), torch.get_rng_state()
    logit, target = mixed(Chain(), (truth.clone(),), truth, 0.0)
    assert torch.equal(logit, truth)
    assert target is truth
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("kind", ["resnet1d", "wide_resnet1d", "xresnet1d"])
def test_networks_are_left_as_they_were_and_every_place_is_used(kind: str) -> None:
    model = build(kind, {"window": 60, "overlap": 20}, "here", {"signal": (8, 140)}, 3).eval()
    signal, truth = torch.randn(9, 8, 140), torch.eye(9)[:, :3]
    calls = dict.fromkeys(range(len(model.mixing_points)), 0)
    plain = model(signal)
    for number, point in enumerate(model.mixing_points):
        count = len(point._forward_hooks)

        def noted(*_: object, number: int = number) -> None:
            calls[number] += 1

        point.register_forward_hook(noted)
        assert count == 0
    for seed in range(6):
        torch.manual_seed(seed)
        logit, _ = mixed(model, (signal,), truth, 5.0)
        assert logit.shape == (9, 3)
        assert not torch.allclose(logit, plain)
    assert all(len(point._forward_hooks) == 1 for point in model.mixing_points)
    assert set(calls.values()) == {6}
    torch.testing.assert_close(model(signal), plain)
