"""A small recording that every format can hold, and a WFDB record written by hand."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pytest

from einthoven import Patient, Record

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@pytest.fixture
def ecg() -> Record:
    """Three leads of two seconds, whole multiples of 1/200 mV, with all facts a file may hold."""
    numbers = np.random.default_rng(7).integers(-400, 400, size=(3, 720))
    return Record(
        numbers / 200,
        360,
        ("I", "aVR", "V5"),
        id="r7",
        start=datetime(2020, 5, 12, 12, 33, 59),
        patient=Patient(61, "female"),
        diagnoses=("426783006", "164889003"),
        notes=("aVR rebuilt from I and II",),
    )


class WriteWfdb(Protocol):
    def __call__(self, header: str, numbers: NDArray[np.int16] | None = None, name: str = "r") -> Path: ...


@pytest.fixture
def wfdb_record(tmp_path: Path) -> WriteWfdb:
    """Give a function that writes a header and a 16-bit signal file, shape (lead, sample), and returns the header."""

    def write(header: str, numbers: NDArray[np.int16] | None = None, name: str = "r") -> Path:
        if numbers is not None:
            (tmp_path / f"{name}.dat").write_bytes(np.asarray(numbers).T.astype("<i2").tobytes())
        path = tmp_path / f"{name}.hea"
        path.write_text(header, encoding="utf-8")
        return path

    return write
