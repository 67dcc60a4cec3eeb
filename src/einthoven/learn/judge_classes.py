"""From a finished run to figures by class of beat: of the reference's beats, and of those the analysis finds itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..analysis import analyze
from ..bundles.beats import classify
from ..evaluation.beat_figures import class_protocol
from ..evaluation.certainty import certainty, certainty_figures
from ..evaluation.ec57 import compare
from ..record import Beats
from .examples import SOURCES
from .export import export

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from ..bundles.bundle import Bundle
    from ..datasets.annotated import Annotated
    from ..evaluation.certainty import Certainty
    from ..evaluation.ec57 import Comparison
    from .recipe import Recipe
    from .runs import Run


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What was said of the beats of one record, against the reference: its tables and what the doubt was worth."""

    record: str
    patient: str
    table: Comparison
    certainty: Certainty


def judge_classes(recipe: Recipe, runs: Sequence[Run], root: str | Path | None, *, draws: int) -> dict[str, Any]:
    """Judge runs by the very bundles that would be shipped.

    Protocols are named by the split: ``-reference`` classifies the reference's beats, ``-detected`` those that the
    analysis finds, where a beat that it misses is lost to its class and one too many counts against the class it is
    given. Where a tested patient was also learnt from, each is told again ``-without-`` that record.

    Parameters
    ----------
    recipe
        What they were made by.
    runs
        The first is the one that figures are told of; of all, the main figures are told beside each other.
    root
        Folder that holds the databases.
    draws
        Of the bootstrap.

    Returns
    -------
    dict
        ``protocols``, with figures, counts, confusion and records of each, and ``per_run``.
    """
    judged = []
    for run in runs:
        bundle = export(recipe, run, run.folder / "bundle")
        tested = (item for item in SOURCES[recipe.data.dataset](root) if item.record.id in run.facts["test"])
        judged.append(_protocols(recipe.split.rule, run, list(_beats_judged(bundle, tested)), draws))
    return {
        "protocols": judged[0],
        "per_run": {
            name: [
                {"split_seed": run.facts["split_seed"], "seed": run.facts["seed"]}
                | {key: figure["value"] for key, figure in protocols[name]["metrics"].items()}
                for run, protocols in zip(runs, judged, strict=True)
            ]
            for name in judged[0]
        },
    }


def _beats_judged(bundle: Bundle, items: Iterable[Annotated]) -> Iterator[tuple[Judged, Judged]]:
    """Classify the reference's beats of each record, and those the analysis finds in it."""
    for item in items:
        report, record = analyze(item.record, bundle=bundle), item.record
        known = Beats.unlabelled(item.beats.sample)
        known = classify(known, record.pick(report.leads).signal, record.fs_hz, bundle)
        one, other = (
            Judged(record.id, item.patient, compare(item, beats), certainty(item, beats))
            for beats in (known, report.beats)
        )
        yield one, other


def _protocols(rule: str, run: Run, judged: list[tuple[Judged, Judged]], draws: int) -> dict[str, Any]:
    known = [one.record for one, _ in judged if one.patient in run.facts["train"]]
    protocols = {}
    for name, side in zip(("reference", "detected"), zip(*judged, strict=True), strict=True):
        protocols[f"{rule}-{name}"] = _figures(side, draws)
        if known:
            others = [one for one in side if one.record not in known]
            protocols[f"{rule}-{name}-without-{'-'.join(known)}"] = _figures(others, draws)
    return protocols


def _figures(side: Sequence[Judged], draws: int) -> dict[str, Any]:
    entry = class_protocol([one.table for one in side], draws=draws)
    sure = certainty_figures([one.certainty for one in side], draws=draws)
    entry["metrics"] |= {name: figure.as_json() for name, figure in sure.items()}
    return entry
