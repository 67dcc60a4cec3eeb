"""How well things are found in pictures: average precision, as the COCO detection challenge defines it.

Lin et al., ECCV 2014, and pycocotools: within a picture, what is found is matched by falling score, each to the thing
not yet matched that it overlaps most; precision is read at 101 recalls from its envelope. Here whole recordings may be
weighed, which gives intervals: pictures of one heart are not independent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import OptionError
from ..images.boxes import overlap
from .intervals import Figure, how_often

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..images.boxes import Found

OVERLAPS: Final = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
"""Intersections over union from which something counts as found: 0.5, 0.55 … 0.95."""

RECALLS: Final = np.linspace(0, 1, 101)
LEAST: Final = 0.01
"""Least score that counts; below it boxes change no figure that is worth telling."""

ANY: Final = "any"
"""Name of the figures for which the class plays no part."""


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """A picture, what is in it and what was found.

    Parameters
    ----------
    boxes_xyxy, class_id
        float32 (thing, 4) and int64 (thing,): the truth; -1 for the class of a thing that is of none.
    found
        What was found.
    group
        The recording or patient it is of.
    """

    boxes_xyxy: NDArray[np.float32]
    class_id: NDArray[np.int64]
    found: Found
    group: str


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """All that was found of one class, by falling score.

    Parameters
    ----------
    score
        float32, shape (found,).
    right
        bool, shape (overlap, found): whether it was matched, for each of :data:`OVERLAPS`.
    group
        int64, shape (found,): number of the group it is of.
    things
        int64, shape (group,): how many things there are.
    """

    score: NDArray[np.float32]
    right: NDArray[np.bool_]
    group: NDArray[np.int64]
    things: NDArray[np.int64]

    def precision(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """Average precision at each overlap when groups count so often: float64, shape (overlap,), NaN without things.

        Parameters
        ----------
        weight
            float64, shape (group,).
        """
        all_things = float(self.things @ weight)
        if not all_things:
            return np.full(len(self.right), np.nan)
        each = weight[self.group]
        total = np.cumsum(each)
        out = np.zeros(len(self.right))
        for number, right in enumerate(self.right):
            hits = np.cumsum(each * right)
            recall, precise = hits / all_things, hits / np.maximum(total, 1e-12)
            envelope = np.maximum.accumulate(precise[::-1])[::-1]
            at = np.searchsorted(recall, RECALLS - 1e-12, side="left")
            out[number] = np.append(envelope, 0.0)[at].mean()
        return out


def ranked(pictures: Sequence[Looked], names: Sequence[str], class_id: int | None) -> Ranked:
    """Match what was found of one class, or of all alike with None.

    Parameters
    ----------
    pictures
        All of them.
    names
        Of the groups, in the order of their numbers.
    class_id
        Which class.
    """
    number = {name: place for place, name in enumerate(names)}
    scores, rights, groups, things = [], [], [], np.zeros(len(names), np.int64)
    for one in pictures:
        here = one.boxes_xyxy if class_id is None else one.boxes_xyxy[one.class_id == class_id]
        things[number[one.group]] += len(here)
        score = one.found.score if class_id is None else one.found.probability[:, class_id]
        order = np.argsort(-score, kind="stable")
        order = order[score[order] >= LEAST]
        scores.append(score[order])
        rights.append(_matched(one.found.boxes_xyxy[order], here))
        groups.append(np.full(len(order), number[one.group]))
    if not scores:
        raise OptionError("0 pictures to judge; there must be one at least")
    score = np.concatenate(scores)
    order = np.argsort(-score, kind="stable")
    return Ranked(score[order], np.concatenate(rights, axis=1)[:, order], np.concatenate(groups)[order], things)


def _matched(found: NDArray[np.float32], things: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Match boxes by falling score to things, for each of the overlaps: bool, shape (overlap, found)."""
    right = np.zeros((len(OVERLAPS), len(found)), np.bool_)
    if not len(things) or not len(found):
        return right
    share = overlap(found, things)
    candidates = np.flatnonzero(share.max(axis=1) >= OVERLAPS[0])
    for row, least in enumerate(OVERLAPS):
        free = np.ones(len(things), np.bool_)
        for place in candidates.tolist():
            of = np.where(free, share[place], -1.0)
            best = int(of.argmax())
            if of[best] >= least:
                free[best], right[row, place] = False, True
    return right


def box_protocol(
    pictures: Sequence[Looked],
    classes: Sequence[str],
    *,
    mean_over: Sequence[str] = (),
    draws: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """Judge a detector: the entry of a protocol in a result file.

    Parameters
    ----------
    pictures
        What it was shown, and found.
    classes
        Names of the classes.
    mean_over
        Classes that the means are over besides those over all, if there are some that are asked for.
    draws, seed
        Of the bootstrap over groups.

    Returns
    -------
    dict
        ``n``: pictures, groups, and things of each class. ``metrics``: ``map50`` and ``map50_95``, the means over
        classes that are there; ``map50_<names>`` over `mean_over`; ``ap50_any`` and ``ap50_95_any``, whatever the
        class; and ``ap50_<class>``.

    Raises
    ------
    OptionError
        There is no picture.
    """
    if not pictures:
        raise OptionError("0 pictures to judge; there must be one at least")
    names = sorted({one.group for one in pictures})
    often = how_often(len(names), draws, seed)
    drawn, things = {}, {}
    for number, name in [*enumerate(classes), (None, ANY)]:
        of = ranked(pictures, names, number)
        drawn[name] = np.stack([of.precision(weight) for weight in often])  # (1 + draw, overlap)
        things[name] = int(of.things.sum())
    metrics: dict[str, NDArray[np.float64]] = {}
    every = np.stack([drawn[name] for name in classes])
    metrics["map50"], metrics["map50_95"] = _mean(every[:, :, 0]), _mean(every.mean(axis=2))
    if mean_over:
        some = np.stack([drawn[name][:, 0] for name in mean_over])
        metrics[f"map50_{''.join(mean_over)}"] = _mean(some)
    metrics |= {f"ap50_{ANY}": drawn[ANY][:, 0], f"ap50_95_{ANY}": drawn[ANY].mean(axis=1)}
    metrics |= {f"ap50_{name}": drawn[name][:, 0] for name in classes}
    return {
        "n": {"pictures": len(pictures), "records": len(names)} | {name: things[name] for name in classes},
        "metrics": {name: Figure.of_draws(values).as_json() for name, values in metrics.items()},
    }


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over classes, the first axis, of those that have a value."""
    known = ~np.isnan(values)
    total = np.where(known, values, 0).sum(axis=0)
    mean: NDArray[np.float64] = np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan)
    return mean
