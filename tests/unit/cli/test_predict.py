"""The answer file of the China competition: every record its line, in order, and nothing made up."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.io

from einthoven import simulate, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Records 9, 10 and 101, as the competition stores them: 10 has a tall V2."""
    place = tmp_path / "TEST"
    place.mkdir()
    for name, times in (("TEST9", 1), ("TEST10", 8), ("TEST101", 1)):
        signal = simulate(duration_s=10, seed=len(name)).record.signal.copy()
        signal[7] *= times
        scipy.io.savemat(place / f"{name}.mat", {"data": signal}, do_compression=True)
    return place


@pytest.fixture
def predict(run: Callable, tall_v2: Path) -> Callable:
    return lambda *arguments: run("predict", "cpic2019", *arguments, "--bundle", tall_v2)


def test_every_record_of_a_folder_has_its_line_in_the_order_people_count(predict, folder, tmp_path):
    ran = predict(folder, tmp_path / "answers.txt")
    assert (ran.code, ran.err) == (0, "")
    assert (tmp_path / "answers.txt").read_text() == "TEST9,0\nTEST10,1\nTEST101,0\n"
    assert "3 records: 2 normal, 1 abnormal; unsure of 0" in ran.out


def test_the_form_of_the_readme_has_a_space(predict, folder, tmp_path):
    assert predict(folder, tmp_path / "a.txt", "--separator", "space").code == 0
    assert (tmp_path / "a.txt").read_text().splitlines()[0] == "TEST9 0"


def test_another_operating_point_calls_more_abnormal(predict, folder, tmp_path):
    signal = simulate(duration_s=10).record.signal.copy()
    signal[7] *= 2  # p = 0.06
    scipy.io.savemat(folder / "TEST3.mat", {"data": signal})
    predict(folder, tmp_path / "a.txt")
    predict(folder, tmp_path / "b.txt", "--point", "sensitivity-0.98")
    assert (tmp_path / "a.txt").read_text().splitlines()[0] == "TEST3,0"
    assert (tmp_path / "b.txt").read_text().splitlines()[0] == "TEST3,1"


def test_json_has_probability_and_doubt(predict, folder, tmp_path):
    signal = simulate(duration_s=10).record.signal.copy()
    signal[7] *= 3.05
    scipy.io.savemat(folder / "TEST3.mat", {"data": signal})
    rows = json.loads(predict(folder, tmp_path / "a.txt", "--json").out)
    assert [row["record"] for row in rows] == ["TEST3", "TEST9", "TEST10", "TEST101"]
    assert [row["decision"] for row in rows] == ["unsure", "normal", "abnormal", "normal"]
    assert rows[2]["p_abnormal"] > 0.9
    assert rows[2]["answer"] == 1
    assert rows[2]["file"].endswith("TEST10.mat")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "is empty"), (b"MATLAB 5.0 MAT-file" + b" " * 200, "cannot be read"), (b"no ECG at all", "cannot be read")],
)
def test_a_file_that_cannot_be_read_has_no_answer_and_a_line_of_its_own(predict, folder, tmp_path, content, reason):
    (folder / "TEST50.mat").write_bytes(content)
    ran = predict(folder, tmp_path / "a.txt")
    assert ran.code == 2
    assert (tmp_path / "a.txt").read_text() == "TEST9,0\nTEST10,1\nTEST101,0\n"
    (line,) = ran.errors
    assert f"TEST50.mat: {reason}" in line
    assert line.endswith("left out of " + str(tmp_path / "a.txt"))


def test_a_record_without_the_leads_has_no_answer(predict, folder, tmp_path):
    write(simulate(duration_s=10, leads=("II", "V1")).record, folder / "HOLTER1.hea")
    ran = predict(folder, tmp_path / "a.txt")
    assert ran.code == 2
    assert "has leads II, V1; V1 to V6 and two limb leads are needed; left out of" in ran.err
    assert "HOLTER" not in (tmp_path / "a.txt").read_text()


