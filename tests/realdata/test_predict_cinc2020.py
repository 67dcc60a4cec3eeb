"""Every record of six hospitals is answered in the form the challenge scores, whatever its header says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.cli.inputs import Loader
from einthoven.cli.predict import answer_files
from einthoven.cli.record_files import record_files
from einthoven.codes import CINC2020_DIAGNOSES, CINC2020_SAME
from einthoven.datasets.cinc2020 import read_labels
from einthoven.evaluation.cinc2020_outputs import Output, read_outputs

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def outputs(data_dir: Path, many_waves: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Output]:
    records, folder = data_dir / "cinc2020" / "records", tmp_path_factory.mktemp("outputs")
    answer_files(Loader(), str(many_waves), folder)(record_files([records]))
    return read_outputs(folder, tuple(read_labels(records)))  # the scorer asks for every record that has a label


def test_no_record_is_left_out_and_all_codes_are_answered(outputs: list[Output]) -> None:
    assert len(outputs) == 128
    assert {one.codes for one in outputs} == {tuple(CINC2020_DIAGNOSES)}
    scores = np.array([one.score for one in outputs])
    assert scores.min() >= 0
    assert scores.max() <= 1


def test_what_is_scored_as_one_is_answered_alike(outputs: list[Output]) -> None:
    for code, same in CINC2020_SAME.items():
        first, second = (tuple(CINC2020_DIAGNOSES).index(one) for one in (code, same))
        assert all(one.present[first] == one.present[second] for one in outputs)
        assert all(one.score[first] == one.score[second] for one in outputs)
