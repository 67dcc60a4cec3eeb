"""What is known of the whole records of each database: the answers to what a recipe asks, without their signals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from ..codes import CINC2020_CLASSES, CINC2020_SAME, DIAGNOSES, REPORTED, STATEMENTS, SUPERCLASSES
from ..datasets import cinc2020, cpic2019, ptbxl
from ..datasets.catalogue import dataset
from ..diagnosis.normality import CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ..datasets.ptbxl import Entry

TEST_FOLD: Final = 10
"""Fold of PTB-XL that nothing is learnt from."""

PVC: Final = "427172004"


@dataclass(frozen=True, slots=True, eq=False)
class RecordLesson:
    """What is known of one record.

    Parameters
    ----------
    name
        Of the record.
    answer
        float32, shape (class,): 1 where it is so, else 0; NaN where that is not known.
    patient
        Whose it is.
    fold
        The published one; 0 where there are none.
    judged
        Whether figures count it; else it is learnt from only.
    """

    name: str
    answer: NDArray[np.float32]
    patient: str
    fold: int = 0
    judged: bool = True


def normal_or_not(root: str | Path | None) -> Iterator[RecordLesson]:
    """Lessons of the China ECG competition: whether a record is normal or abnormal."""
    for name, abnormal in cpic2019.answers(dataset("cpic2019").path(root) / cpic2019.REFERENCE).items():
        yield RecordLesson(name, np.array([not abnormal, abnormal], np.float32), name)


def norm_or_not(root: str | Path | None) -> Iterator[RecordLesson]:
    """Lessons of PTB-XL but for fold 10: whether ``NORM`` is stated of a record, whose amplitude may be lost."""
    for entry in ptbxl.entries(root):
        if entry.fold != TEST_FOLD:
            normal = "NORM" in entry.statements
            yield _lesson(entry, np.array([normal, not normal], np.float32))


def diagnoses(root: str | Path | None, classes: Sequence[str]) -> Iterator[RecordLesson]:
    """Lessons of PTB-XL: some of :data:`~einthoven.codes.DIAGNOSES`, whether they are so in a record.

    A record is of a superclass if any statement of it is, of any likelihood. Codes are those of the challenge, those
    scored as another counted as that; it does not have all the records, of which they are not known then. Premature
    ventricular contractions are the statement's: the challenge coded those of PTB-XL by a code that it does not score.
    """
    superclass_of, codes_of = ptbxl.superclass_of(root), cinc2020.ptbxl_codes(root)
    for entry in ptbxl.entries(root):
        is_so = {superclass_of[code] for code in entry.statements if code in superclass_of} | entry.statements
        open_: frozenset[str] = frozenset()
        if entry.ecg_id in codes_of:
            is_so |= {CINC2020_SAME.get(code, code) for code in codes_of[entry.ecg_id]}
            is_so |= {PVC} if "PVC" in entry.statements else set()
        else:
            open_ = frozenset(CINC2020_CLASSES)
        yield _lesson(entry, np.array([np.nan if one in open_ else one in is_so for one in classes], np.float32))


def _lesson(entry: Entry, answer: NDArray[np.float32]) -> RecordLesson:
    return RecordLesson(entry.file.stem, answer, entry.patient, entry.fold, entry.amplitude_known)


RECORD_TARGETS: Final[dict[str, tuple[tuple[str, ...], Mapping[str, Callable[..., Iterator[RecordLesson]]]]]] = {
    "normal-abnormal": (CLASSES, {"cpic2019": normal_or_not, "ptb-xl": norm_or_not}),
    **{
        target: (tuple(classes), {"ptb-xl": partial(diagnoses, classes=tuple(classes))})
        for target, classes in (
            ("superclasses", SUPERCLASSES),
            ("statements", STATEMENTS),
            ("cinc2020", CINC2020_CLASSES),
            ("diagnoses", DIAGNOSES),
            ("twelve-leads", REPORTED),
        )
    },
}
"""What is asked of a record: names of the classes, and by database what reads its lessons from below a data root."""
