"""PTB-XL: ten-second recordings of twelve leads, with the statements cardiologists made of them.

Wagner et al., Scientific Data 2020;7:154; https://physionet.org/content/ptb-xl/1.0.3/. The 100 Hz form is read.
"""

from __future__ import annotations

import ast
import csv
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import DataError
from .catalogue import dataset

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..record import Record

TABLE, STATEMENTS = "ptbxl_database.csv", "scp_statements.csv"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the table says of one recording.

    Parameters
    ----------
    file
        Its header, at 100 Hz.
    ecg_id
        Its number.
    statements
        SCP-ECG codes, of any likelihood.
    patient
        Who it was recorded from.
    fold
        1 to 10, as published; 10 is the one to test on.
    amplitude_known
        Whether the signals are in mV; else each lead was brought to one spread, as copies of the database for machine
        learning have it, whose tables say so in a column ``amplitude_normalised``.
    """

    file: Path
    ecg_id: int
    statements: frozenset[str]
    patient: str
    fold: int
    amplitude_known: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """One recording and what is stated of it: see :class:`Entry`."""

    record: Record
    statements: frozenset[str]
    patient: str
    fold: int
    amplitude_known: bool = True


def load(root: str | Path | None = None) -> Iterator[Stated]:
    """Read the recordings that are there, in the order of the table; raises as :func:`entries` does."""
    from ..formats import read

    for entry in entries(root):
        yield Stated(read(entry.file), entry.statements, entry.patient, entry.fold, entry.amplitude_known)


def entries(root: str | Path | None = None) -> Iterator[Entry]:
    """Read what the table says of the recordings that are there, in its order.

    Parameters
    ----------
    root
        Folder that holds the databases; without it ``EINTHOVEN_DATA`` or the user's data folder.

    Raises
    ------
    DataError
        The database or its table is not there, the table cannot be read, or none of its recordings is there.
    """
    folder = dataset("ptb-xl").path(root)
    found = 0
    for row in _rows(folder / TABLE, ("ecg_id", "filename_lr", "scp_codes", "patient_id", "strat_fold")):
        file = folder / f"{row['filename_lr']}.hea"
        if file.is_file():
            found += 1
            statements = frozenset(ast.literal_eval(row["scp_codes"]))
            known = row.get("amplitude_normalised") != "True"
            yield Entry(file, int(row["ecg_id"]), statements, row["patient_id"], int(row["strat_fold"]), known)
    if not found:
        raise DataError(f"{folder}: no recording at 100 Hz there; get them with `einthoven data fetch ptb-xl`")


def superclass_of(root: str | Path | None = None) -> dict[str, str]:
    """Read which superclass each diagnostic statement belongs to, from ``scp_statements.csv``, in its order.

    Raises
    ------
    DataError
        The table is not there or cannot be read.
    """
    rows = _rows(dataset("ptb-xl").path(root) / STATEMENTS, ("", "diagnostic", "diagnostic_class"))
    return {row[""]: row["diagnostic_class"] for row in rows if row["diagnostic"] in ("1", "1.0")}


def fingerprint(item: Stated) -> str:
    """Identify a recording by its content: SHA-256 of name, signals and statements."""
    digest = hashlib.sha256(f"{item.record.id} {' '.join(sorted(item.statements))}\n".encode())
    digest.update(item.record.signal.astype("<f4").tobytes())
    return digest.hexdigest()


def _rows(table: Path, wanted: Sequence[str]) -> list[dict[str, str]]:
    try:
        with table.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, ValueError) as error:
        raise DataError(f"{table}: not a table that can be read ({error})") from error
    if not rows or not set(wanted) <= rows[0].keys():
        raise DataError(f"{table}: {len(rows)} rows; it must have columns {', '.join(map(repr, wanted))}")
    return rows
