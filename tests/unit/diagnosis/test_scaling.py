from __future__ import annotations

import numpy as np
import pytest

from einthoven.diagnosis.inputs import twelve_leads
from einthoven.diagnosis.scaling import SCALINGS, scaled
from einthoven.errors import OptionError
from einthoven.record import Record
from einthoven.signal.simulate import simulate

NONE = np.zeros(0, np.int64)


def shown(record: Record, **options: object) -> np.ndarray:
    return twelve_leads(record, NONE, **options)["signal"]


@pytest.mark.parametrize("scaling", ["lead", "record"])
def test_gain_does_not_matter_where_leads_are_brought_to_one_size(scaling: str) -> None:
    record = simulate().record
    louder = Record(record.signal * 3, record.fs_hz, record.leads)
    np.testing.assert_allclose(shown(louder, scaling=scaling), shown(record, scaling=scaling), atol=1e-3)
    assert shown(record, scaling=scaling).std() == pytest.approx(1, abs=1e-3)


def test_by_record_leads_keep_their_sizes_beside_each_other() -> None:
    rows, mv = shown(simulate().record, scaling="record"), shown(simulate().record)
    np.testing.assert_allclose(rows.std(1) / rows.std(1)[0], mv.std(1) / mv.std(1)[0], rtol=1e-4)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_a_silent_lead_stays_silent(scaling: str) -> None:
    rows = np.zeros((8, 100), np.float32)
    rows[0] = np.sin(np.arange(100))
    made = scaled(rows, scaling)
    assert np.isfinite(made).all()
    assert not made[1:].any() or scaling == "record"
    assert np.ptp(made[1:], axis=1).max() == 0


def test_an_unknown_scaling_lists_those_there_are() -> None:
    with pytest.raises(OptionError, match="scaling 'z' is not known: choose from none, lead, record"):
        scaled(np.zeros((8, 9), np.float32), "z")


def test_twelve_leads_of_eight_are_those_of_the_record() -> None:
    record = simulate(leads=("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")).record
    made = shown(record, rate_hz=record.fs_hz, low_hz=0.0, high_hz=1e5, derived=True)
    np.testing.assert_allclose(made, record.signal[:, : made.shape[1]], atol=2e-3)
