"""Content chooses the reader, then the suffix; unknown keys and files are told what there is."""

from __future__ import annotations

import shutil
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven import Record, read, write
from einthoven.errors import FormatError, OptionError
from einthoven.formats import READERS, WRITERS, Reader, ReadOptions, reader_for

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
    with pytest.raises(OptionError, match="known are wfdb, matlab, edf, numpy, delimited"):
        read(tmp_path / "a.csv", format="dicom")
    with pytest.raises(OptionError, match="known are wfdb, matlab, edf, numpy, csv, tsv"):
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
    assert "3 samples are infinite" in record.notes[0]


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
