"""Records of hospitals that nothing was learnt from, which a finished bundle is asked about as anybody would ask it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ..bundles.beats import beat_net
from ..bundles.bundle import Bundle
from ..bundles.diagnoses import record_log_odds, shown
from ..codes import CINC2020_CLASSES, CINC2020_NEAREST
from ..datasets import cinc2020
from ..evaluation.diagnosis_rules import AS_SAID, answered
from .diagnoses_export import export

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..evaluation.diagnosis_rules import DiagnosisRules
    from ..evaluation.multilabel import Answered
    from .examples import Examples
    from .recipe import Recipe
    from .runs import Run

SOURCES: Final = {"cinc2020": "cinc2020-sources"}
"""Databases that a bundle may be asked about, and the protocol's name: of the challenge all hospitals but PTB-XL's."""


class Outside(NamedTuple):
    """What was answered, the same with thresholds that were fitted, and the fingerprint of the records by database."""

    said: Answered
    by_fitted: Answered
    data: dict[str, str]


def asked_outside(
    recipe: Recipe, run: Run, rules: DiagnosisRules, load: Callable[[Recipe], Examples], root: str | Path | None
) -> dict[str, Outside]:
    """Ask the bundle of a run about the records of other databases.

    Parameters
    ----------
    recipe, run
        What was trained, and how.
    rules
        What the bundle answers by.
    load
        Gives the examples of a recipe, for the bundle to be made.
    root
        Folder that holds the databases.

    Returns
    -------
    dict
        By protocol: what was answered. The score of a class that nobody could learn is that of the nearest one. No
        header says who the patient is: each record counts as of one of its own, though some hospitals gave several.
    """
    bundle, net = export(recipe, run, run.folder / "bundle", load), beat_net(Bundle.load("beat-detector"))
    rules = replace(rules, lines=dict.fromkeys(rules.lines, AS_SAID))  # the bundle's own log-odds are calibrated
    others = [name for name in cinc2020.DATABASES.values() if name != "PTB-XL"]
    items, views = [], []
    for item in cinc2020.load(root, others):
        items.append(item)
        views.append(shown(item.record, bundle, net))
    log_odds = record_log_odds(views, bundle).astype(np.float32)
    target = np.full(log_odds.shape, np.nan, np.float32)
    columns = [bundle.card.classes.index(code) for code in CINC2020_CLASSES]
    target[:, columns] = cinc2020.targets(item.codes for item in items)
    patient, fold = np.array([item.record.id for item in items]), np.zeros(len(items), np.int64)
    score = log_odds.copy()
    for name, nearest in CINC2020_NEAREST.items():  # as `einthoven predict` writes scores
        if rules.shares[name] == 0:
            score[:, bundle.card.classes.index(name)] = log_odds[:, bundle.card.classes.index(nearest)]
    first, second = (
        replace(answered(log_odds, target, patient, fold, [rules], by_fitted=by), score=score) for by in (False, True)
    )
    prints = hashlib.sha256("\n".join(map(cinc2020.fingerprint, items)).encode()).hexdigest()
    return {SOURCES[name]: Outside(first, second, {name: prints}) for name in recipe.evaluation.outside}
