"""Sets of pictures in the formats that trainers of detectors read: COCO, Pascal VOC, TFRecord."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from ...errors import unknown
from .coco import CocoSet
from .tfrecord import TfrecordSet
from .voc import VocSet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ..picture import Picture


class PictureSet(Protocol):
    """A set that is being written into a folder; it is complete when it is finished."""

    def encode(self, picture: Picture) -> bytes:
        """Return a picture as a file of the kind that this format takes; may be called from several threads."""
        ...

    def add(self, part: str, picture: Picture, encoded: bytes) -> None:
        """Write a picture, encoded before, into the part ``train`` or ``test``; its name must be new."""
        ...

    def finish(self) -> tuple[str, ...]:
        """Write what stands at the end; return the files that a training is pointed to, from the folder on."""
        ...


FORMATS: Final[dict[str, Callable[[Path, Sequence[str]], PictureSet]]] = {
    "coco": CocoSet,
    "voc": VocSet,
    "tfrecord": TfrecordSet,
}
"""Formats by name: what starts a set in a folder that is there and empty, for these classes."""


def picture_set(format: str, folder: Path, classes: Sequence[str]) -> PictureSet:
    """Start a set.

    Parameters
    ----------
    format
        A key of :data:`FORMATS`.
    folder
        Where it goes; there, and empty.
    classes
        Names, the first of which gets the number 1.

    Raises
    ------
    OptionError
        The format is not known.
    """
    if format not in FORMATS:
        raise unknown("format", format, FORMATS)
    return FORMATS[format](folder, classes)
