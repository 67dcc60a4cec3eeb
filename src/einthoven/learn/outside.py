"""Records of other databases that a finished system is asked about, as anybody would ask it: by its bundle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..bundles.beats import beat_net
from ..bundles.bundle import Bundle
from ..bundles.diagnosis import read_records
from ..bundles.scores import Calibration
from ..datasets import cinc2020, ptbxl
from ..errors import unknown
from ..evaluation.record_figures import decided, record_figures
from .blending import parts_of
from .record_export import export, fitted
from .record_lessons import TEST_FOLD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ..record import Record
    from .recipe import Recipe
    from .runs import Run

SINUS_RHYTHM: Final = "426783006"
_PTB_XL: Final = cinc2020.DATABASES["HR"]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One record, whether it is abnormal, and whose it is."""

    record: Record
    abnormal: bool
    patient: str


def of_the_challenge(root: str | Path | None, seen: frozenset[str]) -> Iterator[Case]:
    """Give records of the challenge of 2020, normal where sinus rhythm and nothing else is diagnosed."""
    for item in cinc2020.load(root):
        if not (item.database == _PTB_XL and "ptb-xl" in seen):
            yield Case(item.record, item.codes != {SINUS_RHYTHM}, item.record.id)


def of_ptbxl(root: str | Path | None, seen: frozenset[str]) -> Iterator[Case]:
    """Give records of the fold of PTB-XL to test on, abnormal where ``NORM`` is not stated."""
    for item in ptbxl.load(root):
        if item.fold == TEST_FOLD:
            yield Case(item.record, "NORM" not in item.statements, item.patient)


OUTSIDE: Final[dict[str, Callable[[str | Path | None, frozenset[str]], Iterator[Case]]]] = {
    "cinc2020": of_the_challenge,
    "ptbxl-fold-10": of_ptbxl,
}
"""What reads records with their answers from below a data root; it is told which databases were learnt from, so that
none of their records is given."""


def asked_outside(recipe: Recipe, run: Run, root: str | Path | None, *, draws: int) -> dict[str, Any]:
    """Ask the bundle of a run about the records of other databases; intervals are over patients.

    Parameters
    ----------
    recipe, run
        What was trained, and how.
    root
        Folder that holds the databases.
    draws
        Of the bootstrap.

    Returns
    -------
    dict
        By protocol, ``<dataset>-external-<name>``: counts and figures.

    Raises
    ------
    OptionError
        Such a database is not known.
    """
    for name in recipe.evaluation.outside:
        if name not in OUTSIDE:
            raise unknown("database outside", name, OUTSIDE)
    bundle, finder = export(recipe, run, run.folder / "bundle"), beat_net(Bundle.load("beat-detector"))
    _, _, rules = fitted(recipe, run)
    rules = replace(rules, line=Calibration())  # the bundle's own answers are calibrated
    seen = frozenset(part.data.dataset for part in parts_of(recipe))
    protocols = {}
    for name in recipe.evaluation.outside:
        cases = list(OUTSIDE[name](root, seen))
        readings = read_records((case.record for case in cases), bundle, finder)
        said = np.clip([reading.probability for reading in readings], 1e-7, 1 - 1e-7)
        odds = np.log(said / (1 - said)).astype(np.float32)
        ill, patients = np.array([case.abnormal for case in cases]), np.array([case.patient for case in cases])
        judged = decided(odds, ill, np.zeros(len(cases), np.int64), [rules], patients)
        protocols[f"{recipe.data.dataset}-external-{name}"] = {
            "n": {"records": len(cases), "patients": len(set(patients.tolist())), "abnormal": int(ill.sum())},
            "metrics": {key: figure.as_json() for key, figure in record_figures([judged], draws).items()},
        }
    return protocols
