"""What recordings teach of their beats: normal or not, of which type, and what is stated of the whole record.

Databases know different things. What one does not know is left open, and no network is asked for it there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ..beats.fast import fast_detect
from ..beats.sequences import timing_features
from ..codes import AAMI_CLASSES
from ..datasets import annotated, mitdb, ptbxl, svdb
from ..evaluation.ec57 import aami as aami_classes
from .projections import with_projections
from .stated_beats import classes_of, like_the_usual, rhythm_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from ..record import Record

UNKNOWN: Final = -1

CLASSES: Final = AAMI_CLASSES[:4]
"""Classes of beats a network is asked for; what the standard calls Q cannot be told from a beat."""

RHYTHMS: Final = ("other", "atrial fibrillation", "atrial flutter", "supraventricular tachycardia", "ventricular")
"""Rhythms around a beat that a network is asked for; sinus rhythm is among the others."""

OTHER_RHYTHM, FIBRILLATION, FLUTTER, SUPRAVENTRICULAR_RHYTHM, VENTRICULAR_RHYTHM = range(len(RHYTHMS))

_RHYTHM_OF_MARK: Final = {
    "": UNKNOWN,
    "(AFIB": FIBRILLATION,
    "(AFL": FLUTTER,
    "(SVTA": SUPRAVENTRICULAR_RHYTHM,
    **dict.fromkeys(("(B", "(T", "(VT", "(IVR", "(VFL"), VENTRICULAR_RHYTHM),
}
"""Rhythm of each mark of mitdb; any other is `OTHER_RHYTHM`."""

TYPES: Final = ("normal", "left-block", "right-block", "supraventricular", "ventricular", "fusion", "paced", "other")
"""Types of beats a network is asked for."""

NORMAL, LEFT_BLOCK, RIGHT_BLOCK, SUPRAVENTRICULAR, VENTRICULAR, FUSION, PACED, OTHER = range(len(TYPES))

BEAT_TYPES: Final = {
    symbol: kind
    for symbols, kind in (
        ("N.", NORMAL),
        ("LB", LEFT_BLOCK),
        ("R", RIGHT_BLOCK),
        ("AaJSnje", SUPRAVENTRICULAR),
        ("VrE", VENTRICULAR),
        ("F", FUSION),
        ("/f", PACED),
    )
    for symbol in symbols
}
"""Type of the beats of each MIT-BIH symbol; any other is `OTHER`."""

STATEMENTS: Final = tuple(
    """CRBBB IRBBB CLBBB ILBBB IVCD PACE WPW LAFB LVH IMI ASMI AFIB 1AVB PVC ISC_ NORM ABQRS LPFB STACH SBRAD""".split()
)
"""Statements of a record that a network is asked for, SCP-ECG codes."""

_EVERY_BEAT: Final = {"CRBBB": RIGHT_BLOCK, "CLBBB": LEFT_BLOCK, "PACE": PACED}
"""Statements that make every beat abnormal, the later ones outweighing the earlier."""

_SOME_BEATS: Final = frozenset("PVC PAC SVARR AFLT WPW SVTAC PSVT BIGU TRIGU IVCD ILBBB IRBBB 3AVB 2AVB".split())
"""Statements after which nobody can say which beats are abnormal."""


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """One recording and what is known of its beats.

    Parameters
    ----------
    record
        The signals.
    peak
        int64, shape (beat,): R peaks, in samples of the record.
    abnormal
        float32, shape (beat,): 1 for an abnormal beat, 0 for a normal one, NaN where nobody knows.
    beat_type, aami, rhythm
        int8, shape (beat,): number of the type, of the class and of the rhythm around it; -1 where nobody knows.
    statements
        float32, shape (statement,): 1 where it was made of the record, 0 where not, NaN where none are known.
    fingerprint
        Of the recording and its labels.
    patient
        Whose it is.
    codes
        All that is stated of the record, whether a network is asked for it or not.
    """

    record: Record
    peak: NDArray[np.int64]
    abnormal: NDArray[np.float32]
    beat_type: NDArray[np.int8]
    aami: NDArray[np.int8]
    rhythm: NDArray[np.int8]
    statements: NDArray[np.float32]
    fingerprint: str
    patient: str
    codes: frozenset[str] = frozenset()


def of_marked_beats(items: Iterable[annotated.Annotated]) -> Iterator[Lesson]:
    """Lessons of recordings in which every beat is marked."""
    for item in items:
        beat_type = np.array([BEAT_TYPES.get(symbol, OTHER) for symbol in item.beats.symbol.tolist()], np.int8)
        aami = aami_classes(item.beats).astype(np.int8)
        marks = item.rhythm or [""] * len(item.beats)
        yield Lesson(
            record=item.record,
            peak=item.beats.sample,
            abnormal=(beat_type != NORMAL).astype(np.float32),
            beat_type=beat_type,
            aami=np.where(aami < len(CLASSES), aami, UNKNOWN).astype(np.int8),
            rhythm=np.array([_RHYTHM_OF_MARK.get(mark, OTHER_RHYTHM) for mark in marks], np.int8),
            statements=np.full(len(STATEMENTS), np.nan, np.float32),
            fingerprint=annotated.fingerprint(item),
            patient=item.patient,
        )


def of_statements(items: Iterable[ptbxl.Stated]) -> Iterator[Lesson]:
    """Lessons of recordings of which something is stated; their beats are found first, and those without are left out.

    A statement such as complete bundle branch block tells of every beat. Where one tells of some beats only, the type
    of each of them stays open, and its class but for those that stand out (:mod:`einthoven.learn.stated_beats`); where
    none does, all are normal in their kind. To the leads of a record come projections
    between them, the same ones whenever it is read.
    """
    for item in items:
        peak = fast_detect(item.record).sample
        if not len(peak):
            continue
        kind = max((_EVERY_BEAT[code] for code in item.statements & _EVERY_BEAT.keys()), default=NORMAL)
        if kind == NORMAL and item.statements & _SOME_BEATS:
            kind = UNKNOWN
        abnormal = np.nan if kind == UNKNOWN else float(kind != NORMAL)
        _, early = timing_features(peak / item.record.fs_hz, causal=False)
        like = like_the_usual(item.record.signal, item.record.fs_hz, peak)
        yield Lesson(
            record=with_projections(item.record, np.random.default_rng(list(item.record.id.encode()))),
            peak=peak,
            abnormal=np.full(len(peak), abnormal, np.float32),
            beat_type=np.full(len(peak), kind, np.int8),
            aami=classes_of(item.statements, like, early),
            rhythm=np.full(len(peak), rhythm_of(item.statements), np.int8),
            statements=np.array([code in item.statements for code in STATEMENTS], np.float32),
            fingerprint=ptbxl.fingerprint(item),
            patient=item.patient,
            codes=item.statements,
        )


LESSONS: Final[dict[str, Callable[[str | Path | None], Iterator[Lesson]]]] = {
    "mitdb": lambda root: of_marked_beats(mitdb.load(root)),
    "svdb": lambda root: of_marked_beats(svdb.load(root)),
    "ptb-xl": lambda root: of_statements(ptbxl.load(root)),
}
"""Databases to learn beats from, and what reads them from below a data root."""
