from __future__ import annotations

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from einthoven.errors import OptionError
from einthoven.learn.losses import LOSSES, loss_kind, loss_of_several, mean_of_known

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


CODES = (
    "MI",
    "426783006",
    "164889003",
    "164890007",
)  # one that the challenge does not score; rhythm, fibrillation, flutter
LOGIT = torch.tensor([[0.3, -1.0, 2.0, 0.5], [-0.2, 1.5, -3.0, 0.0]])
TRUTH = torch.tensor([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]])


@pytest.mark.parametrize("kind", LOSSES)
def test_whoever_is_surely_right_loses_nothing_and_whoever_is_wrong_loses_more_the_surer(kind: str) -> None:
    terms = LOSSES[kind](CODES)
    sure = (2 * TRUTH - 1) * 12
    assert terms(sure, TRUTH).max() < 1e-4
    wrong = [terms(-sure * share, TRUTH).sum() for share in (0.1, 0.5, 1.0)]
    assert wrong == sorted(wrong)
    assert (terms(LOGIT, TRUTH) >= 0).all()


@pytest.mark.parametrize("kind", LOSSES)
def test_open_targets_move_nothing(kind: str) -> None:
    terms, logit = LOSSES[kind](CODES), LOGIT.clone().requires_grad_()
    truth = TRUTH.clone()
    truth[0] = NAN
    loss = mean_of_known(terms, logit, truth)
    loss.backward()
    assert loss.item() == pytest.approx(terms(LOGIT, TRUTH)[1].mean().item())
    assert not logit.grad[0].any()
    assert logit.grad[1].any()


@pytest.mark.parametrize("kind", LOSSES)
def test_where_nothing_is_known_nothing_is_lost_and_nothing_breaks(kind: str) -> None:
    logit = LOGIT.clone().requires_grad_()
    loss = mean_of_known(LOSSES[kind](CODES), logit, torch.full_like(TRUTH, NAN))
    loss.backward()
    assert loss.item() == 0
    assert not logit.grad.any()


@pytest.mark.parametrize("kind", LOSSES)
def test_no_logit_is_too_far_off(kind: str) -> None:
    logit = torch.tensor([[500.0, -500.0, -500.0, 500.0]], requires_grad=True)
    loss = mean_of_known(LOSSES[kind](CODES), logit, TRUTH[:1])
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(logit.grad).all()


def test_all_known_it_is_cross_entropy_smoothing_and_all() -> None:
    loss = mean_of_known(LOSSES["cross-entropy"](CODES), LOGIT, TRUTH, 0.1)
    assert loss.item() == pytest.approx(binary_cross_entropy_with_logits(LOGIT, TRUTH * 0.8 + 0.1).item())


def test_asymmetric_loss_without_asymmetry_is_cross_entropy() -> None:
    terms = LOSSES["asymmetric"](CODES, positive=0, negative=0, margin=0)
    expected = binary_cross_entropy_with_logits(LOGIT, TRUTH, reduction="none")
    torch.testing.assert_close(terms(LOGIT, TRUTH), expected)


def test_asymmetric_loss_is_that_of_its_paper() -> None:
    p = torch.sigmoid(LOGIT)
    less = (p - 0.05).clamp(min=0)
    expected = -(TRUTH * (1 - p) * p.log() + (1 - TRUTH) * less**4 * (1 - less).log())
    torch.testing.assert_close(LOSSES["asymmetric"](CODES)(LOGIT, TRUTH), expected)


def test_a_false_answer_weighs_less_where_the_challenge_credits_it() -> None:
    terms = LOSSES["confusion-weighted"](CODES)(LOGIT, TRUTH)
    plain = binary_cross_entropy_with_logits(LOGIT, TRUTH, reduction="none")
    share = (terms / plain)[0].tolist()
    rhythm, flutter = 0.25, 0.5  # what these earn where fibrillation is true, by the challenge's table
    assert share == pytest.approx([1, 1 - rhythm, 1, 1 - flutter], abs=1e-5)
    torch.testing.assert_close(terms[1], plain[1])  # nothing the challenge scores is true there


def test_an_unknown_loss_lists_those_there_are() -> None:
    with pytest.raises(OptionError, match="loss 'focal' is not known: choose from cross-entropy, asymmetric"):
        loss_kind("focal")


@pytest.mark.parametrize("settings", [{"positive": -1.0}, {"negative": -0.1}, {"margin": 1.0}, {"margin": -0.1}])
def test_powers_and_margins_that_teach_nothing_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(OptionError, match="powers must be 0 or more, the margin 0 or more and below 1"):
        LOSSES["asymmetric"](CODES, **settings)


@pytest.mark.parametrize("kind", LOSSES)
def test_settings_can_be_tried_before_any_class_is_known(kind: str) -> None:
    assert callable(LOSSES[kind](()))
