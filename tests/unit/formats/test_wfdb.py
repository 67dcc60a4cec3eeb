"""WFDB records read as `wfdb` reads them, or are refused with the file and the reason."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
import wfdb

from einthoven import Record, read
from einthoven.errors import FormatError, OptionError
from einthoven.formats import wfdb_signals

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import WriteWfdb

RNG = np.random.default_rng(5)


def physical(path: Path) -> np.ndarray:
    """Return what wfdb itself makes of the record, float32, shape (lead, sample)."""
    return wfdb.rdrecord(str(path.with_suffix(""))).p_signal.T.astype(np.float32)


@pytest.mark.parametrize("fmt", ["8", "16", "24", "32", "61", "80", "160", "212", "310", "311"])
@pytest.mark.parametrize(("n_samples", "at_once"), [(1, 99), (2, 99), (3, 99), (100, 400), (100, 26)])
def test_every_storage_format_reads_as_wfdb_reads_it_in_pieces_too(
    tmp_path: Path, fmt: str, n_samples: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wfdb_signals, "_SAMPLES_AT_ONCE", at_once)
    content = np.frombuffer(RNG.bytes(8 * n_samples + 4), np.uint8).copy()
    if fmt == "311":
        content[3::4] &= 0x3F  # two bits are not used; wfdb 4.3 takes one of them for the sample's
    (tmp_path / "r.dat").write_bytes(content.tobytes())
    (tmp_path / "r.hea").write_text(
        f"r 2 250 {n_samples}\nr.dat {fmt} 200(10)/mV 16 0 7 0 0 II\nr.dat {fmt} 0.5(-3)/uV 16 0 -7 0 0 V1\n"
    )
    record = read(tmp_path / "r.hea")
    np.testing.assert_array_equal(record["II"], physical(tmp_path / "r.hea")[0])
    np.testing.assert_allclose(record["V1"], physical(tmp_path / "r.hea")[1] / 1000, rtol=1e-6)
    assert (record.fs_hz, record.id) == (250, "r")


@pytest.mark.parametrize("fmt", ["508", "516", "524"])
def test_compressed_formats_read_as_wfdb_reads_them(tmp_path: Path, fmt: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wfdb_signals, "_SAMPLES_AT_ONCE", 1500)
    top = 2 ** (int(fmt) - 501)
    numbers = RNG.integers(-top + 1, top, size=(2000, 2))
    wfdb.wrsamp(
        "r",
        fs=250,
        units=["mV", "mV"],
        sig_name=["II", "V1"],
        d_signal=numbers,
        fmt=[fmt, fmt],
        adc_gain=[200.0, 1000.0],
        baseline=[10, 0],
        write_dir=str(tmp_path),
    )
    record = read(tmp_path / "r.hea")
    np.testing.assert_array_equal(record.signal, physical(tmp_path / "r.hea"))
    assert record.notes == ()


@pytest.mark.parametrize("name", ["r", "r.hea", "r.dat", "r.atr"])
def test_any_file_of_the_record_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wfdb_record: WriteWfdb, name: str
) -> None:
    wfdb_record("r 1 100 3\nr.dat 16 200/mV 16 0 0 0 0 II\n", [[200, 400, -200]])
    (tmp_path / "r.atr").write_bytes(b"\0\0")
    monkeypatch.chdir(tmp_path)
    assert read(name)["II"].tolist() == read(tmp_path / name)["II"].tolist() == [1, 2, -1]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("12:33:59 12/05/2020", datetime(2020, 5, 12, 12, 33, 59)),
        ("12-May-2020 12:33:59", datetime(2020, 5, 12, 12, 33, 59)),
        ("12-may-2020", datetime(2020, 5, 12)),
        ("12:33:59.250 12.05.2020", datetime(2020, 5, 12, 12, 33, 59, 250000)),
        ("33:59 12/05/2020", datetime(2020, 5, 12, 0, 33, 59)),
        ("12:33:59", None),
        ("yesterday", None),
        ("31/02/2020", None),
        ("25:00:00 12/05/2020", None),
    ],
)
def test_dates_are_read_or_left_out_but_never_in_the_way(
    wfdb_record: WriteWfdb, text: str, start: datetime | None
) -> None:
    record = read(wfdb_record(f"r 1 100 3 {text}\nr.dat 16 200/mV 16 0 0 0 0 II\n", [[1, 2, 3]]))
    assert record.start == start
    as_prescribed = text in ("12:33:59 12/05/2020", "33:59 12/05/2020")
    assert any("start" in note for note in record.notes) != as_prescribed


@pytest.mark.parametrize(
    ("comments", "age_years", "sex", "diagnoses"),
    [
        ("#Age: 74\n#Sex: Male\n#Dx: 59118001,427084000\n", 74, "male", ("59118001", "427084000")),
        ("# Age: 5\n# Sex: F\n# Dx: Unknown\n", 5, "female", ()),
        ("#Age: NaN\n#Sex: Unknown\n", None, None, ()),
        ("# 69 M 1085 1629 x1\n# Aldomet, Inderal\n", 69, "male", ()),
        ("# -1 F 1 2 x2\n", None, "female", ()),
        ("# <age>: 62 <sex>: F <diagnoses>: none\n", 62, "female", ()),
        ("# dosage: 50, onset age unclear\n", None, None, ()),
    ],
)
def test_facts_in_comments_are_kept(
    wfdb_record: WriteWfdb, comments: str, age_years: float | None, sex: str | None, diagnoses: tuple[str, ...]
) -> None:
    record = read(wfdb_record(f"r 1 100 2\nr.dat 16 200/mV 16 0 0 0 0 II\n{comments}", [[1, 2]]))
    assert (record.patient.age_years, record.patient.sex, record.diagnoses) == (age_years, sex, diagnoses)


def test_defaults_of_the_standard_are_taken_and_noted(wfdb_record: WriteWfdb) -> None:
    record = read(wfdb_record("r 1\nr.dat 16\n", [[200, 400]]))
    assert record.fs_hz == 250
    assert record.signal.tolist() == [[1, 2]]
    assert record.leads == ("signal 0",)
    notes = "\n".join(record.notes)
    assert all(text in notes for text in ("no sampling rate", "no unit", "no gain", "no name"))


def test_an_option_goes_before_a_default(wfdb_record: WriteWfdb) -> None:
    record = read(wfdb_record("r 1\nr.dat 16\n", [[500, 1000]]), fs_hz=360, unit="500/mV")
    assert (record.fs_hz, record.signal.tolist()) == (360, [[1, 2]])
    assert not any("rate" in note or "gain" in note for note in record.notes)


@pytest.mark.parametrize(("option", "both"), [({"fs_hz": 250}, "250 Hz.*100 Hz"), ({"unit": "uV"}, "uV.*mV")])
def test_an_option_that_contradicts_the_header_is_an_error_naming_both(
    wfdb_record: WriteWfdb, option: dict[str, object], both: str
) -> None:
    path = wfdb_record("r 1 100 2\nr.dat 16 200/mV 16 0 0 0 0 II\n", [[1, 2]])
    with pytest.raises(OptionError, match=both):
        read(path, **option)  # type: ignore[arg-type]


@pytest.mark.parametrize("gain", ["200", "200/mV"])
def test_converter_units_do_not_multiply_a_stated_gain(wfdb_record: WriteWfdb, gain: str) -> None:
    path = wfdb_record(f"r 1 100 2\nr.dat 16 {gain} 16 0 0 0 0 II\n", [[200, 400]])
    with pytest.raises(OptionError, match="given as 1000/mV, but the header states 200/mV"):
        read(path, unit="1000/mV")


def test_micro_is_not_lost_from_a_unit(wfdb_record: WriteWfdb) -> None:
    path = wfdb_record("r 1 100 2\nr.dat 16 1/µV 16 0 0 0 0 II\n", [[1500, -500]])
    assert read(path)["II"].tolist() == [1.5, -0.5]


def test_signals_that_are_no_voltage_are_left_out_and_noted(wfdb_record: WriteWfdb) -> None:
    header = "r 3 100 2\nr.dat 16 200/mV 16 0 0 0 0 II\nr.dat 16 10/mmHg 16 0 0 0 0 ABP\nr.dat 16 1/V 16 0 0 0 0 V1\n"
    record = read(wfdb_record(header, [[200, 400], [5, 6], [1, 2]]))
    assert record.leads == ("II", "V1")
    assert record["V1"].tolist() == [1000, 2000]
    assert "ABP is in mmHg, no voltage; left out" in record.notes
    with pytest.raises(FormatError, match=r"no signal is a voltage \(ABP in mmHg\)"):
        read(wfdb_record("r 1 100 2\nr.dat 16 10/mmHg 16 0 0 0 0 ABP\n", [[5, 6]]))


def test_leads_asked_for_are_picked_in_that_order(wfdb_record: WriteWfdb) -> None:
    path = wfdb_record("r 2 100 1\nr.dat 16 200/mV 16 0 0 0 0 ii\nr.dat 16 200/mV 16 0 0 0 0 AVR\n", [[200], [400]])
    assert read(path, leads=["avr"]).leads == ("aVR",)
    with pytest.raises(OptionError, match=r"no lead 'V9'; it has II, aVR"):
        read(path, leads=["V9"])


def test_leads_of_one_name_are_made_to_differ_and_noted(wfdb_record: WriteWfdb) -> None:
    path = wfdb_record("r 2 100 1\nr.dat 16 200/mV 16 0 0 0 0 II\nr.dat 16 200/mV 16 0 0 0 0 ECG ii\n", [[1], [2]])
    record = read(path)
    assert record.leads == ("II", "II-2")
    assert (record.signal * 200).tolist() == [[1], [2]]
    assert "signal 1 is a second II; called II-2" in record.notes


def test_samples_marked_as_missing_are_nan(wfdb_record: WriteWfdb) -> None:
    record = read(wfdb_record("r 1 100 3\nr.dat 16 200/mV 16 0 0 0 0 II\n", [[200, -32768, 0]]))
    np.testing.assert_array_equal(record["II"], np.float32([1, np.nan, 0]))


def test_a_wrong_checksum_is_noted(wfdb_record: WriteWfdb, monkeypatch: pytest.MonkeyPatch) -> None:
    right = read(wfdb_record("r 1 100 3\nr.dat 16 200/mV 16 0 1 65535 0 II\n", [[1, -5, 3]]))
    wrong = read(wfdb_record("r 1 100 3\nr.dat 16 200/mV 16 0 1 77 0 II\n", [[1, -5, 3]]))
    monkeypatch.setattr(wfdb_signals, "_SAMPLES_AT_ONCE", 2)
    in_pieces = read(wfdb_record("r 1 100 3\nr.dat 16 200/mV 16 0 1 65535 0 II\n", [[1, -5, 3]]))
    assert right.notes == in_pieces.notes == ()
    assert "checksum of II" in wrong.notes[0]


def test_more_samples_in_a_frame_set_the_rate(tmp_path: Path) -> None:
    frames = np.array([[1, 2, 10], [3, 4, 20]], dtype="<i2")  # II twice in a frame, V1 once
    (tmp_path / "r.dat").write_bytes(frames.tobytes())
    (tmp_path / "r.hea").write_text("r 2 100 2\nr.dat 16x2 1/mV 16 0 0 0 0 II\nr.dat 16 1/mV 16 0 0 0 0 V1\n")
    record = read(tmp_path / "r.hea")
    assert record.fs_hz == 200
    assert record.signal.tolist() == [[1, 2, 3, 4], [10, 10, 20, 20]]
    assert "V1 stored at a lower rate" in record.notes[0]


def test_skew_reads_as_wfdb_reads_it(wfdb_record: WriteWfdb) -> None:
    header = "r 2 100 5\nr.dat 16:2 200/mV 16 0 0 0 0 II\nr.dat 16 200/mV 16 0 0 0 0 V1\n"
    path = wfdb_record(header, RNG.integers(-99, 99, size=(2, 5)))
    np.testing.assert_array_equal(read(path).signal, physical(path))


@pytest.mark.parametrize("fmt", ["8", "16"])
def test_skewed_signals_begin_later_each_by_its_own(tmp_path: Path, fmt: str) -> None:
    """`wfdb` 4.3 fails where skews of one file differ, and where differences are skewed."""
    frames = np.array([[1, 2, 10], [3, 4, 20], [5, 6, 30]], dtype="<i2" if fmt == "16" else "i1")
    (tmp_path / "r.dat").write_bytes(frames.tobytes())
    (tmp_path / "r.hea").write_text(f"r 2 100 3\nr.dat {fmt}x2:1 1/mV\nr.dat {fmt}:2 1/mV 16 0 0 0 0 V1\n")
    record = read(tmp_path / "r.hea")
    wanted = [[3, 4, 5, 6], [30]] if fmt == "16" else [[6, 10, 15, 21], [60]]
    np.testing.assert_array_equal(record.signal[0], np.float32([*wanted[0], np.nan, np.nan]))
    np.testing.assert_array_equal(record["V1"], np.float32([*wanted[1] * 2, *[np.nan] * 4]))


def test_signals_of_two_files_may_take_turns(wfdb_record: WriteWfdb, tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_bytes(np.array([5, 6], dtype="<i2").tobytes())
    header = "r 3 100 2\nr.dat 16 1/mV 16 0 0 0 0 I\na.dat 16 1/mV 16 0 0 0 0 II\nr.dat 16 1/mV 16 0 0 0 0 III\n"
    assert read(wfdb_record(header, [[1, 2], [3, 4]])).signal.tolist() == [[1, 2], [5, 6], [3, 4]]


def test_names_wfdb_does_not_take_are_read_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "my ecg.v2.dat").write_bytes(np.array([200, 400], dtype="<i2").tobytes())
    (tmp_path / "my.hea").write_text("my 1 100 2\nmy.ecg.dat 16 200/mV 16 0 0 0 0 II\n")
    (tmp_path / "my ecg.v2.dat").rename(tmp_path / "my.ecg.dat")
    assert read(tmp_path / "my.hea")["II"].tolist() == [1, 2]


@pytest.mark.parametrize("matlab_version", ["4", "5"])
def test_a_challenge_file_saved_again_by_other_software_keeps_its_gains(tmp_path: Path, matlab_version: str) -> None:
    import scipy.io

    numbers = RNG.integers(-999, 999, size=(2, 50)).astype(np.int16)
    scipy.io.savemat(tmp_path / "a.mat", {"val": numbers}, format=matlab_version)
    (tmp_path / "a.hea").write_text(
        "a 2 500 50\na.mat 16+24 1000/mV 16 0 0 0 0 I\na.mat 16+24 500(4)/mV 16 0 0 0 0 II\n"
    )
    record = read(tmp_path / "a.mat")
    np.testing.assert_array_equal(record["I"], (numbers[0] / 1000).astype(np.float32))
    np.testing.assert_array_equal(record["II"], ((numbers[1] - 4) / 500).astype(np.float32))


def test_what_other_software_saved_as_floats_is_read(tmp_path: Path) -> None:
    import scipy.io

    scipy.io.savemat(tmp_path / "a.mat", {"val": np.array([[1.0, np.nan, np.inf, 1e308, -3.0]])})
    (tmp_path / "a.hea").write_text("a 1 500 5\na.mat 16+24 1/mV 16 0 0 0 0 I\n")
    assert np.isnan(read(tmp_path / "a.mat")["I"]).tolist() == [False, True, True, True, False]
    (tmp_path / "a.hea").write_text("a 1 500 5\na.mat 16:1+24 1/mV 16 0 0 0 0 I\n")
    assert np.isnan(read(tmp_path / "a.mat")["I"]).tolist() == [True, True, True, False, True]
    (tmp_path / "a.hea").write_text("a 1 500 5\na.mat 8+24 1/mV 16 0 0 0 0 I\n")
    with pytest.raises(FormatError, match=r"a\.mat: storage format is 8"):
        read(tmp_path / "a.mat")


ONE = "r.dat 16 200/mV 16 0 0 0 0 II\n"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("\n", "the header is empty"),
        ("# only a comment\n", "the header is empty"),
        ("nonsense\n", r"line 1 is 'nonsense'; it must be: name, number of signals"),
        ("r x 100 3\n" + ONE, "line 1 is 'r x 100 3'"),
        ("r 0 100 3\n", "states 0 signals"),
        ("r 2 100 3\n" + ONE, "line 1 states 2 signals, but 1 are described"),
        ("r 1 100 3\n" + ONE + ONE, "line 1 states 1 signals, but 2 are described"),
        ("r 1 -5 3\n" + ONE, "sampling rate is '-5'"),
        ("r 1 0 3\n" + ONE, "sampling rate is '0'"),
        ("r 1 fast 3\n" + ONE, "sampling rate is 'fast'"),
        ("r 1 1e999 3\n" + ONE, "sampling rate is '1e999'"),
        ("r 1 100 many\n" + ONE, "number of samples is 'many'"),
        ("r 1 100 -3\n" + ONE, "number of samples is '-3'"),
        ("r 1 100 3\nr.dat sixteen\n", "line 2 is 'r.dat sixteen'"),
        ("r 1 100 3\nr.dat 17 200/mV\n", "storage format is 17; known are 8, 16"),
        ("r 1 100 3\nr.dat 16x0 200/mV\n", "0 samples a frame"),
        ("r 1 100 3\nr.dat 16 200(1.5)/mV 16 0 0 0 0 II\n", r"gain is '200\(1.5\)/mV'"),
        ("r 1 100 3\nr.dat 16 1e999/mV 16 0 0 0 0 II\n", "gain is '1e999'"),
        ("r 1 100 4\n" + ONE, "holds 3 samples of each of 1 signals, but r.hea states 4; the file is cut short"),
        ("r 1 100 1000000000000000\n" + ONE, "holds 3 samples .* states 1000000000000000"),
        ("r 1 100 3\nr.dat 16+4 200/mV 16 0 0 0 0 II\n", "holds 1 samples"),
        ("r 1 100 3\nr.dat 16+99 200/mV 16 0 0 0 0 II\n", "holds no samples"),
        ("r 1 100 3\nr.dat 16:3 200/mV 16 0 0 0 0 II\n", "skew is 3 samples"),
        ("r 1 100 3\nr.dat 516 200/mV 16 0 0 0 0 II\n", "cannot be read as FLAC"),
        ("r 2 100 1\nr.dat 16 200/mV\nr.dat 212 200/mV\n", "more than one format"),
        ("r 1 100 3\ngone.dat 16 200/mV 16 0 0 0 0 II\n", "gone.dat: no such file; r.hea names it"),
        ("r 1 100 3\n../r.dat 16 200/mV 16 0 0 0 0 II\n", r"names the file '\.\./r\.dat'; only a plain name"),
        ("r 1 100 3\n/etc/passwd 16 200/mV 16 0 0 0 0 II\n", "only a plain name"),
        ("r 1 100 3\n.. 16 200/mV 16 0 0 0 0 II\n", "only a plain name"),
        ("r 1 100 3\ns3::r.dat 16 200/mV 16 0 0 0 0 II\n", "only a plain name"),
        ("r 1 100 3\n~ 16 200/mV 16 0 0 0 0 II\n", "only a plain name"),
    ],
)
def test_a_broken_header_is_refused_with_place_and_value(wfdb_record: WriteWfdb, header: str, message: str) -> None:
    with pytest.raises(FormatError, match=message) as refusal:
        read(wfdb_record(header, [[1, 2, 3]]))
    assert "\n" not in str(refusal.value)


def test_a_cut_signal_file_is_refused(tmp_path: Path, ecg: Record) -> None:
    from einthoven import write

    write(ecg, tmp_path / "r.hea")
    content = (tmp_path / "r.dat").read_bytes()
    for length in (len(content) - 1, len(content) // 2, 1, 0):
        (tmp_path / "r.dat").write_bytes(content[:length])
        with pytest.raises(FormatError, match=r"r\.dat: holds"):
            read(tmp_path / "r")


def test_a_cut_flac_file_is_refused(tmp_path: Path) -> None:
    import soundfile

    numbers = RNG.integers(-2000, 2000, size=(5000, 2)).astype(np.int16)
    soundfile.write(tmp_path / "r.dat", numbers, 500, format="FLAC", subtype="PCM_16")
    (tmp_path / "r.hea").write_text("r 2 500 5000\nr.dat 516 200/mV 16 0 0 0 0 I\nr.dat 516 200/mV 16 0 0 0 0 II\n")
    np.testing.assert_array_equal(read(tmp_path / "r").signal, (numbers.T / 200).astype(np.float32))
    content = (tmp_path / "r.dat").read_bytes()
    for length in (len(content) - 5, len(content) // 2, 100, 10):
        (tmp_path / "r.dat").write_bytes(content[:length])
        with pytest.raises(FormatError, match=r"r\.(dat|hea): "):
            read(tmp_path / "r")


def test_a_matlab_matrix_of_other_shape_than_its_header_is_refused(tmp_path: Path, ecg: Record) -> None:
    from einthoven import write

    write(ecg, tmp_path / "r.mat")
    lines = (tmp_path / "r.hea").read_text().splitlines()
    (tmp_path / "r.hea").write_text("\n".join([lines[0].replace("r 3", "r 2"), *lines[1:3]]))
    with pytest.raises(FormatError, match=r"r\.mat: holds 3 signals, but its header describes 2"):
        read(tmp_path / "r.mat")
