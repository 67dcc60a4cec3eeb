"""Results are written whole or not at all: to a temporary name beside the target, then renamed over it."""

from __future__ import annotations

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

    Raises
    ------
    OutputError
        The folder cannot be made or written.

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
    with replacing_in(target.parent) as folder:
        yield folder / target.name


@contextmanager
def replacing_in(folder: str | Path) -> Iterator[Path]:
    """Give a temporary folder; on a clean exit each file written there moves into `folder`, otherwise none does.

    For results of several files, such as a WFDB header with its signals. Raises OutputError as `replacing` does.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".einthoven-", dir=folder))
    except OSError as error:
        raise OutputError(f"{folder}: cannot write here ({error.strerror or error})") from error
    try:
        yield draft
        for file in sorted(draft.iterdir()):
            file.replace(folder / file.name)
    except OSError as error:
        raise OutputError(f"{error.filename2 or error.filename or folder}: cannot write ({error.strerror})") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
