"""``einthoven dataset images`` writes a set whole, says what is in it, and touches nothing it should not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from einthoven.formats import write
from einthoven.formats.annotation import write_beats
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Ran

    Run = Callable[..., Ran]


@pytest.fixture
def hearts(tmp_path: Path) -> Path:
    place = tmp_path / "hearts"
    place.mkdir()
    for seed, name in enumerate(("a", "b", "c")):
        heart = simulate(duration_s=21, fs_hz=250, leads=["II", "V1"], pvc=0.3, seed=seed)
        write(heart.record, place / f"{name}.hea")
        write_beats(heart.beats, 250, place / f"{name}.atr")
    return place


def told(run: Run, *words: object) -> dict[str, Any]:
    ran = run("dataset", "images", *words, "--json")
    assert (ran.code, ran.err) == (0, "")
    content: dict[str, Any] = json.loads(ran.out)
    return content


def test_what_is_printed_is_what_is_there(run: Run, hearts: Path, tmp_path: Path) -> None:
    content = told(run, hearts, "-o", tmp_path / "set", "--per-class", 5, "--split", "by-patient")
    lists = {
        part: json.loads((tmp_path / "set/annotations" / f"instances_{part}.json").read_text())
        for part in ("train", "test")
    }
    names = {one["id"]: one["name"] for one in lists["train"]["categories"]}
    assert tuple(names.values()) == tuple(content["class_names"]) == ("II-N", "II-V", "V1-N", "V1-V")
    for part, one in lists.items():
        assert len(one["images"]) == len(list((tmp_path / "set" / part).glob("*.png"))) == content["pictures"][part]
        counts = np.bincount([box["category_id"] for box in one["annotations"]], minlength=5)[1:]
        assert dict(zip(content["class_names"], counts.tolist(), strict=True)) == content["boxes"][part]
    assert all(content["boxes"]["train"][name] + content["boxes"]["test"][name] <= 5 for name in content["class_names"])
    assert not {one["record"] for one in lists["train"]["images"]} & {one["record"] for one in lists["test"]["images"]}
    assert {"folder": content.pop("folder")} == {"folder": str(tmp_path / "set")}
    assert json.loads((tmp_path / "set" / "dataset.json").read_text()) == content


def test_the_terminal_shows_a_table(run: Run, hearts: Path, tmp_path: Path) -> None:
    ran = run("dataset", "images", hearts, "-o", tmp_path / "set", "--kind", "strip", "--split", "by-image")
    lines = ran.out.splitlines()
    assert ran.code == 0
    assert lines[0].split() == ["class", "train", "test"]
    assert [line.split()[0] for line in lines[1:3]] == ["N", "V"]
    assert "pictures to learn from, " in lines[-1]
    assert lines[-1].endswith(
        "begin with annotations/instances_test.json, annotations/instances_train.json, label_map.pbtxt"
    )


def test_leads_records_and_a_limit_narrow_it(run: Run, hearts: Path, tmp_path: Path) -> None:
    content = told(
        run, hearts, "-o", tmp_path / "x", "--leads", "V1", "--records", "a,c", "--limit", 7, "--format", "voc"
    )
    assert content["pictures"] == {"train": 7}
    assert set(content["records"]["train"]) <= {"a", "c"}
    assert {file.name.split("-")[1] for file in (tmp_path / "x/JPEGImages").iterdir()} == {"V1"}


def test_an_earlier_set_is_replaced_only_when_told(run: Run, hearts: Path, tmp_path: Path) -> None:
    words = ("dataset", "images", hearts, "-o", tmp_path / "set", "--limit", 3)
    assert run(*words).code == 0
    refused = run(*words, "--format", "tfrecord")
    assert (refused.code, len(refused.errors)) == (2, 1)
    assert "is not empty; name another folder, or replace what is there with --overwrite" in refused.err
    assert run(*words, "--format", "tfrecord", "--overwrite").code == 0
    assert sorted(file.name for file in (tmp_path / "set").iterdir()) == [
        "dataset.json",
        "label_map.pbtxt",
        "train.tfrecord",
    ]


def test_the_recordings_themselves_are_never_replaced(run: Run, hearts: Path) -> None:
    before = sorted(hearts.iterdir())
    ran = run("dataset", "images", hearts, "-o", hearts, "--overwrite")
    assert ran.code == 2
    assert "is not empty and holds no dataset.json" in ran.err
    assert sorted(hearts.iterdir()) == before


def test_recordings_inside_an_earlier_set_are_never_thrown_away(run: Run, hearts: Path, tmp_path: Path) -> None:
    assert run("dataset", "images", hearts, "-o", tmp_path / "set", "--limit", 3).code == 0
    kept = hearts.rename(tmp_path / "set" / "hearts")
    ran = run("dataset", "images", kept, "-o", tmp_path / "set", "--overwrite")
    assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1)
    assert f"holds {kept / 'a'}, which is drawn from; choose another folder" in ran.err
    assert sorted(file.suffix for file in kept.iterdir()) == sorted([".atr", ".dat", ".hea"] * 3)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--kind", "book"), "kind of picture 'book' is not known: choose from beat, strip, page"),
        (("--format", "yolo"), "format 'yolo' is not known: choose from coco, voc, tfrecord"),
        (("--classes", "icd"), "rule of classes 'icd' is not known: choose from symbol, aami, lead-symbol"),
        (("--split", "half"), "split 'half' is not known: choose from none, by-image, by-patient, ds1-ds2"),
        (("--split", "by-image", "--train-share", "1.5"), "share to learn from is 1.5; it must be between 0 and 1"),
        (("--split", "ds1-ds2"), "no record of DS1 is here"),
        (("--min-beats", "9999"), "no class has more than 9,999 beats"),
        (("--records", "a,zzz"), "has no annotated record zzz"),
        (("--leads", "II,V9"), "no recording has a lead 'V9'; there are II, V1"),
        (("--leads", "II,V9", "--kind", "strip"), "no recording has a lead 'V9'; there are II, V1"),
        (("--leads", ""), "no recording has a lead ''; there are II, V1"),
        (("--per-class", "0"), "invalid value for '--per-class'"),
        (("--limit", "0"), "invalid value for '--limit'"),
    ],
)
def test_a_bad_option_is_one_line_and_leaves_no_folder(
    run: Run, hearts: Path, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    ran = run("dataset", "images", hearts, "-o", tmp_path / "set", *words)
    assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1)
    assert message in ran.err
    assert [one.name for one in tmp_path.iterdir()] == ["hearts"]


def test_an_annotation_file_that_is_cut_off_is_named(run: Run, hearts: Path, tmp_path: Path) -> None:
    file = hearts / "b.atr"
    file.write_bytes(file.read_bytes()[:-3])
    ran = run("dataset", "images", hearts, "-o", tmp_path / "set")
    assert (ran.code, len(ran.errors)) == (2, 1)
    assert "b.atr: is cut off" in ran.err
