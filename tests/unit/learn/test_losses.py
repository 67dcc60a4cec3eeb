from __future__ import annotations

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from einthoven.learn.losses import loss_of_several

NAN = float("nan")


def answers() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    shapes = {"target": (4, 1), "beat_type": (4, 3), "statements": (4, 2)}
    return {name: torch.randn(shape, generator=generator, requires_grad=True) for name, shape in shapes.items()}


KNOWN = {
    "target": torch.tensor([[1.0], [0.0], [NAN], [1.0]]),
    "beat_type": torch.tensor([2, -1, 0, 1]),
    "statements": torch.tensor([[NAN, NAN], [NAN, NAN], [1.0, 0.0], [0.0, 0.0]]),
}


def test_each_question_is_averaged_over_what_is_known() -> None:
    said = answers()
    loss = loss_of_several(said, KNOWN, {"beat_type": 0.3, "statements": 0.5}, 0.05)
    rows = [0, 1, 3]
    expected = binary_cross_entropy_with_logits(said["target"][rows], KNOWN["target"][rows] * 0.9 + 0.05)
    expected = expected + 0.3 * cross_entropy(said["beat_type"][[0, 2, 3]], KNOWN["beat_type"][[0, 2, 3]])
    expected = expected + 0.5 * binary_cross_entropy_with_logits(said["statements"][2:], KNOWN["statements"][2:])
    torch.testing.assert_close(loss, expected)


def test_what_is_open_moves_nothing() -> None:
    said = answers()
    loss_of_several(said, KNOWN, {"statements": 1.0}, 0.0).backward()
    assert said["target"].grad[2].item() == 0
    assert not said["statements"].grad[:2].any()
    assert said["statements"].grad[2:].all()


def test_a_question_nobody_can_answer_adds_nothing() -> None:
    known = {"target": torch.full((4, 1), NAN), "beat_type": torch.full((4,), -1)}
    assert loss_of_several(answers(), known, {"beat_type": 1.0}, 0.1).item() == 0


def test_a_question_that_is_not_weighed_is_not_asked() -> None:
    said = answers()
    loss_of_several(said, KNOWN, {}, 0.0).backward()
    assert said["beat_type"].grad is None


def test_an_answer_the_network_does_not_give_is_a_plain_error() -> None:
    with pytest.raises(KeyError, match="age"):
        loss_of_several(answers(), KNOWN, {"age": 1.0}, 0.0)


def test_the_beats_of_sequences_count_one_by_one_and_by_the_weight_of_their_class() -> None:
    said = {"target": torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(1)), "rhythm": torch.zeros(2, 5, 2)}
    known = {"target": torch.tensor([[0, 1, 2, -1, -1], [0, 0, -1, 0, -1]]), "rhythm": torch.full((2, 5), -1)}
    loss = loss_of_several(said, known, {"rhythm": 1.0}, 0.1, (1.0, 2.0, 1.0))
    rows, truth = said["target"].flatten(0, 1)[[0, 1, 2, 5, 6, 8]], torch.tensor([0, 1, 2, 0, 0, 0])
    expected = cross_entropy(rows, truth, torch.tensor([1.0, 2.0, 1.0]), label_smoothing=0.1)
    torch.testing.assert_close(loss, expected)
