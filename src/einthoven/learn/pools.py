"""Prepared beats of a whole database, kept on disk: made once, read by any training after.

A pool is a folder: for each input of the network its rows as raw float16, or of pictures the traces that they are drawn
from; the labels as ``labels.npz``; and ``pool.json``, which is written last. Its name is a hash of what made it: the
database's files, the kind of input and its settings, and the code of both, the detector among it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from ..atomic import replacing, replacing_in
from ..beats import contexts, fast, inputs, sequences
from ..bundles.inputs import input_kind, leads_at_once
from ..errors import DataError, OptionError
from ..images import inputs as pictures
from ..images.inputs import Pictures
from ..signal import qrs
from . import lessons, projections, stated_beats
from .lessons import LESSONS
from .prepared import PREPARED, key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from io import BufferedWriter

    from numpy.typing import NDArray

    from ..beats.rows import BeatInputs, Rows
    from .lessons import Lesson

FACTS, LABELS = "pool.json", "labels.npz"
KNOWN: Final = ("abnormal", "beat_type", "aami", "rhythm")
"""What is kept of each beat: arrays of a lesson, by their names."""

CODE: Final = (lessons, stated_beats, projections, fast, qrs, inputs, contexts, sequences, pictures)
"""Modules that decide what a pool holds."""


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """All beats of a database, each as often as the record has leads; just once where leads are shown together.

    Records follow one another, in each its leads, in each of these its beats.

    Parameters
    ----------
    rows
        By the name of the network's input: float16, one row an item; a memory map. Where leads are shown together, rows
        of more than one axis have one for them first.
    abnormal
        float32, shape (item,): 1, 0, or NaN where nobody knows.
    beat_type, aami, rhythm
        int8, shape (item,): number of the type, the class and the rhythm, or -1.
    lead, record
        Shape (item,): row of the record's signal, -1 for all of them, and number of the record in `names`.
    names, patients
        Unicode, shape (record,): of the records, and of whose they are.
    statements
        float32, shape (record, statement): 1, 0, or NaN.
    codes
        Unicode, shape (record,): all that is stated of it, with blanks between.
    fs_hz, length_s
        Rate of the rows, and seconds of signal that one shows.
    fingerprint
        Of the recordings.
    """

    rows: Mapping[str, NDArray[np.float16]]
    abnormal: NDArray[np.float32]
    beat_type: NDArray[np.int8]
    aami: NDArray[np.int8]
    rhythm: NDArray[np.int8]
    lead: NDArray[np.int8]
    record: NDArray[np.int32]
    names: NDArray[np.str_]
    patients: NDArray[np.str_]
    statements: NDArray[np.float32]
    codes: NDArray[np.str_]
    fs_hz: float
    length_s: float
    fingerprint: str

    def __len__(self) -> int:
        return len(self.abnormal)

    @property
    def group(self) -> NDArray[np.str_]:
        """Name of the record each item is of: Unicode, shape (item,)."""
        return self.names[self.record]

    @property
    def row(self) -> NDArray[np.int64]:
        """Number of record and lead each item is of, ascending: int64, shape (item,)."""
        return self.record.astype(np.int64) * 256 + self.lead

    @property
    def leads(self) -> int:
        """How many leads are shown together; 0 where each is an item by itself."""
        return int(self.lead[0] < 0) and int(max(rows.shape[1] for rows in self.rows.values() if rows.ndim > 2))

    def shown(self, name: str, index: NDArray[np.int64], leads: NDArray[np.int64] | None) -> NDArray[np.float32]:
        """Return rows of an input, zeros where an index is -1, of the `leads` of each item where they are chosen."""
        rows = self.rows[name]
        if leads is None or rows.ndim < 3:
            return taken(rows, index, 0).astype(np.float32)
        found = rows[index[..., None], leads.reshape(len(leads), *[1] * (index.ndim - 1), -1)]
        found[index < 0] = 0
        return found.astype(np.float32)

    def known(self, name: str, index: NDArray[np.int64]) -> NDArray[Any]:
        """Return what is known of some items, open where an index is -1.

        Of what can be open between 0 and 1 that is float32, shape (..., 1), NaN where open; of what has numbers int64,
        shape (...), -1 where open.
        """
        of = getattr(self, name)
        if of.dtype.kind == "f":
            return taken(of, index, np.nan)[..., None]
        return taken(of, index, -1).astype(np.int64)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read a pool from its folder."""
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        rows = {
            name: np.memmap(folder / f"{name}.float16", np.float16, "r", shape=tuple(shape))
            for name, shape in facts["shapes"].items()
        }
        with np.load(folder / LABELS) as kept:
            return cls(rows, **kept, **{name: facts[name] for name in ("fs_hz", "length_s", "fingerprint")})


