"""A file cannot make the reader take more memory than its own size warrants."""

from __future__ import annotations

from typing import Final

from ..errors import FormatError

ALWAYS_ALLOWED_BYTES: Final = 256 * 2**20
DEFLATE_RATIO: Final = 1032
"""The most that zlib packs into one byte (https://zlib.net/zlib_tech.html)."""


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
