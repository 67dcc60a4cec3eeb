"""Files in and out: :func:`read`, :func:`write`, and the tables of formats they choose from.

Adding a format is one new file here and one line in a table; a package outside may add one as an entry point of the
group ``einthoven.readers``, whose object is a :class:`Reader`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import FormatError, OptionError, unknown
from . import delimited, edf, edf_writer, matlab, numpy, wfdb, wfdb_writer
from .reader import Reader, ReadOptions, Writer, sourced
from .unread import unread_format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..record import Record

__all__ = [
    "READERS",
    "WRITERS",
    "ReadOptions",
    "Reader",
    "Writer",
    "files_of",
    "read",
    "reader_for",
    "write",
    "writer_for",
]

READERS: Final[dict[str, Reader]] = {
    "wfdb": wfdb.READER,
    "matlab": matlab.READER,
    "edf": edf.READER,
    "numpy": numpy.READER,
    "delimited": delimited.READER,
}
WRITERS: Final[dict[str, Writer]] = {
    "wfdb": wfdb_writer.WRITER,
    "matlab": wfdb_writer.MATLAB_WRITER,
    "edf": edf_writer.WRITER,
    "numpy": numpy.WRITER,
    "csv": delimited.CSV_WRITER,
    "tsv": delimited.TSV_WRITER,
}
SNIFFED_BYTES: Final = 512


def read(
    path: str | Path,
    *,
    fs_hz: float | None = None,
    unit: str | None = None,
    leads: Sequence[str] | None = None,
    repair: bool = False,
    derive: bool = False,
    format: str | None = None,
) -> Record:
    r"""Read an ECG file of any known format.

    The content decides which reader takes it, then the suffix. Nothing is guessed from sample values: what the file
    does not state must be given, and what a format prescribes in that case is taken and noted.

    Parameters
    ----------
    path
        The file; for a WFDB record any of its files, or its name without suffix.
    fs_hz
        Sampling rate, for a file that does not state it.
    unit
        ``"mV"``, ``"uV"``, ``"V"``, ``"nV"`` or converter units (``"1000/mV"``), for a file that does not state it.
    leads
        Names for the signals of a file that has none; otherwise those to keep, in this order.
    repair
        Rebuild augmented limb leads that break the lead laws; says so in the record's notes.
    derive
        Compute limb leads that are missing, where two are there; says so in the record's notes.
    format
        A key of `READERS`, where content and suffix should not decide.

    Raises
    ------
    FormatError
        The file is absent, unreadable, damaged or of no known format.
    OptionError
        The file needs an option that was not given, or an option contradicts it.
    SignalError
        The file holds no samples.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp()) / "two.csv"
    >>> _ = path.write_text("time,II,avr\n0,500,-250\n2,750,-500\n")
    >>> record = read(path, fs_hz=500, unit="uV")
    >>> record.leads, record["aVR"].tolist()
    (('II', 'aVR'), [-0.25, -0.5])
    >>> record.notes
    ("column 1 ('time') is time or a counter; left out",)
    """
    options = ReadOptions(fs_hz, unit, leads)
    if not str(path):
        raise FormatError("the name of the file is empty; name a file")
    path = Path(path)
    reader = reader_for(path, format)
    try:
        record = sourced(reader.read(path, options), path)
    except (OSError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "it does not fit in memory"
        raise FormatError(f"{getattr(error, 'filename', None) or path}: cannot be read ({reason})") from error
    if repair or derive:
        from ..signal import leads as lead_laws

        record = lead_laws.repair_leads(record) if repair else record
        record = lead_laws.derive_leads(record) if derive else record
    return record


def write(record: Record, path: str | Path, *, format: str | None = None) -> tuple[str, ...]:
    """Write `record` to `path` in the format its suffix names.

    Returns
    -------
    tuple of str
        What this format cannot keep of the record, one sentence each; empty where all is kept.

    Raises
    ------
    OptionError
        The suffix, or `format`, names none of `WRITERS`.
    OutputError
        The record does not go into this format, or the folder cannot be written.

    Examples
    --------
    >>> import numpy as np
    >>> from tempfile import mkdtemp
    >>> from einthoven import Record
    >>> folder = Path(mkdtemp())
    >>> write(Record(np.zeros((1, 100)), 100, ("II",), diagnoses=("426783006",)), folder / "flat.edf")
    ('EDF has no place for diagnoses',)
    >>> read(folder / "flat.edf").leads
    ('II',)
    """
    path = Path(path)
    return writer_for(path, format).write(record, path)


def _chosen(key: str) -> Reader:
    if key in READERS:
        return READERS[key]
    outside = _outside()
    if key in outside:
        return outside[key]
    raise unknown("format to read", key, (*READERS, *outside))


def reader_for(path: Path, format: str | None = None) -> Reader:
    """Return the reader of `format`, or else the first that knows the file's content, or else its suffix.

    Raises
    ------
    FormatError
        The file is absent, empty, unreadable, or of a format that is not known or not read.
    OptionError
        `format` is no key of `READERS`.
    """
    chosen = None if format is None else _chosen(format)
    head = _head(path)
    if reader := chosen or _by_content(READERS, path, head):
        return reader
    named = unread_format(head)
    own = None if named else _by_suffix(READERS, path)
    outside = {} if own else _outside()
    if reader := own or _by_content(outside, path, head) or _by_suffix(outside, path):
        return reader
    if named:
        raise FormatError(f"{path}: {named} is not read yet; known are {', '.join(READERS)}")
    known = dict.fromkeys(suffix for reader in READERS.values() for suffix in reader.suffixes)
    raise FormatError(f"{path}: is of no known format; known are files that end in {', '.join(known)}")


def _head(path: Path) -> bytes:
    """Return the first bytes of a file; none for a WFDB record that is called by its bare name."""
    try:
        if path.is_file():
            with path.open("rb") as stream:
                if head := stream.read(SNIFFED_BYTES):
                    return head
            raise FormatError(f"{path}: is empty")
        if wfdb.header_of(path).is_file():
            return b""
        if path.is_dir():
            raise FormatError(f"{path}: is a folder; name a file")
        if path.exists() or str(path) == "-":
            raise FormatError(f"{path}: is no regular file; save what it gives to one first")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise FormatError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
    raise FormatError(f"{path}: no such file")


def _by_content(readers: dict[str, Reader], path: Path, head: bytes) -> Reader | None:
    return next((reader for reader in readers.values() if reader.sniff(path, head)), None)


def _by_suffix(readers: dict[str, Reader], path: Path) -> Reader | None:
    return next((reader for reader in readers.values() if path.suffix.lower() in reader.suffixes), None)


def files_of(path: Path, format: str | None = None) -> frozenset[Path]:
    """Return the files that `read` would take the record at `path` from, for a WFDB record also its reference beats.

    A file that cannot be read is its only one.

    Examples
    --------
    >>> import numpy as np
    >>> from tempfile import mkdtemp
    >>> from einthoven import Record
    >>> folder = Path(mkdtemp())
    >>> _ = write(Record(np.zeros((1, 100)), 100, ("II",)), folder / "flat.hea")
    >>> sorted(file.name for file in files_of(folder / "flat"))
    ['flat', 'flat.dat', 'flat.hea']
    """
    try:
        record = wfdb.files_of(path) if reader_for(path, format) is READERS["wfdb"] else frozenset()
    except FormatError:
        record = frozenset()
    return record | {path}


def writer_for(path: Path, format: str | None = None) -> Writer:
    """Return the writer of `format`, or else the one that the suffix of `path` names; raises OptionError for none."""
    if format is not None:
        if format not in WRITERS:
            raise unknown("format to write", format, WRITERS)
        return WRITERS[format]
    for writer in WRITERS.values():
        if path.suffix.lower() in writer.suffixes:
            return writer
    known = ", ".join(suffix for writer in WRITERS.values() for suffix in writer.suffixes)
    raise OptionError(f"{path}: cannot write files that end in '{path.suffix}'; known are {known}")


def _outside() -> dict[str, Reader]:
    """Return the readers that other installed packages add, by key."""
    from importlib.metadata import entry_points

    return {entry.name: entry.load() for entry in entry_points(group="einthoven.readers")}
