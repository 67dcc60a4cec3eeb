"""How integers are packed in WFDB signal files: :data:`STORAGE`.

The formats are those of signal(5) in the WFDB Applications Guide
(https://physionet.org/physiotools/wag/signal-5.htm), from which this is written; FLAC is in `wfdb_flac`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Storage:
    """One way to pack samples into blocks of bytes, one after the other.

    Parameters
    ----------
    bits
        Of a sample; the most negative number of so many bits marks a missing one.
    ends
        For each sample of a block, the bytes of the block that must be there to have it.
    unpack
        uint8, shape (block, byte), to integers, shape (block, sample).
    """

    bits: int
    ends: tuple[int, ...]
    unpack: Callable[[NDArray[np.uint8]], NDArray[Any]]

    def n_samples(self, n_bytes: int) -> int:
        """Return how many samples are in the first `n_bytes` of blocks.

        Examples
        --------
        >>> STORAGE["212"].n_samples(4), STORAGE["212"].n_samples(5)
        (2, 3)
        """
        blocks, rest = divmod(n_bytes, self.ends[-1])
        return blocks * len(self.ends) + bisect_right(self.ends, rest)

    def read(self, file: Path, offset: int, first: int, n: int) -> NDArray[Any]:
        """Return `n` samples of `file` from the one called `first`; `offset` is the byte at which the blocks begin.

        Raises
        ------
        FormatError
            The file ends before.
        """
        block, skipped = divmod(first, len(self.ends))
        n_blocks = -(-(skipped + n) // len(self.ends))
        n_bytes = n_blocks * self.ends[-1]
        with file.open("rb") as stream:
            content = np.fromfile(stream, np.uint8, n_bytes, offset=offset + block * self.ends[-1])
        if self.n_samples(len(content)) < skipped + n:
            raise FormatError(f"{file}: ends before sample {first + n}")
        if len(content) < n_bytes:  # the last block may be cut after its last sample
            content = np.concatenate([content, np.zeros(n_bytes - len(content), np.uint8)])
        return self.unpack(content.reshape(n_blocks, -1)).reshape(-1)[skipped : skipped + n]


def _as(dtype: str) -> Callable[[NDArray[np.uint8]], NDArray[Any]]:
    return lambda blocks: blocks.view(dtype)


def _unpack_24(blocks: NDArray[np.uint8]) -> NDArray[np.int32]:
    words = np.zeros((len(blocks), 4), np.uint8)
    words[:, 1:] = blocks
    return words.view("<i4") >> 8


# Below, a sample is shifted to the top of a signed word and back down, which spreads its sign.


def _unpack_212(blocks: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Each 12 bits: the lower and the upper half of the middle byte lead the first and the last."""
    samples = np.empty((len(blocks), 2), np.int16)
    halves = blocks[:, 1].astype(np.int16)
    samples[:, 0] = halves << 12 >> 4 | blocks[:, 0]
    samples[:, 1] = halves >> 4 << 12 >> 4 | blocks[:, 2]
    return samples


def _unpack_310(blocks: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Each 10 bits, of two words: bits 1 to 10 of each; the third has bits 11 to 15 of the first, then the second."""
    words = blocks.view("<i2")
    samples = np.empty((len(blocks), 3), np.int16)
    samples[:, :2] = words << 5 >> 6
    samples[:, 2] = words[:, 1] >> 11 << 5 | (words[:, 0] >> 11 & 0x1F)
    return samples


def _unpack_311(blocks: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Each 10 bits, from the lowest of one word up; its two highest bits are not used."""
    return blocks.view("<i4") << np.array([22, 12, 2], np.int32) >> 22


STORAGE: Final = {
    "8": Storage(32, (1,), _as("i1")),  # of differences, which add up to more
    "16": Storage(16, (2,), _as("<i2")),
    "24": Storage(24, (3,), _unpack_24),
    "32": Storage(32, (4,), _as("<i4")),
    "61": Storage(16, (2,), _as(">i2")),
    "80": Storage(8, (1,), lambda blocks: blocks.astype(np.int16) - 128),
    "160": Storage(16, (2,), lambda blocks: blocks.view("<u2").astype(np.int32) - 32768),
    "212": Storage(12, (2, 3), _unpack_212),
    "310": Storage(10, (2, 4, 4), _unpack_310),
    "311": Storage(10, (2, 3, 4), _unpack_311),
}
