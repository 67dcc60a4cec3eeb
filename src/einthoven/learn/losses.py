"""How far answers are off: one question, or several of which some are open for some items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def loss_of_several(
    answers: Mapping[str, Tensor],
    known: Mapping[str, Tensor],
    weights: Mapping[str, float],
    smoothing: float,
    class_weights: Sequence[float] = (),
) -> Tensor:
    """Cross-entropy of the main question, ``target``, and the weighted ones of others.

    Each is the mean over what is known; a question nobody in the batch knows the answer of adds nothing.

    Parameters
    ----------
    answers
        Logits by question, float32, shape (item, class).
    known
        The truth by question: float32, shape (item, class), NaN where open, for classes that do not exclude each
        other; int64, shape (item,), -1 where open, for classes that do. Items may be beats of sequences, along two
        axes.
    weights
        Of the questions beside the main one; those not named are not asked.
    smoothing
        How far the targets of the main question are moved from 0 and 1; of classes that exclude each other, the share
        that is spread over all.
    class_weights
        Of the classes of the main question, where they exclude each other; all alike without it.
    """
    total = answers["target"].new_zeros(())
    for name, weight in {"target": 1.0, **weights}.items():
        truth, answer = known[name], answers[name].float()
        move = smoothing if name == "target" else 0.0
        if truth.is_floating_point():
            there = ~torch.isnan(truth)
            if there.any():
                aim = truth[there] * (1 - 2 * move) + move
                total = total + weight * binary_cross_entropy_with_logits(answer[there], aim)
        elif (there := truth >= 0).any():
            of_class = torch.tensor(class_weights) if class_weights and name == "target" else None
            total = total + weight * cross_entropy(answer[there], truth[there], of_class, label_smoothing=move)
    return total
