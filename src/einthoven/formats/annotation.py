"""Beats and rhythms as WFDB annotation files, the form every ECG tool can score and show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from ..atomic import replacing
from ..errors import OptionError
from .wfdb import ANNOTATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..record import Beats

_NO_BEATS = b"\0\0"  # an annotation file is a list that ends with a zero word; wfdb cannot write the empty list


def check_annotator(name: str) -> str:
    """Return `name` if it can be an annotator: letters, digits, hyphen and underscore, and no suffix of a signal file.

    Raises
    ------
    OptionError
        It is none.
    """
    from . import READERS

    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise OptionError(f"annotator is '{name}'; it may hold letters, digits, '-' and '_'")
    taken = {suffix for reader in READERS.values() for suffix in reader.suffixes} - set(ANNOTATIONS)
    if f".{name.lower()}" in taken:
        raise OptionError(f"annotator is '{name}', the suffix of files with signals; take another, such as 'qrs'")
    return name


def write_beats(beats: Beats, fs_hz: float, path: Path, rhythm: Sequence[tuple[float, str]] = ()) -> None:
    """Write beats, and changes of rhythm, as a WFDB annotation file that `wfdb.rdann` reads back to the sample.

    Parameters
    ----------
    beats
        Positions and MIT-BIH symbols.
    fs_hz
        Rate the positions count in.
    path
        ``FOLDER/RECORD.ANNOTATOR``; the folder is made.
    rhythm
        When which rhythm begins, seconds and text such as ``(AFIB``; each stands before the beat it begins with.

    Raises
    ------
    OptionError
        The annotator's name is not one of WFDB's.
    OutputError
        The folder cannot be written.
    """
    from wfdb import wrann

    annotator = check_annotator(path.suffix.removeprefix("."))
    with replacing(path) as draft:
        if not len(beats) and not rhythm:
            draft.write_bytes(_NO_BEATS)
            return
        sample = np.concatenate([[round(start_s * fs_hz) for start_s, _ in rhythm], beats.sample]).astype(np.int64)
        order = np.argsort(sample, kind="stable")
        symbol = np.concatenate([np.full(len(rhythm), "+"), beats.symbol])[order]
        text = np.array([text for _, text in rhythm] + [""] * len(beats))[order].tolist()
        wrann("record", annotator, sample[order], symbol, aux_note=text, fs=fs_hz, write_dir=str(draft.parent))
        (draft.parent / f"record.{annotator}").rename(draft)
