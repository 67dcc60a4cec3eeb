"""First China ECG Intelligence Competition, 2019, preliminary round: ten-second recordings, normal or abnormal.

Twelve leads at 500 Hz, 600 in ``TRAIN`` with the answers in ``reference.txt``, 400 in ``TEST`` without; they were
gathered from several public databases. http://mdi.ids.tsinghua.edu.cn. In every one aVR is stored as (I + II) / 2 and
aVL as II / 2, which breaks Goldberger's relations; nothing is mended here.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..errors import DataError
from .catalogue import dataset

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..record import Record

REFERENCE: Final = "reference.txt"
_LINE: Final = re.compile(r"(?P<name>[\w-]+)\s+(?P<answer>[01])")


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """One recording of ``TRAIN`` and the answer: whether it is abnormal."""

    record: Record
    abnormal: bool


def load(root: str | Path | None = None) -> Iterator[Answered]:
    """Read the recordings with answers, in the order of ``reference.txt``, on which the folds depend.

    Parameters
    ----------
    root
        Folder that holds the databases; without it ``EINTHOVEN_DATA`` or the user's data folder.

    Raises
    ------
    DataError
        The database is not there, ``reference.txt`` cannot be read, or a recording that it names is missing.
    """
    from ..formats import read

    folder = dataset("cpic2019").path(root)
    for name, abnormal in answers(folder / REFERENCE).items():
        file = folder / "TRAIN" / f"{name}.mat"
        if not file.is_file():
            raise DataError(f"{file}: not there; {folder / REFERENCE} names it")
        yield Answered(read(file), abnormal)


def unanswered(root: str | Path | None = None) -> tuple[Path, ...]:
    """Return the files of the recordings without answers that are there, by name; raises DataError without any."""
    folder = dataset("cpic2019").path(root) / "TEST"
    files = tuple(sorted(folder.glob("*.mat")))
    if not files:
        raise DataError(f"{folder}: no recording there; it must hold TEST101.mat and so on")
    return files


def answers(file: Path) -> dict[str, bool]:
    """Read ``reference.txt``: by recording, in its order, whether it is abnormal.

    Raises
    ------
    DataError
        It cannot be read or names nothing, a line is no name with 0 or 1 behind it, or a name comes twice.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise DataError(f"{file}: not a list of answers that can be read ({error})") from error
    found: dict[str, bool] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if not match:
            raise DataError(f"{file}, line {number}: {line!r}; it must be a name and 0 or 1, as 'TRAIN101 1'")
        if match["name"] in found:
            raise DataError(f"{file}, line {number}: {match['name']} was answered before; it must be named once")
        found[match["name"]] = match["answer"] == "1"
    if not found:
        raise DataError(f"{file}: names no recording; it must have lines as 'TRAIN101 1'")
    return found


def fingerprint(item: Answered) -> str:
    """Identify a recording by its content: SHA-256 of name, rate, lead names, signals and answer."""
    record = item.record
    digest = hashlib.sha256(f"{record.id} {record.fs_hz:g} {' '.join(record.leads)} {item.abnormal:d}\n".encode())
    digest.update(record.signal.astype("<f4").tobytes())
    return digest.hexdigest()
