"""From finished runs to figures of diagnoses: by folds of patients, and of the fold that was set aside."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..codes import CINC2020_CLASSES, FAMILIES
from ..errors import OptionError
from ..evaluation.diagnosis_rules import answered
from ..evaluation.intervals import Figure, how_often
from ..evaluation.multilabel import Answered, class_counts, multilabel_draws, ranking
from .diagnoses_outside import asked_outside
from .material import material
from .told import shipped_rules, told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from .recipe import Recipe
    from .runs import Run
    from .told import Told

FITTED: Final = "challenge_metric_thresholds"
"""The challenge metric by a threshold a class, fitted on what the rules are fitted on, as published systems decide."""

SOME: Final = 5
"""Positives from which a class counts in ``macro_auc_cinc2020_5``, for small collections."""


def judged(said: Told, miss_rate: float, *, by_fitted: bool = False) -> Answered:
    """Answer the records that are tested, by rules that were fitted on others.

    Each fold has rules of the other folds, fitted on records that are judged. The networks which told those had learnt
    from the fold that is answered; what is fitted is two numbers a class.

    Records set aside have rules of all that was learnt from, judged or not. That was chosen with their labels in view:
    of PTB-XL 423 others are judged, and rules fitted on these alone came to a challenge metric of 0.543 where all 2,021
    came to 0.568 (trees on measures, told by folds of patients). So what stands on rules there, which are not the ones
    that are shipped, is somewhat too good; areas under curves do not change with them.

    Parameters
    ----------
    said
        What the networks say.
    miss_rate
        What the sets promise.
    by_fitted
        Whether the challenge's classes are written down by thresholds fitted on the same records, not by their worth.
    """
    here = said.tested
    if (said.fold < 0).any():
        rules, fold = [said.rules(said.fold >= 0, miss_rate)], np.zeros(len(said.fold), np.int64)
    else:
        fold = said.fold
        rules = [said.rules(said.judged & (fold != k), miss_rate) for k in range(int(fold.max()) + 1)]
    return answered(said.log_odds[here], said.target[here], said.patient[here], fold[here], rules, by_fitted=by_fitted)


def judge_diagnoses(
    recipe: Recipe, protocols: Mapping[str, Sequence[Run]], root: str | Path | None, *, draws: int
) -> dict[str, Any]:
    """Judge the runs of a recipe for diagnoses, of which a record may have several.

    Parameters
    ----------
    recipe
        What they were made by.
    protocols
        By name, a run each.
    root
        Folder that holds the databases.
    draws
        Of the bootstrap.

    Returns
    -------
    dict
        ``protocols``, with figures and counts of each, ``calibrated``, ``per_class``, how many records have each class
        and of how many it is known, ``per_record``, of the first protocol, and ``outside``, the fingerprints of other
        databases. Of a fold set aside it is counted how many of its records the first protocol judges, too, by which
        settings are chosen.

    Raises
    ------
    OptionError
        A protocol has several runs.
    """
    if any(len(runs) != 1 for runs in protocols.values()):
        raise OptionError(f"{recipe.name}: each protocol of diagnoses is of one run; say repeats = 1 in the recipe")
    said = {name: told(run) for name, (run,) in protocols.items()}
    answers = {name: judged(one, recipe.card.miss_rate) for name, one in said.items()}
    compared = {name: judged(one, recipe.card.miss_rate, by_fitted=True) for name, one in said.items()}
    first, outside = next(iter(said)), {}
    if recipe.evaluation.outside:
        (run,) = protocols[first]
        load = partial(material, root=root, runs=run.folder.parents[1])
        outside = asked_outside(recipe, run, shipped_rules(run, recipe.card.miss_rate), load, root)
        answers |= {name: one.said for name, one in outside.items()}
        compared |= {name: one.by_fitted for name, one in outside.items()}
    return {
        "outside": {name: of for one in outside.values() for name, of in one.data.items()},
        "calibrated": dict.fromkeys(answers, True),
        "protocols": {
            name: {
                "n": _counted(one) | _known_before(said, name, first),
                "metrics": figures_of(one, compared[name], draws, said[name].folds if name in said else None),
            }
            for name, one in answers.items()
        },
        "per_class": {name: per_class(one) for name, one in answers.items()},
        "per_record": per_record(answers[first], said[first].name[said[first].tested]),
    }


def figures_of(
    said: Answered, by_fitted: Answered, draws: int, fold: NDArray[np.int64] | None = None
) -> dict[str, Any]:
    """Return all figures with their intervals for a result file.

    Beside the usual ones there are :data:`FITTED` and ``challenge_metric_gain`` over it, that of `SOME`, and by folds
    ``macro_auc_<family>_within``; see :func:`within_folds`.

    Parameters
    ----------
    said, by_fitted
        What was answered, and the same by thresholds.
    draws
        Of the bootstrap.
    fold
        int64, shape (record,): which each was told by; None where all were told by the same networks.
    """
    known = {name for name, count in per_class(said).items() if count["n"]}
    families = {name: classes for name, classes in FAMILIES.items() if set(classes) <= known}
    drawn = multilabel_draws(said, families, draws=draws)
    if "challenge_metric" in drawn:
        drawn[FITTED] = multilabel_draws(_of_challenge(by_fitted), {}, draws=draws)["challenge_metric"]
        drawn["challenge_metric_gain"] = drawn["challenge_metric"] - drawn[FITTED]
        some = [code for code in CINC2020_CLASSES if per_class(said)[code]["positive"] >= SOME]
        each = np.stack([drawn[f"auroc_{code}"] for code in some]) if some else np.full((1, draws + 1), np.nan)
        drawn[f"macro_auc_cinc2020_{SOME}"] = np.ma.masked_invalid(each).mean(axis=0).filled(np.nan)
    if fold is not None:
        each = within_folds(said, fold, draws)
        for name, classes in families.items():
            mine = each[:, [said.classes.index(one) for one in classes]]
            drawn[f"macro_auc_{name}_within"] = np.ma.masked_invalid(mine).mean(axis=1).filled(np.nan)
    return {name: Figure.of_draws(values).as_json() for name, values in drawn.items()}


def within_folds(said: Answered, fold: NDArray[np.int64], draws: int) -> NDArray[np.float64]:
    """Return the area under the ROC curve of each class with the scores of one network ranked at a time.

    A network that was trained without the fold of a rare class's positives saw the class more seldom, and gives all its
    records less: ranked with those of the others, its positives fall behind (Forman & Scholz, SIGKDD Explorations
    2010;12:49). Here each fold's area counts as often as the fold has positives.

    Parameters
    ----------
    said
        What was answered.
    fold
        int64, shape (record,).
    draws
        Of the bootstrap, the same ones as for all other figures.

    Returns
    -------
    ndarray
        float64, shape (1 + draw, class), the first as measured; NaN where no fold has records with and without it.
    """
    names, place = np.unique(said.patient, return_inverse=True)
    often = how_often(len(names), draws, 0)[:, place]
    total, positives = np.zeros((2, len(often), len(said.classes)))
    for here in (fold == number for number in np.unique(fold)):
        part = Answered(said.classes, said.score[here], said.target[here], said.patient[here])
        area = ranking(part, often[:, here])["auroc"]
        count = np.where(np.isnan(area), 0, often[:, here] @ np.nan_to_num(part.target))
        total += count * np.nan_to_num(area)
        positives += count
    return np.where(positives > 0, total / np.maximum(positives, 1), np.nan)


def _of_challenge(said: Answered) -> Answered:
    """Leave the challenge's classes alone, and what is written down of them."""
    columns = [said.classes.index(code) for code in CINC2020_CLASSES]
    present = None if said.present is None else said.present[:, columns]
    return Answered(CINC2020_CLASSES, said.score[:, columns], said.target[:, columns], said.patient, present=present)


