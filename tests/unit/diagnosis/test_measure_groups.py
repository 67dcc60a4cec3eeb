"""Every measure has its group, and its values are said as a physician would."""

from __future__ import annotations

import re

import numpy as np
import pytest

from einthoven.diagnosis import measure_groups
from einthoven.diagnosis.criteria import LIMITS
from einthoven.diagnosis.measure_groups import BEYOND, GROUPS, group_of, in_words
from einthoven.diagnosis.measures import MEASURES


def test_every_measure_has_a_group_and_every_group_measures() -> None:
    assert {group_of(name) for name in MEASURES} == set(GROUPS)


def test_what_is_said_of_a_group_belongs_to_it() -> None:
    for group, phrases in measure_groups._SHOWN.items():
        for name in re.findall(r"{(\w+)}", " ".join(phrases)):
            assert name in MEASURES
            assert group_of(name) == group
    for group, pattern in measure_groups._ACROSS.items():
        assert pattern.format("v1") in MEASURES
        assert group_of(pattern.format("v1")) == group


@pytest.mark.parametrize(
    ("group", "values", "words"),
    [
        ("QRS", {"qrs_ms": 91.6}, "92 ms"),
        ("QRS", {}, ""),
        ("axes", {"qrs_axis_deg": -0.3, "t_axis_deg": -40}, "QRS 0°, T −40°"),
        ("ST", {"st60_v1_mv": 0.1, "st60_v6_mv": -0.12, "st60_avr_mv": 0.5}, "−0.12 mV in V6 to 0.10 mV in V1"),
        ("ST", {"st60_v1_mv": 0.1}, ""),
        ("rate and rhythm", {"rate_bpm": 70, "rr_shortest_s": 0.8}, "rate 70 bpm"),
        ("beats unlike the others", {"beats_unlike_count": 3}, "number 3"),
        (
            BEYOND,
            {"pr_ms": 240, "qrs_ms": 90, "t_inverted_count": 2, "rr_earliest_ratio": 0.85},
            "PR 240 ms, leads with T inverted: 2, an early beat",
        ),
        (BEYOND, {"pr_ms": 160}, "none"),
        (BEYOND, {}, ""),
    ],
)
def test_values_are_said_with_their_units_and_leads(group: str, values: dict[str, float], words: str) -> None:
    row = np.full(len(MEASURES), np.nan, np.float32)
    for name, value in values.items():
        row[MEASURES.index(name)] = value
    assert in_words(group, MEASURES, row) == words


def test_whatever_lies_beyond_a_limit_can_be_said() -> None:
    row = np.full(len(MEASURES), np.nan, np.float32)
    for name, (low, high, scale) in LIMITS.items():
        row[MEASURES.index(name)] = high + 3 * scale if np.isfinite(high) else low - 3 * scale
    assert in_words(BEYOND, MEASURES, row).count(",") == len(LIMITS) - 1
