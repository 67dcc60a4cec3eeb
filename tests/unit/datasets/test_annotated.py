from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.datasets.annotated import Annotated, fingerprint, read_annotated
from einthoven.errors import DataError
from einthoven.findings import Interval
from einthoven.formats import write
from einthoven.record import Beats, Record

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def heart() -> Annotated:
    signal = np.random.default_rng(0).normal(size=(2, 1000))
    record = Record(signal, 360, ("MLII", "V1"), id="100")
    return Annotated(record, Beats(np.array([100, 400]), np.array(["N", "V"])), "100")


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    wfdb = pytest.importorskip("wfdb")
    signal = np.round(np.random.default_rng(0).normal(size=(1000, 1)), 2)
    wfdb.wrsamp("r1", 360, ["mV"], ["MLII"], signal, fmt=["16"], adc_gain=[200], baseline=[0], write_dir=str(tmp_path))
    wfdb.wrann("r1", "atr", np.array([10, 100, 400]), np.array(["+", "N", "V"]), write_dir=str(tmp_path))
    return tmp_path / "r1"


def test_marks_that_are_no_beats_are_left_out(stored: Path) -> None:
    item = read_annotated(stored)
    assert item.beats.sample.tolist() == [100, 400]
    assert item.beats.symbol.tolist() == ["N", "V"]
    assert (item.patient, item.record.id, item.record.leads) == ("r1", "r1", ("MLII",))


def test_flutter_lasts_from_bracket_to_bracket_and_unreadable_stretches_to_the_mark_after(stored: Path) -> None:
    wfdb = pytest.importorskip("wfdb")
    marks = [(36, "N", 0), (72, "[", 0), (90, "!", 0), (180, "]", 0), (360, "~", -1), (540, "~", 3), (720, "[", 0)]
    sample, symbol, subtype = (np.array(column) for column in zip(*marks, strict=True))
    wfdb.wrann("r1", "atr", sample, symbol, subtype, write_dir=str(stored.parent))
    item = read_annotated(stored)
    assert item.beats.sample.tolist() == [36]
    assert item.flutter == (Interval(0.2, 0.5), Interval(2, 1000 / 360))  # the second one never ends
    assert item.unreadable == (Interval(1, 1.5),)


def test_stretches_beside_the_beats_are_no_part_of_the_fingerprint(heart: Annotated) -> None:
    assert fingerprint(replace(heart, flutter=(Interval(0, 1),), unreadable=(Interval(1, 2),))) == fingerprint(heart)


@pytest.mark.parametrize("suffix", [".hea", ".atr"])
def test_a_missing_file_is_named(stored: Path, suffix: str) -> None:
    stored.with_suffix(suffix).unlink()
    with pytest.raises(DataError, match=rf"r1\{suffix}: not there"):
        read_annotated(stored)


def test_the_fingerprint_is_of_the_content(heart: Annotated) -> None:
    same = replace(heart, record=replace(heart.record, source="elsewhere", signal=heart.record.signal.copy()))
    assert fingerprint(same) == fingerprint(heart)


def test_any_change_of_content_changes_the_fingerprint(heart: Annotated) -> None:
    moved = replace(heart, beats=Beats(heart.beats.sample + 1, heart.beats.symbol))
    relabelled = replace(heart, beats=Beats(heart.beats.sample, np.array(["N", "A"])))
    louder = replace(heart, record=replace(heart.record, signal=heart.record.signal * 2))
    swapped = replace(heart, record=replace(heart.record, leads=("V1", "MLII")))
    assert len({fingerprint(item) for item in (heart, moved, relabelled, louder, swapped)}) == 5


@pytest.mark.parametrize(("content", "says"), [(b"", "cut off"), (b"\x01\x04", "cut off"), (b"\0\0", "marks no beat")])
def test_a_record_whose_beats_are_lost_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    write(Record(np.zeros((1, 100)), 100, ("II",)), tmp_path / "100.hea")
    (tmp_path / "100.atr").write_bytes(content)
    with pytest.raises(DataError, match=says):
        read_annotated(tmp_path / "100")
