"""Records of the 2020 challenge with their diagnoses, from whatever hospital they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven import Patient, Record, write
from einthoven.codes import CINC2020_CLASSES
from einthoven.datasets.cinc2020 import (
    DATABASES,
    Diagnosed,
    database_of,
    fingerprint,
    load,
    ptbxl_codes,
    read_codes,
    read_labels,
    targets,
)
from einthoven.errors import DataError, OptionError

if TYPE_CHECKING:
    from pathlib import Path

SIGNAL = np.arange(24, dtype=np.float32).reshape(2, 12)


def put(root: Path, name: str, *codes: str, patient: Patient | None = None, below: str = "records") -> Path:
    folder = root / "cinc2020" / below
    folder.mkdir(parents=True, exist_ok=True)
    record = Record(SIGNAL, 500, ("I", "II"), patient=patient or Patient(), diagnoses=codes)
    write(record, folder / f"{name}.hea")
    return folder / f"{name}.hea"


@pytest.mark.parametrize(("record", "database"), [(f"{letters}0001", name) for letters, name in DATABASES.items()])
def test_the_name_of_a_record_tells_its_database(record: str, database: str) -> None:
    assert database_of(record) == database


@pytest.mark.parametrize("name", ["X0001", "0001", "A", "HRX1", "a0001", "", "A0001.mat"])
def test_a_name_that_the_challenge_did_not_give_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="names are A, Q, I, S, HR, E, JS and a number"):
        database_of(name)


def test_records_come_with_diagnoses_patient_and_database(tmp_path: Path) -> None:
    put(tmp_path, "JS00001", "426783006", "164934002", patient=Patient(85, "male"))
    put(tmp_path, "A0001", "59118001", "55827005")
    first, second = load(tmp_path)
    assert (first.record.id, first.database, first.codes) == ("A0001", "CPSC 2018", {"59118001", "55827005"})
    assert first.record.patient == Patient()  # neither age nor sex is stated
    assert (second.database, second.record.patient) == ("Chapman-Shaoxing and Ningbo", Patient(85, "male"))
    np.testing.assert_allclose(second.record.signal, SIGNAL, atol=1e-3)


@pytest.mark.parametrize("text", ["NaN", "Unknown", "", "-1"])
def test_an_age_or_sex_that_is_no_such_thing_is_missing(tmp_path: Path, text: str) -> None:
    header = put(tmp_path, "E00001", "426783006", patient=Patient(60, "female"))
    header.write_text(header.read_text().replace("Age: 60", f"Age: {text}").replace("Sex: Female", f"Sex: {text}"))
    (one,) = load(tmp_path)
    assert one.record.patient == Patient()
    assert one.codes == {"426783006"}


def test_a_date_that_others_refuse_is_read(tmp_path: Path) -> None:
    header = put(tmp_path, "A0001", "426783006")
    first, _, rest = header.read_text().partition("\n")
    header.write_text(f"{first} 12-May-2020 12:33:59\n{rest}")
    (one,) = load(tmp_path)
    assert one.record.start is not None
    assert one.record.start.isoformat() == "2020-05-12T12:33:59"


def test_databases_are_chosen_by_name(tmp_path: Path) -> None:
    for name in ("A0001", "HR00001", "S0001"):
        put(tmp_path, name, "426783006")
    assert [item.record.id for item in load(tmp_path, ["PTB", "CPSC 2018"])] == ["A0001", "S0001"]
    with pytest.raises(DataError, match="holds no recording of Georgia"):
        list(load(tmp_path, ["Georgia"]))
    with pytest.raises(OptionError, match="database 'HR' is not known: choose from CPSC 2018"):
        list(load(tmp_path, ["HR"]))


def test_the_publishers_folders_are_read_and_what_was_not_fetched_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "HR00001", "426783006", below="training/ptb-xl/g1")
    (tmp_path / "cinc2020" / "RECORDS").write_text("training/ptb-xl/g1/\n")
    (tmp_path / "cinc2020" / "training" / "ptb-xl" / "g1" / "RECORDS").write_text("HR00001\nHR00002\n")
    assert [item.record.id for item in load(tmp_path)] == ["HR00001"]


def test_an_absent_database_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="einthoven data fetch cinc2020"):
        list(load(tmp_path))


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("#Dx: 426783006,59118001", {"426783006", "59118001"}),
        ("# Dx: 426783006, 59118001 ", {"426783006", "59118001"}),
        ("#Dx:426783006", {"426783006"}),
        ("#Dx: Unknown", set()),
        ("#Dx:", set()),
        ("#Age: 60\n#Dx: 1\n#Dx: 2", {"1", "2"}),
    ],
)
def test_diagnoses_are_read_from_a_header_whatever_else_it_holds(tmp_path: Path, line: str, codes: set[str]) -> None:
    (tmp_path / "a.hea").write_text(f"\xb5V no header at all\n{line}\n", encoding="latin-1")
    assert read_codes(tmp_path / "a.hea") == codes


def test_labels_of_a_folder_come_by_name(tmp_path: Path) -> None:
    for name in ("B.hea", "a.HEA", ".hidden.hea", "c.txt"):
        (tmp_path / name).write_text(f"#Dx: {len(name)}\n")
    assert read_labels(tmp_path) == {"B": {"5"}, "a": {"5"}}
    assert list(read_labels(tmp_path)) == ["B", "a"]


def test_a_folder_without_labels_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no header"):
        read_labels(tmp_path)
    with pytest.raises(DataError, match="no such folder"):
        read_labels(tmp_path / "absent")
    (tmp_path / "a.hea").write_text("a 1 500 100\n#Age: 60\n")
    with pytest.raises(DataError, match=r"a.hea: has no line of diagnoses; it must be like '#Dx: "):
        read_labels(tmp_path)
    (tmp_path / "a.hea").unlink()
    (tmp_path / "a.hea").mkdir()
    with pytest.raises(DataError, match="cannot be read"):
        read_labels(tmp_path)


def test_only_scored_diagnoses_are_targets_and_one_of_two_codes_is_enough() -> None:
    rows = targets([{"427084000"}, {"17338001"}, {"427172004"}, {"55827005"}, set()])
    assert [[CINC2020_CLASSES[place] for place in np.flatnonzero(row)] for row in rows] == [
        ["427084000"],
        ["427172004"],
        ["427172004"],
        [],
        [],
    ]
    assert targets([]).shape == (0, 24)


def ptbxl_table(root: Path, text: str) -> None:
    (root / "ptb-xl").mkdir(exist_ok=True)
    (root / "ptb-xl" / "cinc2020_labels.csv").write_text(text)


def test_diagnoses_of_ptbxl_are_those_of_the_table(tmp_path: Path) -> None:
    ptbxl_table(tmp_path, "ecg_id,10370003,426783006\n7,0,1\n\n12000,1,1\n13,0,0\n")
    assert ptbxl_codes(tmp_path) == {7: {"426783006"}, 12000: {"10370003", "426783006"}, 13: set()}


def test_without_the_table_the_challenges_headers_are_asked(tmp_path: Path) -> None:
    (tmp_path / "ptb-xl").mkdir()
    put(tmp_path, "A0001", "59118001")
    with pytest.raises(DataError, match="has no header of PTB-XL"):
        ptbxl_codes(tmp_path)
    put(tmp_path, "HR00012", "426783006", "55827005")
    assert ptbxl_codes(tmp_path) == {12: {"426783006", "55827005"}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "they must be ecg_id and scored codes"),
        ("id,10370003\n1,0\n", "columns are id, 10370003"),
        ("ecg_id,1\n1,0\n", "columns are ecg_id, 1; they must be"),
        ("ecg_id,10370003\n1,2\n", "line 2: must be a number and 1 times 0 or 1"),
        ("ecg_id,10370003\n1,0\nx,0\n", "line 3"),
        ("ecg_id,10370003\n1\n", "line 2"),
        ("ecg_id,10370003\n1,\x00\n", "line 2"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, text: str, message: str) -> None:
    ptbxl_table(tmp_path, text)
    with pytest.raises(DataError, match=message):
        ptbxl_codes(tmp_path)


def test_the_fingerprint_is_of_what_is_recorded_and_diagnosed() -> None:
    one = Diagnosed(Record(SIGNAL, 500, ("I", "II"), id="A1"), frozenset({"1", "2"}), "PTB")
    same = Diagnosed(Record(SIGNAL, 500, ("I", "II"), id="A1", source="elsewhere"), frozenset({"2", "1"}), "PTB")
    others = [
        Diagnosed(one.record, frozenset({"1"}), "PTB"),
        Diagnosed(Record(SIGNAL + 1, 500, ("I", "II"), id="A1"), one.codes, "PTB"),
        Diagnosed(Record(SIGNAL, 250, ("I", "II"), id="A1"), one.codes, "PTB"),
    ]
    assert fingerprint(one) == fingerprint(same)
    assert len({fingerprint(other) for other in (one, *others)}) == 4
