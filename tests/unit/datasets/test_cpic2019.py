from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.io

from einthoven.datasets.cpic2019 import answers, fingerprint, load, unanswered
from einthoven.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three records with answers, listed in another order than that of their names, and one without."""
    rng = np.random.default_rng(0)
    for name in ("TRAIN/TRAIN103", "TRAIN/TRAIN101", "TRAIN/TRAIN102", "TEST/TEST101"):
        file = tmp_path / "cpic2019" / f"{name}.mat"
        file.parent.mkdir(parents=True, exist_ok=True)
        scipy.io.savemat(file, {"data": rng.normal(size=(12, 5000))})
    (tmp_path / "cpic2019" / "reference.txt").write_text("TRAIN103\t1\nTRAIN101\t0\r\nTRAIN102\t1\n\n")
    return tmp_path


def test_records_come_in_the_order_of_the_answers_on_which_the_folds_depend(root: Path) -> None:
    items = list(load(root))
    assert [item.record.id for item in items] == ["TRAIN103", "TRAIN101", "TRAIN102"]
    assert [item.abnormal for item in items] == [True, False, True]
    assert items[0].record.fs_hz == 500
    assert len(items[0].record.leads) == 12


def test_each_recording_and_each_answer_has_its_own_fingerprint(root: Path) -> None:
    before = [fingerprint(item) for item in load(root)]
    assert len(set(before)) == 3
    assert before == [fingerprint(item) for item in load(root)]
    (root / "cpic2019" / "reference.txt").write_text("TRAIN103 0\nTRAIN101 0\nTRAIN102 1\n")
    after = [fingerprint(item) for item in load(root)]
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, True, True]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no recording"),
        ("TRAIN101 2\n", "line 1: 'TRAIN101 2'; it must be a name and 0 or 1"),
        ("TRAIN101 0\nTRAIN102\n", "line 2: 'TRAIN102'"),
        ("TRAIN101 0\nTRAIN101 1\n", "line 2: TRAIN101 was answered before"),
        ("../secret 1\n", "line 1"),
    ],
)
def test_answers_that_are_none_are_told_with_their_line(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "reference.txt"
    file.write_text(text)
    with pytest.raises(DataError, match=said):
        answers(file)


def test_what_is_not_there_is_told(root: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cpic2019 is not here, and may not be passed on"):
        list(load(tmp_path / "elsewhere"))
    (root / "cpic2019" / "TRAIN" / "TRAIN101.mat").unlink()
    with pytest.raises(DataError, match=r"TRAIN101\.mat: not there; .*reference\.txt names it"):
        list(load(root))
    (root / "cpic2019" / "reference.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not a list of answers"):
        list(load(root))


def test_recordings_without_answers_are_listed(root: Path) -> None:
    assert [file.name for file in unanswered(root)] == ["TEST101.mat"]
    (root / "cpic2019" / "TEST" / "TEST101.mat").unlink()
    with pytest.raises(DataError, match="no recording there"):
        unanswered(root)
