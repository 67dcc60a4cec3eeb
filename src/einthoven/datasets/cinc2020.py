"""PhysioNet/Computing in Cardiology Challenge 2020: twelve leads from several hospitals, each with its diagnoses.

Perez Alday et al., Physiol Meas 2020;41:124003; https://physionet.org/content/challenge-2020/1.0.2/. The records that
the challenge of 2021 added (https://physionet.org/content/challenge-2021/1.0.3/) are of the same form and read as well.
Diagnoses are SNOMED CT codes in the header's line ``#Dx``, age and sex in ``#Age`` and ``#Sex``; either may be missing.
"""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ..codes import CINC2020_CLASSES, CINC2020_SAME
from ..errors import DataError, unknown
from .catalogue import dataset

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from ..record import Record

DATABASES: Final = {
    "A": "CPSC 2018",
    "Q": "CPSC-Extra",
    "I": "St Petersburg INCART",
    "S": "PTB",
    "HR": "PTB-XL",
    "E": "Georgia",
    "JS": "Chapman-Shaoxing and Ningbo",
}
"""The database a record comes from, by the letters its name begins with; JS is of 2021."""

PTBXL_TABLE: Final = "cinc2020_labels.csv"
_NAME: Final = re.compile(r"([A-Z]+)(\d+)")


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosed:
    """One recording and what was diagnosed in it.

    Parameters
    ----------
    record
        The signals; its `patient` has age and sex where the header states them.
    codes
        SNOMED CT codes as the header has them, scored by the challenge or not.
    database
        Where it was recorded: a value of :data:`DATABASES`.
    """

    record: Record
    codes: frozenset[str]
    database: str


def load(root: str | Path | None = None, databases: Collection[str] = tuple(DATABASES.values())) -> Iterator[Diagnosed]:
    """Read the recordings that are there, in the order of their list or else by name.

    Parameters
    ----------
    root
        Folder that holds the databases; without it ``EINTHOVEN_DATA`` or the user's data folder.
    databases
        Which of :data:`DATABASES` to read.

    Raises
    ------
    DataError
        The challenge's folder is not there, holds no recording of these databases, or one of another name.
    OptionError
        A database is not known.
    """
    from ..formats import read

    for name in databases:
        if name not in DATABASES.values():
            raise unknown("database", name, DATABASES.values())
    found = 0
    for header in _headers(root):
        if (database := database_of(header.stem)) in databases:
            found += 1
            record = read(header)
            yield Diagnosed(record, frozenset(record.diagnoses), database)
    if not found:
        raise DataError(f"{dataset('cinc2020').path(root)}: holds no recording of {', '.join(databases)}")


def database_of(record: str) -> str:
    """Name the database that a record comes from.

    Raises
    ------
    DataError
        The name is not one that the challenge gave.

    Examples
    --------
    >>> database_of("HR00001"), database_of("JS00001")
    ('PTB-XL', 'Chapman-Shaoxing and Ningbo')
    """
    match = _NAME.fullmatch(record)
    if match is None or match[1] not in DATABASES:
        raise DataError(f"record {record!r} is not of the challenge: names are {', '.join(DATABASES)} and a number")
    return DATABASES[match[1]]


def read_labels(folder: Path) -> dict[str, frozenset[str]]:
    """Read the diagnoses of all headers of a folder: SNOMED CT codes by the name of the record, in its order.

    Only the line ``#Dx`` counts, which may stand alone in its file; ``# Dx``, as some of the challenge's headers have
    it, is the same. It may name no code, for a record of which nothing is diagnosed.

    Raises
    ------
    DataError
        There is no such folder or no header in it, or a header cannot be read or has no line ``#Dx``.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; it must hold headers, as A0001.hea")
    headers = sorted(file for file in folder.glob("*") if file.suffix.lower() == ".hea" and file.name[0] != ".")
    if not headers:
        raise DataError(f"{folder}: holds no header, as A0001.hea; folders in it are not looked into")
    return {header.stem: read_codes(header) for header in headers}


def read_codes(header: Path) -> frozenset[str]:
    """Read the diagnoses of one header; raises DataError where it cannot be read or has no line ``#Dx``."""
    from ..formats.facts import stated_diagnoses

    try:
        lines = header.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise DataError(f"{header}: cannot be read ({error.strerror})") from error
    codes = stated_diagnoses(line.strip("# \t") for line in lines if line.startswith("#"))
    if codes is None:
        raise DataError(f"{header}: has no line of diagnoses; it must be like '#Dx: 426783006,164934002'")
    return frozenset(codes)


