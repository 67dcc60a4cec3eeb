"""Beats as WFDB annotation files, the form every ECG tool can score and show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from ..atomic import replacing
from ..errors import OptionError
from .wfdb import ANNOTATIONS

if TYPE_CHECKING:
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


def write_beats(beats: Beats, fs_hz: float, path: Path) -> None:
    """Write beats as a WFDB annotation file that `wfdb.rdann` reads back to the sample.

    Parameters
    ----------
    beats
        Positions and MIT-BIH symbols.
    fs_hz
        Rate the positions count in.
    path
        ``FOLDER/RECORD.ANNOTATOR``; the folder is made.

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
        if not len(beats):
            draft.write_bytes(_NO_BEATS)
            return
        wrann("record", annotator, beats.sample, np.asarray(beats.symbol), fs=fs_hz, write_dir=str(draft.parent))
        (draft.parent / f"record.{annotator}").rename(draft)
