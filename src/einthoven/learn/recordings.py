"""Examples of whole records: each is one item, prepared once and kept on disk.

What is kept is a folder ``records-<dataset>-<hash>`` in ``<runs>/prepared``: an array in NumPy's own format for each
input of the network, ``answers.npz``, and ``records.json``, which is written last.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..atomic import replacing, replacing_in
from ..beats import detect, detection_inputs, placing
from ..bundles.beats import beat_net
from ..bundles.bundle import Bundle
from ..bundles.diagnosis import peaks
from ..datasets import cpic2019, ptbxl
from ..diagnosis import inputs
from ..diagnosis.inputs import record_input_kind
from ..errors import DataError, unknown
from ..signal import filter as filters
from ..signal import leads, limb, resample
from . import record_lessons
from .examples import Examples
from .fill import checked
from .prepared import PREPARED, key
from .record_lessons import RECORD_TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from ..diagnosis.inputs import Prepare
    from .recipe import Recipe
    from .record_lessons import RecordLesson

FACTS, ANSWERS = "records.json", "answers.npz"
LENGTH_S: Final = 10.0
"""Seconds of signal that are shown where the kind of input has no setting for it."""

MEASURED_HZ: Final = 250.0
"""Rate that measures are taken at."""

CODE: Final = (record_lessons, cpic2019, ptbxl, detect, detection_inputs, placing, filters, resample, leads, limb)
"""Modules that decide what is kept, with those of the room ``diagnosis`` that inputs are made by."""


def recordings(recipe: Recipe, root: str | Path | None, runs: str | Path = "runs") -> Examples:
    """Give the examples of a recipe, made when there are none yet; their inputs are memory maps.

    Parameters
    ----------
    recipe
        Its tables ``data`` and ``input`` say what is read and how it is shown.
    root
        Folder that holds the databases.
    runs
        Folder of all runs.

    Raises
    ------
    DataError
        The database is not there, or holds no record.
    OptionError
        The recipe names a target, a dataset or a kind of input that is not known, or a wrong setting.
    """
    data = recipe.data
    if data.target not in RECORD_TARGETS:
        raise unknown(f"{recipe.file} [data]: target", data.target, RECORD_TARGETS)
    classes, sources = RECORD_TARGETS[data.target]
    if data.dataset not in sources:
        raise unknown(f"{recipe.file} [data]: dataset", data.dataset, sources)
    kind, settings, where = recipe.kind_of("input")
    settings = checked(record_input_kind(kind), settings, where)
    finder = Bundle.load("beat-detector")
    made_by = {**settings, "target": [data.target, *classes], "beats": finder.sha256}
    name = key(data.dataset, kind, made_by, root, [*CODE, *_modules_of_inputs()])
    folder = Path(runs) / PREPARED / f"records-{data.dataset}-{name}"
    if not (folder / FACTS).is_file():
        for left in folder.glob(".einthoven-*"):  # by a killed process
            shutil.rmtree(left, ignore_errors=True)
        make = partial(record_input_kind(kind), **settings)
        with replacing_in(folder) as draft:
            facts = _write(sources[data.dataset](root), make, finder, data.dataset, draft)
        with replacing(folder / FACTS) as file:
            file.write_text(json.dumps(facts) + "\n", encoding="utf-8")
    return _read(folder, classes, float(settings.get("duration_s", LENGTH_S)), data.dataset)


def _modules_of_inputs() -> list[ModuleType]:
    """Return the modules of the room ``diagnosis`` that making inputs has loaded, explanations apart."""
    import sys

    room = inputs.__name__.rpartition(".")[0]
    names = sorted(name for name in sys.modules if name.startswith(f"{room}.") and not name.endswith(".explain"))
    return [sys.modules[name] for name in names]


def _write(
    lessons: Iterator[RecordLesson], make: Prepare, finder: Bundle, dataset: str, folder: Path
) -> dict[str, Any]:
    """Write the arrays of all records, and return what is known of them."""
    net = beat_net(finder)
    rows: dict[str, list[Any]] = {}
    prints, names, patients, answers = [], [], [], []
    for lesson in lessons:
        for name, array in make(lesson.record, peaks(lesson.record, net)).items():
            rows.setdefault(name, []).append(array)
        prints.append(lesson.fingerprint)
        names.append(lesson.record.id)
        patients.append(lesson.patient)
        answers.append(lesson.answer)
    if not names:
        raise DataError(f"{dataset}: no records to learn from")
    if len(set(names)) != len(names):
        raise DataError(f"{dataset}: {len(names)} records of {len(set(names))} names; each must have its own")
    for name, every in rows.items():
        np.save(folder / f"{name}.npy", np.stack(every))
    np.savez(folder / ANSWERS, names=np.array(names), patients=np.array(patients), answers=np.stack(answers))
    return {"inputs": list(rows), "fingerprint": hashlib.sha256("\n".join(prints).encode()).hexdigest()}


def _read(folder: Path, classes: tuple[str, ...], length_s: float, dataset: str) -> Examples:
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    rows = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in facts["inputs"]}
    with np.load(folder / ANSWERS) as kept:
        names, patients, answers = (kept[name] for name in ("names", "patients", "answers"))
    return Examples(
        inputs=rows,
        target=answers,
        group=names,
        classes=classes,
        fs_hz=rows["signal"].shape[-1] / length_s if "signal" in rows else MEASURED_HZ,
        length_s=length_s,
        fingerprint=facts["fingerprint"],
        patient=dict(zip(names.tolist(), patients.tolist(), strict=True)),
        databases=(dataset,),
    )
