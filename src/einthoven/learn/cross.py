"""Many networks, each trained without some folds and asked about just these, so that all records are tested on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import torch

from ..atomic import replacing
from ..bundles.scores import softmax
from ..datasets.splits import FOLD_RULES, SET_ASIDE, abnormal_share
from .fit import CHECKPOINT, logits
from .halves import Done
from .runs import SCORES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from .learning import Learning
    from .runs import Run

NETWORK, ALL = "network.pt", "all"

KEPT_AS: Final = {
    "logit": "logit",
    "fold": "fold",
    "left_out": "left_out",
    "target": "test_target",
    "name": "test_group",
    "known": "test_known",
    "judged": "test_judged",
    "patient": "test_patient",
}
"""Arrays of a run, by what they are here; the last three are there where classes do not exclude each other."""


@dataclass(frozen=True, slots=True, eq=False)
class Crossed:
    """What networks said of records that they did not learn from.

    Parameters
    ----------
    logit
        float32, shape (network, record, class); NaN where the network learnt from the record.
    fold
        int64, shape (record,): which it lies in; -1 for one that was set aside, from which no network learnt.
    left_out
        int64, shape (network, 2): the folds each did not learn from; the same one twice where there was but one.
    target
        bool, shape (record, class).
    name
        Unicode, shape (record,).
    known
        bool, shape (record, class): whether the target is; all, where it is None.
    judged
        bool, shape (record,): which figures count; all, where it is None.
    patient
        Unicode, shape (record,): whose it is; each of its own, where it is None.
    """

    logit: NDArray[np.float32]
    fold: NDArray[np.int64]
    left_out: NDArray[np.int64]
    target: NDArray[np.bool_]
    name: NDArray[np.str_]
    known: NDArray[np.bool_] | None = None
    judged: NDArray[np.bool_] | None = None
    patient: NDArray[np.str_] | None = None

    @property
    def pairs(self) -> bool:
        """Whether there are networks that were trained without two folds."""
        return bool((self.left_out[:, :1] != self.left_out).any())

    @property
    def counted(self) -> NDArray[np.int64]:
        """Numbers of the records that figures count: int64, shape (counted record,)."""
        return np.arange(len(self.name)) if self.judged is None else np.flatnonzero(self.judged)

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

    def mean_logit(self) -> NDArray[np.float32]:
        """Return the mean logit of all networks which did not learn from a record, for classes told one by one.

        float32, shape (record, class).
        """
        mean: NDArray[np.float32] = np.nanmean(self.logit, axis=0)
        return mean

    def columns(self, classes: Sequence[str], wanted: Sequence[str]) -> Self:
        """Return some of the classes, in another order."""
        chosen = [classes.index(name) for name in wanted]
        known = self.known[:, chosen] if self.known is not None else None
        return replace(self, logit=self.logit[..., chosen], target=self.target[:, chosen], known=known)

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
        return cls(**{name: arrays[key] for name, key in KEPT_AS.items() if key in arrays})

    @property
    def arrays(self) -> dict[str, Any]:
        """What :meth:`of` takes out again."""
        named = {key: getattr(self, name) for name, key in KEPT_AS.items()}
        return {key: array for key, array in named.items() if array is not None}


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
    examples, own, rule = learning.examples, learning.recipe.evaluation, learning.recipe.split.rule
    share = abnormal_share(examples.group, examples.abnormal)
    aside = [name for name, fold in examples.fold.items() if fold == SET_ASIDE.get(rule)]
    for name in aside:
        del share[name]
    folds = FOLD_RULES[rule](share, examples.patient, own.folds, repeat)
    left_out = without(len(folds), pairs=own.pairs)
    in_a_repeat = len(left_out) - len(folds) if own.pairs else len(left_out)
    said = np.full((len(left_out), len(examples), len(examples.classes)), np.nan, np.float32)
    networks = {}
    for number, out in enumerate(left_out):
        held = {name for fold in out for name in folds[fold]}
        # networks of two repeats may share a seed: their records differ
        by = replace(learning, seed=learning.seed + in_a_repeat * repeat + number)
        asked = examples.of_groups([*held, *aside])
        key = key_of(out)
        networks[key] = network_of(by, folder / "folds" / key, [name for name in share if name not in held], asked)
        said[number, asked] = networks[key]["score"].numpy()
    if own.whole and not aside:
        networks[ALL] = network_of(learning, folder / "folds" / ALL, list(share), np.array([], np.int64))
    fold = np.full(len(examples), -1)
    for number, members in enumerate(folds):
        fold[examples.of_groups(members)] = number
    result = Crossed(said, fold, np.array(left_out), examples.target > 0, examples.group)
    if not examples.exclusive:
        known, patient = ~np.isnan(examples.target), [examples.patient[name] for name in examples.group.tolist()]
        result = replace(result, known=known, judged=examples.judged, patient=np.array(patient))
    arrays = arrays_of(result, result.together() if examples.exclusive else result.mean_logit())
    weights = {key: kept["weights"] for key, kept in networks.items()}
    wall_s = sum(kept["wall_s"] for kept in networks.values())
    return Done(arrays, weights, tuple(share), tuple(aside or share), wall_s)


def arrays_of(said: Crossed, score: NDArray[np.float32]) -> dict[str, Any]:
    """Return the arrays of a run that nothing is fitted on beside what was said: `score` is what all say together."""
    arrays = said.arrays | {"test_score": score}
    return arrays | {f"train_{part}": arrays[f"test_{part}"][:0] for part in ("score", "target", "group")}


def network_of(learning: Learning, folder: Path, names: Sequence[str], asked: NDArray[np.int64]) -> dict[str, Any]:
    """Train a network on some records and let it score items, or read what was kept of that."""
    if not (folder / NETWORK).is_file():
        model, wall_s = learning.learn(names, folder)
        score = torch.from_numpy(logits(model, learning.examples, asked))
        with replacing(folder / NETWORK) as draft:
            torch.save({"weights": model.state_dict(), "score": score, "wall_s": wall_s}, draft)
        (folder / CHECKPOINT).unlink(missing_ok=True)
    kept: dict[str, Any] = torch.load(folder / NETWORK, weights_only=True)
    return kept