def damaged(folder, name, change):
    signal = simulate(duration_s=10).record.signal.astype("f8")
    scipy.io.savemat(folder / f"{name}.mat", {"data": change(signal)})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda x: x * (np.arange(12) == 0)[:, None], "has no signal in II, III, aVR"),
        (lambda x: x * (np.arange(12) < 6)[:, None], "has no signal in V1, V2, V3, V4, V5, V6"),
        (lambda x: np.where(np.arange(5000) < 200, x, np.nan), "has no signal in"),
        (lambda x: np.random.default_rng(0).normal(0, 1, x.shape), "shows 0 heartbeats; 3 or more are needed"),
        (lambda x: x * 1e30, "no electrode gives more than"),
    ],
)
def test_nothing_is_made_up_where_nothing_can_be_seen(predict, folder, tmp_path, change, reason):
    damaged(folder, "TEST11", change)
    ran = predict(folder, tmp_path / "a.txt")
    assert ran.code == 2
    assert reason in ran.err
    assert (tmp_path / "a.txt").read_text() == "TEST9,0\nTEST10,1\nTEST101,0\n"


def test_a_lead_that_is_off_makes_the_answer_unsure_and_is_told(predict, folder, tmp_path):
    damaged(folder, "TEST11", lambda x: x * (np.arange(12) != 10)[:, None])
    ran = predict(folder, tmp_path / "a.txt", "--json")
    assert ran.code == 0
    assert [row["decision"] for row in json.loads(ran.out)] == ["normal", "abnormal", "unsure", "normal"]
    assert ran.errors == [f"einthoven: {folder / 'TEST11.mat'}: has no signal in V5; answered without, so unsure"]
    assert "TEST11,0" in (tmp_path / "a.txt").read_text()


def test_the_answers_never_replace_the_list(predict, folder):
    (folder / "wanted.txt").write_text("TEST9\n")
    assert predict(folder / "wanted.txt", folder / "wanted.txt").code == 2
    assert (folder / "wanted.txt").read_text() == "TEST9\n"


def test_where_nothing_can_be_read_nothing_is_written(predict, tmp_path):
    (tmp_path / "bad.mat").write_bytes(b"")
    (tmp_path / "a.txt").write_text("as it was")
    ran = predict(tmp_path / "bad.mat", tmp_path / "absent.mat", tmp_path / "a.txt")
    assert ran.code == 2
    assert [line.split(": ")[2] for line in ran.errors] == [
        f"is empty; left out of {tmp_path / 'a.txt'}",
        f"no such file; left out of {tmp_path / 'a.txt'}",
    ]
    assert (tmp_path / "a.txt").read_text() == "as it was"


def test_a_list_is_answered_in_its_order_by_name_or_path(predict, folder, tmp_path):
    (folder / "wanted.txt").write_text("# mine\nTEST101\n\nTEST9.mat\r\n")
    assert predict(folder / "wanted.txt", tmp_path / "a.txt").code == 0
    assert (tmp_path / "a.txt").read_text() == "TEST101,0\nTEST9,0\n"


def test_a_list_written_on_windows_is_read(predict, folder, tmp_path):
    (folder / "wanted.txt").write_bytes(b"\xef\xbb\xbfTEST9\r\nTEST101\r\n")
    assert predict(folder / "wanted.txt", tmp_path / "a.txt").code == 0
    assert (tmp_path / "a.txt").read_text() == "TEST9,0\nTEST101,0\n"


def test_a_name_that_would_break_a_line_is_refused(predict, folder, tmp_path):
    (folder / "new\nline.mat").write_bytes((folder / "TEST9.mat").read_bytes())
    ran = predict(folder, tmp_path / "a.txt")
    assert (ran.code, len(ran.errors)) == (2, 1)
    assert "has a sign in its name that no line of answers can hold" in ran.err


def test_what_a_list_names_and_is_not_there_is_told(predict, folder, tmp_path):
    (folder / "wanted.txt").write_text("TEST9\nTEST394\n")
    ran = predict(folder / "wanted.txt", tmp_path / "a.txt")
    assert ran.code == 2
    assert "TEST394: no such file" in ran.err
    assert (tmp_path / "a.txt").read_text() == "TEST9,0\n"


