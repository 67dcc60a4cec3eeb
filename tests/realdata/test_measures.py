"""Measures agree with what cardiologists stated of the recordings of PTB-XL, folds 1 to 9."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.bundles.beats import beat_net
from einthoven.bundles.bundle import Bundle
from einthoven.bundles.diagnosis import peaks
from einthoven.datasets.ptbxl import load
from einthoven.diagnosis.measures import MEASURES, measure

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.realdata

STATEMENTS = {"NORM", "1AVB", "CLBBB", "CRBBB", "IRBBB", "AFIB", "PVC", "LAFB", "STACH", "SBRAD", "ISC_", "NDT"}
FIRST, ENOUGH = 900, 40  # recordings looked at, and of one statement: this is a matter of seconds then

Stated = dict[str, "NDArray[np.float32]"]


@pytest.fixture(scope="module")
def stated(data_dir: Path) -> Stated:
    """Measures of the recordings of each statement, shape (recording, measure)."""
    found: dict[str, list[NDArray[np.float32]]] = {}
    detector = beat_net(Bundle.load("beat-detector"))
    for item in islice(load(data_dir), FIRST):
        if item.fold < 10 and any(len(found.get(one, ())) < ENOUGH for one in item.statements & STATEMENTS):
            values = measure(item.record, peaks(item.record, detector))
            for statement in item.statements:
                found.setdefault(statement, []).append(values)
    return {statement: np.stack(rows) for statement, rows in found.items()}


def quartiles(stated: Stated, statement: str, name: str) -> tuple[float, float, float]:
    column = stated[statement][:, MEASURES.index(name)]
    low, middle, high = np.nanquantile(column, (0.25, 0.5, 0.75)).tolist()
    return low, middle, high


@pytest.mark.parametrize(
    ("statement", "name", "side"),
    [
        ("1AVB", "pr_ms", 1),
        ("CLBBB", "qrs_ms", 1),
        ("CRBBB", "qrs_ms", 1),
        ("CRBBB", "late_v1_mv", 1),
        ("IRBBB", "late_v1_mv", 1),
        ("AFIB", "p_shared_best", -1),
        ("AFIB", "rr_change_least_ratio", 1),
        ("PVC", "beat_correlation_least", -1),
        ("PVC", "beats_unlike_count", 1),
        ("LAFB", "qrs_axis_deg", -1),
        ("STACH", "rate_bpm", 1),
        ("SBRAD", "rate_bpm", -1),
        ("ISC_", "t_over_r_least", -1),
        ("NDT", "t_over_r_least", -1),
    ],
)
def test_three_quarters_of_a_statement_lie_beyond_three_quarters_of_normal(
    stated: Stated, statement: str, name: str, side: int
) -> None:
    low, _, high = quartiles(stated, statement, name)
    normal_low, _, normal_high = quartiles(stated, "NORM", name)
    assert low > normal_high if side > 0 else high < normal_low


def test_intervals_of_normal_hearts_are_those_of_textbooks(stated: Stated) -> None:
    for name, low, high in (("pr_ms", 120, 200), ("qrs_ms", 70, 105), ("qtc_ms", 350, 440), ("qrs_axis_deg", -30, 90)):
        first, middle, last = quartiles(stated, "NORM", name)
        assert low < first < middle < last < high, name
    assert np.isnan(stated["NORM"]).mean() < 0.02


def test_most_normal_hearts_are_beyond_few_limits_and_most_others_beyond_more(stated: Stated) -> None:
    assert quartiles(stated, "NORM", "beyond_count")[2] < min(
        quartiles(stated, statement, "beyond_count")[1] for statement in ("AFIB", "CLBBB", "ISC_", "PVC")
    )
