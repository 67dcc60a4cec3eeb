"""What PTB-XL's tables say of its recordings, and who is learnt from and tested on there."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from einthoven.codes import CINC2020_CLASSES, DIAGNOSES, STATEMENTS, SUPERCLASSES
from einthoven.datasets import ptbxl
from einthoven.datasets.splits import FOLD_RULES, SET_ASIDE
from einthoven.learn.record_lessons import PVC, RECORD_TARGETS, RecordLesson

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def lessons(data_dir: Path) -> list[RecordLesson]:
    _, read_from = RECORD_TARGETS["diagnoses"]
    return list(read_from["ptb-xl"](data_dir))


@pytest.fixture(scope="module")
def table(data_dir: Path, lessons: list[RecordLesson]) -> pd.DataFrame:
    rows = pd.read_csv(data_dir / "ptb-xl" / ptbxl.TABLE, index_col="ecg_id")
    rows["scp_codes"] = rows.scp_codes.map(ast.literal_eval)
    return rows.loc[[int(lesson.name[:5]) for lesson in lessons]]


def test_superclasses_and_statements_are_those_of_the_published_reading(
    data_dir: Path, lessons: list[RecordLesson], table: pd.DataFrame
) -> None:
    """As example_physionet.py of the database has it."""
    statements = pd.read_csv(data_dir / "ptb-xl" / ptbxl.STATEMENTS, index_col=0)
    diagnostic = statements[statements.diagnostic == 1]
    assert tuple(statements.index) == tuple(STATEMENTS)
    for lesson, codes in zip(lessons, table.scp_codes, strict=True):
        classes = {diagnostic.diagnostic_class[code] for code in codes if code in diagnostic.index}
        known = dict(zip(DIAGNOSES, lesson.answer.tolist(), strict=True))
        assert {name for name in SUPERCLASSES if known[name] == 1} == classes
        assert {code for code in STATEMENTS if known[code] == 1} == set(codes)


def test_codes_are_the_challenges_and_not_known_where_it_lacks_the_record(
    data_dir: Path, lessons: list[RecordLesson], table: pd.DataFrame
) -> None:
    labels = pd.read_csv(data_dir / "ptb-xl" / "cinc2020_labels.csv", index_col="ecg_id").reindex(table.index)
    answers = np.stack([lesson.answer for lesson in lessons])
    columns = [DIAGNOSES.index(code) for code in CINC2020_CLASSES if code != PVC]
    np.testing.assert_array_equal(answers[:, columns], labels[[c for c in CINC2020_CLASSES if c != PVC]].to_numpy())
    known = ~np.isnan(answers[:, DIAGNOSES.index(PVC)])
    np.testing.assert_array_equal(answers[known, DIAGNOSES.index(PVC)], answers[known, DIAGNOSES.index("PVC")])


@pytest.mark.parametrize("rule", ["ptbxl-cv", "ptbxl-folds"])
def test_no_patient_is_learnt_from_and_tested_on(rule: str, lessons: list[RecordLesson]) -> None:
    aside = {lesson.name for lesson in lessons if lesson.fold == SET_ASIDE.get(rule)}
    patient = {lesson.name: lesson.patient for lesson in lessons}
    dealt = FOLD_RULES[rule]({name: 0.0 for name in patient if name not in aside}, patient, 5, 0)
    parts = [*dealt, tuple(aside)]
    assert sorted(name for part in parts for name in part) == sorted(patient)
    patients = [{patient[name] for name in part} for part in parts]
    assert sum(map(len, patients)) == len(set().union(*patients))


def test_records_whose_amplitude_is_lost_are_learnt_from_only(lessons: list[RecordLesson], table: pd.DataFrame) -> None:
    lost = table.get("amplitude_normalised", pd.Series(False, table.index)).astype(str) == "True"
    assert [lesson.judged for lesson in lessons] == (~lost).tolist()
    assert all(lesson.judged for lesson in lessons if lesson.fold == 10)
