"""Pascal VOC: JPEG pictures, an XML file of boxes for each, and lists of their names.

Everingham et al., The Pascal Visual Object Classes Challenge 2012 (VOC2012) Development Kit, section 8.1 and 9.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import numpy as np

from ..words import escaped
from .class_numbers import class_numbers, numbers_of
from .label_map import LABEL_MAP, label_map

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..picture import Picture

QUALITY: Final = 95
"""Of the JPEG pictures; colours are kept at full resolution."""

_FOLDERS: Final = ("Annotations", "JPEGImages", "ImageSets/Main")


class VocSet:
    """A set in the folders of VOC: ``Annotations``, ``JPEGImages``, and ``ImageSets/Main`` with the parts' lists.

    Corners are whole pixels, the first of which is 1: those of the first and last column and row that a box touches.
    """

    def __init__(self, folder: Path, classes: Sequence[str]) -> None:
        self._folder, self._numbers = folder, class_numbers(classes)
        self._names: dict[str, list[str]] = {}
        for name in _FOLDERS:
            (folder / name).mkdir(parents=True)

    def encode(self, picture: Picture) -> bytes:
        """Return a picture as JPEG, which tools for VOC expect."""
        from PIL import Image

        file = io.BytesIO()
        Image.fromarray(picture.pixels).save(file, "JPEG", quality=QUALITY, subsampling=0)
        return file.getvalue()

    def add(self, part: str, picture: Picture, encoded: bytes) -> None:
        """Write a picture and its boxes."""
        numbers_of(picture, self._numbers)
        (self._folder / "JPEGImages" / f"{picture.name}.jpg").write_bytes(encoded)
        (self._folder / "Annotations" / f"{picture.name}.xml").write_text(annotation(picture), encoding="utf-8")
        self._names.setdefault(part, []).append(picture.name)

    def finish(self) -> tuple[str, ...]:
        """Write the lists of names."""
        files = {f"ImageSets/Main/{part}.txt": names for part, names in sorted(self._names.items())}
        for file, names in files.items():
            (self._folder / file).write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
        (self._folder / LABEL_MAP).write_text(label_map(list(self._numbers)), encoding="utf-8")
        return (*files, LABEL_MAP)


def annotation(picture: Picture) -> str:
    """Return the boxes of a picture as VOC's XML.

    Examples
    --------
    >>> from einthoven.images.picture import Picture
    >>> box = np.array([[0, 1.5, 4, 9]], np.float32)
    >>> beat = Picture(np.zeros((9, 9, 3), np.uint8), box, ("V5-/",), name="100-V5-77")
    >>> annotation(beat).splitlines()[11].strip()
    '<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>4</xmax><ymax>9</ymax></bndbox>'
    """
    cut = picture.cut.tolist() if picture.cut is not None else []
    boxes = [
        "  <object>\n"
        f"    <name>{escaped(label)}</name>\n    <pose>Unspecified</pose>\n"
        f"    <truncated>{int(truncated)}</truncated>\n    <difficult>0</difficult>\n"
        f"    <bndbox><xmin>{left}</xmin><ymin>{top}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox>\n"
        "  </object>\n"
        for (left, top, right, bottom), label, truncated in zip(_corners(picture), picture.labels, cut, strict=True)
    ]
    return (
        "<annotation>\n  <folder>JPEGImages</folder>\n"
        f"  <filename>{escaped(picture.name)}.jpg</filename>\n"
        f"  <source><database>einthoven</database><annotation>einthoven</annotation>"
        f"<image>{escaped(picture.record)}</image></source>\n"
        f"  <size><width>{picture.width}</width><height>{picture.height}</height><depth>3</depth></size>\n"
        f"  <segmented>0</segmented>\n{''.join(boxes)}</annotation>\n"
    )


def _corners(picture: Picture) -> list[list[int]]:
    """Return the first and last column and row that each box touches, counted from 1."""
    corners = np.empty(picture.boxes_xyxy.shape, np.int64)
    corners[:, :2] = np.floor(picture.boxes_xyxy[:, :2]) + 1
    corners[:, 2:] = np.maximum(np.ceil(picture.boxes_xyxy[:, 2:]), corners[:, :2])
    size = (picture.width, picture.height, picture.width, picture.height)
    found: list[list[int]] = np.clip(corners, 1, size).tolist()
    return found