def per_class(said: Answered) -> dict[str, dict[str, int]]:
    """By class: of how many records it is known, and how many have it."""
    known = (~np.isnan(said.target)).sum(axis=0)
    positive = class_counts(said)
    return {name: {"n": int(n), "positive": positive[name]} for name, n in zip(said.classes, known, strict=True)}


def per_record(said: Answered, names: NDArray[np.str_]) -> dict[str, dict[str, float]]:
    """By record: of how many classes it is known, how many it has, and the share of them that was told rightly."""
    known, positive = ~np.isnan(said.target), said.target == 1
    right = ((said.present == positive) & known).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return {
        str(name): {
            "n": int(known[place].sum()),
            "positive": int(positive[place].sum()),
            "accuracy": round(float(right[place]), 5),
        }
        for place, name in enumerate(names)
    }


def _known_before(said: Mapping[str, Told], name: str, first: str) -> dict[str, int]:
    """Count the records of a protocol that the first one judges, too; nothing of the first, and of those outside."""
    if name == first or name not in said:
        return {}
    one, before = (of.name[of.tested] for of in (said[name], said[first]))
    return {f"records also in {first}": int(np.isin(one, before).sum())}


def _counted(said: Answered) -> dict[str, int]:
    with_it = sum(count > 0 for count in class_counts(said).values())
    return {"records": len(said.patient), "patients": len(set(said.patient.tolist())), "classes with records": with_it}
