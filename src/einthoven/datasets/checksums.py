"""The publisher's list of files with their SHA-256 sums. It comes over the network, so no line of it is trusted."""

from __future__ import annotations

import hashlib
import re
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..errors import DataError, OptionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LINE = re.compile(r"([0-9a-fA-F]{64}) [ *]?(\S.*)")  # as PhysioNet and as sha256sum write it
UNSAFE = re.compile(r"[\\:\x00-\x1f\x7f]")  # a separator or a drive on Windows, a stream, control characters
CHUNK_BYTES = 1 << 20


def parse_sums(text: str, source: str) -> dict[str, str]:
    """Read lines of ``<sha256> <relative path>`` into a table from path to checksum.

    Parameters
    ----------
    text
        The file's text.
    source
        Its name, for messages.

    Raises
    ------
    DataError
        A line is of another form, a path would leave the folder, a path stands twice, or there is no line at all.

    Examples
    --------
    >>> sums = parse_sums("ab" * 32 + " records100/00000/00001_lr.dat", "SHA256SUMS.txt")
    >>> list(sums)
    ['records100/00000/00001_lr.dat']
    """
    sums: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = LINE.fullmatch(line.rstrip())
        if match is None:
            raise DataError(f"{source} line {number}: found {line[:80]!r}, expected '<sha256> <relative path>'")
        path = match[2].removeprefix("./")
        if not is_safe_path(path):
            raise DataError(f"{source} line {number}: path {path[:200]!r} is refused, it may lead out of the folder")
        if path in sums:
            raise DataError(f"{source} line {number}: path {path[:200]!r} stands there twice")
        sums[path] = match[1].lower()
    if not sums:
        raise DataError(f"{source}: lists no files")
    return sums


def is_safe_path(path: str) -> bool:
    r"""Tell whether `path` can only name something inside the folder it is joined to, on any operating system.

    Examples
    --------
    >>> [is_safe_path(path) for path in ("x_mitdb/x_108.atr", "../100.dat", "/etc/passwd", r"..\100.dat", "C:100.dat")]
    [True, False, False, False, False]
    """
    return not UNSAFE.search(path) and all(part not in {"", ".", ".."} for part in path.split("/"))


def select_files(sums: Mapping[str, str], records: Sequence[str], tables: Sequence[str]) -> dict[str, str]:
    """Keep the files of the named records, and `tables`; with no record named, all files.

    A record is named by its path without suffix, by the last part of that, or by a shell pattern for the former.

    Raises
    ------
    OptionError
        A record has no file.

    Examples
    --------
    >>> sums = dict.fromkeys(["RECORDS", "100.dat", "100.hea", "101.dat", "x/x_100.dat"], "")
    >>> list(select_files(sums, ["100"], ["RECORDS"]))
    ['RECORDS', '100.dat', '100.hea']
    """
    if not records:
        return dict(sums)
    chosen = {path for path in tables if path in sums}
    stems = {path: str(PurePosixPath(path).with_suffix("")) for path in sums}
    for record in records:
        named = {
            path
            for path, stem in stems.items()
            if record in {stem, stem.rpartition("/")[2]} or fnmatchcase(stem, record)
        }
        if not named:
            raise OptionError(
                f"record {record!r} has no file among the {len(sums)} listed: names are such as {_few(stems)}"
            )
        chosen |= named
    return {path: sha256 for path, sha256 in sums.items() if path in chosen}


def sha256_of(path: Path) -> str:
    """Give a file's SHA-256 in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _few(stems: Mapping[str, str]) -> str:
    headers = [stem for path, stem in stems.items() if path.endswith(".hea")]
    return ", ".join((headers or list(stems.values()))[:3])
