"""MIT-BIH Supraventricular Arrhythmia Database: half-hour recordings of two leads at 128 Hz, every beat marked.

Greenwald, Patil & Mark, Computers in Cardiology 1990;461-464; https://physionet.org/content/svdb/1.0.0/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import DataError
from .annotated import Annotated, read_annotated
from .catalogue import dataset

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def load(root: str | Path | None = None) -> Iterator[Annotated]:
    """Read the records that are there, of the 78 published, with their reference beats, one after the other.

    Parameters
    ----------
    root
        Folder that holds the databases; without it ``EINTHOVEN_DATA`` or the user's data folder.

    Raises
    ------
    DataError
        The database is not there, or none of its records is, or one lacks its beats.
    """
    folder = dataset("svdb").path(root)
    files = sorted(folder.glob("*.hea"))
    if not files:
        raise DataError(f"{folder}: no record there; get them with `einthoven data fetch svdb`")
    for file in files:
        yield read_annotated(file.with_suffix(""))
