from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.datasets.mitdb import RECORDS
from einthoven.datasets.sources import marked_records
from einthoven.errors import DataError
from einthoven.formats import write
from einthoven.formats.annotation import write_beats
from einthoven.record import Beats, Record

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b", "a", "unmarked"):
        write(Record(np.zeros((1, 720)), 360, ("II",), id=name), tmp_path / f"{name}.hea")
        if name != "unmarked":
            write_beats(Beats(np.array([360]), np.array(["N"])), 360, tmp_path / f"{name}.atr")
    return tmp_path


def test_a_folder_gives_the_records_that_are_marked(folder: Path) -> None:
    found = marked_records(str(folder))
    assert [(one.name, one.patient) for one in found] == [("a", "a"), ("b", "b")]
    assert found[1].read().beats.sample.tolist() == [360]


@pytest.mark.parametrize("suffix", ["", ".hea", ".atr", ".dat"])
def test_a_record_is_named_by_any_of_its_files(folder: Path, suffix: str) -> None:
    assert [one.path for one in marked_records(f"{folder}/b{suffix}")] == [folder / "b"]


def test_only_the_records_named_are_taken_in_the_order_of_the_source(folder: Path) -> None:
    assert [one.name for one in marked_records(str(folder), records=["b", "a"])] == ["a", "b"]
    with pytest.raises(DataError, match="has no annotated record c, unmarked"):
        marked_records(str(folder), records=["a", "c", "unmarked"])
    with pytest.raises(DataError, match="has no annotated record ''"):
        marked_records(str(folder), records=["a", ""])


def test_a_database_is_found_below_the_root_and_its_patients_are_known(tmp_path: Path) -> None:
    (tmp_path / "mitdb").mkdir()
    found = marked_records("mitdb", tmp_path)
    assert tuple(one.name for one in found) == RECORDS
    assert {one.patient for one in found if one.name in ("201", "202")} == {"201"}
    with pytest.raises(DataError, match=r"100\.hea: not there; the record needs it"):
        found[0].read()
    with pytest.raises(DataError, match="svdb is not here; get it with"):
        marked_records("svdb", tmp_path)


def test_what_holds_no_marked_record_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no WFDB record with annotations"):
        marked_records(str(tmp_path))
    with pytest.raises(DataError, match="neither one of mitdb, svdb, nor a folder, nor a WFDB record"):
        marked_records(str(tmp_path / "nothing"))
    with pytest.raises(DataError, match="neither one of mitdb, svdb, nor a folder"):
        marked_records("")
