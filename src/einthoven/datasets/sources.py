"""Recordings with reference beats, wherever they are: a database by its key, a folder, or one record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import DataError
from ..formats.wfdb import header_of
from . import mitdb
from .annotated import Annotated, read_annotated
from .catalogue import dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Marked:
    """A record that has reference beats, not yet read.

    Parameters
    ----------
    path
        Its files, without suffix.
    patient
        Whose it is.
    """

    path: Path
    patient: str

    @property
    def name(self) -> str:
        """Name of the record."""
        return self.path.name

    def read(self) -> Annotated:
        """Read it; raises DataError where it cannot be."""
        return read_annotated(self.path, self.patient)


def _itself(record: str) -> str:
    return record


DATABASES: Final[dict[str, tuple[tuple[str, ...] | None, Callable[[str], str]]]] = {
    "mitdb": (mitdb.RECORDS, mitdb.patient_of),
    "svdb": (None, _itself),
}
"""Databases with reference beats: their records (None: those that are there), and whose each is."""


def marked_records(
    source: str, root: str | Path | None = None, records: Sequence[str] | None = None
) -> tuple[Marked, ...]:
    """Find the records of a source.

    Parameters
    ----------
    source
        A key of :data:`DATABASES`, or else a folder of WFDB records with annotations (``.atr``), or one such record, by
        any of its files. In a folder of unknown origin, each record is taken to be of another patient.
    root
        Folder that holds the databases; without it ``EINTHOVEN_DATA`` or the user's data folder.
    records
        Only these, by name, in the source's order.

    Raises
    ------
    DataError
        There is no such source, or it lacks one of the records named.
    """
    if source in DATABASES:
        names, whose = DATABASES[source]
        folder = dataset(source).path(root)
    else:
        folder, names, whose = Path(source), None, _itself
        if not source or not folder.is_dir():
            folder, names = folder.parent, (header_of(folder).stem,)
            if not source or not any((folder / f"{names[0]}{suffix}").is_file() for suffix in (".hea", ".atr")):
                raise DataError(f"{source!r}: neither one of {', '.join(DATABASES)}, nor a folder, nor a WFDB record")
    if names is None:
        names = tuple(sorted(file.stem for file in folder.glob("*.atr") if file.with_suffix(".hea").is_file()))
    absent = [name for name in records or () if name not in names]
    if absent:
        told = ", ".join(name or "''" for name in absent)
        raise DataError(f"{folder}: has no annotated record {told}")
    if not names:
        raise DataError(f"{folder}: holds no WFDB record with annotations (.hea and .atr of one name)")
    return tuple(Marked(folder / name, whose(name)) for name in names if not records or name in records)
