"""Facts on the patient and the recording, as text lines beside a signal: age, sex, diagnoses, notes.

The CinC challenges write ``#Age: 74``, ``#Sex: Female`` and ``#Dx: 59118001,426783006``; other PhysioNet databases
write ``age: 74 sex: F`` or, as the MIT-BIH Arrhythmia Database does, begin a line with ``69 M``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..record import Patient

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..record import Record

_AGE: Final = re.compile(r"(?:^|[\s<])age>?\s*[:=]\s*(\d{1,3}(?:\.\d{1,6})?)(?![\d.])", re.IGNORECASE)
_SEX: Final = re.compile(r"(?:^|[\s<])(?:sex|gender)>?\s*[:=]\s*(male|female|m|f)\b", re.IGNORECASE)
_AGE_SEX: Final = re.compile(r"(-?\d{1,3}) ([MF])\b")
_DIAGNOSES: Final = re.compile(r"dx\s*:(.*)", re.IGNORECASE)
_NOTE: Final = re.compile(r"note\s*:\s*(.+)", re.IGNORECASE)
MAX_AGE_YEARS: Final = 130


def with_facts(record: Record, lines: Iterable[str]) -> Record:
    """Return `record` with what `lines` say of age, sex, diagnoses and notes; other lines are passed over."""
    lines = tuple(lines)
    age: float | None = None
    sex: str | None = None
    notes: list[str] = []
    for line in lines:
        if found := _NOTE.fullmatch(line):
            notes.append(found[1].strip())
            continue
        if found := _AGE.search(line):
            age = float(found[1])
        if found := _SEX.search(line):
            sex = "female" if found[1].casefold().startswith("f") else "male"
        if age is None and sex is None and (found := _AGE_SEX.match(line)):
            age, sex = float(found[1]), "female" if found[2] == "F" else "male"
    known_age = age if age is not None and 0 <= age <= MAX_AGE_YEARS else None  # -1 and 999 stand for unknown
    diagnoses = stated_diagnoses(lines) or ()
    return replace(record, patient=Patient(known_age, sex), diagnoses=diagnoses, notes=(*notes, *record.notes))


def stated_diagnoses(lines: Iterable[str]) -> tuple[str, ...] | None:
    """Return the codes that `lines` name, in their order; None where no line speaks of diagnoses at all.

    Examples
    --------
    >>> stated_diagnoses(["Age: 74", "Dx: 59118001,426783006"]), stated_diagnoses(["Dx: Unknown"])
    (('59118001', '426783006'), ())
    """
    stated = [found[1] for line in lines if (found := _DIAGNOSES.fullmatch(line))]
    codes = (code.strip() for text in stated for code in re.split("[,;]", text))
    return tuple(code for code in codes if code and code.casefold() not in ("unknown", "nan")) if stated else None


def fact_lines(record: Record) -> tuple[str, ...]:
    """Return the lines that `with_facts` reads back.

    Examples
    --------
    >>> import numpy as np
    >>> from einthoven import Record
    >>> fact_lines(Record(np.zeros((1, 9)), 100, ("II",), patient=Patient(60, "female"), diagnoses=("426783006",)))
    ('Age: 60', 'Sex: Female', 'Dx: 426783006')
    """
    patient = record.patient
    lines = [f"Age: {patient.age_years:g}"] if patient.age_years is not None else []
    lines += [f"Sex: {patient.sex.title()}"] if patient.sex else []
    lines += [f"Dx: {','.join(record.diagnoses)}"] if record.diagnoses else []
    return (*lines, *(f"Note: {' '.join(note.split())}" for note in record.notes))


def zone_lost(record: Record) -> tuple[str, ...]:
    """Say that a format with clock times only does not keep the time zone of the start, where there is one."""
    if record.start is None or record.start.tzinfo is None:
        return ()
    return (f"start {record.start.isoformat()} without its time zone; the clock time is kept",)
