"""A recording with the beats that experts marked in it, and what identifies it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..codes import BEAT_SYMBOLS
from ..errors import DataError
from ..record import Beats, Record

if TYPE_CHECKING:
    from pathlib import Path


_END = b"\0\0"  # of every WFDB annotation file


@dataclass(frozen=True, slots=True, eq=False)
class Annotated:
    """One recording and its reference beats.

    Parameters
    ----------
    record
        The signals, all leads.
    beats
        Positions and MIT-BIH symbols of the beats, at the record's rate; marks that are no beats are left out.
    patient
        Who it was recorded from: the same name for two records of one person.
    """

    record: Record
    beats: Beats
    patient: str


def read_annotated(path: Path, patient: str = "", extension: str = "atr") -> Annotated:
    """Read one WFDB record with its beat annotations.

    Parameters
    ----------
    path
        The record, without suffix.
    patient
        Whose it is; the record's own name where nothing is said.
    extension
        Suffix of the annotation file.

    Raises
    ------
    DataError
        The header or the annotation file is missing or cannot be read.
    """
    import wfdb

    from ..formats import read

    for suffix in ("hea", extension):
        if not path.with_suffix(f".{suffix}").is_file():
            raise DataError(f"{path}.{suffix}: not there; the record needs it")
    marks_file = path.with_suffix(f".{extension}")
    if marks_file.read_bytes()[-2:] != _END:
        raise DataError(f"{marks_file}: is cut off; an annotation file ends with two zero bytes")
    try:
        marks = wfdb.rdann(str(path), extension)
    except (ValueError, IndexError, KeyError) as error:
        raise DataError(f"{path}.{extension}: not an annotation file that can be read ({error})") from error
    beat = np.isin(marks.symbol, sorted(BEAT_SYMBOLS))
    if not beat.any():
        raise DataError(f"{marks_file}: marks no beat; a record to learn from or to judge by must have some")
    beats = Beats(np.asarray(marks.sample)[beat], np.asarray(marks.symbol)[beat])
    return Annotated(read(path.with_suffix(".hea")), beats, patient or path.name)


def fingerprint(item: Annotated) -> str:
    """Identify a recording by its content: SHA-256 of rate, lead names, signals, beat positions and symbols.

    The content counts, not the files, so that a copy stored in another lossless format has the same fingerprint.

    Examples
    --------
    >>> heart = Annotated(Record(np.zeros((1, 4)), 360, ("II",)), Beats([2], ["N"]), "100")
    >>> fingerprint(heart)[:8]
    '89f057cc'
    """
    record, beats = item.record, item.beats
    digest = hashlib.sha256(f"{record.id} {record.fs_hz:g} {' '.join(record.leads)}\n".encode())
    digest.update(record.signal.astype("<f4").tobytes())
    digest.update(beats.sample.astype("<i8").tobytes())
    digest.update("".join(beats.symbol).encode())
    return digest.hexdigest()
