"""Packed integers come out as `wfdb` packs them, from any sample on, and only those that are all there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import wfdb

from einthoven import read
from einthoven.errors import FormatError
from einthoven.formats.wfdb_storage import STORAGE

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(8)


@pytest.mark.parametrize("fmt", ["16", "24", "32", "80", "212"])  # wfdb packs no others
def test_what_wfdb_packs_is_unpacked(tmp_path: Path, fmt: str) -> None:
    top = 2 ** (STORAGE[fmt].bits - 1)
    numbers = RNG.integers(1 - top, top, size=(101, 3))
    numbers[0], numbers[1] = -top, top - 1
    wfdb.wrsamp(
        "r",
        fs=250,
        units=["mV"] * 3,
        sig_name=["I", "II", "III"],
        d_signal=numbers,
        fmt=[fmt] * 3,
        adc_gain=[1.0] * 3,
        baseline=[0] * 3,
        write_dir=str(tmp_path),
    )
    for first, n in ((0, 303), (0, 1), (1, 1), (2, 299), (100, 5), (302, 1)):
        unpacked = STORAGE[fmt].read(tmp_path / "r.dat", 0, first, n)
        assert unpacked.tolist() == numbers.reshape(-1)[first : first + n].tolist()
    assert STORAGE[fmt].n_samples((tmp_path / "r.dat").stat().st_size) == 303
    record = read(tmp_path / "r.hea")
    assert np.isnan(record.signal[:, 0]).all()
    np.testing.assert_array_equal(record.signal[:, 1:], numbers.T[:, 1:].astype(np.float32))


@pytest.mark.parametrize("fmt", STORAGE)
@pytest.mark.parametrize("offset", [0, 5])
def test_a_sample_is_there_when_all_its_bytes_are(tmp_path: Path, fmt: str, offset: int) -> None:
    storage, file = STORAGE[fmt], tmp_path / "r.dat"
    content = RNG.bytes(offset + 8 * storage.ends[-1])
    file.write_bytes(content)
    whole = storage.read(file, offset, 0, 8 * len(storage.ends))
    for n_bytes in range(len(content) - offset):
        file.write_bytes(content[: offset + n_bytes])
        n = storage.n_samples(n_bytes)
        if n:
            np.testing.assert_array_equal(storage.read(file, offset, 0, n), whole[:n])
            assert storage.read(file, offset, n - 1, 1)[0] == whole[n - 1]
        with pytest.raises(FormatError, match=f"r.dat: ends before sample {n + 1}"):
            storage.read(file, offset, 0, n + 1)


def test_unused_bits_play_no_part(tmp_path: Path) -> None:
    content = np.frombuffer(RNG.bytes(40), np.uint8).copy()
    content[3::4] &= 0x3F
    content.tofile(tmp_path / "clear.dat")
    content[3::4] |= 0xC0
    content.tofile(tmp_path / "set.dat")
    clear, with_bits = (STORAGE["311"].read(tmp_path / f"{name}.dat", 0, 0, 30) for name in ("clear", "set"))
    np.testing.assert_array_equal(clear, with_bits)
    assert clear.min() < 0
