"""Content chooses the reader, then the suffix; unknown keys and files are told what there is."""

from __future__ import annotations

import os
import shutil
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven import Record, read, write
from einthoven.errors import FormatError, OptionError
from einthoven.formats import READERS, WRITERS, Reader, ReadOptions, files_of, reader_for

if TYPE_CHECKING:
    from pathlib import Path


def test_content_goes_before_suffix(tmp_path: Path, ecg: Record) -> None:
    write(ecg, tmp_path / "a.npz")
    shutil.copy(tmp_path / "a.npz", tmp_path / "a.csv")
    assert reader_for(tmp_path / "a.csv") is READERS["numpy"]


def test_a_mat_file_with_a_header_beside_it_is_a_wfdb_record(tmp_path: Path, ecg: Record) -> None:
    write(ecg, tmp_path / "a.mat")
    assert reader_for(tmp_path / "a.mat") is READERS["wfdb"]
    (tmp_path / "a.hea").unlink()
    assert reader_for(tmp_path / "a.mat") is READERS["matlab"]


def test_a_format_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "a.ecgtext").write_text("II\n1\n2\n")
    with pytest.raises(FormatError, match="no known format"):
        read(tmp_path / "a.ecgtext", fs_hz=100, unit="mV")
    assert read(tmp_path / "a.ecgtext", fs_hz=100, unit="mV", format="delimited")["II"].tolist() == [1, 2]


@pytest.mark.parametrize("name", ["absent.csv", "absent", "absent.hea", "a\0b.csv"])
def test_an_absent_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(FormatError, match=r"no such file|cannot be read"):
        read(tmp_path / name)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    for folder in (tmp_path, ".", "/", ".."):
        with pytest.raises(FormatError, match="is a folder; name a file"):
            read(folder)


@pytest.mark.parametrize(
    "name", ["empty.csv", "empty.mat", "empty.edf", "empty.npz", "empty.npy", "empty.hea", "empty"]
)
def test_an_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(FormatError, match=name):
        read(tmp_path / name)


def test_unknown_formats_list_the_choices(tmp_path: Path, ecg: Record) -> None:
    with pytest.raises(OptionError, match="'dicom' is not known: choose from wfdb, matlab, edf, numpy, delimited"):
        read(tmp_path / "a.csv", format="dicom")
    with pytest.raises(OptionError, match="'dicom' is not known: choose from wfdb, matlab, edf, numpy, csv, tsv"):
        write(ecg, tmp_path / "a.csv", format="dicom")
    with pytest.raises(OptionError, match=r"cannot write files that end in '\.dcm'; known are \.hea"):
        write(ecg, tmp_path / "a.dcm")


def test_a_package_outside_may_add_a_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ecg: Record) -> None:
    reader = Reader("Holter", (".hol",), lambda _, head: head == b"HOLTER", lambda path, options: ecg)
    entry = EntryPoint("holter", "holter:READER", "einthoven.readers")
    monkeypatch.setattr(EntryPoint, "load", lambda self: reader)
    monkeypatch.setattr(
        "importlib.metadata.entry_points", lambda group: [entry] if group == "einthoven.readers" else []
    )
    (tmp_path / "a.bin").write_bytes(b"HOLTER")
    (tmp_path / "b.hol").write_bytes(b"?")
    assert read(tmp_path / "a.bin").leads == read(tmp_path / "b.hol").leads == ecg.leads
    assert read(tmp_path / "a.bin", format="holter").source == str(tmp_path / "a.bin")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fs_hz": 0}, "sampling rate is given as 0"),
        ({"fs_hz": float("nan")}, "sampling rate is given as nan"),
        ({"unit": "bar"}, "unit 'bar' is unknown"),
        ({"leads": ("I", "i")}, "must be there and differ"),
        ({"leads": ()}, "must be there and differ"),
    ],
)
def test_a_senseless_option_is_refused_before_the_file_is_opened(options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        ReadOptions(**options)  # type: ignore[arg-type]


def test_infinite_samples_are_missing_samples(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([[1.0, np.inf, -np.inf, 1e300, np.nan]]))
    record = read(tmp_path / "a.npy", fs_hz=100, unit="mV", leads=["II"])
    assert np.isnan(record.signal[0]).tolist() == [False, True, True, True, True]
    assert "infinite samples count as missing: 3 of II" in record.notes


def test_every_entry_of_the_tables_is_complete() -> None:
    for table in (READERS, WRITERS):
        for key, entry in table.items():
            assert key.isidentifier()
            assert entry.title
            assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in entry.suffixes)


