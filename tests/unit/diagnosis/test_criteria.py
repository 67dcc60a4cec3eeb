from __future__ import annotations

from math import nan

import pytest

from einthoven.diagnosis.criteria import CRITERIA_MEASURES, LIMITS, criteria_measures
from einthoven.diagnosis.measures import MEASURES


def test_every_limit_is_of_a_measure_and_leaves_something_usual() -> None:
    assert LIMITS.keys() <= set(MEASURES)
    assert all(low < high and scale > 0 for low, high, scale in LIMITS.values())


def test_nothing_measured_is_beyond_nothing() -> None:
    assert criteria_measures({}) == dict.fromkeys(CRITERIA_MEASURES, 0.0)
    assert criteria_measures({"rate_bpm": nan}) == dict.fromkeys(CRITERIA_MEASURES, 0.0)


def test_both_sides_count_and_no_single_measure_outweighs_all() -> None:
    told = criteria_measures({"rate_bpm": 56.0, "qrs_ms": 1104.0, "pr_ms": 160.0})
    assert told["beyond_count"] == 2
    assert told["beyond_sum"] == pytest.approx(0.5 + 2)
    assert told["beyond_most"] == 5
