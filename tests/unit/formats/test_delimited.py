"""Text tables: what they state is taken, what they do not must be given, and a bad cell is named by line and column."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from einthoven import read
from einthoven.errors import FormatError, OptionError

if TYPE_CHECKING:
    from pathlib import Path

GIVEN: dict[str, Any] = {"fs_hz": 100, "unit": "mV"}


def table(folder: Path, text: str, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "ii,AVR\n1,-2\n3,4.5\n"),
        ("a.csv", "II;aVR\r\n1;-2\r\n3;4.5\r\n"),
        ("a.tsv", "II\taVR\n1\t-2\n3\t4.5\n"),
        ("a.csv", "# fs_hz: 100\x1f\nII,aVR\n1,-2\n3\x1f,4.5\n"),  # blank to str.strip, but not to float
        ("a.txt", "\ufeffII, aVR\n 1 , -2\n3e0,+4.5\n\n"),
        ("a.csv", '"II","aVR"\n"1","-2"\n3,4.5'),
    ],
)
def test_delimiters_quotes_and_line_ends_are_told_apart(tmp_path: Path, name: str, text: str) -> None:
    record = read(table(tmp_path, text, name), **GIVEN)
    assert record.leads == ("II", "aVR")
    assert record.signal.tolist() == [[1, 3], [-2, 4.5]]


def test_comments_state_rate_unit_start_and_facts(tmp_path: Path) -> None:
    text = "# fs_hz: 360\n# unit: uV\n# start: 2020-05-12T12:33:59\n# Age: 61\n# Sex: F\n# Dx: 426783006\nII\n500\n"
    record = read(table(tmp_path, text))
    assert record.signal.tolist() == [[0.5]]
    assert (record.fs_hz, record.start) == (360, datetime(2020, 5, 12, 12, 33, 59))
    assert (record.patient.age_years, record.patient.sex, record.diagnoses) == (61, "female", ("426783006",))


@pytest.mark.parametrize(
    "column", ["time", "Time (s)", "time_ms", "t", "sample #", "Elapsed time", "index", "", "Unnamed: 0"]
)
def test_time_and_counters_are_left_out_and_noted(tmp_path: Path, column: str) -> None:
    record = read(table(tmp_path, f"{column},II\n0:00.0,1\n0:00.1,2\n"), **GIVEN)
    assert record.leads == ("II",)
    assert record.signal.tolist() == [[1, 2]]
    assert record.notes == (f"column 1 ('{column}') is time or a counter; left out",)


def test_a_table_as_rdsamp_prints_it(tmp_path: Path) -> None:
    head = "'Elapsed time','MLII','Resp','V5'\n'hh:mm:ss.mmm','mV','l/s','uV'\n"
    text = f"{head}'0:00.000',-0.145,3,-65\n'0:00.003',-,3,70\n"
    record = read(table(tmp_path, text), fs_hz=360)
    assert record.leads == ("MLII", "V5")
    np.testing.assert_array_equal(record.signal, np.float32([[-0.145, np.nan], [-0.065, 0.07]]))
    assert "Resp is in l/s, no voltage; left out" in record.notes


def test_units_may_stand_behind_the_names(tmp_path: Path) -> None:
    record = read(table(tmp_path, "time (s),II (mV),V1 [uV]\n0,1,1000\n"), fs_hz=100)
    assert record.leads == ("II", "V1")
    assert record.signal.tolist() == [[1], [1]]


def test_raw_converter_units_are_scaled_as_told(tmp_path: Path) -> None:
    record = read(table(tmp_path, "'sample #','MLII'\n0,995\n1,1224\n"), fs_hz=360, unit="200(1024)/mV")
    np.testing.assert_allclose(record["MLII"], [-0.145, 1.0])


def test_empty_cells_and_nan_are_missing_samples(tmp_path: Path) -> None:
    record = read(table(tmp_path, "I,II\n1,\nNaN,2\n-,nan\n"), **GIVEN)
    np.testing.assert_array_equal(record.signal, np.float32([[1, np.nan, np.nan], [np.nan, 2, np.nan]]))


def test_a_table_without_names_needs_them(tmp_path: Path) -> None:
    path = table(tmp_path, "1,2\n3,4\n")
    with pytest.raises(OptionError, match="names no leads; name its 2"):
        read(path, **GIVEN)
    assert read(path, **GIVEN, leads=["I", "II"])["II"].tolist() == [2, 4]


def test_leads_asked_for_are_picked(tmp_path: Path) -> None:
    assert read(table(tmp_path, "I,II\n1,2\n"), **GIVEN, leads=["II"]).signal.tolist() == [[2]]


@pytest.mark.parametrize("missing", ["fs_hz", "unit"])
def test_rate_and_unit_are_never_guessed(tmp_path: Path, missing: str) -> None:
    path = table(tmp_path, "time_s,II\n0.00,100\n0.01,200\n")
    with pytest.raises(OptionError, match="the file states no"):
        read(path, **{key: value for key, value in GIVEN.items() if key != missing})


@pytest.mark.parametrize(("option", "both"), [({"fs_hz": 100}, "100 Hz.*360 Hz"), ({"unit": "V"}, "V.*uV")])
def test_an_option_against_the_file_is_an_error_naming_both(tmp_path: Path, option: dict[str, Any], both: str) -> None:
    with pytest.raises(OptionError, match=both):
        read(table(tmp_path, "# fs_hz: 360\n# unit: uV\nII\n1\n"), **option)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("I,II\n1,2\n3,four\n", r"line 3, column 2 is 'four'; it must be a number"),
        ("# unit: mV\nI,II\n\n1,2\n3,1_000\n", r"line 5, column 2 is '1_000'"),
        ("I;II\n1,5;2\n", r"line 2, column 1 is '1,5'; it must be a number with a decimal point"),
        ("I,II\n1,2\n3\n", r"line 3 has 1 cells; the first row has 2"),
        ("I,II\n1,2\n3,4,5\n", r"line 3 has 3 cells"),
        ("I,II\n", "has no row of numbers"),
        ("", "is empty"),
        ("# fs_hz: 100\n", "is empty"),
        ("time,index\n1,2\n", "names no lead, only time, index"),
        ("# fs_hz: fast\nI\n1\n", "states fs_hz 'fast'"),
        ("# fs_hz: -1\nI\n1\n", "states fs_hz '-1'"),
        ("# start: now\nI\n1\n", "states start 'now'"),
        ("I\n1\n\0\n", "line 3 holds a zero byte"),
        ("I,II\nkg,l\n1,2\n", "no column is a voltage; units are kg, l"),
    ],
)
def test_a_broken_table_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read(table(tmp_path, text), **GIVEN)


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "1e400"])
def test_endless_numbers_are_missing_samples(tmp_path: Path, cell: str) -> None:
    record = read(table(tmp_path, f"I\n1\n{cell}\n"), **GIVEN)
    assert np.isnan(record["I"][1])
    assert "infinite" in record.notes[0]
