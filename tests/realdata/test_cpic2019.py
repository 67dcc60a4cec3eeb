"""The recordings of the China ECG competition, and what the shipped model says of records that it never learnt from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.bundles.beats import beat_net
from einthoven.bundles.bundle import Bundle
from einthoven.bundles.diagnosis import read_records
from einthoven.datasets import cpic2019, ptbxl
from einthoven.datasets.splits import stratified

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realdata


def test_half_of_the_six_hundred_are_abnormal_and_the_lead_laws_are_broken_alike(data_dir: Path) -> None:
    items = list(cpic2019.load(data_dir))
    assert (len(items), sum(item.abnormal for item in items)) == (600, 300)
    share = {item.record.id: float(item.abnormal) for item in items}
    assert [len(fold) for fold in stratified(share, {}, 5, 0)] == [120] * 5
    for item in items[::60]:
        record = item.record
        assert (record.fs_hz, record.n_samples) == (500.0, 5000)
        np.testing.assert_allclose(record["aVR"], (record["I"] + record["II"]) / 2, atol=0.02)
    assert len({cpic2019.fingerprint(item) for item in items}) == 600


def test_records_without_answers_can_be_read(data_dir: Path) -> None:
    assert cpic2019.unanswered(data_dir)[0].name == "TEST101.mat"


def test_normal_records_of_another_hospital_get_lower_probabilities(data_dir: Path) -> None:
    """Fold 9 of PTB-XL had a part in the model's trees only; the figures of fold 10 are in the result file."""
    some = [item for item in ptbxl.load(data_dir) if item.fold == 9 and item.amplitude_known][:60]
    net, model = beat_net(Bundle.load("beat-detector")), Bundle.load("cpic2019")
    said = np.array([reading.probability for reading in read_records((item.record for item in some), model, net)])
    normal = np.array(["NORM" in item.statements for item in some])
    assert 0 < normal.sum() < len(normal)
    assert np.median(said[normal]) < 0.5 < np.median(said[~normal])
