"""What can be learnt from whole records of each database: the record, and the answers to what a recipe asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ..datasets import cpic2019, ptbxl
from ..diagnosis.normality import CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from ..record import Record

TEST_FOLD: Final = 10
"""Fold of PTB-XL that nothing is learnt from."""


@dataclass(frozen=True, slots=True, eq=False)
class RecordLesson:
    """One record and the answers.

    Parameters
    ----------
    record
        The signals.
    answer
        float32, shape (class,): 1 where it is so, else 0.
    patient
        Whose it is.
    fingerprint
        Of the record and what is known of it.
    """

    record: Record
    answer: NDArray[np.float32]
    patient: str
    fingerprint: str


def normal_or_not(root: str | Path | None) -> Iterator[RecordLesson]:
    """Lessons of the China ECG competition: whether a record is normal or abnormal."""
    for item in cpic2019.load(root):
        answer = np.array([not item.abnormal, item.abnormal], np.float32)
        yield RecordLesson(item.record, answer, item.record.id, cpic2019.fingerprint(item))


def norm_or_not(root: str | Path | None) -> Iterator[RecordLesson]:
    """Lessons of PTB-XL but for fold 10: whether ``NORM`` is stated of a record, whose amplitude may be lost."""
    for item in ptbxl.load(root):
        if item.fold != TEST_FOLD:
            normal = "NORM" in item.statements
            answer = np.array([normal, not normal], np.float32)
            yield RecordLesson(item.record, answer, item.patient, ptbxl.fingerprint(item))


RECORD_TARGETS: Final[dict[str, tuple[tuple[str, ...], dict[str, Callable[..., Iterator[RecordLesson]]]]]] = {
    "normal-abnormal": (CLASSES, {"cpic2019": normal_or_not, "ptb-xl": norm_or_not}),
}
"""What is asked of a record: names of the classes, and by database what reads its lessons from below a data root."""
