"""Prepared beats of a whole database, every lead of it, kept on disk: made once, read by any training after.

A pool is a folder: for each input of the network its rows as raw float16, the labels as ``labels.npz``, and
``pool.json``, which is written last. Its name is a hash of what made it: the database's files, the kind of input and
its settings, and the code of both, the detector among it.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from .. import __version__
from ..atomic import replacing, replacing_in
from ..beats import contexts, fast, inputs
from ..beats.inputs import input_kind
from ..datasets.catalogue import dataset as database
from ..errors import DataError, OptionError
from ..signal import qrs
from . import lessons, projections
from .lessons import LESSONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from io import BufferedWriter

    from numpy.typing import NDArray

    from .lessons import Lesson

PREPARED: Final = "prepared"
FACTS, LABELS = "pool.json", "labels.npz"


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """All beats of a database, each as often as the record has leads.

    Parameters
    ----------
    rows
        By the name of the network's input: float16, one row an item; a memory map.
    abnormal
        float32, shape (item,): 1, 0, or NaN where nobody knows.
    beat_type
        int8, shape (item,): number of the type, or -1.
    lead, record
        Shape (item,): row of the record's signal, and number of the record in `names`.
    names
        Unicode, shape (record,).
    statements
        float32, shape (record, statement): 1, 0, or NaN.
    fingerprint
        Of the recordings.
    """

    rows: Mapping[str, NDArray[np.float16]]
    abnormal: NDArray[np.float32]
    beat_type: NDArray[np.int8]
    lead: NDArray[np.int8]
    record: NDArray[np.int32]
    names: NDArray[np.str_]
    statements: NDArray[np.float32]
    fingerprint: str

    def __len__(self) -> int:
        return len(self.abnormal)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read a pool from its folder."""
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        rows = {
            name: np.memmap(folder / f"{name}.float16", np.float16, "r", shape=tuple(shape))
            for name, shape in facts["shapes"].items()
        }
        with np.load(folder / LABELS) as kept:
            return cls(rows, **kept, fingerprint=facts["fingerprint"])


def pool(dataset: str, kind: str, settings: Mapping[str, Any], root: str | Path | None, runs: str | Path) -> Pool:
    """Give the pool of a database, made when there is none yet.

    Parameters
    ----------
    dataset
        Key in :data:`einthoven.learn.lessons.LESSONS`.
    kind, settings
        Of the input, as in a recipe.
    root
        Folder that holds the databases.
    runs
        Folder of all runs; pools are kept in ``prepared`` below it.

    Raises
    ------
    OptionError
        Nothing is known to learn from this database.
    DataError
        The database is not there, or holds no beat.
    """
    if dataset not in LESSONS:
        raise OptionError(f"nothing to learn beats from in {dataset!r}: choose from {', '.join(LESSONS)}")
    folder = Path(runs) / PREPARED / f"{dataset}-{_key(dataset, kind, settings, root)}"
    if not (folder / FACTS).is_file():
        for left in folder.glob(".einthoven-*"):  # by a killed process
            shutil.rmtree(left, ignore_errors=True)
        with replacing_in(folder) as draft:
            facts = _write(LESSONS[dataset](root), partial(input_kind(kind), **settings), dataset, draft)
        with replacing(folder / FACTS) as file:
            file.write_text(json.dumps(facts) + "\n", encoding="utf-8")
    return Pool.read(folder)


def _key(dataset: str, kind: str, settings: Mapping[str, Any], root: str | Path | None) -> str:
    """Hash what makes a pool. Files count by name, size and time of change: reading them all would take minutes."""
    folder = database(dataset).path(root)
    files = [(str(f.relative_to(folder)), f.stat().st_size, f.stat().st_mtime_ns) for f in sorted(folder.rglob("*.*"))]
    code = [inspect.getsource(module) for module in (lessons, projections, fast, qrs, inputs, contexts)]
    made_by = json.dumps([dataset, kind, dict(settings), __version__, files, code], sort_keys=True)
    return hashlib.sha256(made_by.encode()).hexdigest()[:16]


def _write(items: Iterator[Lesson], make: Callable[..., Any], dataset: str, folder: Path) -> dict[str, Any]:
    """Write the arrays of a pool record by record, so that no more than one is in memory, and return its facts."""
    prints, names, statements, shapes = [], [], [], {}
    columns: dict[str, list[NDArray[Any]]] = {"abnormal": [], "beat_type": [], "lead": [], "record": []}
    with ExitStack() as stack:
        files: dict[str, BufferedWriter] = {}
        for number, lesson in enumerate(items):
            prints.append(lesson.fingerprint)
            names.append(lesson.record.id)
            statements.append(lesson.statements)
            every = np.arange(len(lesson.peak))
            for lead, signal in enumerate(lesson.record.signal):
                for name, rows in make(signal, lesson.record.fs_hz, lesson.peak).arrays.items():
                    if name not in files:
                        files[name] = stack.enter_context((folder / f"{name}.float16").open("wb"))
                        shapes[name] = rows.shape[1:]
                    files[name].write(rows[every].astype(np.float16).tobytes())
                columns["abnormal"].append(lesson.abnormal)
                columns["beat_type"].append(lesson.beat_type)
                columns["lead"].append(np.full(len(every), lead, np.int8))
                columns["record"].append(np.full(len(every), number, np.int32))
    labels = {name: np.concatenate(parts) if parts else np.empty(0) for name, parts in columns.items()}
    if not len(labels["abnormal"]):
        raise DataError(f"{dataset}: no beats to learn from")
    arrays: dict[str, Any] = {**labels, "names": np.array(names), "statements": np.stack(statements)}
    np.savez(folder / LABELS, **arrays)
    return {
        "shapes": {name: (len(labels["abnormal"]), *shape) for name, shape in shapes.items()},
        "fingerprint": hashlib.sha256("\n".join(prints).encode()).hexdigest(),
    }
