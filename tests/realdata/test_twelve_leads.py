"""Normal or abnormal, on the competition's records: what must not change an answer does not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.bundles.beats import beat_net
from einthoven.bundles.bundle import Bundle
from einthoven.bundles.diagnosis import read_records
from einthoven.cli.inputs import Loader
from einthoven.cli.predict import ask_files
from einthoven.formats import read
from einthoven.signal.leads import repair_leads
from einthoven.signal.resample import resample_record

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from einthoven.record import Record

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def records(data_dir: Path) -> list[Record]:
    files = sorted((data_dir / "cpic2019" / "TRAIN").glob("*.mat"))[::20]
    return [read(file) for file in files]


def answers(records: list[Record]) -> NDArray[np.float64]:
    model, net = Bundle.load("cpic2019"), beat_net(Bundle.load("beat-detector"))
    return np.array([one.probability for one in read_records(records, model, net)])


@pytest.fixture(scope="module")
def told(records: list[Record]) -> NDArray[np.float64]:
    return answers(records)


def test_leads_that_are_wrong_in_the_file_play_no_part(records, told):
    mended = [repair_leads(record) for record in records]
    assert all(record.notes != one.notes for record, one in zip(records, mended, strict=True))
    np.testing.assert_allclose(answers(mended), told, atol=1e-6)


def test_eight_leads_say_what_twelve_do(records, told):
    eight = [record.pick(["V6", "V5", "V4", "V3", "V2", "V1", "II", "I"]) for record in records]
    np.testing.assert_allclose(answers(eight), told, atol=1e-5)


def test_a_level_beneath_the_leads_changes_little(records, told):
    moved = [replace(record, signal=record.signal + np.float32(1.5)) for record in records]
    assert np.quantile(np.abs(answers(moved) - told), 0.9) < 0.05


@pytest.mark.parametrize("fs_hz", [250, 1000])
def test_the_sampling_rate_changes_little(records, told, fs_hz):
    again = answers([resample_record(record, fs_hz) for record in records])
    assert np.quantile(np.abs(again - told), 0.9) < 0.1
    assert np.mean((again >= 0.5) == (told >= 0.5)) > 0.9


def test_what_was_learnt_is_known(records, told, data_dir):
    lines = (data_dir / "cpic2019" / "reference.txt").read_text().splitlines()
    stated = dict(line.split() for line in lines)
    right = (told >= 0.5) == np.array([stated[record.id] == "1" for record in records])
    assert right.mean() > 0.95  # all were learnt from: this is no figure, but a wrong bundle would show


def test_every_record_of_the_test_folder_is_answered(data_dir):
    files = sorted((data_dir / "cpic2019" / "TEST").glob("*.mat"))
    assert all(0 <= one.probability <= 1 for one in ask_files(Loader(), "cpic2019")(files))
