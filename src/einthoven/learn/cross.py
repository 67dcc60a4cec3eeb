"""Many networks, each trained without some folds and asked about just these, so that all records are tested on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch

from ..atomic import replacing
from ..bundles.scores import softmax
from ..datasets.splits import FOLD_RULES, abnormal_share
from .fit import CHECKPOINT, logits
from .halves import Done
from .runs import SCORES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from .learning import Learning
    from .runs import Run

NETWORK = "network.pt"


@dataclass(frozen=True, slots=True, eq=False)
class Crossed:
    """What networks said of records that they did not learn from.

    Parameters
    ----------
    logit
        float32, shape (network, record, class); NaN where the network learnt from the record.
    fold
        int64, shape (record,): which it lies in.
    left_out
        int64, shape (network, 2): the folds each did not learn from; the same one twice where there was but one.
    target
        bool, shape (record, class).
    name
        Unicode, shape (record,).
    """

    logit: NDArray[np.float32]
    fold: NDArray[np.int64]
    left_out: NDArray[np.int64]
    target: NDArray[np.bool_]
    name: NDArray[np.str_]

    @property
    def pairs(self) -> bool:
        """Whether there are networks that were trained without two folds."""
        return bool((self.left_out[:, :1] != self.left_out).any())

    @property
    def whole(self) -> Self:
        """The networks that were trained without one fold alone."""
        chosen = (self.left_out[:, :1] == self.left_out).all(axis=1)
        return replace(self, logit=self.logit[chosen], left_out=self.left_out[chosen])

    def together(self) -> NDArray[np.float32]:
        """Return the logarithm of the mean probability that all networks give which did not learn from a record.

        float32, shape (record, class).
        """
        share = softmax(np.nan_to_num(self.logit.astype(np.float64)))
        there = ~np.isnan(self.logit)
        mean = np.sum(share, axis=0, where=there) / there.sum(axis=0)
        together: NDArray[np.float32] = np.log(np.maximum(mean, 1e-12)).astype(np.float32)
        return together

    def inside(self, fold: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return what may be chosen by for a fold: scores of all others by networks that saw neither it nor them.

        Returns
        -------
        logit
            float32, shape (record, class).
        record
            int64, shape (record,): which they are of; ascending. None without pairs.
        """
        score = np.full(self.logit.shape[1:], np.nan, np.float32)
        for said, left_out in zip(self.logit, self.left_out.tolist(), strict=True):
            if fold in left_out:
                for other in set(left_out) - {fold}:
                    score[self.fold == other] = said[self.fold == other]
        record = np.flatnonzero(~np.isnan(score).any(axis=1))
        return score[record], record

    @classmethod
    def of(cls, arrays: Any) -> Self:
        """Take it out of the arrays of a run."""
        return cls(*(arrays[name] for name in ("logit", "fold", "left_out", "test_target", "test_group")))


def without(folds: int, *, pairs: bool) -> list[tuple[int, int]]:
    """Return which folds each network is trained without: two, in every way there is, where `pairs`; then one alone."""
    return [*(combinations(range(folds), 2) if pairs else ()), *((fold, fold) for fold in range(folds))]


def key_of(left_out: Sequence[int]) -> str:
    """Name a network by the folds it was trained without.

    Examples
    --------
    >>> key_of((1, 3)), key_of((2, 2))
    ('1-3', '2')
    """
    return "-".join(map(str, dict.fromkeys(left_out)))


def crossed_of(run: Run) -> tuple[Crossed, ...]:
    """Read what the networks of a run said of the records they did not learn from: of several kinds, where it has."""
    with np.load(run.folder / SCORES) as arrays:
        said = Crossed.of(arrays)
    return tuple(replace(said, logit=part) for part in said.logit) if said.logit.ndim > 3 else (said,)


def odds(logit: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the log-odds of abnormal, float32, shape (record,), of logits for normal and abnormal."""
    return logit[:, 1] - logit[:, 0]


def crossed(learning: Learning, folder: Path, repeat: int) -> Done:
    """Train the networks of one repeat and let each score what it did not learn from; what is done is not done again.

    Parameters
    ----------
    learning
        How.
    folder
        Of the run; each network is kept in ``folds`` below it, by the folds it is without.
    repeat
        Seed of the dealing.
    """
    recipe, examples = learning.recipe, learning.examples
    own, share = recipe.evaluation, abnormal_share(examples.group, examples.abnormal)
    folds = FOLD_RULES[recipe.split.rule](share, examples.patient, own.folds, repeat)
    left_out = without(len(folds), pairs=own.pairs)
    in_a_repeat = len(left_out) - len(folds) if own.pairs else len(left_out)
    said = np.full((len(left_out), len(examples), len(examples.classes)), np.nan, np.float32)
    weights: dict[str, Any] = {}
    wall_s = 0.0
    for number, out in enumerate(left_out):
        key = key_of(out)
        held = [name for fold in dict.fromkeys(out) for name in folds[fold]]
        seed = (
            learning.seed + in_a_repeat * repeat + number
        )  # networks of two repeats may share one: their records differ
        here = folder / "folds" / key
        if not (here / NETWORK).is_file():
            model, took_s = replace(learning, seed=seed).learn([name for name in share if name not in held], here)
            score = torch.from_numpy(logits(model, examples, examples.of_groups(held)))
            with replacing(here / NETWORK) as draft:
                torch.save({"weights": model.state_dict(), "score": score, "wall_s": took_s}, draft)
            (here / CHECKPOINT).unlink(missing_ok=True)
        kept = torch.load(here / NETWORK, weights_only=True)
        said[number, examples.of_groups(held)] = kept["score"].numpy()
        weights[key] = kept["weights"]
        wall_s += kept["wall_s"]
    fold = np.empty(len(examples), np.int64)
    for number, members in enumerate(folds):
        fold[examples.of_groups(members)] = number
    result = Crossed(said, fold, np.array(left_out), examples.target > 0, examples.group)
    arrays: dict[str, Any] = {"logit": said, "fold": fold, "left_out": result.left_out, "test_score": result.together()}
    arrays |= {"test_target": result.target, "test_group": examples.group}
    arrays |= {f"train_{part}": arrays[f"test_{part}"][:0] for part in ("score", "target", "group")}
    return Done(arrays, weights, tuple(share), tuple(share), wall_s)
