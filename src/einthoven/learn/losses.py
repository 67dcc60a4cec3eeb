"""How far answers are off: one question, or several of which some are open for some items.

Classes that do not exclude each other are judged one by one, in one of the ways of :data:`LOSSES`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, logsigmoid

from ..codes import CINC2020_CLASSES
from ..diagnosis.worth import confusion_weights
from ..errors import OptionError, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Terms = Callable[[Tensor, Tensor], Tensor]
"""Tells by how much each answer is off: float32, shape (item, class), of logits and of targets from 0 to 1."""


def plain(classes: Sequence[str]) -> Terms:
    """Return binary cross-entropy: minus the logarithm of the probability of what is so.

    Examples
    --------
    >>> plain(("MI",))(torch.zeros(1, 1), torch.ones(1, 1)).exp().item()  # one chance in two
    2.0
    """
    return partial(binary_cross_entropy_with_logits, reduction="none")


def asymmetric(classes: Sequence[str], *, positive: float = 1.0, negative: float = 4.0, margin: float = 0.05) -> Terms:
    """Return cross-entropy that thinks little of what is told rightly, least of the many classes that are absent.

    Ridnik et al., ICCV 2021. With both powers and the margin 0 it is the plain one.

    Parameters
    ----------
    classes
        Play no part.
    positive, negative
        Powers of the error that a term is weighed by, where the class is there and where it is not.
    margin
        Probability up to which an absent class counts as told rightly.

    Raises
    ------
    OptionError
        A power is negative, or the margin not from 0 to below 1.
    """
    if not (positive >= 0 and negative >= 0 and 0 <= margin < 1):
        raise OptionError(
            f"asymmetric loss: powers {positive:g} and {negative:g}, margin {margin:g}; powers must be 0 or more, "
            "the margin 0 or more and below 1"
        )

    def terms(logit: Tensor, target: Tensor) -> Tensor:
        believed = torch.sigmoid(logit)
        too_much = (believed - margin).clamp(min=0)
        there = target * (1 - believed) ** positive * logsigmoid(logit)
        absent = (1 - target) * too_much**negative * torch.log1p(-too_much.clamp(max=1 - 1e-7))
        return -(there + absent)

    return terms


def confusion_weighted(classes: Sequence[str]) -> Terms:
    """Return cross-entropy in which a false answer weighs by what the 2020 challenge takes away for it.

    The challenge credits an answer near to what is true in part, by its table of weights
    (:func:`einthoven.diagnosis.worth.confusion_weights`): where a class is absent, its term weighs one less the
    most that one of the true classes earns for it. Classes that the challenge does not score weigh one, as do all where
    nothing it scores is true.

    Parameters
    ----------
    classes
        Names; those that are codes of the challenge are weighed.
    """
    earned = torch.zeros(len(classes), len(classes))
    scored = [name for name in classes if name in CINC2020_CLASSES]
    ours, theirs = ([of.index(name) for name in scored] for of in (list(classes), CINC2020_CLASSES))
    weights = torch.from_numpy(confusion_weights().astype(np.float32))
    earned[np.ix_(ours, ours)] = weights[np.ix_(theirs, theirs)]
    earned.fill_diagonal_(0)

    def terms(logit: Tensor, target: Tensor) -> Tensor:
        credit = (target[:, :, None] * earned).amax(1)
        return -(target * logsigmoid(logit) + (1 - target) * (1 - credit) * logsigmoid(-logit))

    return terms


LOSSES: Final[dict[str, Callable[..., Terms]]] = {
    "cross-entropy": plain,
    "asymmetric": asymmetric,
    "confusion-weighted": confusion_weighted,
}
"""Ways to judge classes that do not exclude each other; each takes their names, and settings that are keyword-only."""


def loss_kind(kind: str) -> Callable[..., Terms]:
    """Look up a way to judge; raises OptionError where there is none of this name."""
    if kind not in LOSSES:
        raise unknown("loss", kind, LOSSES)
    return LOSSES[kind]


def mean_of_known(terms: Terms, logit: Tensor, target: Tensor, smoothing: float = 0.0) -> Tensor:
    """Return the mean of the terms whose target is known; 0 where none is.

    Parameters
    ----------
    terms
        How each answer is judged.
    logit, target
        float32, shape (item, class); targets from 0 to 1, NaN where the truth is open.
    smoothing
        How far targets are moved from 0 and 1.
    """
    there = ~torch.isnan(target)
    aim = torch.where(there, target, 0.0) * (1 - 2 * smoothing) + smoothing
    each = terms(logit, aim)
    return each[there].mean() if there.any() else each.sum() * 0


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
