"""Average precision: equal to that of COCO's evaluation, whole and when recordings count more than once."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.errors import OptionError
from einthoven.evaluation.boxes import OVERLAPS, Looked, box_protocol, ranked
from einthoven.images.boxes import Found

CLASSES = ("N", "S", "V")


def imagined(seed: int, number: int = 12) -> list[Looked]:
    """Pictures in which most things are found, some twice, some askew, some that are not there."""
    rng, pictures = np.random.default_rng(seed), []
    for place in range(number):
        n = int(rng.integers(0, 9))
        corner = rng.uniform(0, 700, (n, 2))
        truth = np.concatenate((corner, corner + rng.uniform(20, 60, (n, 2))), axis=1).astype(np.float32)
        class_id = rng.integers(0, 3, n)
        again = rng.integers(0, max(n, 1), n + 3) if n else np.zeros(0, np.int64)
        shown = np.concatenate((truth[again] + rng.normal(scale=3, size=(len(again), 4)), rng.uniform(0, 60, (2, 4))))
        shown[-2:, 2:] += shown[-2:, :2]
        share = rng.dirichlet((0.4, 0.3, 0.3), len(shown)) * rng.uniform(0.05, 1, (len(shown), 1))
        share[: len(again)][np.arange(len(again)), class_id[again]] += 0.5
        order = np.argsort(-share.sum(axis=1))
        found = Found(shown[order].astype(np.float32), (share[order] / 2).astype(np.float32))
        pictures.append(Looked(truth, class_id, found, f"record {place % 4}"))
    return pictures


def coco(pictures: list[Looked]) -> list[float]:
    """Precision as faster-coco-eval has it: mean over classes at 0.5 to 0.95, at 0.5, and at 0.75."""
    module = pytest.importorskip("faster_coco_eval")
    truth, found = [], []
    for image, one in enumerate(pictures):
        for box, class_id in zip(one.boxes_xyxy.astype(float), one.class_id.tolist(), strict=True):
            wide, high = box[2:] - box[:2]
            place = {"image_id": image, "bbox": [box[0], box[1], wide, high], "area": wide * high, "iscrowd": 0}
            truth.append({**place, "id": len(truth) + 1, "category_id": class_id + 1})
        for box, share in zip(one.found.boxes_xyxy.astype(float), one.found.probability, strict=True):
            for class_id, score in enumerate(share.tolist()):
                if score >= 0.01:
                    place = {"image_id": image, "bbox": [box[0], box[1], *(box[2:] - box[:2])]}
                    found.append({**place, "category_id": class_id + 1, "score": score})
    images = [{"id": image, "width": 800, "height": 800} for image in range(len(pictures))]
    categories = [{"id": number + 1, "name": name} for number, name in enumerate(CLASSES)]
    known = module.COCO({"images": images, "annotations": truth, "categories": categories})
    judge = module.COCOeval_faster(known, known.loadRes(found), iouType="bbox")
    judge.run()
    return [float(value) for value in judge.stats[:3]]


@pytest.mark.parametrize("seed", range(4))
def test_precision_is_that_of_the_coco_evaluation(seed):
    pictures = imagined(seed)
    metrics = box_protocol(pictures, CLASSES, draws=2)["metrics"]
    whole, at_50, at_75 = coco(pictures)
    assert metrics["map50"]["value"] == pytest.approx(at_50, abs=1e-5)
    assert metrics["map50_95"]["value"] == pytest.approx(whole, abs=1e-5)
    names = sorted({one.group for one in pictures})
    of = [ranked(pictures, names, number).precision(np.ones(len(names)))[OVERLAPS.index(0.75)] for number in range(3)]
    assert np.mean(of) == pytest.approx(at_75, abs=1e-5)


def test_a_recording_that_counts_twice_is_as_one_that_is_there_twice():
    pictures = imagined(5)
    names = sorted({one.group for one in pictures})
    twice = pictures + [one for one in pictures if one.group == names[1]]
    for class_id in (None, 0, 2):
        weighed = ranked(pictures, names, class_id).precision(np.array([1.0, 2.0, 1.0, 1.0]))
        np.testing.assert_allclose(weighed, ranked(twice, names, class_id).precision(np.ones(4)), atol=0.01)


def test_all_found_is_one_and_nothing_found_is_zero():
    truth, class_id = np.array([[0, 0, 10, 10], [20, 0, 30, 10]], np.float32), np.array([0, 2])
    share = np.eye(3, dtype=np.float32)[class_id]
    perfect = box_protocol([Looked(truth, class_id, Found(truth, share), "a")], CLASSES, mean_over="NV")
    assert perfect["metrics"]["map50_NV"]["value"] == perfect["metrics"]["ap50_95_any"]["value"] == 1
    assert perfect["metrics"]["ap50_S"]["value"] is None
    assert perfect["n"] == {"pictures": 1, "records": 1, "N": 1, "S": 0, "V": 1}
    none = Found(np.zeros((0, 4), np.float32), np.zeros((0, 3), np.float32))
    blind = box_protocol([Looked(truth, class_id, none, "a")], CLASSES)
    assert blind["metrics"]["map50"]["value"] == 0


def test_a_thing_of_no_class_counts_only_where_classes_play_no_part():
    truth = np.array([[0, 0, 10, 10]], np.float32)
    found = Found(truth, np.array([[0.9, 0, 0]], np.float32))
    judged = box_protocol([Looked(truth, np.array([-1]), found, "a")], CLASSES)["metrics"]
    assert judged["ap50_any"]["value"] == 1
    assert judged["ap50_N"]["value"] is None


def test_no_picture_cannot_be_judged():
    with pytest.raises(OptionError, match="0 pictures"):
        box_protocol([], CLASSES)
