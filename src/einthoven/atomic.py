"""Results are written whole or not at all: to a temporary name beside the target, then renamed over it.

A symbolic link stays one: what it leads to is replaced. A device or pipe is never replaced; it is written to.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def replacing(target: str | Path) -> Iterator[Path]:
    """Give a temporary path of the same suffix; on a clean exit it becomes `target`, otherwise nothing changes.

    Where `target` is a device or a pipe, such as ``/dev/null``, the whole result is written to it instead.

    Raises
    ------
    OutputError
        The folder cannot be made or written, or `target` is a folder.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> place = Path(mkdtemp()) / "rate.txt"
    >>> with replacing(place) as draft:
    ...     _ = draft.write_text("72 bpm")
    >>> place.read_text()
    '72 bpm'
    """
    target = Path(target)
    if not _is_special(target):
        with replacing_in(target.parent) as folder:
            yield folder / target.name
        return
    with tempfile.TemporaryDirectory(prefix="einthoven-") as elsewhere:
        draft = Path(elsewhere, target.name)
        yield draft
        with _refusing(target), draft.open("rb") as whole, target.open("wb") as sink:
            shutil.copyfileobj(whole, sink)


@contextmanager
def replacing_in(folder: str | Path) -> Iterator[Path]:
    """Give a temporary folder; on a clean exit each file written there moves into `folder`, otherwise none does.

    For results of several files, such as a WFDB header with its signals.

    Raises
    ------
    OutputError
        The folder cannot be made or written, or a file of the result is there as a folder, device or pipe.
    """
    folder = Path(folder)
    with _refusing(folder, "cannot write here"):
        folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".einthoven-", dir=folder))
    try:
        with _refusing(folder):
            yield draft
            files = sorted(draft.iterdir())
            for file in files:  # all are looked at before the first is moved
                _check_replaceable(folder / file.name)
            for file in files:
                _move(file, folder / file.name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def replacing_folder(target: str | Path, mark: str, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary folder; on a clean exit it becomes `target`, otherwise nothing changes.

    Parameters
    ----------
    target
        A folder that is not there, or empty, or, with `overwrite`, a result of the same kind.
    mark
        A file that every result of this kind holds, so that no other folder is ever thrown away.
    overwrite
        Whether an earlier result may be replaced.

    Raises
    ------
    OutputError
        The folder is there and may not be replaced, or cannot be.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> place = Path(mkdtemp()) / "beats"
    >>> with replacing_folder(place, "set.json") as draft:
    ...     _ = (draft / "set.json").write_text("{}")
    >>> [file.name for file in place.iterdir()]
    ['set.json']
    """
    target = Path(os.path.realpath(target))  # of a link, what it leads to is replaced
    _check_folder(target, mark, overwrite)
    with _refusing(target.parent, "cannot write here"):
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".einthoven-", dir=target.parent))
    draft, old = beside / "new", beside / "old"
    try:
        with _refusing(target):
            draft.mkdir()  # with the rights of any new folder, which `beside` has not
            yield draft
            _check_folder(target, mark, overwrite)
            if target.exists():
                target.rename(old)
            draft.rename(target)
    finally:
        if old.exists() and not target.exists():
            old.rename(target)
        shutil.rmtree(beside, ignore_errors=True)


def _check_folder(target: Path, mark: str, overwrite: bool) -> None:
    with _refusing(target):
        if not target.exists() or (target.is_dir() and not any(target.iterdir())):
            return
        if not target.is_dir():
            raise OutputError(f"{target}: cannot write a folder of this name (a file has it)")
        if not (target / mark).is_file():
            raise OutputError(f"{target}: is not empty and holds no {mark}; name a new folder or an empty one")
        if not overwrite:
            raise OutputError(f"{target}: is not empty; name another folder, or replace what is there with --overwrite")


def _move(file: Path, target: Path) -> None:
    if not target.is_symlink():
        file.replace(target)
        return
    with replacing(os.path.realpath(target)) as beside:  # it may lead to another disk, where nothing can be renamed
        shutil.copyfile(file, beside)


def _check_replaceable(target: Path) -> None:
    if target.is_dir():
        raise OutputError(f"{target}: cannot write (it is a folder)")
    if _is_special(target):
        raise OutputError(f"{target}: cannot write (it is no regular file)")


def _is_special(target: Path) -> bool:
    """Tell whether `target` is there as a device, pipe or socket."""
    with _refusing(target):
        return target.exists() and not target.is_file() and not target.is_dir()


@contextmanager
def _refusing(place: Path, what: str = "cannot write") -> Iterator[None]:
    """Turn an error of the system into OutputError; `place` is named where the system names none."""
    try:
        yield
    except OSError as error:
        # A path of the draft says nothing to the reader; the second name is a rename's target.
        named = error.filename2 or (place if ".einthoven-" in str(error.filename) else error.filename) or place
        reason = error.strerror or str(error) or "the disk may be full"
        raise OutputError(f"{named}: {what} ({reason})") from error
