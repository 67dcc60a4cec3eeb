"""Sets of pictures of the MIT-BIH Arrhythmia Database, as detectors of heartbeats were published with."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.datasets.beat_index import BeatIndex, index_beats
from einthoven.datasets.mitdb import load
from einthoven.datasets.picture_sets import Plan, write_set
from einthoven.datasets.selection import TEST, TRAIN, select, sides
from einthoven.datasets.strip_index import FLUTTER, UNREADABLE, index_strips

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realdata

PUBLISHED = """
MLII-/ MLII-A MLII-F MLII-L MLII-N MLII-R MLII-V V1-/ V1-A V1-F V1-L V1-N V1-R V1-V V2-/ V2-N V2-f V4-R V5-/ V5-N V5-f
""".split()


@pytest.fixture(scope="module")
def index(data_dir: Path) -> BeatIndex:
    return index_beats(load(data_dir), "lead-symbol", min_beats=700)


def test_leads_and_symbols_of_more_than_700_beats_are_the_21_published_classes(index: BeatIndex) -> None:
    assert list(index.classes) == PUBLISHED
    assert index.counts()["V5-f"] == index.counts()["V2-f"] == 722  # the fewest
    assert len(index) == 217_067
    assert sum(index.left_out.values()) + len(index) == 2 * 109_494  # two leads of every beat


def test_v5_of_record_114_is_v5_though_it_stands_first(index: BeatIndex) -> None:
    of_114 = index.record == "114"
    assert set(index.lead[of_114]) == {"V5", "MLII"}
    assert all(index.classes[k].startswith("V5-") for k in set(index.class_id[of_114 & (index.lead == "V5")]))


def test_700_of_each_class_divide_into_490_and_210(index: BeatIndex) -> None:
    chosen = select(index, per_class=700, split="by-image")
    assert np.bincount(index.class_id[chosen.train]).tolist() == [490] * 21
    assert np.bincount(index.class_id[chosen.test]).tolist() == [210] * 21


@pytest.mark.parametrize("seed", [0, 1])
def test_patients_divide_with_every_class_of_two_on_both_sides(index: BeatIndex, seed: int) -> None:
    side = sides(index, "by-patient", seed=seed)
    assert not set(index.patient[side == TRAIN]) & set(index.patient[side == TEST])
    for number, name in enumerate(index.classes):
        of = index.class_id == number
        assert set(side[of]) == ({TRAIN} if name == "V4-R" else {TRAIN, TEST}), name  # V4 is 124's alone


def test_strips_of_the_flutter_of_207_are_left_out(data_dir: Path) -> None:
    found = index_strips(load(data_dir, ("207",)))
    (item,) = load(data_dir, ("207",))
    assert found.left_out == {FLUTTER: 36}
    for one in item.flutter:
        assert not np.any((found.start_s < one.stop_s) & (found.start_s + 10 > one.start_s))
    assert index_strips(load(data_dir)).left_out == {FLUTTER: 36, UNREADABLE: 20}


def test_a_small_published_set_scores_all_points_against_itself(data_dir: Path, tmp_path: Path) -> None:
    eval_faster = pytest.importorskip("faster_coco_eval")
    told = write_set(Plan("mitdb", per_class=2, min_beats=700, split="by-image"), tmp_path / "set", data_dir)
    assert told["pictures"] == {"train": 21, "test": 21}
    file = tmp_path / "set" / "annotations" / "instances_test.json"
    with redirect_stdout(io.StringIO()):
        truth = eval_faster.COCO(str(file))
        found = truth.loadRes([{**one, "score": 1.0} for one in json.loads(file.read_text())["annotations"]])
        judged = eval_faster.COCOeval_faster(truth, found, "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    assert judged.stats[0] == 1.0
