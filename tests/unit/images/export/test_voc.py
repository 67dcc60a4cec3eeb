from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xmlschema
from defusedxml.ElementTree import parse
from PIL import Image

from einthoven.images.export.voc import VocSet
from einthoven.images.picture import Picture

from .conftest import CLASSES

SCHEMA = xmlschema.XMLSchema(str(Path(__file__).with_name("voc.xsd")))


@pytest.fixture
def folder(tmp_path: Path, pictures: list[Picture]) -> Path:
    target = VocSet(tmp_path, CLASSES)
    for part, picture in zip(("train", "test", "train"), pictures, strict=True):
        target.add(part, picture, target.encode(picture))
    assert target.finish() == ("ImageSets/Main/test.txt", "ImageSets/Main/train.txt", "label_map.pbtxt")
    return tmp_path


def test_annotations_are_as_the_development_kit_has_them(folder: Path, pictures: list[Picture]) -> None:
    for picture in pictures:
        SCHEMA.validate(str(folder / "Annotations" / f"{picture.name}.xml"))


def test_the_schema_sees_what_is_wrong(folder: Path) -> None:
    file = folder / "Annotations" / "104-V5-0.xml"
    file.write_text(file.read_text(encoding="utf-8").replace("<xmin>81<", "<xmin>0<"), encoding="utf-8")
    assert not SCHEMA.is_valid(str(file))


def test_corners_are_the_pixels_touched_counted_from_one(folder: Path) -> None:
    whole = parse(folder / "Annotations" / "100-MLII-77.xml")
    edge = parse(folder / "Annotations" / "104-V5-0.xml")
    boxes = [
        [int(box.findtext(side)) for side in ("xmin", "ymin", "xmax", "ymax")]
        for tree in (whole, edge)
        for box in tree.iter("bndbox")
    ]
    assert boxes == [[1, 1, 60, 40], [11, 6, 21, 30], [81, 1, 90, 20]]
    assert [one.text for tree in (whole, edge) for one in tree.iter("truncated")] == ["0", "0", "1"]
    assert edge.findtext("object/name") == CLASSES[2]


def test_lists_name_what_is_there(folder: Path, pictures: list[Picture]) -> None:
    names = {part: (folder / f"ImageSets/Main/{part}.txt").read_text().split() for part in ("train", "test")}
    assert names == {"train": ["100-MLII-77", "nothing"], "test": ["104-V5-0"]}
    for picture in pictures:
        tree = parse(folder / "Annotations" / f"{picture.name}.xml")
        with Image.open(folder / tree.findtext("folder") / tree.findtext("filename")) as image:
            assert image.format == "JPEG"
            assert image.size == (int(tree.findtext("size/width")), int(tree.findtext("size/height")))
            assert image.size == (picture.width, picture.height)


def test_a_trace_is_hardly_changed_by_the_compression() -> None:
    pixels = np.full((64, 64, 3), 250, np.uint8)
    pixels[30:34] = 20
    target = VocSet.encode(None, Picture(pixels))  # type: ignore[arg-type]  # of no set
    import io

    with Image.open(io.BytesIO(target)) as image:
        assert np.abs(np.asarray(image).astype(int) - pixels).mean() < 3


def test_a_box_thinner_than_a_pixel_keeps_one(tmp_path: Path) -> None:
    from einthoven.images.export.voc import annotation

    thin = Picture(np.zeros((9, 9, 3), np.uint8), np.array([[9, 9, 9, 9], [3, 3, 3, 3]], np.float32), ("a", "b"))
    text = annotation(thin)
    assert "<xmin>9</xmin><ymin>9</ymin><xmax>9</xmax><ymax>9</ymax>" in text
    assert "<xmin>4</xmin><ymin>4</ymin><xmax>4</xmax><ymax>4</ymax>" in text
