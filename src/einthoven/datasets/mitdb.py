"""MIT-BIH Arrhythmia Database: 48 half-hour recordings of two leads, every beat marked by two cardiologists.

Moody & Mark, IEEE Eng in Med and Biol 2001;20(3):45-50; https://physionet.org/content/mitdb/1.0.0/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .annotated import Annotated, read_annotated
from .catalogue import dataset

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_RECORDS = """
100 101 102 103 104 105 106 107 108 109 111 112 113 114 115 116 117 118 119 121 122 123 124
200 201 202 203 205 207 208 209 210 212 213 214 215 217 219 220 221 222 223 228 230 231 232 233 234"""
_DS1 = "101 106 108 109 112 114 115 116 118 119 122 124 201 203 205 207 208 209 215 220 223 230"
_DS2 = "100 103 105 111 113 117 121 123 200 202 210 212 213 214 219 221 222 228 231 232 233 234"

RECORDS: Final = tuple(_RECORDS.split())
"""In the order of the publisher's file ``RECORDS``; splits depend on it."""

PACED: Final = frozenset({"102", "104", "107", "217"})
"""Records with paced beats, which EC57 leaves out of the scoring of beat classes."""

DS1: Final = tuple(_DS1.split())
DS2: Final = tuple(_DS2.split())
"""Training and test records of de Chazal, O'Dwyer & Reilly, IEEE Trans Biomed Eng 2004;51(7):1196-1206."""

_SAME_PERSON: Final = {"202": "201"}


def patient_of(record: str) -> str:
    """Name the person behind a record: 201 and 202 were recorded from one man, all others differ.

    Examples
    --------
    >>> patient_of("202"), patient_of("100")
    ('201', '100')
    """
    return _SAME_PERSON.get(record, record)


def load(root: str | Path | None = None, records: Sequence[str] = RECORDS) -> Iterator[Annotated]:
    """Read records with their reference beats, one after the other.

    Parameters
    ----------
    root
        Folder that holds the databases; without it ``EINTHOVEN_DATA`` or the user's data folder.
    records
        Which ones, by name.

    Raises
    ------
    DataError
        The database or one of its files is not there.
    """
    folder = dataset("mitdb").path(root)
    for name in records:
        yield read_annotated(folder / name, patient_of(name))
