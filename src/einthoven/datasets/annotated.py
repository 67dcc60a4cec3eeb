"""A recording with the beats that experts marked in it, and what identifies it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..codes import BEAT_SYMBOLS
from ..errors import DataError
from ..findings import Interval
from ..record import Beats, Record

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


_END = b"\0\0"  # of every WFDB annotation file
_NO_LEAD_READABLE = 0x30  # bits of the subtype of a signal quality mark: neither of two leads can be read


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
    flutter
        Ventricular flutter or fibrillation, in which no beats are marked: from ``[`` to ``]``, or to the end.
    unreadable
        Where no lead could be read: from such a signal quality mark ``~`` to the mark after it, or to the end.
    rhythm
        By beat: the last rhythm mark up to it, as ``(AFIB``; empty where there is none. No beats at all stand for a
        recording without such marks.
    """

    record: Record
    beats: Beats
    patient: str
    flutter: tuple[Interval, ...] = ()
    unreadable: tuple[Interval, ...] = ()
    rhythm: tuple[str, ...] = ()


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
    sample, symbol = np.asarray(marks.sample), np.asarray(marks.symbol, dtype=np.str_)
    beat = np.isin(symbol, sorted(BEAT_SYMBOLS))
    if not beat.any():
        raise DataError(f"{marks_file}: marks no beat; a record to learn from or to judge by must have some")
    record = read(path.with_suffix(".hea"))
    lost = (symbol == "~") & (np.asarray(marks.subtype) & _NO_LEAD_READABLE == _NO_LEAD_READABLE)
    return Annotated(
        record,
        Beats(sample[beat], symbol[beat]),
        patient or path.name,
        flutter=_stretches(sample[symbol == "["], sample[symbol == "]"], record),
        unreadable=_stretches(sample[lost], sample, record),
        rhythm=_rhythm(sample[beat], sample[symbol == "+"], np.asarray(marks.aux_note)[symbol == "+"]),
    )


def _rhythm(beat: NDArray[np.int64], mark: NDArray[np.int64], text: NDArray[np.str_]) -> tuple[str, ...]:
    """Return the text of the last mark up to each beat; nothing at all where there is no mark."""
    texts = ["", *(one.rstrip("\0") for one in text.tolist())]
    return tuple(texts[place] for place in np.searchsorted(mark, beat, side="right").tolist()) if len(mark) else ()


def _stretches(start: NDArray[np.int64], stop: NDArray[np.int64], record: Record) -> tuple[Interval, ...]:
    """Pair each start with the first stop after it; the end of the record is a stop."""
    ends = np.append(np.minimum(stop, record.n_samples), record.n_samples)
    after = np.searchsorted(stop, start, side="right")
    return tuple(
        Interval(first / record.fs_hz, last / record.fs_hz)
        for first, last in zip(start.tolist(), ends[after].tolist(), strict=True)
    )


def fingerprint(item: Annotated) -> str:
    """Identify a recording by its content: SHA-256 of rate, lead names, signals, beat positions and symbols.

    The content counts, not the files, so that a copy stored in another lossless format has the same fingerprint. What
    is marked besides beats plays no part in it.

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