def ptbxl_codes(root: str | Path | None = None) -> dict[int, frozenset[str]]:
    """Read the challenge's diagnoses of PTB-XL: SNOMED CT codes by ``ecg_id``.

    They are in a table of the scored classes, ``ptb-xl/cinc2020_labels.csv``, if it is there: ``ecg_id`` and one column
    of 0 and 1 a class. Else the challenge's own headers have them, whose numbers are those of PTB-XL. It does not have
    all recordings of PTB-XL.

    Raises
    ------
    DataError
        Neither is there, or the table cannot be read.
    """
    table = dataset("ptb-xl").path(root) / PTBXL_TABLE
    if table.is_file():
        return _table(table)
    codes = {int(header.stem[2:]): read_codes(header) for header in _headers(root) if header.stem.startswith("HR")}
    if not codes:
        raise DataError(f"{table}: not there, and the copy of cinc2020 has no header of PTB-XL, as HR00001.hea")
    return codes


def targets(diagnoses: Iterable[Collection[str]]) -> NDArray[np.bool_]:
    """Return which of the scored classes each record has, bool, shape (record, class).

    Columns are :data:`~einthoven.codes.CINC2020_CLASSES`; codes that are scored as another count as that, codes that
    are not scored not at all.

    Examples
    --------
    >>> has = targets([{"59118001"}, {"713427006", "55827005"}, set()])  # right bundle branch block by either code
    >>> has.shape, has.sum(axis=1).tolist(), bool((has[0] == has[1]).all())
    ((3, 24), [1, 1, 0], True)
    """
    scored = [{CINC2020_SAME.get(code, code) for code in codes} for codes in diagnoses]
    rows = [[code in codes for code in CINC2020_CLASSES] for codes in scored]
    return np.array(rows, dtype=bool).reshape(-1, len(CINC2020_CLASSES))


def fingerprint(item: Diagnosed) -> str:
    """Identify a recording by its content: SHA-256 of name, rate, lead names, signals and diagnoses."""
    record = item.record
    facts = f"{record.id} {record.fs_hz:g} {' '.join(record.leads)} {' '.join(sorted(item.codes))}\n"
    digest = hashlib.sha256(facts.encode())
    digest.update(record.signal.astype("<f4").tobytes())
    return digest.hexdigest()


def _headers(root: str | Path | None) -> Iterator[Path]:
    from .check import list_records

    entry = dataset("cinc2020")
    folder = entry.path(root)
    files = (folder / f"{name}{entry.header_suffix}" for name in list_records(entry, folder))
    return (file for file in files if file.is_file())


def _table(table: Path) -> dict[int, frozenset[str]]:
    try:
        with table.open(encoding="utf-8", newline="") as lines:
            numbered = [(number, row) for number, row in enumerate(csv.reader(lines), start=1) if row]
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(f"{table}: not a table that can be read ({error})") from error
    name, *codes = numbered[0][1] if numbered else [""]
    if name != "ecg_id" or not set(codes) <= set(CINC2020_CLASSES):
        raise DataError(f"{table}: columns are {', '.join([name, *codes])[:80]}; they must be ecg_id and scored codes")
    found: dict[int, frozenset[str]] = {}
    for number, (ecg_id, *cells) in numbered[1:]:
        if not ecg_id.isdecimal() or len(cells) != len(codes) or not set(cells) <= {"0", "1"}:
            raise DataError(f"{table}, line {number}: must be a number and {len(codes)} times 0 or 1")
        found[int(ecg_id)] = frozenset(code for code, cell in zip(codes, cells, strict=True) if cell == "1")
    return found
