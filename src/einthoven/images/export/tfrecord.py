"""TFRecord files with the keys of the TensorFlow Object Detection API, written without TensorFlow.

A file is a row of records: length (uint64), its masked CRC-32C, the bytes, their masked CRC-32C; see
https://www.tensorflow.org/tutorials/load_data/tfrecord. Keys are those of ``tf_example_decoder.py`` and
``create_pascal_tf_record.py`` in https://github.com/tensorflow/models, research/object_detection.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .class_numbers import class_numbers, numbers_of
from .example import example
from .label_map import LABEL_MAP, label_map
from .png import png

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..picture import Picture

SHARD_BYTES: Final = 256 * 2**20
"""A file that has reached this size is followed by another; TensorFlow reads several at once."""

_MASK_DELTA: Final = 0xA282EAD8


@dataclass(slots=True)
class _Part:
    """The files of one part so far, each under the name it has until their number is known."""

    files: list[Path] = field(default_factory=list)
    size: int = 0  # of the last


class TfrecordSet:
    """A set of TFRecord files: ``train.tfrecord``, of a large part ``train.tfrecord-00000-of-00004`` and so on."""

    def __init__(self, folder: Path, classes: Sequence[str], shard_bytes: int = SHARD_BYTES) -> None:
        self._folder, self._numbers, self._shard_bytes = folder, class_numbers(classes), shard_bytes
        self._parts: dict[str, _Part] = {}

    def encode(self, picture: Picture) -> bytes:
        """Return a picture as an Example in its frame, the pixels as PNG."""
        return framed(picture_example(picture, png(picture.pixels), numbers_of(picture, self._numbers)))

    def add(self, part: str, picture: Picture, encoded: bytes) -> None:
        """Append a picture to the last file of its part."""
        known = self._parts.setdefault(part, _Part())
        if not known.files or known.size >= self._shard_bytes:
            known.files.append(self._folder / f"{part}.tfrecord-{len(known.files):05d}")
            known.size = 0
        with known.files[-1].open("ab") as file:
            known.size += file.write(encoded)

    def finish(self) -> tuple[str, ...]:
        """Give the files their names."""
        names = []
        for part, known in sorted(self._parts.items()):
            n = len(known.files)
            for number, file in enumerate(known.files):
                name = f"{part}.tfrecord" + (f"-{number:05d}-of-{n:05d}" if n > 1 else "")
                file.rename(self._folder / name)
                names.append(name)
        (self._folder / LABEL_MAP).write_text(label_map(list(self._numbers)), encoding="utf-8")
        return (*names, LABEL_MAP)


def picture_example(picture: Picture, encoded: bytes, category: Sequence[int]) -> bytes:
    """Return a picture as a ``tf.train.Example``.

    Parameters
    ----------
    picture
        Its boxes become shares of height and width.
    encoded
        Its pixels as PNG.
    category
        Number of the class of each box, from 1.
    """
    sides = picture.boxes_xyxy.astype(float) / (picture.width, picture.height, picture.width, picture.height)
    xmin, ymin, xmax, ymax = sides.clip(0, 1).T.tolist()
    name = f"{picture.name}.png".encode()
    n = len(picture.labels)
    return example(
        {
            "image/encoded": [encoded],
            "image/format": [b"png"],
            "image/filename": [name],
            "image/source_id": [name],
            "image/key/sha256": [hashlib.sha256(encoded).hexdigest().encode()],
            "image/height": [picture.height],
            "image/width": [picture.width],
            "image/object/bbox/xmin": xmin,
            "image/object/bbox/xmax": xmax,
            "image/object/bbox/ymin": ymin,
            "image/object/bbox/ymax": ymax,
            "image/object/class/text": [label.encode() for label in picture.labels],
            "image/object/class/label": list(category),
            "image/object/truncated": [int(one) for one in picture.cut.tolist()] if picture.cut is not None else [],
            "image/object/difficult": [0] * n,
            "image/object/view": [b"Unspecified"] * n,
        }
    )


def framed(content: bytes) -> bytes:
    r"""Return bytes as one record of a TFRecord file.

    Examples
    --------
    >>> framed(b"").hex(" ")
    '00 00 00 00 00 00 00 00 29 03 98 07 d8 ea 82 a2'
    """
    length = struct.pack("<Q", len(content))
    return b"".join((length, _masked_crc(length), content, _masked_crc(content)))


def _masked_crc(content: bytes) -> bytes:
    """Return the CRC-32C turned by 15 bits and moved, so that a sum over bytes that hold sums stays a good one."""
    import google_crc32c

    crc = google_crc32c.value(content)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF)
