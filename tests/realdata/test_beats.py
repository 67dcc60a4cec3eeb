"""Beats of all 48 records of MIT-BIH, found, written and scored as a user would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from wfdb import rdann

from einthoven.beats.fast import fast_detect
from einthoven.beats.match import TOLERANCE_S, match
from einthoven.datasets import mitdb
from einthoven.evaluation.detection import detection_figures
from einthoven.formats.annotation import write_beats

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def scored(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    folder = tmp_path_factory.mktemp("annotations")
    pairs = {}
    for item in mitdb.load(data_dir):
        record = item.record
        write_beats(fast_detect(record), record.fs_hz, folder / f"{record.id}.qrs")
        found = rdann(str(folder / record.id), "qrs").sample
        alone = fast_detect(record, leads=record.leads[:1]).sample
        tolerance = TOLERANCE_S * record.fs_hz
        pairs[record.id] = match(item.beats.sample, found, tolerance), match(item.beats.sample, alone, tolerance)
    return pairs


def test_gross_f1_of_both_leads_is_that_of_the_result_file(scored):
    figures = detection_figures([both for both, _ in scored.values()])
    assert sum(both.n_reference for both, _ in scored.values()) == 109_494
    assert figures["gross_f1"].value >= 0.995
    assert figures["gross_sensitivity"].value >= 0.998


def test_one_lead_alone_is_better_than_the_detector_it_rests_on(scored):
    assert detection_figures([one for _, one in scored.values()])["gross_f1"].value >= 0.994  # sleepecg alone: 0.990


def test_no_record_is_lost(scored):
    worst = {name: round(both.f1, 3) for name, (both, _) in scored.items() if both.f1 < 0.98}
    # Noise as large as the beats; minutes of ventricular flutter; tall P waves whose beats are blocked.
    assert worst.keys() <= {"108", "207", "231"}
