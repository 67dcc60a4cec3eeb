"""FLAC files as WFDB signal files: their claim from the first bytes, their samples by libsndfile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..errors import FormatError
from .damage import refusing

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

FLAC_BITS: Final = {"508": 8, "516": 16, "524": 24}
"""Bits of a sample of each storage format; the file may have fewer."""
_SUBTYPE_BITS: Final = {"PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}
_CLAIM_BYTES: Final = slice(18, 26)  # of the file: rate, channels, bits, samples (RFC 9639, 8.2)
_SAMPLE_BITS: Final = 36
_PROVED_FROM: Final = 1 << 20  # samples of a channel


def claimed_samples(file: Path) -> int:
    """Return how many samples of each channel a FLAC file claims.

    A large claim is proved, before anyone takes memory for it, by looking up the last sample.

    Raises
    ------
    FormatError
        It is no FLAC file, or that sample is not there.
    """
    with file.open("rb") as stream:
        head = stream.read(_CLAIM_BYTES.stop)
    if not head.startswith(b"fLaC"):
        raise FormatError(f"{file}: cannot be read as FLAC (it does not begin as a FLAC file does)")
    n_samples = int.from_bytes(head[_CLAIM_BYTES], "big") % (1 << _SAMPLE_BITS)
    if n_samples >= _PROVED_FROM:
        read_flac(file, n_samples - 1, 1)
    return n_samples


def read_flac(file: Path, first: int, n: int, n_signals: int | None = None, bits: int = 24) -> NDArray[np.int32]:
    """Return `n` samples of each channel from the one called `first`, integers, shape (sample, channel).

    Raises
    ------
    FormatError
        The file is damaged or ends before, or has not `n_signals` channels of at most `bits`.
    """
    import soundfile

    with refusing(file, "FLAC"), soundfile.SoundFile(file) as stream:
        stored_bits = _SUBTYPE_BITS[stream.subtype]
        if stored_bits > bits:
            raise FormatError(f"{file}: holds samples of {stored_bits} bits, but its header describes {bits}")
        if n_signals not in (None, stream.channels):
            raise FormatError(f"{file}: holds {stream.channels} signals, but its header describes {n_signals}")
        if first:
            stream.seek(first)
        samples: NDArray[np.int32] = stream.read(n, dtype="int32", always_2d=True)  # at the top of the 32 bits
    if len(samples) < n:
        raise FormatError(f"{file}: ends before sample {first + n}")
    samples >>= 32 - stored_bits
    return samples
