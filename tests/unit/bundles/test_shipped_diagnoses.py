"""What the shipped bundle of diagnoses says of records that are hard to see, as a user would ask it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.bundles.beats import beat_net
from einthoven.bundles.bundle import Bundle
from einthoven.bundles.diagnoses import record_log_odds, shown
from einthoven.bundles.scores import sigmoid
from einthoven.signal.resample import resample_record
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from einthoven.record import Record


@pytest.fixture(scope="module")
def model() -> Bundle:
    return Bundle.load("cinc2020")


def told(record: Record, model: Bundle) -> dict[str, float]:
    net = beat_net(Bundle.load("beat-detector"))
    probability = sigmoid(record_log_odds([shown(record, model, net)], model))[0]
    return dict(zip(model.card.classes, probability.tolist(), strict=True))


def test_noise_without_a_heartbeat_is_not_called_normal(model: Bundle) -> None:
    record = simulate(duration_s=10, fs_hz=500, seed=1).record
    noise = np.random.default_rng(0).normal(0, 0.1, record.signal.shape).astype(np.float32)
    said = told(replace(record, signal=noise), model)
    assert said["NORM"] < 0.5
    assert said["426783006"] == pytest.approx(model.card.training["shares"]["426783006"])


@pytest.mark.parametrize("fs_hz", [75, 125, 1000])
def test_the_rate_of_a_file_hardly_moves_an_answer(model: Bundle, fs_hz: float) -> None:
    record = simulate(duration_s=10, fs_hz=500, rate_bpm=110, seed=3).record
    one, other = told(record, model), told(resample_record(record, fs_hz), model)
    assert max(abs(one[name] - other[name]) for name in one) < 0.05
