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

STATED: Final = tuple(
    """NORM SR NDT LVH ABQRS LAFB ASMI ISC_ IMI AFIB IRBBB STD_ PVC SARRH 1AVB IVCD NST_ STACH ISCAL CLBBB VCLVH CRBBB
    SBRAD LOWT NT_ QWAVE LAO/LAE PAC LPR INVT LVOLT ISCIL AMI ISCAS ISCIN""".split()
)
"""SCP-ECG codes that a network is asked for at once: those stated of 20 or more of the records learnt from."""

_BY_HEIGHT: Final = frozenset("LVH VCLVH LVOLT LAO/LAE".split())
"""Statements that rest on amplitudes."""


@dataclass(frozen=True, slots=True, eq=False)
class RecordLesson:
    """One record and the answers.

    Parameters
    ----------
    record
        The signals.
    answer
        float32, shape (class,): 1 where it is so, else 0; NaN where nobody can say by these signals.
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
    """Lessons of PTB-XL but for fold 10: whether ``NORM`` is stated of a record, where its amplitude is known."""
    for item in ptbxl.load(root):
        if item.fold != TEST_FOLD and item.amplitude_known:
            normal = "NORM" in item.statements
            yield RecordLesson(
                item.record, np.array([normal, not normal], np.float32), item.patient, ptbxl.fingerprint(item)
            )


def stated(root: str | Path | None) -> Iterator[RecordLesson]:
    """Lessons of PTB-XL but for fold 10: what is stated of a record, but of heights where amplitudes are lost."""
    heights = np.array([code in _BY_HEIGHT for code in STATED])
    for item in ptbxl.load(root):
        if item.fold != TEST_FOLD:
            answer = np.array([code in item.statements for code in STATED], np.float32)
            if not item.amplitude_known:
                answer[heights] = np.nan
            yield RecordLesson(item.record, answer, item.patient, ptbxl.fingerprint(item))


RECORD_TARGETS: Final[dict[str, tuple[tuple[str, ...], dict[str, Callable[..., Iterator[RecordLesson]]]]]] = {
    "normal-abnormal": (CLASSES, {"cpic2019": normal_or_not, "ptb-xl": norm_or_not}),
    "statements": (STATED, {"ptb-xl": stated}),
}
"""What is asked of a record: names of the classes, and by database what reads its lessons from below a data root."""
