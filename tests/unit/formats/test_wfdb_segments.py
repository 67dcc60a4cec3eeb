"""Records in segments: put together as `wfdb` does, gaps and absent leads missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import wfdb

from einthoven import read
from einthoven.errors import FormatError, OptionError

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import WriteWfdb

RNG = np.random.default_rng(6)


def segment(write: WriteWfdb, name: str, leads: tuple[str, ...], n_samples: int, gain: int = 200) -> None:
    lines = "".join(f"{name}.dat 16 {gain}/mV 16 0 0 0 0 {lead}\n" for lead in leads)
    write(f"{name} {len(leads)} 100 {n_samples}\n{lines}", RNG.integers(-999, 999, (len(leads), n_samples)), name)


def assert_as_wfdb(path: Path) -> None:
    theirs = wfdb.rdrecord(str(path.with_suffix("")))
    ours = read(path)
    assert list(ours.leads) == theirs.sig_name
    np.testing.assert_array_equal(ours.signal, theirs.p_signal.T.astype(np.float32))


def test_fixed_layout(tmp_path: Path, wfdb_record: WriteWfdb) -> None:
    segment(wfdb_record, "a", ("II", "V1"), 30)
    segment(wfdb_record, "b", ("II", "V1"), 20, gain=500)
    assert_as_wfdb(wfdb_record("m/2 2 100 50\na 30\nb 20\n", name="m"))


def test_variable_layout_with_gap_and_absent_leads(tmp_path: Path, wfdb_record: WriteWfdb) -> None:
    lines = "".join(f"~ 0 200/mV 16 0 0 0 0 {lead}\n" for lead in ("V1", "II", "III"))
    wfdb_record(f"m_layout 3 100 0\n{lines}", name="m_layout")
    segment(wfdb_record, "a", ("II", "V1"), 30)
    segment(wfdb_record, "b", ("III",), 20)
    path = wfdb_record("m/4 3 100 60\nm_layout 0\na 30\n~ 10\nb 20\n", name="m")
    assert_as_wfdb(path)
    record = read(path)
    assert np.isnan(record.signal[:, 30:40]).all()
    assert np.isnan(record["V1"][40:]).all()


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("m/2 1 100 50\na 30\n", "states 2 segments, but 1 are described"),
        ("m/1 1 100 99\na 30\n", "states 99 samples, but its segments add up to 30"),
        ("m/1 1 100 20\na 20\n", r"a\.hea: states 30 samples at 100\.0 Hz, but m\.hea states 20"),
        ("m/1 1 250 30\na 30\n", r"a\.hea: states 30 samples at 100\.0 Hz"),
        ("m/1 1 100 30\nm 30\n", "is in segments itself"),
        ("m/1 1 100 30\ngone 30\n", r"gone\.hea: no such file"),
        ("m/1 1 100 30\n../a 30\n", "only a plain name"),
        ("m/1 1 100 30\n~ 30\n", "none of its 1 segments holds a signal"),
        ("m/2 1 100\na 30\n~ 999999999999\n", "claims 4000000000116 bytes of data, but only 120 are stored"),
        ("m/1 1 100 30\na thirty\n", "line 2 is 'a thirty'; it must be: segment, samples"),
    ],
)
def test_segments_that_do_not_fit_are_refused(wfdb_record: WriteWfdb, header: str, message: str) -> None:
    segment(wfdb_record, "a", ("II",), 30)
    with pytest.raises(FormatError, match=message):
        read(wfdb_record(header, name="m"))


def test_a_lead_is_picked_from_segments(wfdb_record: WriteWfdb) -> None:
    segment(wfdb_record, "a", ("II", "V1"), 30)
    path = wfdb_record("m/1 2 100 30\na 30\n", name="m")
    assert read(path, leads=["V1"]).leads == ("V1",)
    with pytest.raises(OptionError, match="no lead 'V6'"):
        read(path, leads=["V6"])
