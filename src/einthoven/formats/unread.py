"""Formats of ECG files that are known by sight but not read, so that the answer can name them."""

from __future__ import annotations

import re
from typing import Final

_XML = rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*<.*?"

# How such a file begins: DICOM part 10; EN 1064 (SCP-ECG), section 0; the root elements of the XML formats.
_BEGINNINGS: Final = {
    "DICOM": rb".{128}DICM",
    "SCP-ECG": rb".{16}SCPECG",
    "HL7 aECG": _XML + rb"\bAnnotatedECG\b",
    "GE MUSE XML": _XML + rb"\bRestingECG\b",
    "Philips XML": _XML + rb"\brestingecgdata\b",
    "ISHNE Holter": rb"ISHNE1\.0",
    "BDF": rb"\xffBIOSEMI",
}


def unread_format(head: bytes) -> str | None:
    """Return the name of the format that a file's first bytes show, if it is one that is not read.

    Examples
    --------
    >>> unread_format(bytes(128) + b"DICM"), unread_format(b"II,V1")
    ('DICOM', None)
    """
    texts = head, head.replace(b"\0", b"")  # the second for XML in UTF-16
    return next(
        (name for name, begin in _BEGINNINGS.items() if any(re.match(begin, text, re.DOTALL) for text in texts)), None
    )
