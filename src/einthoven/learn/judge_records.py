"""From finished runs to figures of whole records: by folds, each decided by what others taught, or as published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..datasets.splits import FOLD_RULES
from ..evaluation.binary import binary_metrics
from ..evaluation.intervals import Scored, bootstrap
from ..evaluation.record_figures import PLAIN, Rules, blend_weights, decided, record_figures, record_metrics
from .cross import Crossed, crossed_of, odds
from .outside import asked_outside
from .runs import SCORES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ..evaluation.record_figures import Decided
    from .recipe import Recipe
    from .runs import Run

_FITTED = ("accuracy_decided", "deferred", "sensitive", "unsure", "sure_error", "missed")
"""How figures begin that say something only where rules were fitted."""


def judge_records(recipe: Recipe, runs: Sequence[Run], root: str | Path | None, *, draws: int) -> dict[str, Any]:
    """Judge the runs of a recipe for whole records.

    By a rule of folds the one protocol has its name. By a split with scores after each epoch there are two:
    ``-best-epoch`` takes the epoch that is best on the very records tested on, ``-last-epoch`` does not. Databases
    outside, where the recipe names some, are protocols of their own; see :func:`einthoven.learn.outside.asked_outside`.

    Parameters
    ----------
    recipe
        What they were made by.
    runs
        One for each repeat.
    root
        Folder that holds the databases.
    draws
        Of the bootstrap.

    Returns
    -------
    dict
        ``protocols``, with figures and counts of each, ``calibrated``, ``per_run`` and, of folds, ``per_record``.
    """
    rule = recipe.split.rule
    if rule not in FOLD_RULES:
        scored = {f"{rule}-best-epoch": [at_best(run) for run in runs], f"{rule}-last-epoch": [last(r) for r in runs]}
        return {
            "calibrated": dict.fromkeys(scored, False),
            "protocols": {
                name: {"n": _counted(members), "metrics": _rounded(bootstrap(members, binary_metrics, draws=draws))}
                for name, members in scored.items()
            },
            "per_run": {
                name: [
                    _per_run(run, binary_metrics(one.score, one.target)) for run, one in zip(runs, members, strict=True)
                ]
                for name, members in scored.items()
            },
        }
    repeats = [judged(crossed_of(run), recipe.card.miss_rate, recipe.least) for run in runs]
    figures, pairs = record_figures(repeats, draws), recipe.evaluation.pairs
    told = {name: figure for name, figure in figures.items() if pairs or not name.startswith(_FITTED)}
    counts = {"repeats": len(runs), "records": len(repeats[0].name), "abnormal": int(repeats[0].abnormal.sum())}
    outside = asked_outside(recipe, runs[0], root, draws=draws) if recipe.evaluation.outside else {}
    return {
        "calibrated": {rule: pairs} | dict.fromkeys(outside, True),
        "protocols": {rule: {"n": counts, "metrics": _rounded(told)}} | outside,
        "per_run": {rule: [_per_run(run, record_metrics(one)) for run, one in zip(runs, repeats, strict=True)]},
        "per_record": per_record(repeats),
    }


def judged(parts: Sequence[Crossed], miss_rate: float, least: Sequence[float] = ()) -> Decided:
    """Decide the records of one repeat, each fold by rules fitted on the others.

    The rules for a fold, and the weights of several kinds of networks, rest on scores of networks that saw neither it
    nor the records scored; without pairs there are none, and the bare network answers.

    Parameters
    ----------
    parts
        What the networks said, one for each kind.
    miss_rate
        Share of records whose right class may count as impossible.
    least
        The least that each kind counts; see :func:`einthoven.evaluation.record_figures.blend_weights`.
    """
    one, together = parts[0], np.stack([odds(part.together()) for part in parts], axis=1)
    mixed, rules = together[:, 0].copy(), []
    for fold in range(int(one.fold.max()) + 1):
        inside = [part.inside(fold) for part in parts]
        ill = one.target[inside[0][1], 1]
        if not one.pairs:
            rules.append(PLAIN)
            continue
        taught = np.stack([odds(logit) for logit, _ in inside], axis=1)
        weights = blend_weights(taught, ill, least).astype(np.float32)
        mixed[one.fold == fold] = together[one.fold == fold] @ weights
        rules.append(Rules.fitted(taught @ weights, ill, miss_rate=miss_rate))
    return decided(mixed, one.target[:, 1], one.fold, rules, one.name)


def at_best(run: Run) -> Scored:
    """Return the tested records as the network saw them after its best epoch on them: the first of those as good."""
    with np.load(run.folder / SCORES) as arrays:
        epochs = arrays["epoch_score"]
    right = ((epochs[..., 1] > epochs[..., 0]) == run.test.target[:, 1]).mean(axis=1)
    return _probable(epochs[int(right.argmax())], run)


def last(run: Run) -> Scored:
    """Return the tested records as the network saw them at the end."""
    return _probable(run.test.score, run)


def _probable(logit: NDArray[np.float32], run: Run) -> Scored:
    probability = 1 / (1 + np.exp(-odds(logit).astype(np.float64)))
    return Scored(probability.astype(np.float32), run.test.target[:, 1], run.test.group)


def per_record(repeats: Sequence[Decided]) -> dict[str, dict[str, float]]:
    """By record: whether it is abnormal, how often that was said rightly, and the mean of what was said."""
    right = np.mean([(said.probability >= 0.5) == said.abnormal for said in repeats], axis=0)
    mean = np.mean([said.probability for said in repeats], axis=0)
    one = repeats[0]
    return {
        str(name): {
            "n": 1,
            "positive": int(one.abnormal[place]),
            "accuracy": round(float(right[place]), 5),
            "probability": round(float(mean[place]), 5),
        }
        for place, name in enumerate(one.name)
    }


def _counted(runs: Sequence[Scored]) -> dict[str, int]:
    return {"runs": len(runs), "records a run": len(runs[0].target)}


def _per_run(run: Run, figures: Mapping[str, float]) -> dict[str, float | None]:
    rounded = {name: None if np.isnan(value) else round(value, 5) for name, value in figures.items()}
    return {"split_seed": run.facts["split_seed"], "seed": run.facts["seed"], **rounded}


def _rounded(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: figure.as_json() for name, figure in figures.items()}
