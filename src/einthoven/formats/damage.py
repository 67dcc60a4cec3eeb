"""Damaged and hostile files: claims are checked before memory is taken, and what libraries raise becomes ours."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, cast

from isal import isal_zlib

from ..errors import EinthovenError, FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALWAYS_ALLOWED_BYTES: Final = 256 * 2**20
DEFLATE_RATIO: Final = 1032
"""The most that zlib packs into one byte (https://zlib.net/zlib_tech.html)."""

# Concrete families only: an error outside them is a fault of ours and must show. The last five have no other parent.
_LIBRARY_ERRORS: Final = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    OSError,
    EOFError,
    MemoryError,
    RuntimeError,
    SyntaxError,
    SystemError,
    struct.error,
    zlib.error,
    cast("type[Exception]", isal_zlib.IsalError),  # its stub (1.9) calls it an instance
    zipfile.BadZipFile,
    tokenize.TokenError,
)


@contextmanager
def refusing(path: Path, what: str) -> Iterator[None]:
    """Turn what a library raises on a damaged file into FormatError: `path` cannot be read as `what`.

    Examples
    --------
    >>> from pathlib import Path
    >>> with refusing(Path("a.mat"), "MATLAB"):
    ...     raise KeyError("no such class")
    Traceback (most recent call last):
    einthoven.errors.FormatError: a.mat: cannot be read as MATLAB (no such class)
    """
    try:
        yield
    except EinthovenError:
        raise
    except _LIBRARY_ERRORS as error:
        text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
        reason = (text.splitlines() or [""])[0][:120] or type(error).__name__
        raise FormatError(f"{path}: cannot be read as {what} ({reason})") from error


def check_claim(who: str, claimed_bytes: int, stored_bytes: int, ratio: int) -> None:
    """Refuse a file that claims far more data than it stores, before memory is taken for it.

    Parameters
    ----------
    who
        File, and place in it, for the message.
    claimed_bytes, stored_bytes
        Memory the data would take, and bytes that are there.
    ratio
        The most that one stored byte can hold.

    Raises
    ------
    FormatError
        The claim is above both `ratio` times what is stored and 256 MiB.
    """
    if claimed_bytes > max(ALWAYS_ALLOWED_BYTES, ratio * stored_bytes):
        raise FormatError(f"{who}: claims {claimed_bytes} bytes of data, but only {stored_bytes} are stored")
