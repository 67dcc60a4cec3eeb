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
    from collections.abc import Iterator
    from pathlib import Path

    from ..record import Record

TABLE = "ptbxl_database.csv"


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """One recording and what is stated of it.

    Parameters
    ----------
    record
        The signals, twelve leads at 100 Hz.
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

    record: Record
    statements: frozenset[str]
    patient: str
    fold: int
    amplitude_known: bool = True


def load(root: str | Path | None = None) -> Iterator[Stated]:
    """Read the recordings that are there, in the order of the table.

    Parameters
    ----------
    root
        Folder that holds the databases; without it ``EINTHOVEN_DATA`` or the user's data folder.

    Raises
    ------
    DataError
        The database or its table is not there, the table cannot be read, or none of its recordings is there.
    """
    from ..formats import read

    folder = dataset("ptb-xl").path(root)
    found = 0
    for row in _rows(folder / TABLE):
        file = folder / f"{row['filename_lr']}.hea"
        if file.is_file():
            found += 1
            statements = frozenset(ast.literal_eval(row["scp_codes"]))
            known = row.get("amplitude_normalised") != "True"
            yield Stated(read(file), statements, row["patient_id"], int(row["strat_fold"]), known)
    if not found:
        raise DataError(f"{folder}: no recording at 100 Hz there; get them with `einthoven data fetch ptb-xl`")


def fingerprint(item: Stated) -> str:
    """Identify a recording by its content: SHA-256 of name, signals and statements."""
    digest = hashlib.sha256(f"{item.record.id} {' '.join(sorted(item.statements))}\n".encode())
    digest.update(item.record.signal.astype("<f4").tobytes())
    return digest.hexdigest()


def _rows(table: Path) -> list[dict[str, str]]:
    try:
        with table.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, ValueError) as error:
        raise DataError(f"{table}: not a table that can be read ({error})") from error
    wanted = {"filename_lr", "scp_codes", "patient_id", "strat_fold"}
    if not rows or not wanted <= rows[0].keys():
        raise DataError(f"{table}: {len(rows)} rows; it must have columns {', '.join(sorted(wanted))}")
    return rows
