"""A check says which copy is whole, which is not, and by what it went."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from einthoven.datasets.catalogue import DATASETS
from einthoven.datasets.check import CheckKind, check, list_records
from einthoven.datasets.fetch import fetch
from einthoven.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

MITDB = replace(DATASETS["mitdb"], size_mb=1)


@pytest.fixture
def copy(publisher: Any, tmp_path: Path) -> Path:
    fetch(MITDB, tmp_path, mirror=publisher.url)
    return tmp_path / "mitdb"


@pytest.fixture
def unlisted(tmp_path: Path) -> Path:
    """Two records without checksums, of which ``RECORDS`` lists three."""
    folder = tmp_path / "mitdb"
    folder.mkdir()
    for name in ("100", "101"):
        (folder / f"{name}.hea").write_text(f"{name} 1 360 720\n{name}.dat 16 200/mV 16 0 0 0 0 MLII\n")
        np.arange(720, dtype="<i2").tofile(folder / f"{name}.dat")
    (folder / "RECORDS").write_text("100\n101\n102\n")
    return folder


def test_a_whole_copy_is_right_by_checksum(copy: Path, tmp_path: Path) -> None:
    found = check(MITDB, tmp_path)
    assert (found.kind, found.listed, found.good, found.absent, found.bad) == (CheckKind.CHECKSUMS, 6, 6, (), {})
    assert found.folder == copy


def test_one_changed_bit_is_found(copy: Path, tmp_path: Path) -> None:
    signal = bytearray((copy / "100.dat").read_bytes())
    signal[1000] ^= 1
    (copy / "100.dat").write_bytes(signal)
    (copy / "101.hea").unlink()
    found = check(MITDB, tmp_path)
    assert found.good == 4
    assert found.absent == ("101.hea",)
    assert list(found.bad) == ["100.dat"]
    assert found.bad["100.dat"].startswith("SHA-256 is ")


def test_progress_counts_to_the_end(copy: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    check(MITDB, tmp_path, on_checked=lambda done, listed: seen.append((done, listed)))
    assert seen == [(done, 6) for done in range(1, 7)]


def test_without_checksums_each_record_is_read(unlisted: Path, tmp_path: Path) -> None:
    found = check(MITDB, tmp_path)
    assert (found.kind, found.listed, found.good, found.absent) == (CheckKind.READING, 3, 2, ("102",))
    assert found.published_records == 48


def test_a_truncated_signal_is_bad(unlisted: Path, tmp_path: Path) -> None:
    signal = (unlisted / "101.dat").read_bytes()
    (unlisted / "101.dat").write_bytes(signal[: len(signal) // 2])
    found = check(MITDB, tmp_path)
    assert (found.good, list(found.bad)) == (1, ["101"])


def test_a_header_of_nonsense_is_bad(unlisted: Path, tmp_path: Path) -> None:
    (unlisted / "101.hea").write_bytes(b"\xff\x00nonsense")
    assert list(check(MITDB, tmp_path).bad) == ["101"]


def test_an_index_that_is_none_is_one_clear_error(copy: Path, tmp_path: Path) -> None:
    (copy / "SHA256SUMS.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match=r"SHA256SUMS\.txt: cannot read"):
        check(MITDB, tmp_path)


def test_an_index_cannot_make_us_read_elsewhere(copy: Path, tmp_path: Path) -> None:
    (copy / "SHA256SUMS.txt").write_text("0" * 64 + " ../../etc/passwd\n")
    with pytest.raises(DataError, match="it may lead out of the folder"):
        check(MITDB, tmp_path)


def test_an_absent_database_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="einthoven data fetch mitdb"):
        check(MITDB, tmp_path)


def test_an_empty_folder_has_no_record(tmp_path: Path) -> None:
    (tmp_path / "mitdb").mkdir()
    found = check(MITDB, tmp_path)
    assert (found.listed, found.good) == (0, 0)


def test_records_lists_of_folders_are_followed(tmp_path: Path) -> None:
    (tmp_path / "training/georgia").mkdir(parents=True)
    (tmp_path / "RECORDS").write_text("training/georgia/\n")
    (tmp_path / "training/georgia/RECORDS").write_text("E00001\nE00002\n")
    assert list_records(MITDB, tmp_path) == ("training/georgia/E00001", "training/georgia/E00002")


@pytest.mark.parametrize("line", ["../secret", "/etc/", "..\\x"])
def test_a_list_of_records_may_not_lead_out(tmp_path: Path, line: str) -> None:
    (tmp_path / "RECORDS").write_text(line)
    with pytest.raises(DataError, match="is no name of a record"):
        list_records(MITDB, tmp_path)


def test_a_list_that_names_an_absent_folder_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "RECORDS").write_text("training/\n")
    with pytest.raises(DataError, match=r"training.RECORDS: cannot read"):
        list_records(MITDB, tmp_path)


def test_without_a_list_the_headers_count(tmp_path: Path) -> None:
    for name in ("TRAIN/TRAIN102.mat", "TRAIN/TRAIN101.mat", "reference.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert list_records(DATASETS["cpic2019"], tmp_path) == ("TRAIN/TRAIN101", "TRAIN/TRAIN102")
