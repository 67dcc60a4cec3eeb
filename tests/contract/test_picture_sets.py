"""What every format of a set of pictures, every kind of picture and every split must do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.datasets.beat_index import CLASS_RULES
from einthoven.datasets.catalogue import DATASETS
from einthoven.datasets.picture_sets import KINDS, Plan, write_set
from einthoven.datasets.selection import SPLITS
from einthoven.datasets.sources import DATABASES
from einthoven.errors import DataError, OptionError
from einthoven.formats import write
from einthoven.formats.annotation import write_beats
from einthoven.images.export import FORMATS, picture_set
from einthoven.images.picture import Picture
from einthoven.learn.examples import SOURCES
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records of DS1 and DS2 by name, each of another heart."""
    place = tmp_path_factory.mktemp("hearts")
    for seed, name in enumerate(("100", "101", "103", "106")):
        heart = simulate(duration_s=31, fs_hz=200, leads=["II", "V1"], pvc=0.2, seed=seed)
        write(heart.record, place / f"{name}.hea")
        write_beats(heart.beats, 200, place / f"{name}.atr")
    return place


def content_of(place: Path) -> Mapping[str, bytes]:
    return {
        file.relative_to(place).as_posix(): file.read_bytes() for file in sorted(place.rglob("*")) if file.is_file()
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("format", FORMATS)
def test_the_same_plan_gives_the_same_bytes_however_many_threads_draw(
    folder: Path, tmp_path: Path, format: str, kind: str
) -> None:
    plan = Plan(str(folder), format=format, kind=kind, per_class=4, split="by-image", seed=5)
    told = [write_set(plan, tmp_path / str(threads), threads=threads) for threads in (1, 3)]
    one, other = content_of(tmp_path / "1"), content_of(tmp_path / "3")
    assert one == other
    assert told[0] == told[1]
    assert set(told[0]["files"]) <= one.keys()
    assert "label_map.pbtxt" in told[0]["files"]


@pytest.mark.parametrize("format", FORMATS)
def test_a_set_without_a_picture_is_still_one(tmp_path: Path, format: str) -> None:
    assert picture_set(format, tmp_path, ("N",)).finish() == ("label_map.pbtxt",)


@pytest.mark.parametrize("format", FORMATS)
def test_a_label_that_is_no_class_is_refused(tmp_path: Path, format: str) -> None:
    picture = Picture(np.zeros((9, 9, 3), np.uint8), np.array([[0, 0, 9, 9]]), ("X",), name="a")
    target = picture_set(format, tmp_path, ("N",))
    with pytest.raises(OptionError, match="a: label 'X' is none of the set's classes N"):
        target.add("train", picture, target.encode(picture))


@pytest.mark.parametrize("format", FORMATS)
def test_two_classes_of_one_name_are_refused(tmp_path: Path, format: str) -> None:
    with pytest.raises(OptionError, match="each must have a name of its own"):
        picture_set(format, tmp_path, ("N", "N"))


def test_an_unknown_format_lists_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="format 'yolo' is not known: choose from coco, voc, tfrecord"):
        picture_set("yolo", tmp_path, ())


@pytest.mark.parametrize("rule", CLASS_RULES)
@pytest.mark.parametrize("split", SPLITS)
def test_no_split_shows_a_picture_twice(folder: Path, tmp_path: Path, split: str, rule: str) -> None:
    told = write_set(Plan(str(folder), format="voc", kind="strip", classes=rule, split=split), tmp_path / "set")
    names = {part: (tmp_path / f"set/ImageSets/Main/{part}.txt").read_text().split() for part in told["pictures"]}
    assert {part: len(all_) for part, all_ in names.items()} == told["pictures"]
    together = [name for part in names.values() for name in part]
    assert len(together) == len(set(together))
    if split in ("by-patient", "ds1-ds2"):
        assert not set(told["records"]["train"]) & set(told["records"]["test"])


def test_databases_with_beats_are_those_that_are_learnt_from_and_in_the_catalogue() -> None:
    assert DATABASES.keys() == SOURCES.keys() <= DATASETS.keys()


def test_a_database_that_is_not_here_is_told(tmp_path: Path) -> None:
    for name in DATABASES:
        with pytest.raises(DataError, match=f"{name} is not here"):
            write_set(Plan(name), tmp_path / "set", tmp_path)
    assert not (tmp_path / "set").exists()
