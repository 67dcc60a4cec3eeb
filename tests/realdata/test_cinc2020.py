"""The 2020 challenge: our figures are those of its own scorer, and its records are read with what they state."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.cli import main
from einthoven.codes import CINC2020_CLASSES, CINC2020_DIAGNOSES, CINC2020_SAME
from einthoven.datasets.cinc2020 import Diagnosed, load, ptbxl_codes, targets
from einthoven.evaluation.cinc2020 import challenge_figures, confusion_weights
from einthoven.evaluation.cinc2020_outputs import Output, write_output

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realdata

CASES = range(3)


def case(data_dir: Path, number: int) -> tuple[tuple[str, ...], dict[str, float], dict[str, np.ndarray]]:
    place = data_dir / "cinc2020" / "metric_cases" / f"case{number}"
    facts = json.loads(place.with_suffix(".json").read_text())
    return tuple(facts["classes"]), facts["expected"], dict(np.load(place.with_suffix(".npz")))


@pytest.fixture(scope="module")
def records(data_dir: Path) -> list[Diagnosed]:
    return list(load(data_dir))


def test_classes_weights_and_names_are_those_of_the_official_scorer(data_dir: Path) -> None:
    with (data_dir / "cinc2020" / "weights.csv").open(newline="") as lines:
        (_, *codes), *rows = csv.reader(lines)
    assert codes == list(CINC2020_DIAGNOSES)
    place = [CINC2020_CLASSES.index(CINC2020_SAME.get(code, code)) for code in codes]
    published = np.array([[float(cell) for cell in row[1:]] for row in rows])
    np.testing.assert_array_equal(confusion_weights()[np.ix_(place, place)], published)
    with (data_dir / "cinc2020" / "dx_mapping_scored.csv").open(newline="") as lines:
        for row in csv.DictReader(lines):
            code, ours = row["SNOMED CT Code"], CINC2020_DIAGNOSES[row["SNOMED CT Code"]]
            assert ours.short == row["Abbreviation"]
            assert ours.name.casefold() == row["Dx"].casefold().replace("qwave", "q wave")
            noted = re.findall(r"\d{6,}", row["Notes"])  # "We score 713427006 and 59118001 as the same diagnosis."
            assert {CINC2020_SAME.get(one, one) for one in (code, *noted)} == {CINC2020_SAME.get(code, code)}
            assert (len(noted) == 2) == (code in {*CINC2020_SAME, *CINC2020_SAME.values()})


@pytest.mark.parametrize("number", CASES)
def test_figures_are_those_of_the_official_scorer(data_dir: Path, number: int) -> None:
    classes, expected, arrays = case(data_dir, number)
    assert classes == CINC2020_CLASSES
    figures = challenge_figures(arrays["labels"], arrays["binary"], arrays["scalar"])
    assert list(figures) == list(expected)
    assert figures == pytest.approx(expected, abs=1e-9, rel=0)


@pytest.mark.parametrize("number", CASES)
def test_from_files_they_are_the_same(
    data_dir: Path, tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    classes, expected, arrays = case(data_dir, number)
    rng = np.random.default_rng(number)
    for row, (truth, answer, score) in enumerate(
        zip(arrays["labels"], arrays["binary"], arrays["scalar"], strict=True)
    ):
        codes = [classes[place] for place in np.flatnonzero(truth)]
        (tmp_path / f"A{row:04}.hea").write_text(f"A{row:04} 12 500 5000\n#Dx: {','.join(codes) or 'Unknown'}\n")
        order = rng.permutation(len(classes))  # each file may have the columns in an order of its own
        write_output(Output(f"A{row:04}", tuple(np.array(classes)[order]), answer[order], score[order]), tmp_path)
    monkeypatch.setattr("sys.argv", ["einthoven", "score", "cinc2020", str(tmp_path), str(tmp_path), "--json"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0
    assert json.loads(capsys.readouterr().out) == pytest.approx(expected, abs=1e-9, rel=0)


def test_every_record_has_diagnoses_and_a_database(records: list[Diagnosed]) -> None:
    assert Counter(item.database for item in records) == {
        "Chapman-Shaoxing and Ningbo": 43,
        "Georgia": 37,
        "PTB-XL": 20,
        "CPSC-Extra": 15,
        "CPSC 2018": 8,
        "PTB": 5,
    }
    assert all(item.codes for item in records)
    assert all(len(item.record.leads) == 12 for item in records)


def test_age_and_sex_are_read_where_they_are_stated(records: list[Diagnosed]) -> None:
    ages = [item.record.patient.age_years for item in records]
    assert sum(age is None for age in ages) == 2
    assert all(age is None or 0 <= age <= 100 for age in ages)
    assert Counter(item.record.patient.sex for item in records) == {"male": 67, "female": 61}


def test_dates_of_any_form_are_read(records: list[Diagnosed]) -> None:
    dated = {item.record.id: item.record.start for item in records if item.record.start}
    assert dated["A0001"].isoformat() == "2020-05-12T12:33:59"
    assert {start.year for start in dated.values()} == {2020, 2021}


def test_the_challenges_numbers_of_ptbxl_are_those_of_ptbxl(data_dir: Path, records: list[Diagnosed]) -> None:
    with (data_dir / "ptb-xl" / "ptbxl_database.csv").open(newline="") as lines:
        rows = {int(row["ecg_id"]): row for row in csv.DictReader(lines)}
    codes = ptbxl_codes(data_dir)
    assert codes.keys() < rows.keys()  # the challenge does not have all of them
    both = {item for item in records if item.database == "PTB-XL" and int(item.record.id[2:]) in codes}
    for item in both:
        row = rows[int(item.record.id[2:])]
        assert item.record.patient.age_years == float(row["age"])
        assert item.record.patient.sex == ("male", "female")[int(row["sex"])]
    differ = {
        item.record.id for item in both if (targets([item.codes]) != targets([codes[int(item.record.id[2:])]])).any()
    }
    assert differ == {"HR00003"}  # its header of the challenge adds a first degree block to the table's sinus rhythm
