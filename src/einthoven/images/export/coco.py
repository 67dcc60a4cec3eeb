"""COCO: pictures in a folder for each part, and one JSON file for each that lists all of them with their boxes.

Lin et al., Microsoft COCO: Common Objects in Context, ECCV 2014; https://cocodataset.org/#format-data.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ... import __version__
from .class_numbers import class_numbers, numbers_of
from .label_map import LABEL_MAP, label_map
from .png import png

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..picture import Picture


@dataclass(slots=True)
class _Part:
    """What is known of one part so far, as JSON: a hundred thousand lines are small, as many dicts are not."""

    images: list[str] = field(default_factory=list)
    annotations: list[str] = field(default_factory=list)


class CocoSet:
    """A set in COCO's format: ``train/*.png``, ``annotations/instances_train.json``, ``label_map.pbtxt``.

    Boxes are ``[left, top, width, height]`` in pixels, to a hundredth. Beside what COCO has, a picture has its
    ``record``, and a box whether it is ``truncated``.
    """

    def __init__(self, folder: Path, classes: Sequence[str]) -> None:
        self._folder, self._numbers = folder, class_numbers(classes)
        self._parts: dict[str, _Part] = {}

    def encode(self, picture: Picture) -> bytes:
        """Return a picture as PNG."""
        return png(picture.pixels)

    def add(self, part: str, picture: Picture, encoded: bytes) -> None:
        """Write a picture and remember its boxes."""
        category = numbers_of(picture, self._numbers)
        if part not in self._parts:
            (self._folder / part).mkdir()
            self._parts[part] = _Part()
        known = self._parts[part]
        name, number = f"{picture.name}.png", len(known.images) + 1
        (self._folder / part / name).write_bytes(encoded)
        size = {"width": picture.width, "height": picture.height}
        known.images.append(json.dumps({"id": number, "file_name": name, **size, "record": picture.record}))
        cut = picture.cut.tolist() if picture.cut is not None else []
        for box, of, truncated in zip(picture.boxes_xyxy.tolist(), category, cut, strict=True):
            left, top, right, bottom = (round(side, 2) for side in box)
            width, height = round(right - left, 2), round(bottom - top, 2)
            one = {
                "id": len(known.annotations) + 1,
                "image_id": number,
                "category_id": of,
                "bbox": [left, top, width, height],
                "area": round(width * height, 2),
                "iscrowd": 0,
                "segmentation": [],
                "truncated": int(truncated),
            }
            known.annotations.append(json.dumps(one))

    def finish(self) -> tuple[str, ...]:
        """Write the lists."""
        (self._folder / "annotations").mkdir()
        categories = [
            json.dumps({"id": number, "name": name, "supercategory": "beat"}) for name, number in self._numbers.items()
        ]
        info = json.dumps({"description": "ECG pictures", "version": f"einthoven {__version__}"})
        files = []
        for part, known in self._parts.items():
            files.append(f"annotations/instances_{part}.json")
            lists = {"images": known.images, "annotations": known.annotations, "categories": categories}
            content = ",\n".join(f'"{name}": [\n' + ",\n".join(lines) + "\n]" for name, lines in lists.items())
            text = f'{{\n"info": {info},\n"licenses": [],\n{content}\n}}\n'
            (self._folder / files[-1]).write_text(text, encoding="utf-8")
        (self._folder / LABEL_MAP).write_text(label_map(list(self._numbers)), encoding="utf-8")
        return (*sorted(files), LABEL_MAP)
