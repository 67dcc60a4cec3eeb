"""From finished runs to the result file: every figure with its interval and the counts behind it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ..atomic import replacing
from ..bundles.scores import sigmoid
from ..errors import OptionError, unknown
from ..evaluation.binary import binary_metrics
from ..evaluation.calibration import expected_calibration_error
from ..evaluation.intervals import Scored, bootstrap
from .diagnoses_outside import SOURCES
from .examples import USUAL
from .judge_records import judge_records
from .outside import OUTSIDE
from .recipe import RECORDS
from .record_lessons import RECORD_TARGETS
from .sureness import sureness

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from .recipe import Recipe
    from .runs import Run


def result(
    recipe: Recipe, protocols: Mapping[str, Sequence[Run]], draws: int = 1000, *, root: str | Path | None = None
) -> dict[str, Any]:
    """Judge the runs of a recipe.

    Parameters
    ----------
    recipe
        What they were made by.
    protocols
        By name: the runs whose mean is the figure.
    draws
        Of the bootstrap.
    root
        Folder that holds the databases, where recordings are needed again.

    Returns
    -------
    dict
        The content of ``results/<recipe>.json``.

    Raises
    ------
    OptionError
        The runs were made on different data.
    """
    runs = [run for members in protocols.values() for run in members]
    if len({json.dumps(run.facts["data"]) for run in runs}) != 1:
        raise OptionError(f"the runs of {recipe.name} were made on different data; train all anew in another --runs")
    content = {
        "recipe": recipe.name,
        "title": recipe.title,
        "commit": runs[0].facts["commit"],
        "versions": runs[0].facts["versions"],
        "data": runs[0].facts["data"],
        "wall_s": round(sum(run.facts["wall_s"] for run in runs), 1),
        "seeds": {
            name: [[r.facts["split_seed"], r.facts["seed"]] for r in members] for name, members in protocols.items()
        },
        "calibrated": {
            name: recipe.evaluation.calibrate and all(len(run.train.score) > 0 for run in members)
            for name, members in protocols.items()
        },
        "published": dict(recipe.evaluation.published),
    }
    if recipe.data.task == RECORDS and not runs[0].facts["exclusive"]:
        from .judge_diagnoses import judge_diagnoses

        return content | judge_diagnoses(recipe, protocols, root, draws=draws)
    if recipe.data.task == RECORDS:
        return content | judge_records(recipe, runs, root, draws=draws)
    if runs[0].facts.get("exclusive"):
        from .judge_classes import judge_classes

        return content | judge_classes(recipe, protocols[recipe.split.rule], root, draws=draws)
    return content | _judge_one_question(recipe, protocols, draws)


def _judge_one_question(recipe: Recipe, protocols: Mapping[str, Sequence[Run]], draws: int) -> dict[str, Any]:
    """Judge runs that were asked for yes or no: the mean over those of each protocol."""
    scored = {name: [probable(recipe, run) for run in members] for name, members in protocols.items()}
    return {
        "protocols": {
            name: {
                "n": counts(members),
                "metrics": {key: figure.as_json() for key, figure in bootstrap(members, _metrics, draws=draws).items()},
            }
            for name, members in scored.items()
        },
        "per_run": {name: per_run(protocols[name], members) for name, members in scored.items()},
        "per_record": per_record(next(iter(scored.values()))),
    }


def plan(recipe: Recipe, seeds: int | None = None, splits: int | None = None) -> dict[str, list[tuple[int, int]]]:
    """Return which runs each protocol of a recipe rests on: pairs of split seed and seed.

    The split rule's own name is the protocol on the split it names, trained from several starts; with ``-mean-20`` it
    is the mean over twenty other splits. `seeds` and `splits` stand in for the recipe's own numbers of them. Where the
    recipe has repeats, each is a run, and `splits` stands in for their number; the rule that it is tested by is a
    protocol of its own.
    """
    rule, own = recipe.split.rule, recipe.evaluation
    if recipe.data.task == RECORDS:
        _check_records(recipe, own.repeats if splits is None else splits)
    if rule == "none":
        raise OptionError(f"{recipe.name} tests on nobody; evaluate a recipe that starts from it")
    if own.repeats:
        wanted = {rule: [(repeat, 0) for repeat in range(splits or own.repeats)]}
        return wanted | ({own.test: [(recipe.split.seed, 0)]} if own.test else {})
    seeds, splits = own.seeds if seeds is None else seeds, own.splits if splits is None else splits
    wanted = {rule: [(recipe.split.seed, seed) for seed in range(seeds)]}
    if splits:
        others = [seed for seed in range(splits + 1) if seed != recipe.split.seed][:splits]
        wanted[f"{rule}-mean-{splits}"] = [(seed, 0) for seed in others]
    return wanted


def _check_records(recipe: Recipe, repeats: int) -> None:
    """Make sure of what judging whole records asks for, before networks are trained for it; raises OptionError."""
    classes, _ = RECORD_TARGETS.get(recipe.data.target, (USUAL, {}))
    outside = OUTSIDE if classes[0] in USUAL else SOURCES
    for name in recipe.evaluation.outside:
        if name not in outside:
            raise unknown(f"{recipe.file} [evaluation]: database outside", name, outside)
    if outside is SOURCES and repeats > 1:
        raise OptionError(f"{recipe.name}: diagnoses are judged by one run of folds, not by {repeats}")


def probable(recipe: Recipe, run: Run) -> Scored:
    """Return the tested items of a run as probabilities of its first class: float32, shape (item,), rising."""
    line = sureness(recipe, run).lines[run.facts["classes"][0]]
    side = run.test.column(0)
    probability = sigmoid(line.slope * side.score.astype(np.float64) + line.intercept)
    return Scored(probability.astype(np.float32), side.target, side.group)


def _metrics(score: NDArray[np.float32], target: NDArray[np.bool_], weight: NDArray[np.float64]) -> dict[str, float]:
    return binary_metrics(score, target, weight) | {"ece": expected_calibration_error(score, target, weight)}


def counts(runs: Sequence[Scored]) -> dict[str, int]:
    """Count runs, the records they tested on, and the items of both answers in these, each record once."""
    target_of = {str(name): run.target[run.group == name] for run in runs for name in np.unique(run.group)}
    positive = sum(int(target.sum()) for target in target_of.values())
    total = sum(map(len, target_of.values()))
    return {"runs": len(runs), "records": len(target_of), "positive": positive, "negative": total - positive}


def per_run(runs: Sequence[Run], scored: Sequence[Scored]) -> list[dict[str, float | None]]:
    """Figures of each run by itself: how much hangs on the start and on the split."""
    table: list[dict[str, float | None]] = []
    for run, side in zip(runs, scored, strict=True):
        figures = _metrics(side.score, side.target, np.ones(len(side.target)))
        rounded = {name: None if np.isnan(value) else round(value, 5) for name, value in figures.items()}
        table.append({"split_seed": run.facts["split_seed"], "seed": run.facts["seed"], **rounded})
    return table


def per_record(runs: Sequence[Scored]) -> dict[str, dict[str, float]]:
    """Accuracy on each tested record, mean over the runs that tested on it, with its counts: who is misread."""
    table: dict[str, dict[str, float]] = {}
    for name in sorted({str(name) for run in runs for name in np.unique(run.group)}):
        mine = [(run.score[here], run.target[here]) for run in runs if (here := run.group == name).any()]
        right = [float(np.mean((score >= 0.5) == target)) for score, target in mine]
        n_items, positive = len(mine[0][1]), int(mine[0][1].sum())
        table[name] = {"n": n_items, "positive": positive, "accuracy": round(float(np.mean(right)), 5)}
    return table


def write_result(content: dict[str, Any], folder: Path) -> Path:
    """Write ``<folder>/<recipe>.json`` whole, and return its path."""
    file = folder / f"{content['recipe']}.json"
    with replacing(file) as draft:
        draft.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    return file
