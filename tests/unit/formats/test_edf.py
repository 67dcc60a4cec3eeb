"""EDF files: `edfio` writes them, the reader finds the ECG in them."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING

import edfio
import numpy as np
import pytest

from einthoven import Record, read, write
from einthoven.errors import FormatError, OptionError, OutputError

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(9)


def save(path: Path, *signals: tuple[str, str, float], seconds: int = 2, **facts: object) -> None:
    """Write signals given as label, unit and rate."""
    edf = edfio.Edf(
        [
            edfio.EdfSignal(RNG.normal(size=int(fs_hz * seconds)), fs_hz, label=label, physical_dimension=unit)
            for label, unit, fs_hz in signals
        ],
        **facts,  # type: ignore[arg-type]
    )
    edf.write(path)


def test_ecg_signals_are_found_by_label_and_unit(tmp_path: Path) -> None:
    labels = [
        ("EEG Fp1", "uV", 250),
        ("ECG II", "uV", 250),
        ("EKG V1", "mV", 250),
        ("ecg1", "uV", 250),
        ("V5", "mV", 250),
    ]
    save(tmp_path / "a.edf", *labels, ("II", "mmHg", 250))
    record = read(tmp_path / "a.edf")
    assert record.leads == ("II", "V1", "ecg1", "V5")
    theirs = edfio.read_edf(tmp_path / "a.edf")
    for lead, place, per_mv in (("II", 1, 1000), ("V1", 2, 1), ("ecg1", 3, 1000)):
        np.testing.assert_allclose(record[lead], theirs.signals[place].data / per_mv, rtol=1e-6, atol=1e-9)
    assert record.notes == ("EEG Fp1 (uV) left out", "II (mmHg) left out")


def test_leads_asked_for_are_picked_by_label(tmp_path: Path) -> None:
    save(tmp_path / "a.edf", ("EEG Fp1", "uV", 250), ("ECG II", "uV", 250), ("Resp", "l", 25))
    assert read(tmp_path / "a.edf", leads=["EEG Fp1", "II"]).leads == ("EEG Fp1", "II")
    with pytest.raises(OptionError, match=r"no signal 'V9'; it has EEG Fp1 \(uV\), ECG II \(uV\), Resp \(l\)"):
        read(tmp_path / "a.edf", leads=["V9"])
    with pytest.raises(FormatError, match="Resp is in l; it must be a voltage"):
        read(tmp_path / "a.edf", leads=["Resp"])


def test_a_file_without_an_ecg_lists_its_labels(tmp_path: Path) -> None:
    save(tmp_path / "a.edf", ("EEG Fp1", "uV", 250))
    with pytest.raises(OptionError, match=r"no signal is named as an ECG; choose .* from: EEG Fp1 \(uV\)"):
        read(tmp_path / "a.edf")


def test_signals_of_several_rates_are_refused_with_them(tmp_path: Path) -> None:
    save(tmp_path / "a.edf", ("ECG I", "mV", 250), ("ECG II", "mV", 500))
    with pytest.raises(FormatError, match=r"differ in rate \(ECG I 250 Hz, ECG II 500 Hz\)"):
        read(tmp_path / "a.edf")
    assert read(tmp_path / "a.edf", leads=["II"]).fs_hz == 500


def test_a_missing_unit_must_be_given(tmp_path: Path) -> None:
    save(tmp_path / "a.edf", ("ECG", "", 250))
    with pytest.raises(OptionError, match="states no unit"):
        read(tmp_path / "a.edf")
    volts, microvolts = read(tmp_path / "a.edf", unit="mV"), read(tmp_path / "a.edf", unit="uV")
    np.testing.assert_allclose(volts.signal, 1000 * microvolts.signal, rtol=1e-6)


def test_the_content_is_known_whatever_the_suffix(tmp_path: Path) -> None:
    save(tmp_path / "a.rec", ("ECG", "mV", 250))
    assert read(tmp_path / "a.rec").leads == ("ECG",)


def test_start_and_patient_are_kept(tmp_path: Path) -> None:
    save(
        tmp_path / "a.edf",
        ("ECG", "mV", 250),
        patient=edfio.Patient(sex="F", birthdate=date(1959, 5, 13), name="Secret"),
        recording=edfio.Recording(startdate=date(2020, 5, 12)),
        starttime=time(12, 33, 59),
        annotations=(),
    )
    record = read(tmp_path / "a.edf")
    assert record.start == datetime(2020, 5, 12, 12, 33, 59)
    assert (record.patient.age_years, record.patient.sex) == (60, "female")
    assert "Secret" not in repr(record)


def test_an_unknown_start_is_none(tmp_path: Path) -> None:
    save(tmp_path / "a.edf", ("ECG", "mV", 250))
    assert read(tmp_path / "a.edf").start is None


def change(path: Path, place: int, text: bytes) -> None:
    content = bytearray(path.read_bytes())
    content[place : place + len(text)] = text
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("place", "text", "message"),
    [
        (192, b"EDF+D", "is EDF\\+D, a recording with gaps"),
        (236, b"9       ", "holds 2 data records, but its header states 9; it is cut short"),
        (236, b"many    ", "cannot be read as EDF"),
        (244, b"0       ", "data records last 0.0 s"),
        (244, b"nan     ", "data records last nan s"),
        (252, b"7   ", "cannot be read as EDF|do not fit each other"),
        (252, b"0   ", "do not fit each other|cannot be read"),
        (252, b"-1  ", "do not fit each other|cannot be read"),
        (184, b"9999999 ", "do not fit each other"),
        (256 + 216, b"0       ", "do not fit each other"),
        (256 + 104, b"5       5       ", "neither may be empty"),
        (256 + 120, b"5       5       ", "neither may be empty"),
    ],
)
def test_a_broken_header_is_refused(tmp_path: Path, place: int, text: bytes, message: str) -> None:
    save(tmp_path / "a.edf", ("ECG", "mV", 250))
    change(tmp_path / "a.edf", place, text)
    with pytest.raises(FormatError, match=message):
        read(tmp_path / "a.edf")


def test_an_open_number_of_records_is_found_and_noted(tmp_path: Path) -> None:
    save(tmp_path / "a.edf", ("ECG", "mV", 250))
    change(tmp_path / "a.edf", 236, b"-1      ")
    record = read(tmp_path / "a.edf")
    assert record.n_samples == 500
    assert record.notes == ("header leaves the number of data records open; 2 found",)


def test_a_cut_file_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    save(tmp_path / "a.edf", ("ECG", "mV", 250))
    content = (tmp_path / "a.edf").read_bytes()
    for length in (*range(1, len(content), 97), len(content) - 1):
        (tmp_path / "a.edf").write_bytes(content[:length])
        with pytest.raises(FormatError, match=r"a\.edf"):
            read(tmp_path / "a.edf")


@pytest.mark.parametrize("top_mv", [1e-4, 0.0123, 0.99999, 1.0, 9.87654, 123.456, 5e4, 9.9e6])
def test_any_range_is_kept_to_sixteen_bits(tmp_path: Path, top_mv: float) -> None:
    signal = RNG.uniform(-1, 1, size=(1, 360)).astype(np.float32) * np.float32(top_mv)
    lost = write(Record(signal, 360, ("II",)), tmp_path / "a.edf")
    restored = read(tmp_path / "a.edf")
    assert np.abs(restored.signal - signal).max() <= max(top_mv, 1e-3) * 1.1 / 65535
    assert lost == ("II rounded to what 16 bits hold",)


def test_what_edf_cannot_hold_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    ones = np.ones((1, 360), dtype=np.float32)
    for record, message in (
        (Record(ones * np.nan, 360, ("II",)), "II has missing samples, which EDF cannot mark"),
        (Record(ones * 1e8, 360, ("II",)), r"reaches 1e\+08 mV"),
        (Record(ones, 359.99, ("II",)), "359.99 Hz gives no whole samples"),
        (Record(ones, 360, ("a lead of seventeen",)), "does not go into EDF's 16 ASCII characters"),
        (Record(ones, 360, ("Ⅱ",)), "does not go into EDF's 16 ASCII characters"),
    ):
        with pytest.raises(OutputError, match=message):
            write(record, tmp_path / "a.edf")
    assert list(tmp_path.iterdir()) == []
