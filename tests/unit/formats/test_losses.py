"""What a format cannot bring back is said when it is written, not found out when it is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven import Record, read, write
from einthoven.formats import WRITERS

if TYPE_CHECKING:
    from pathlib import Path

EAST = timezone(timedelta(hours=2))
SUFFIXES = tuple(suffix for writer in WRITERS.values() for suffix in writer.suffixes)


def named(*leads: str) -> Record:
    return Record(np.arange(2.0 * len(leads)).reshape(len(leads), 2), 2, leads)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "start",
    [
        datetime(2020, 5, 12, 12, 33, 59, tzinfo=EAST),
        datetime(1985, 1, 1, 10),
        datetime(1960, 1, 1),
        datetime(2020, 5, 12, 12, 33, 59, 250_000),
    ],
)
def test_a_start_comes_back_or_its_loss_is_said(tmp_path: Path, suffix: str, start: datetime) -> None:
    lost = write(replace(named("II"), start=start), tmp_path / f"a{suffix}")
    back = read(tmp_path / f"a{suffix}").start
    assert (back == start) != any(f"start {start.isoformat()}" in line for line in lost)


@pytest.mark.parametrize("suffix", [suffix for suffix in SUFFIXES if suffix != ".edf"])
@pytest.mark.parametrize(
    "leads", [("a;b", "II"), ("a,b", "II"), ("'a'b", "II"), ('say "II"',), ("#1", "II"), ("I I", "II")]
)
def test_odd_lead_names_come_back(tmp_path: Path, suffix: str, leads: tuple[str, ...]) -> None:
    record = named(*leads)
    lost = write(record, tmp_path / f"a{suffix}")
    back = read(tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(back.signal, record.signal)
    assert back.leads == record.leads or lost


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
@pytest.mark.parametrize("leads", [("time", "II"), ("n", "II"), ("n",), ("1", "2"), ("X (mV)", "II")])
def test_names_that_mean_something_else_in_a_table_are_told(
    tmp_path: Path, suffix: str, leads: tuple[str, ...]
) -> None:
    (lost,) = write(named(*leads), tmp_path / f"a{suffix}")
    assert lost.startswith(", ".join(name for name in leads if name != "II") + " under that name")


def test_signals_that_edf_does_not_show_to_be_an_ecg_are_told(tmp_path: Path) -> None:
    (lost,) = write(named("II", "left arm"), tmp_path / "a.edf")
    assert lost.startswith("that left arm is an ECG")
    assert read(tmp_path / "a.edf").leads == ("II",)
    assert read(tmp_path / "a.edf", leads=["II", "left arm"]).leads == ("II", "left arm")


def test_a_first_row_in_decimal_commas_is_where_the_fault_lies(tmp_path: Path) -> None:
    from einthoven.errors import FormatError

    (tmp_path / "a.csv").write_text("II;V1\n0,1;0,2\n0,2;0,3\n")
    with pytest.raises(FormatError, match="line 2, column 1 is '0,1'"):
        read(tmp_path / "a.csv", fs_hz=100, unit="mV")
