from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from einthoven.beats.sequences import CHANNELS, FEATURES, SEQUENCE, SLOTS, WINDOW
from einthoven.learn.models.beat_sequence import BeatSequence

SHAPES = {"waves": (SEQUENCE, SLOTS, CHANNELS, WINDOW), "timing": (SEQUENCE, FEATURES)}


def network(*, causal: bool = False) -> BeatSequence:
    torch.manual_seed(0)
    return BeatSequence(SHAPES, 4, width=8, hidden=32, causal=causal)


@pytest.fixture(scope="module")
def sequences() -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(1)
    waves = torch.randn(3, 40, SLOTS, CHANNELS, WINDOW, generator=rng)
    timing = torch.randn(3, 40, FEATURES, generator=rng)
    timing[..., 0] = 1
    return waves, timing


def filled(sequences: tuple[Tensor, Tensor], before: int, after: int) -> tuple[Tensor, Tensor]:
    waves, timing = sequences
    return (
        torch.nn.functional.pad(waves, (0, 0, 0, 0, 0, 0, before, after)),
        torch.nn.functional.pad(timing, (0, 0, before, after)),
    )


@pytest.mark.parametrize("causal", [False, True])
def test_what_fills_up_a_sequence_does_not_matter(sequences: tuple[Tensor, Tensor], causal: bool) -> None:
    net = network(causal=causal).eval()
    with torch.inference_mode():
        bare = net(*sequences)
        for before, after in ((0, 30), (17, 0), (5, 83)):
            found = net(*filled(sequences, before, after))[:, before : before + 40]
            torch.testing.assert_close(found, bare, atol=1e-5, rtol=0)


def test_the_order_of_leads_plays_no_part(sequences: tuple[Tensor, Tensor]) -> None:
    waves, timing = sequences
    net = network().eval()
    with torch.inference_mode():
        torch.testing.assert_close(net(waves, timing), net(waves.flip(2), timing))


def test_the_causal_network_judges_a_beat_without_those_after_it(sequences: tuple[Tensor, Tensor]) -> None:
    waves, timing = (rows.clone() for rows in sequences)
    waves[:, 25:], timing[:, 25:, 1:] = 1.0, -1.0
    with torch.inference_mode():
        for causal in (True, False):
            net = network(causal=causal).eval()
            moved = (net(waves, timing) - net(*sequences)).abs().amax(dim=(0, 2))
            assert (moved[25:] > 1e-4).all()
            assert bool((moved[:25] < 1e-6).all()) == causal


def test_training_learns_nothing_from_what_fills_up(sequences: tuple[Tensor, Tensor]) -> None:
    norms = []
    for given in (sequences, filled(sequences, 0, 60)):
        net = network().train()
        torch.manual_seed(2)
        net.answers(*given)
        norms.append([rows for name, rows in net.state_dict().items() if "running_" in name])
    assert norms[0]
    for bare, padded in zip(*norms, strict=True):
        torch.testing.assert_close(bare, padded)


def test_answers_are_of_beats_and_of_the_record(sequences: tuple[Tensor, Tensor]) -> None:
    net = network().train()
    answers = net.answers(*sequences)
    shapes = {name: tuple(answer.shape) for name, answer in answers.items()}
    assert shapes == {"target": (3, 40, 4), "rhythm": (3, 40, 5), "beat_type": (3, 40, 8), "statements": (3, 20)}
    loss = torch.stack([answer.square().mean() for answer in answers.values()]).sum()
    torch.autograd.backward(loss)
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in net.parameters())


def test_an_empty_sequence_is_finite() -> None:
    with torch.inference_mode():
        logits = network().eval()(torch.zeros(1, 8, SLOTS, CHANNELS, WINDOW), torch.zeros(1, 8, FEATURES))
    assert np.isfinite(logits.numpy()).all()