def test_files_are_answered_in_the_order_given(predict, folder, tmp_path):
    predict(folder / "TEST101.mat", folder / "TEST9.mat", tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text() == "TEST101,0\nTEST9,0\n"


def test_a_wfdb_record_in_a_folder_counts_once_and_other_files_do_not(predict, folder, tmp_path):
    heart = simulate(duration_s=10).record
    write(heart, folder / "HR1.hea")
    write(replace(heart, fs_hz=1000), folder / "HR2.mat", format="matlab")
    (folder / "README.txt").write_text("TEST9 0")
    (folder / ".hidden.mat").write_bytes(b"")
    ran = predict(folder, tmp_path / "a.txt", "--json")
    assert "HR1" in [row["record"] for row in json.loads(ran.out)]
    names = [line.split(",")[0] for line in (tmp_path / "a.txt").read_text().splitlines()]
    assert len(names) == len(set(names))
    assert names[0] == "HR1"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: (folder / "empty").mkdir() or folder / "empty", "holds no ECG file"),
        (lambda folder: folder.parent, "holds no ECG file; name one of its folders: TEST"),
        (lambda folder: folder / "absent.txt", "cannot be read as a list"),
        (lambda folder: (folder / "none.txt").write_text("#\n") and folder / "none.txt", "names no record"),
    ],
)
def test_a_place_without_records_is_an_error(predict, folder, tmp_path, make, said):
    ran = predict(make(folder), tmp_path / "a.txt")
    assert ran.code == 2
    assert said in ran.err
    assert len(ran.errors) == 1
    assert not (tmp_path / "a.txt").exists()


def test_two_records_of_one_name_are_refused(predict, folder, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "TEST9.mat").write_bytes((folder / "TEST9.mat").read_bytes())
    ran = predict(folder, tmp_path / "other", tmp_path / "a.txt")
    assert ran.code == 2
    assert "are both called TEST9; answers could not be told apart" in ran.err


def test_a_file_of_another_format_with_the_name_of_a_header_is_not_passed_over(predict, folder, tmp_path):
    write(simulate(duration_s=10).record, folder / "HR1.hea")
    write(simulate(duration_s=10).record, folder / "HR1.edf")
    ran = predict(folder, tmp_path / "a.txt")
    assert ran.code == 2
    assert "are both called HR1; answers could not be told apart" in ran.err


def test_the_answers_never_replace_a_recording(predict, folder):
    before = (folder / "TEST9.mat").read_bytes()
    assert predict(folder, folder / "TEST9.mat").code == 2
    assert (folder / "TEST9.mat").read_bytes() == before


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--separator", "tab", "separator 'tab' is not known: choose from comma, space"),
        ("--point", "best", "operating point 'best' is not known: choose from default, sensitivity-0.98"),
    ],
)
def test_an_option_out_of_range_says_what_is_allowed(predict, folder, tmp_path, option, value, said):
    ran = predict(folder, tmp_path / "a.txt", option, value)
    assert (ran.code, ran.errors) == (2, [f"einthoven: {said}"])


def test_a_name_that_would_part_in_two_is_refused(predict, folder, tmp_path):
    (folder / "my record.mat").write_bytes((folder / "TEST9.mat").read_bytes())
    assert predict(folder, tmp_path / "a.txt").code == 0
    ran = predict(folder, tmp_path / "b.txt", "--separator", "space")
    assert "has a space in its name" in ran.err


def test_a_bundle_for_beats_is_refused(run, folder, tmp_path):
    ran = run("predict", "cpic2019", folder, tmp_path / "a.txt", "--bundle", "mitdb-aami")
    assert (ran.code, ran.errors) == (
        2,
        ["einthoven: bundle mitdb-aami tells N, S, V, F; whole records need normal or abnormal"],
    )


@pytest.mark.parametrize("worth_processes", [1000, 40])
def test_many_records_come_back_in_their_order(predict, folder, tmp_path, monkeypatch, worth_processes):
    monkeypatch.setattr("einthoven.cli.record_files.WORTH_PROCESSES", worth_processes)
    (folder / "MANY70.mat").write_bytes(b"")
    for k in range(70):
        source = "TEST10" if k % 7 == 0 else "TEST9"
        (folder / f"MANY{k}.mat").write_bytes((folder / f"{source}.mat").read_bytes())
    ran = predict(folder, tmp_path / "a.txt")
    lines = (tmp_path / "a.txt").read_text().splitlines()
    assert (ran.code, len(ran.errors)) == (2, 1)
    assert "MANY70.mat: is empty; left out" in ran.err
    assert lines[:70] == [f"MANY{k},{int(k % 7 == 0)}" for k in range(70)]
