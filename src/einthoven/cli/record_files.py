"""Which records a command is asked about when it is given folders, lists and files: for work on many of them."""

from __future__ import annotations

import os
import re
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from ..errors import DataError, OptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Answer = TypeVar("Answer")

_AT_ONCE: Final = 32  # whose records go through the network together

WORTH_PROCESSES: Final = 512
"""So many files are worth starting processes for."""

LISTS: Final = (".txt", ".lst", ".list")
"""A file with such a suffix is a list: a path or name a line, beside the list; blank lines and ``#`` pass."""

Places = Annotated[
    list[Path],
    typer.Argument(
        metavar="DIR|LIST|FILE...",
        help=f"Folders of ECG files, lists of them ({' '.join(LISTS)}, one a line), or the files themselves.",
        readable=False,
    ),
]


def record_files(places: Sequence[Path], format: str | None = None) -> list[Path]:
    """Return the files of all records meant, in the order given; those of a folder as a person would count them.

    In a folder, an ECG file is told by its suffix; tables of text must be named, for they may hold anything. With
    `format`, a reader's key, the files of a folder are those it reads, and no file is a list.

    Raises
    ------
    DataError
        A folder or list holds none, or cannot be read.
    OptionError
        Two records have one name, or one has a sign in its name that no line of answers can hold.
    """
    files = [file for place in places for file in _meant(place, format)]
    owner: dict[str, Path] = {}
    for file in files:
        name = record_name(file)
        if not name.isprintable():
            raise OptionError(f"{str(file)!r}: has a sign in its name that no line of answers can hold; rename it")
        if name in owner:
            raise OptionError(f"{owner[name]} and {file} are both called {name}; answers could not be told apart")
        owner[name] = file
    return files


def record_name(file: Path) -> str:
    """Return what a record is called in an answer: the name of its file without suffix.

    Examples
    --------
    >>> record_name(Path("TEST/TEST394.mat"))
    'TEST394'
    """
    from ..formats.wfdb import header_of

    return header_of(file).stem


def _meant(place: Path, format: str | None) -> list[Path]:
    if place.is_dir():
        found = _of_folder(place, format)
        if not found:
            inside = ", ".join(sorted(one.name for one in place.iterdir() if one.is_dir())[:5])
            raise DataError(f"{place}: holds no ECG file" + (f"; name one of its folders: {inside}" if inside else ""))
        return found
    if format is None and place.suffix.lower() in LISTS:
        return _of_list(place)
    return [place]


def _of_folder(folder: Path, format: str | None) -> list[Path]:
    from ..formats import READERS, files_of

    readers = [READERS[format]] if format in READERS else [READERS[key] for key in READERS if key != "delimited"]
    suffixes = {suffix for reader in readers for suffix in reader.suffixes}
    files = [one for one in folder.iterdir() if one.suffix.lower() in suffixes and not one.name.startswith(".")]
    headers = {one for one in files if one.suffix.lower() == ".hea"}
    named = {header.stem for header in headers}
    signals = {*READERS["wfdb"].suffixes, *READERS["matlab"].suffixes}  # called as a header, even a damaged one: of it
    parts = {one for one in files if one.stem in named and one.suffix.lower() in signals} - headers
    others = parts | headers < set(files)
    for header in headers:
        if others or _in_segments(header):
            parts |= files_of(header) - {header}
    return sorted((one for one in files if one not in parts), key=_counting)


def _in_segments(header: Path) -> bool:
    """Tell whether a header says that its record is in segments, as ``s00001/5`` does: these have headers, too."""
    try:
        with header.open(encoding="latin-1") as lines:
            first = next((line.split() for line in lines if line.strip() and not line.startswith("#")), [""])
    except OSError:
        return False
    return "/" in first[0]


def _of_list(file: Path) -> list[Path]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise DataError(f"{file}: cannot be read as a list ({getattr(error, 'strerror', None) or error})") from error
    entries = [line.strip() for line in lines]
    found = [_named(file.parent / entry) for entry in entries if entry and not entry.startswith("#")]
    if not found:
        raise DataError(f"{file}: names no record; a list has a path or a name a line")
    return found


def _named(path: Path) -> Path:
    """Return the file of an entry, which may be a bare name; the entry itself where there is none."""
    return path if path.exists() else next(_candidates(path), path)


def _candidates(path: Path) -> Iterator[Path]:
    from ..formats import READERS

    suffixes = dict.fromkeys(suffix for reader in READERS.values() for suffix in reader.suffixes)
    return (file for suffix in suffixes if (file := path.with_name(path.name + suffix)).is_file())


def _counting(file: Path) -> list[tuple[int, str]]:
    """Return what sorts names as a person counts: TEST9 before TEST10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", file.name.casefold())]


def in_batches(
    files: Sequence[Path], start: Callable[[], Callable[[Sequence[Path]], Sequence[Answer]]]
) -> Iterator[tuple[Path, Answer]]:
    """Work on some files at a time, on every processor, and yield each file with its answer, in their order.

    `start` gives what does the work. Threads share one; of many files, processes have one each, to which `start` must
    be sent: they begin a second later, but do not wait for each other's Python.
    """
    from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
    from multiprocessing import get_context

    parts = [files[first : first + _AT_ONCE] for first in range(0, len(files), _AT_ONCE)]
    workers = min(len(parts), os.cpu_count() or 1) or 1
    work: Callable[[Sequence[Path]], Sequence[Answer]]
    pool: Executor
    if len(files) < WORTH_PROCESSES or workers == 1:
        pool, work = ThreadPoolExecutor(workers), start()
    else:
        pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin, initargs=(start,))
        work = _go_on
    try:
        for part, answers in zip(parts, pool.map(work, parts), strict=True):
            yield from zip(part, answers, strict=True)
    finally:
        pool.shutdown(cancel_futures=True)


_WORK: Final[ContextVar[Callable[[Sequence[Path]], Sequence[Any]]]] = ContextVar("work")
"""What does the work in a process of its own, which makes it once and keeps it."""


def _begin(start: Callable[[], Callable[[Sequence[Path]], Sequence[Any]]]) -> None:
    _WORK.set(start())


def _go_on(files: Sequence[Path]) -> Sequence[Any]:
    return _WORK.get()(files)
