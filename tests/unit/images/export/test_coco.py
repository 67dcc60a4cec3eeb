from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from einthoven.images.export.coco import CocoSet

from .conftest import CLASSES

if TYPE_CHECKING:
    from pathlib import Path

    from einthoven.images.picture import Picture


def written(folder: Path, pictures: list[Picture]) -> dict[str, Any]:
    target = CocoSet(folder, CLASSES)
    for picture in pictures:
        target.add("train", picture, target.encode(picture))
    assert target.finish() == ("annotations/instances_train.json", "label_map.pbtxt")
    content: dict[str, Any] = json.loads((folder / "annotations/instances_train.json").read_text(encoding="utf-8"))
    return content


def test_boxes_are_left_top_width_height(tmp_path: Path, pictures: list[Picture]) -> None:
    content = written(tmp_path, pictures)
    assert [one["bbox"] for one in content["annotations"]] == [
        [0, 0, 60, 40],
        [10.25, 5.5, 10.5, 24.5],
        [80.4, 0.2, 9.6, 19.7],
    ]
    assert [one["area"] for one in content["annotations"]] == [2400, 257.25, 189.12]
    assert [one["image_id"] for one in content["annotations"]] == [1, 1, 2]
    assert [one["truncated"] for one in content["annotations"]] == [0, 0, 1]
    assert {one["iscrowd"] for one in content["annotations"]} == {0}
    assert {one["id"]: one["name"] for one in content["categories"]} == dict(enumerate(CLASSES, start=1))


def test_each_picture_is_where_the_list_says(tmp_path: Path, pictures: list[Picture]) -> None:
    content = written(tmp_path, pictures)
    for one, picture in zip(content["images"], pictures, strict=True):
        with Image.open(tmp_path / "train" / one["file_name"]) as image:
            assert image.size == (one["width"], one["height"])
            assert np.array_equal(np.asarray(image), picture.pixels)
        assert one["record"] == picture.record


def test_truth_scores_all_points_against_itself(tmp_path: Path, pictures: list[Picture]) -> None:
    eval_faster = pytest.importorskip("faster_coco_eval")
    content = written(tmp_path, pictures)
    with redirect_stdout(io.StringIO()):
        truth = eval_faster.COCO(str(tmp_path / "annotations/instances_train.json"))
        found = truth.loadRes([{**one, "score": 0.9} for one in content["annotations"]])
        judged = eval_faster.COCOeval_faster(truth, found, "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    assert judged.stats[:2].tolist() == [1.0, 1.0]
