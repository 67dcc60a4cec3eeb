"""Examples of whole records: each is one item; its inputs are prepared once and kept on disk, whatever is asked.

What is kept is a folder ``records-<dataset>-<hash>`` in ``<runs>/prepared``: an array in NumPy's own format for each
input of the network, and ``records.json``, which is written last.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from dataclasses import dataclass
from functools import partial
from inspect import signature
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
from .examples import Examples, Joined
from .fill import checked
from .prepared import PREPARED, key
from .record_lessons import RECORD_TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

    from numpy.typing import NDArray

    from ..beats.detect import Net
    from ..beats.rows import Rows
    from ..diagnosis.inputs import Prepare
    from ..record import Record
    from .recipe import Recipe

FACTS: Final = "records.json"
LENGTH_S: Final = 10.0
"""Seconds of signal that are shown where the kind of input has no setting for it."""

MEASURED_HZ: Final = 250.0
"""Rate that measures are taken at."""

CODE: Final = (cpic2019, ptbxl, detect, detection_inputs, placing, filters, resample, leads, limb)
"""Modules that decide what is kept, with those of the room ``diagnosis`` that inputs are made by."""

TOGETHER: Final = {"twelve-leads-measured": ("twelve-leads", "measures")}
"""Kinds of input that are others side by side: these are prepared, so that recipes of one and of both share them."""

ON_BEATS: Final = ("measures", "twelve-leads-measured")
"""Kinds of input that ask where the beats are."""

Read = tuple["Record", str]
"""A record, and the fingerprint of it and of what is known of it."""


def of_cpic2019(root: str | Path | None) -> Iterator[Read]:
    """Read the records of the China ECG competition."""
    return ((item.record, cpic2019.fingerprint(item)) for item in cpic2019.load(root))


def of_ptbxl(root: str | Path | None) -> Iterator[Read]:
    """Read the records of PTB-XL, of all folds."""
    return ((item.record, ptbxl.fingerprint(item)) for item in ptbxl.load(root))


RECORDS_OF: Final[dict[str, Callable[[str | Path | None], Iterator[Read]]]] = {
    "cpic2019": of_cpic2019,
    "ptb-xl": of_ptbxl,
}
"""What reads all records of a database from below a data root, in its order."""


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
    classes, lessons_of = RECORD_TARGETS[data.target]
    if data.dataset not in lessons_of:
        raise unknown(f"{recipe.file} [data]: dataset", data.dataset, lessons_of)
    kind, settings, where = recipe.kind_of("input")
    settings = checked(record_input_kind(kind), settings, where)
    parts = [
        prepared(data.dataset, part, {name: settings[name] for name in settings if name in taken}, root, Path(runs))
        for part in TOGETHER.get(kind, (kind,))
        for taken in (signature(record_input_kind(part)).parameters,)
    ]
    rows = {name: array for part in parts for name, array in part.rows.items()}
    lessons = {lesson.name: lesson for lesson in lessons_of[data.dataset](root)}
    known = np.array([number for number, name in enumerate(parts[0].names) if name in lessons], np.int64)
    names = [parts[0].names[number] for number in known]
    if len(names) < len(lessons) or not names:
        raise DataError(f"{data.dataset}: {len(names)} of {len(lessons)} records with answers are there")
    if len(names) < len(parts[0].names):
        rows = {name: Joined([array], [known]) for name, array in rows.items()}
    prints = "\n".join(parts[0].prints[number] for number in known)
    length_s = float(settings.get("duration_s", LENGTH_S))
    return Examples(
        inputs=rows,
        target=np.stack([lessons[name].answer for name in names]),
        group=np.array(names),
        classes=classes,
        fs_hz=rows["signal"].shape[-1] / length_s if "signal" in rows else MEASURED_HZ,
        length_s=length_s,
        fingerprint=hashlib.sha256(prints.encode()).hexdigest(),
        patient={name: lessons[name].patient for name in names},
        databases=(data.dataset,),
        fold={name: lessons[name].fold for name in names},
        judged=np.array([lessons[name].judged for name in names]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Inputs of all records of a database.

    Parameters
    ----------
    rows
        By name: memory maps, one row a record.
    names, prints
        Of the records: their names and fingerprints.
    """

    rows: Mapping[str, Rows]
    names: list[str]
    prints: list[str]


def prepared(dataset: str, kind: str, settings: Mapping[str, Any], root: str | Path | None, runs: Path) -> Prepared:
    """Give the inputs of all records of a database, made when there are none yet.

    Parameters
    ----------
    dataset
        Key of :data:`RECORDS_OF`.
    kind, settings
        Of the input.
    root
        Folder that holds the databases.
    runs
        Folder of all runs.
    """
    finder = Bundle.load("beat-detector") if kind in ON_BEATS else None
    make = record_input_kind(kind)
    made_by = {**settings, "beats": finder.sha256 if finder else ""}
    name = key(dataset, kind, made_by, root, [*CODE, *_modules_of(make)])
    folder = runs / PREPARED / f"records-{dataset}-{name}"
    if not (folder / FACTS).is_file():
        for left in folder.glob(".einthoven-*"):  # by a killed process
            shutil.rmtree(left, ignore_errors=True)
        net = beat_net(finder) if finder else None
        with replacing_in(folder) as draft:
            facts = _write(RECORDS_OF[dataset](root), partial(make, **settings), net, dataset, draft)
        with replacing(folder / FACTS) as file:
            file.write_text(json.dumps(facts) + "\n", encoding="utf-8")
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    rows = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in facts["inputs"]}
    return Prepared(rows, facts["names"], facts["prints"])


def _modules_of(make: Prepare) -> list[ModuleType]:
    """Return the modules of the room ``diagnosis`` that inputs are made by.

    These are its own and those that functions and classes are taken from, there and on; one of which constants alone
    are taken does not count.
    """
    room, found, ahead = inputs.__name__.rpartition(".")[0], {}, [make.__module__]
    while ahead:
        name = ahead.pop()
        if name.startswith(f"{room}.") and name not in found:
            found[name] = sys.modules[name]
            ahead += [getattr(one, "__module__", None) or "" for one in vars(found[name]).values()]
    return [found[name] for name in sorted(found)]


def _write(records: Iterator[Read], make: Prepare, net: Net | None, dataset: str, folder: Path) -> dict[str, list[str]]:
    """Write the arrays of all records, and return what is known of them; without a network no beats are looked for."""
    none = np.array([], np.int64)
    rows: dict[str, list[NDArray[np.float32]]] = {}
    prints, names = [], []
    for record, fingerprint in records:
        for name, array in make(record, peaks(record, net) if net else none).items():
            rows.setdefault(name, []).append(array)
        prints.append(fingerprint)
        names.append(record.id)
    if not names:
        raise DataError(f"{dataset}: no records to learn from")
    if len(set(names)) != len(names):
        raise DataError(f"{dataset}: {len(names)} records of {len(set(names))} names; each must have its own")
    for name, every in rows.items():
        np.save(folder / f"{name}.npy", np.stack(every))
    return {"inputs": list(rows), "names": names, "prints": prints}
