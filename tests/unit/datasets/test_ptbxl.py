"""PTB-XL: what its tables say of the recordings that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.datasets import ptbxl
from einthoven.errors import DataError
from einthoven.formats import write
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "ecg_id,patient_id,scp_codes,strat_fold,filename_lr,amplitude_normalised"
ROWS = (
    "1,15709.0,\"{'NORM': 100.0, 'SR': 0.0}\",3,records100/00000/00001_lr,False",
    "2,13243.0,\"{'IMI': 15.0}\",10,records100/00000/00002_lr,True",
    "3,13243.0,\"{'IMI': 15.0}\",10,records100/00000/00003_lr,False",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two recordings of three in the table."""
    folder = tmp_path / "ptb-xl"
    (folder / "records100" / "00000").mkdir(parents=True)
    (folder / ptbxl.TABLE).write_text("\n".join((HEAD, *ROWS)) + "\n")
    for number in (1, 2):
        write(simulate(duration_s=2, fs_hz=100).record, folder / f"records100/00000/0000{number}_lr.hea")
    (folder / ptbxl.STATEMENTS).write_text(
        ",description,diagnostic,diagnostic_class\nNORM,normal,1.0,NORM\nIMI,inferior,1,MI\nSR,sinus,,\n"
    )
    return tmp_path


def test_the_table_speaks_of_the_recordings_that_are_there(root: Path) -> None:
    first, second = ptbxl.entries(root)
    assert (first.ecg_id, first.file.stem, first.fold, first.patient) == (1, "00001_lr", 3, "15709.0")
    assert first.statements == {"NORM", "SR"}
    assert (first.amplitude_known, second.amplitude_known) == (True, False)
    assert second.statements == {"IMI"}  # however unlikely


def test_recordings_are_read_with_what_is_stated_of_them(root: Path) -> None:
    items = list(ptbxl.load(root))
    assert [(item.record.id, item.fold, item.amplitude_known) for item in items] == [
        ("00001_lr", 3, True),
        ("00002_lr", 10, False),
    ]
    assert items[0].record.signal.shape == (12, 200)
    prints = {ptbxl.fingerprint(item) for item in items}
    assert len(prints) == 2
    assert not np.isnan(items[0].record.signal).any()


def test_a_superclass_is_that_of_diagnostic_statements_alone(root: Path) -> None:
    assert ptbxl.superclass_of(root) == {"NORM": "NORM", "IMI": "MI"}


@pytest.mark.parametrize("table", [ptbxl.TABLE, ptbxl.STATEMENTS])
def test_a_table_that_lacks_columns_or_is_not_there_is_named(table: str, root: Path) -> None:
    def read() -> None:
        list(ptbxl.entries(root)) if table == ptbxl.TABLE else ptbxl.superclass_of(root)

    (root / "ptb-xl" / table).write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match=rf"{table}: 1 rows; it must have columns '"):
        read()
    (root / "ptb-xl" / table).unlink()
    with pytest.raises(DataError, match=rf"{table}: not a table that can be read"):
        read()


def test_tables_without_recordings_are_told(root: Path) -> None:
    for file in (root / "ptb-xl" / "records100" / "00000").iterdir():
        file.unlink()
    with pytest.raises(DataError, match="no recording at 100 Hz there"):
        list(ptbxl.entries(root))
