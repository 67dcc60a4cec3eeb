"""Whether a copy of a database is whole: by its checksums where it has them, otherwise by reading each record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ..errors import DataError, EinthovenError
from .checksums import is_safe_path, parse_sums, sha256_of

if TYPE_CHECKING:
    from pathlib import Path

    from .catalogue import Dataset

OnChecked = Callable[[int, int], None]  # items done, items in all


class CheckKind(StrEnum):
    """What a check went by."""

    CHECKSUMS = "checksums"
    """Every file the publisher lists, byte for byte."""
    READING = "reading"
    """Every record reads and has the samples its header says; the bytes may be another encoding of the same signal."""


@dataclass(frozen=True, slots=True)
class Check:
    """What was found: of `listed` files (records, when read), which are `good`, `absent`, or `bad` and why."""

    dataset: str
    folder: Path
    kind: CheckKind
    listed: int
    good: int
    absent: tuple[str, ...]
    bad: dict[str, str]
    published_records: int


def check(dataset: Dataset, root: str | Path | None = None, *, on_checked: OnChecked | None = None) -> Check:
    """Check the copy of `dataset` below the data root.

    Raises
    ------
    DataError
        The database is not here at all, or its list of checksums cannot be read.
    """
    folder = dataset.path(root)
    tell = on_checked or (lambda _done, _listed: None)
    index = folder / dataset.index
    if index.is_file():
        return _check_sums(dataset, folder, index, tell)
    return _check_reading(dataset, folder, tell)


def list_records(dataset: Dataset, folder: Path) -> tuple[str, ...]:
    """Name the records of a copy: as its ``RECORDS`` lists them, else by the headers that are there.

    A line of ``RECORDS`` that ends in ``/`` stands for a folder with its own ``RECORDS``.

    Raises
    ------
    DataError
        A ``RECORDS`` file cannot be read, or names something outside the folder.
    """
    if (folder / "RECORDS").is_file():
        return _listed_in(folder, "")
    headers = sorted(folder.rglob(f"*{dataset.header_suffix}"))
    return tuple(header.relative_to(folder).with_suffix("").as_posix() for header in headers)


def _listed_in(folder: Path, below: str) -> tuple[str, ...]:
    names: list[str] = []
    for line in _read_lines(folder / below / "RECORDS"):
        if not is_safe_path(line.removesuffix("/")):
            raise DataError(f"{folder / below / 'RECORDS'}: {line[:200]!r} is no name of a record")
        names.extend(_listed_in(folder, below + line) if line.endswith("/") else [below + line])
    return tuple(names)


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot read ({error})") from error


def _check_sums(dataset: Dataset, folder: Path, index: Path, tell: OnChecked) -> Check:
    try:
        sums = parse_sums(index.read_text(encoding="utf-8"), str(index))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{index}: cannot read ({error})") from error
    sums.pop(dataset.index, None)
    absent: list[str] = []
    bad: dict[str, str] = {}
    for done, (path, sha256) in enumerate(sums.items(), start=1):
        file = folder / path
        if not file.is_file():
            absent.append(path)
        elif reason := _why_wrong(file, sha256):
            bad[path] = reason
        tell(done, len(sums))
    good = len(sums) - len(absent) - len(bad)
    kind = CheckKind.CHECKSUMS
    return Check(dataset.name, folder, kind, len(sums), good, tuple(absent), bad, dataset.records)


def _why_wrong(file: Path, sha256: str) -> str:
    try:
        found = sha256_of(file)
    except OSError as error:
        return f"cannot read ({error.strerror})"
    return "" if found == sha256 else f"SHA-256 is {found[:16]}…, expected {sha256[:16]}…"


def _check_reading(dataset: Dataset, folder: Path, tell: OnChecked) -> Check:
    from ..formats import read

    names = list_records(dataset, folder)
    absent: list[str] = []
    bad: dict[str, str] = {}
    for done, name in enumerate(names, start=1):
        header = folder / (name + dataset.header_suffix)
        if not header.is_file():
            absent.append(name)
        else:
            try:
                read(header)
            except EinthovenError as error:
                bad[name] = str(error)
        tell(done, len(names))
    good = len(names) - len(absent) - len(bad)
    kind = CheckKind.READING
    return Check(dataset.name, folder, kind, len(names), good, tuple(absent), bad, dataset.records)