def test_repair_and_derive_say_so_in_the_notes(tmp_path: Path) -> None:
    lead_i, lead_ii = np.random.default_rng(3).normal(size=(2, 2000)).astype(np.float32)
    wrong = np.stack([lead_i, lead_ii, (lead_i + lead_ii) / 2])  # aVR upside down
    write(Record(wrong, 500, ("I", "II", "aVR")), tmp_path / "a.npz")
    plain = read(tmp_path / "a.npz")
    mended = read(tmp_path / "a.npz", repair=True, derive=True)
    np.testing.assert_array_equal(plain.signal, wrong)
    np.testing.assert_allclose(mended["aVR"], -(lead_i + lead_ii) / 2, atol=1e-6)
    np.testing.assert_allclose(mended["aVL"], lead_i - lead_ii / 2, atol=1e-6)
    assert not plain.notes
    assert mended.notes


UTF16 = '<?xml version="1.0" encoding="UTF-16"?>\n<restingecgdata xmlns="x">'.encode("utf-16")


@pytest.mark.parametrize(
    ("title", "content"),
    [
        ("DICOM", bytes(128) + b"DICM\2\0\0\0"),
        ("SCP-ECG", b"\1\2\0\1\0\0\3\4\0\0\x88\0\0\0\x0d\x0dSCPECG"),
        ("HL7 aECG", b'<?xml version="1.0"?>\n<AnnotatedECG xmlns="urn:hl7-org:v3">'),
        ("GE MUSE XML", b'<?xml version="1.0"?>\n<!DOCTYPE RestingECG SYSTEM "restecg.dtd">\n<RestingECG>'),
        ("Philips XML", b'<?xml version="1.0"?>\n<restingecgdata>'),
        ("Philips XML", UTF16),
        ("ISHNE Holter", b"ISHNE1.0\0\0"),
        ("BDF", b"\xffBIOSEMI"),
    ],
)
@pytest.mark.parametrize("name", ["a.bin", "a.dat", "a.csv"])
def test_a_format_that_is_not_read_is_called_by_its_name(tmp_path: Path, title: str, content: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FormatError, match=f"{name}: {title} is not read yet"):
        read(tmp_path / name)


@pytest.mark.parametrize("name", ["my.rec", "my.rec.hea", "my.rec.dat", "é ü", "é ü.hea"])
def test_a_record_may_have_a_dot_or_a_blank_in_its_name(tmp_path: Path, name: str) -> None:
    write(Record(np.ones((1, 9)), 100, ("II",)), tmp_path / "r.hea")
    for record in ("my.rec", "é ü"):
        (tmp_path / f"{record}.dat").write_bytes((tmp_path / "r.dat").read_bytes())
        header = (tmp_path / "r.hea").read_text().replace("r.dat", "my.rec.dat")
        (tmp_path / f"{record}.hea").write_text(header)
    record = read(tmp_path / name)
    assert (record.leads, record.id) == (("II",), name.removesuffix(".hea").removesuffix(".dat"))


@pytest.mark.parametrize("name", ["empty.csv", "empty.edf", "empty.npz", "empty"])
def test_an_empty_file_is_called_empty(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(FormatError, match=f"{name}: is empty"):
        read(tmp_path / name)
    with pytest.raises(FormatError, match=f"{name}: is empty"):
        read(tmp_path / name, format="edf")


def test_a_name_that_is_empty_is_no_folder() -> None:
    with pytest.raises(FormatError, match="the name of the file is empty"):
        read("")


def test_what_is_no_regular_file_is_to_be_saved_first(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", "/dev/null", "-"):
        with pytest.raises(FormatError, match="is no regular file; save what it gives to one first"):
            read(path)


def test_the_files_of_a_record_are_all_it_is_read_from(tmp_path: Path, ecg: Record) -> None:
    for name in ("one", "two"):
        write(ecg, tmp_path / f"{name}.hea")
    (tmp_path / "both.hea").write_text("both/2 3 360 1440\none 720\ntwo 720\n")
    (tmp_path / "one.atr").touch()
    (tmp_path / "one.csv").write_text("II\n1\n")

    def names(name: str) -> set[str]:
        return {file.name for file in files_of(tmp_path / name)}

    assert names("one") == {"one", "one.hea", "one.dat", "one.atr"}
    assert names("both.hea") == {"both.hea", "one.hea", "one.dat", "two.hea", "two.dat"}
    assert names("one.csv") == {"one.csv"}  # the record beside it is another
    assert names("absent.csv") == {"absent.csv"}


@pytest.mark.parametrize(
    "options", [{"fs_hz": "500"}, {"unit": 5}, {"leads": "II"}, {"leads": [1]}, {"leads": ["II", ""]}]
)
def test_an_option_of_another_type_is_refused(tmp_path: Path, options: dict[str, object]) -> None:
    (tmp_path / "a.csv").write_text("1\n2\n")
    with pytest.raises(OptionError):
        read(tmp_path / "a.csv", **{"fs_hz": 500, "unit": "mV", "leads": ["II"]} | options)  # type: ignore[arg-type]
