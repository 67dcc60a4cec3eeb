"""``einthoven info`` shows what a file holds, and goes on past those it cannot read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven import Patient, Record, write
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Ran

    Run = Callable[..., Ran]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    signal = np.float32([[0.5, -1.25, np.nan, 2], [np.nan] * 4])
    facts = {"patient": Patient(61, "female"), "diagnoses": ("426783006",), "notes": ("mended",)}
    write(Record(signal, 2, ("II", "V1"), **facts), tmp_path / "good.hea")  # type: ignore[arg-type]
    return tmp_path / "good.hea"


def test_facts_of_a_file_are_shown(run: Run, good: Path) -> None:
    code, out, err = run("info", good)
    assert (code, err) == (0, "")
    for text in ("good", "WFDB", "2: II V1", "2 s, 4 samples at 2 Hz", "61 years, female", "426783006", "mended"):
        assert text in out
    assert "-1.250 to 2.000 mV, 25.0% missing" in out
    assert "no sample, 100.0% missing" in out


def test_json_holds_the_same_and_no_nan(run: Run, good: Path) -> None:
    facts = json.loads(run("info", "--json", good).out)
    assert facts["leads"] == ["II", "V1"]
    assert facts["amplitude"]["II"] == {"lowest_mv": -1.25, "highest_mv": 2.0, "missing_share": 0.25}
    assert facts["amplitude"]["V1"] == {"lowest_mv": None, "highest_mv": None, "missing_share": 1.0}
    assert (facts["fs_hz"], facts["n_samples"], facts["duration_s"]) == (2, 4, 2)
    assert facts["patient"] == {"age_years": 61, "sex": "female"}
    assert len(json.loads(run("info", "--json", good, good).out)) == 2


def test_a_bad_file_gives_one_line_and_the_others_are_shown(run: Run, good: Path) -> None:
    absent, bad = good.with_name("absent.csv"), good.with_name("bad.csv")
    bad.write_text("II\nx\n")
    ran = run("info", absent, good, bad)
    assert ran.code == 2
    assert len(ran.errors) == 2
    assert "absent.csv" in ran.errors[0]
    assert "bad.csv" in ran.errors[1]
    assert "61 years" in ran.out
    assert len(json.loads(run("info", "--json", absent, good, bad).out)) == 1


def test_options_reach_the_reader(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1000,2000\n3000,4000\n")
    ran = run("info", tmp_path / "a.csv", "--rate", 2, "--unit", "1000/mV", "--leads", "I, II")
    assert ran.code == 0
    assert "2: I II" in ran.out
    assert "2.000 to 4.000 mV" in ran.out


def test_broken_lead_laws_are_found(run: Run, tmp_path: Path) -> None:
    record = simulate(seed=1).record
    signal = record.signal.copy()
    signal[record.leads.index("aVR")] *= -1
    write(Record(signal, record.fs_hz, record.leads), tmp_path / "a.npz")
    assert "aVR inverted" in run("info", tmp_path / "a.npz").out
    assert "aVR inverted" not in run("info", tmp_path / "a.npz", "--repair").out.split("note")[0]


@pytest.mark.parametrize("option", [("--rate", "0"), ("--unit", "bar"), ("--leads", "I,I")])
def test_a_senseless_option_is_one_line_however_many_files(run: Run, good: Path, option: tuple[str, str]) -> None:
    ran = run("info", good, good, *option)
    assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1)


def test_what_a_file_says_cannot_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\x1b[31mII,V1\n1,\x1b[2J\n")
    ran = run("info", tmp_path / "a.csv", "--rate", 1, "--unit", "mV")
    assert ran.code == 2
    assert "\x1b" not in ran.err
    (tmp_path / "b.csv").write_text("\x1b[31mII\n1\n")
    assert "\x1b" not in run("info", tmp_path / "b.csv", "--rate", 1, "--unit", "mV").out


def test_a_reader_may_be_forced(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.ecgtext").write_text("II\n1\n2\n")
    assert run("info", tmp_path / "a.ecgtext").code == 2
    ran = run("info", tmp_path / "a.ecgtext", "--format", "delimited", "--rate", 1, "--unit", "mV")
    assert ran.code == 0
    assert "CSV or TSV" in ran.out
    ran = run("info", tmp_path / "a.ecgtext", "--format", "dicom")
    assert (ran.code, len(ran.errors)) == (2, 1)
    assert "choose from wfdb, matlab, edf" in ran.err
