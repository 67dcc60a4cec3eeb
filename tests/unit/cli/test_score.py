"""``einthoven score`` from folders of labels and outputs to figures, or to one line that says what is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.codes import CINC2020_CLASSES, CINC2020_DIAGNOSES
from einthoven.evaluation.cinc2020_outputs import Output, write_output

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Ran

    Run = Callable[..., Ran]

KEYS = ["auroc", "auprc", "accuracy", "f_measure", "f_beta", "g_beta", "challenge_metric"]
CODE = {one.short: code for code, one in CINC2020_DIAGNOSES.items()}


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "labels").mkdir()
    (tmp_path / "outputs").mkdir()
    return tmp_path / "labels", tmp_path / "outputs"


def put(folders: tuple[Path, Path], record: str, truth: str, said: dict[str, float]) -> None:
    """Write a label file and an output; scores above one half are answers."""
    codes = ",".join(CODE.get(name, name) for name in truth.split())
    (folders[0] / f"{record}.hea").write_text(f"{record} 12 500 5000\n#Age: NaN\n#Dx: {codes}\n")
    score = np.array(list(said.values()))
    names = tuple(CODE.get(name, name) for name in said)
    write_output(Output(record, names, score > 0.5, score), folders[1])


def test_a_right_answer_is_worth_all(run: Run, folders: tuple[Path, Path]) -> None:
    put(folders, "A0001", "AF", {"AF": 0.9, "NSR": 0.1})
    put(folders, "A0002", "NSR", {"AF": 0.2, "NSR": 0.8})
    code, out, err = run("score", "cinc2020", *folders, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == dict.fromkeys(KEYS, 1)
    assert list(json.loads(out)) == KEYS


def test_equal_codes_unscored_codes_and_missing_columns_cost_nothing(run: Run, folders: tuple[Path, Path]) -> None:
    put(folders, "A0001", "RBBB 55827005", {"CRBBB": 0.9, "111": 1.0})
    put(folders, "A0002", "NSR", {"NSR": 0.8})
    assert json.loads(run("score", "cinc2020", *folders, "--json").out) == dict.fromkeys(KEYS, 1)


def test_figures_are_shown_and_those_of_classes_when_asked_for(run: Run, folders: tuple[Path, Path]) -> None:
    put(folders, "A0001", "AF", {"AF": 0.9, "NSR": 0.1})
    put(folders, "A0002", "AF", {"AF": 0.2, "NSR": 0.8})
    put(folders, "A0003", "Unknown", {"AF": 0.3, "NSR": 0.8})
    out = run("score", "cinc2020", *folders).out
    assert out.startswith("3 records\n")
    assert all(key in out for key in KEYS)
    assert "NSR" not in out
    out = run("score", "cinc2020", *folders, "--classes").out
    (line,) = [line for line in out.splitlines() if line.startswith("AF ")]
    assert line.split() == ["AF", "2", "0.500", "0.833", "0.667", "0.556", "0.333"]
    (line,) = [line for line in out.splitlines() if line.startswith("QAb ")]
    assert line.split() == ["QAb", "0", *["–"] * 5]


def test_figures_of_classes_are_in_json_too_and_none_where_nothing_can_be_said(
    run: Run, folders: tuple[Path, Path]
) -> None:
    put(folders, "A0001", "", {"AF": 0.1})
    content = json.loads(run("score", "cinc2020", *folders, "--json", "--classes").out)
    assert list(content) == [*KEYS, "classes"]
    assert tuple(content["classes"]) == CINC2020_CLASSES
    assert content["classes"][CODE["AF"]]["name"] == "atrial fibrillation"
    assert (content["auroc"], content["accuracy"], content["classes"][CODE["AF"]]["auroc"]) == (None, 1, None)


@pytest.mark.parametrize("damage", ["labels", "header", "outputs", "absent", "cut", "word"])
def test_bad_input_is_one_line_that_names_it(run: Run, folders: tuple[Path, Path], damage: str) -> None:
    labels, outputs = folders
    for number in range(3):
        put(folders, f"A000{number}", "AF", {"AF": 0.9, "NSR": 0.1})
    if damage == "labels":
        labels, named = labels / "nowhere", "nowhere: no such folder"
    elif damage == "header":
        (labels / "A0001.hea").write_text("A0001 12 500 5000\n")
        named = "A0001.hea: has no line of diagnoses"
    elif damage == "outputs":
        outputs, named = outputs / "nowhere", "nowhere: no such folder"
    elif damage == "absent":
        (outputs / "A0001.csv").unlink()
        (outputs / "A0002.csv").unlink()
        named = "no output for 2 of 3 records: A0001, A0002"
    elif damage == "cut":
        (outputs / "A0001.csv").write_text("#A0001\n426783006\n1\n")
        named = "A0001.csv: has lines of 1, 1 values"
    else:
        (outputs / "A0001.csv").write_text("#A0001\n426783006\n1\nvery\n")
        named = "A0001.csv, line 4: 'very' is no score"
    for options in ((), ("--json",), ("--classes",)):
        ran = run("score", "cinc2020", labels, outputs, *options)
        assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1)
        assert named in ran.err


@pytest.mark.parametrize("words", [("cinc2020",), ("cinc2020", "labels"), ("cinc2021", "labels", "outputs")])
def test_a_wrong_call_is_one_line(run: Run, words: tuple[str, ...]) -> None:
    ran = run("score", *words)
    assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1)
