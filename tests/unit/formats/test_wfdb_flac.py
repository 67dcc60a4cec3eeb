"""FLAC signal files: what they claim is found out before memory is taken, and read as it lies there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from einthoven import read
from einthoven.errors import FormatError
from einthoven.formats import wfdb_signals
from einthoven.formats.wfdb_flac import claimed_samples, read_flac

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(9)
NUMBERS = RNG.integers(-32767, 32767, (600, 2)).astype(np.int16)


@pytest.fixture
def flac(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "r.dat", NUMBERS, 500, format="FLAC", subtype="PCM_16")
    return tmp_path / "r.dat"


def lines(fmt: str, n: int = 2) -> str:
    return "".join(f"r.dat {fmt} 1/mV 16 0 0 0 0 {lead}\n" for lead in ("I", "II", "III")[:n])


def test_the_claim_is_what_libsndfile_finds(flac: Path) -> None:
    assert claimed_samples(flac) == soundfile.info(flac).frames == 600


@pytest.mark.parametrize(("first", "n"), [(0, 600), (0, 1), (599, 1), (123, 400)])
def test_any_part_is_read(flac: Path, first: int, n: int) -> None:
    np.testing.assert_array_equal(read_flac(flac, first, n), NUMBERS[first : first + n])


@pytest.mark.parametrize("claim", [2**20, 2**36 - 1])
def test_a_large_claim_is_proved_before_memory_is_taken(flac: Path, claim: int) -> None:
    content = bytearray(flac.read_bytes())
    content[21:26] = (int.from_bytes(content[21:26], "big") >> 36 << 36 | claim).to_bytes(5, "big")
    flac.write_bytes(content)
    flac.with_suffix(".hea").write_text("r 2 500\n" + lines("516"))
    with pytest.raises(FormatError, match=r"r\.dat: (ends before|cannot be read as FLAC)"):
        read(flac)


def test_a_part_that_is_not_there_is_refused(flac: Path) -> None:
    with pytest.raises(FormatError, match=r"r\.dat: ends before sample 700"):
        read_flac(flac, 500, 200)


def test_a_small_claim_that_is_false_is_refused_when_it_is_read(flac: Path) -> None:
    content = bytearray(flac.read_bytes())
    content[24:26] = (700).to_bytes(2, "big")
    flac.write_bytes(content)
    flac.with_suffix(".hea").write_text("r 2 500\n" + lines("516"))
    with pytest.raises(FormatError, match=r"r\.dat: cannot be read as FLAC"):
        read(flac)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("r 3 500 600\n" + lines("516", 3), "holds 2 signals, but its header describes 3"),
        ("r 1 500 600\n" + lines("516", 1), "holds 2 signals, but its header describes 1"),
        ("r 2 500 600\n" + lines("508"), "holds samples of 16 bits, but its header describes 8"),
        ("r 2 500 601\n" + lines("516"), "holds 600 samples of each of 2 signals, but r.hea states 601"),
        ("r 2 500\n" + lines("516+600"), "holds no samples"),
        ("r 2 500 300\n" + lines("516x2", 1) + lines("516", 1), "must have the same number of samples in a frame"),
    ],
)
def test_a_header_that_describes_another_file_is_refused(flac: Path, header: str, message: str) -> None:
    flac.with_suffix(".hea").write_text(header)
    with pytest.raises(FormatError, match=message) as refusal:
        read(flac)
    assert "\n" not in str(refusal.value)


def test_offset_samples_in_a_frame_and_pieces(flac: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wfdb_signals, "_SAMPLES_AT_ONCE", 100)
    flac.with_suffix(".hea").write_text("r 2 500\n" + lines("516x3+30"))
    record = read(flac)
    assert record.fs_hz == 1500
    np.testing.assert_array_equal(record.signal, NUMBERS[30:].T)


def test_skew_shifts_compressed_signals_too(flac: Path) -> None:
    flac.with_suffix(".hea").write_text("r 2 500\n" + lines("516:7", 1) + "r.dat 516 1/mV 16 0 0 0 0 II\n")
    record = read(flac)
    np.testing.assert_array_equal(record["I"][:-7], NUMBERS[7:, 0])
    assert np.isnan(record["I"][-7:]).all()
    np.testing.assert_array_equal(record["II"], NUMBERS[:, 1])