def taken(rows: NDArray[Any], index: NDArray[np.int64], missing: float) -> NDArray[Any]:
    """Return rows by their numbers, of shape (..., *row), `missing` where a number is -1.

    Examples
    --------
    >>> taken(np.array([5, 6, 7]), np.array([[0, 1], [2, -1]]), 0).tolist()
    [[5, 6], [7, 0]]
    """
    found = rows[index]
    found[index < 0] = missing
    return found


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
    folder = Path(runs) / PREPARED / f"{dataset}-{key(dataset, kind, settings, root, CODE)}"
    if not (folder / FACTS).is_file():
        for left in folder.glob(".einthoven-*"):  # by a killed process
            shutil.rmtree(left, ignore_errors=True)
        with replacing_in(folder) as draft:
            make = partial(input_kind(kind), **settings)
            facts = _write(LESSONS[dataset](root), make, dataset, draft, together=leads_at_once(kind) > 1)
        with replacing(folder / FACTS) as file:
            file.write_text(json.dumps(facts) + "\n", encoding="utf-8")
    return Pool.read(folder)


def _kept(made: BeatInputs) -> Mapping[str, Rows]:
    """Return what is kept of inputs: themselves; of pictures the traces, which are varied before they are drawn."""
    first = next(iter(made.arrays.values()))
    return first.traces if isinstance(first, Pictures) else made.arrays


def _write(
    items: Iterator[Lesson], make: Callable[..., BeatInputs], dataset: str, folder: Path, *, together: bool
) -> dict[str, Any]:
    """Write the arrays of a pool record by record, so that no more than one is in memory, and return its facts."""
    prints, names, patients, statements, codes, shapes = [], [], [], [], [], {}
    columns: dict[str, list[NDArray[Any]]] = {name: [] for name in (*KNOWN, "lead", "record")}
    with ExitStack() as stack:
        files: dict[str, BufferedWriter] = {}
        for number, lesson in enumerate(items):
            prints.append(lesson.fingerprint)
            names.append(lesson.record.id)
            patients.append(lesson.patient)
            statements.append(lesson.statements)
            codes.append(" ".join(sorted(lesson.codes)))
            every = np.arange(len(lesson.peak))
            for lead, signal in enumerate(lesson.record.signal[None] if together else lesson.record.signal):
                made = make(signal, lesson.record.fs_hz, lesson.peak)
                for name, rows in _kept(made).items():
                    if name not in files:
                        files[name] = stack.enter_context((folder / f"{name}.float16").open("wb"))
                        shapes[name] = rows.shape[1:]
                    if rows.shape[1:] != shapes[name]:
                        raise DataError(
                            f"{dataset}: {lesson.record.id} has {name} of {rows.shape[1:]}, others of {shapes[name]}"
                        )
                    files[name].write(rows[every].astype(np.float16).tobytes())
                for name in KNOWN:
                    columns[name].append(getattr(lesson, name))
                columns["lead"].append(np.full(len(every), -1 if together else lead, np.int8))
                columns["record"].append(np.full(len(every), number, np.int32))
    labels = {name: np.concatenate(parts) if parts else np.empty(0) for name, parts in columns.items()}
    if not len(labels["abnormal"]):
        raise DataError(f"{dataset}: no beats to learn from")
    arrays: dict[str, Any] = {**labels, "names": np.array(names), "patients": np.array(patients)}
    arrays |= {"statements": np.stack(statements), "codes": np.array(codes)}
    np.savez(folder / LABELS, **arrays)
    return {
        "fs_hz": made.fs_hz,
        "length_s": made.length_s,
        "shapes": {name: (len(labels["abnormal"]), *shape) for name, shape in shapes.items()},
        "fingerprint": hashlib.sha256("\n".join(prints).encode()).hexdigest(),
    }
