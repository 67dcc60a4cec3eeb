"""What is written reads back the same, here and in the formats' own libraries; what cannot be kept is said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.io
import wfdb

from einthoven import Record, read, write
from einthoven.errors import OutputError
from einthoven.formats import WRITERS
from einthoven.formats.wfdb_writer import digitised

if TYPE_CHECKING:
    from pathlib import Path

ALL = tuple(suffix for writer in WRITERS.values() for suffix in writer.suffixes)
WHOLE = tuple(suffix for suffix in ALL if suffix != ".edf")


@pytest.mark.parametrize("suffix", WHOLE)
def test_a_record_comes_back_whole(tmp_path: Path, ecg: Record, suffix: str) -> None:
    assert write(ecg, tmp_path / f"r7{suffix}") == ()
    back = read(tmp_path / f"r7{suffix}")
    np.testing.assert_array_equal(back.signal, ecg.signal)
    for name in ("fs_hz", "leads", "id", "start", "patient", "diagnoses", "notes"):
        assert getattr(back, name) == getattr(ecg, name), name


def test_edf_keeps_signal_start_and_sex_and_says_what_it_loses(tmp_path: Path, ecg: Record) -> None:
    lost = write(ecg, tmp_path / "r7.edf")
    back = read(tmp_path / "r7.edf")
    np.testing.assert_array_equal(back.signal, ecg.signal)
    assert (back.leads, back.start, back.patient.sex) == (ecg.leads, ecg.start, "female")
    assert lost == ("EDF has no place for age, diagnoses, notes",)


@pytest.mark.parametrize("suffix", WHOLE)
@pytest.mark.parametrize("fs_hz", [128, 62.4725, 1000 / 3])
def test_missing_samples_and_odd_rates_come_back(tmp_path: Path, suffix: str, fs_hz: float) -> None:
    signal = np.float32([[0.5, np.nan, -1.25, 0], [np.nan, np.nan, np.nan, np.nan]])
    write(Record(signal, fs_hz, ("II", "V1")), tmp_path / f"a{suffix}")
    back = read(tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(back.signal, signal)
    assert back.fs_hz == fs_hz


@pytest.mark.parametrize("suffix", ALL)
def test_one_sample_of_one_lead_comes_back(tmp_path: Path, suffix: str) -> None:
    write(Record(np.float32([[0.5]]), 1, ("II",)), tmp_path / f"a{suffix}")
    assert read(tmp_path / f"a{suffix}").signal.tolist() == [[0.5]]


@pytest.mark.parametrize("suffix", ALL)
def test_a_million_millivolts_come_back(tmp_path: Path, suffix: str) -> None:
    signal = np.float32([[1e6, -1e6, 0, 5e5]])
    write(Record(signal, 4, ("II",)), tmp_path / f"a{suffix}")
    np.testing.assert_allclose(read(tmp_path / f"a{suffix}").signal, signal, atol=31)  # 16 bits: 30.5 mV apart


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".npz"])
def test_any_32_bit_float_comes_back_to_the_bit(tmp_path: Path, suffix: str) -> None:
    bits = np.random.default_rng(1).integers(0, 2**32, size=(2, 500), dtype=np.uint32).view(np.float32)
    signal = np.where(np.isfinite(bits), bits, np.nan)
    write(Record(signal, 360, ("II", "V1")), tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(read(tmp_path / f"a{suffix}").signal, signal)


def test_wfdb_reads_our_records(tmp_path: Path, ecg: Record) -> None:
    write(ecg, tmp_path / "r7.hea")
    theirs = wfdb.rdrecord(str(tmp_path / "r7"))
    np.testing.assert_array_equal(theirs.p_signal.T.astype(np.float32), ecg.signal)
    assert tuple(theirs.sig_name) == ecg.leads
    assert theirs.base_datetime == ecg.start
    assert theirs.checksum == [
        (c + 32768) % 65536 - 32768 for c in wfdb.rdrecord(str(tmp_path / "r7"), physical=False).calc_checksum()
    ]


def test_challenge_software_reads_our_mat_files(tmp_path: Path, ecg: Record) -> None:
    write(ecg, tmp_path / "r7.mat")
    val = scipy.io.loadmat(tmp_path / "r7.mat")["val"]
    np.testing.assert_array_equal((val / 200).astype(np.float32), ecg.signal)
    np.testing.assert_array_equal(wfdb.rdrecord(str(tmp_path / "r7")).p_signal.T.astype(np.float32), ecg.signal)
    assert "#Dx: 426783006,164889003" in (tmp_path / "r7.hea").read_text().splitlines()


@pytest.mark.parametrize(
    ("step_mv", "offset"), [(1 / 200, 0), (1 / 1000, 0), (0.00488, 0), (0.00122, 7), (1e-6, 0), (3.0, 0), (1, 100_000)]
)
def test_signals_of_any_even_step_are_kept_exactly(step_mv: float, offset: int) -> None:
    whole = np.random.default_rng(2).integers(-3000, 3000, size=2000) + offset
    signal = (whole * step_mv).astype(np.float32)
    numbers, gain, baseline, exact = digitised(signal)
    assert exact
    np.testing.assert_array_equal(((numbers.astype(float) - baseline) / gain).astype(np.float32), signal)


def test_signals_without_a_step_are_rounded_to_the_finest_and_it_is_said(tmp_path: Path) -> None:
    signal = np.random.default_rng(3).normal(size=(1, 2000)).astype(np.float32)
    lost = write(Record(signal, 360, ("II",)), tmp_path / "a.hea")
    step_mv = np.ptp(signal) / 65534
    assert np.abs(read(tmp_path / "a").signal - signal).max() < 0.51 * step_mv
    assert lost[0].startswith("II rounded to 0.0001")


@pytest.mark.parametrize("name", ["a b.hea", "a.b.hea", "é.dat", ".hea"])
def test_names_wfdb_does_not_take_are_refused(tmp_path: Path, ecg: Record, name: str) -> None:
    with pytest.raises(OutputError, match="WFDB does not take"):
        write(ecg, tmp_path / name, format="wfdb")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ALL)
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, ecg: Record, suffix: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file"):
        write(ecg, tmp_path / "file" / f"a{suffix}")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_note_of_two_lines_stays_one_line(tmp_path: Path, ecg: Record) -> None:
    write(replace(ecg, notes=("one\ntwo",)), tmp_path / "a.csv")
    assert read(tmp_path / "a.csv").notes == ("one two",)
