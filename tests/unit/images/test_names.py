"""A lead's name never stands across the trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.codes import STANDARD_12
from einthoven.images.names import CAPITAL_MM, text_width_mm
from einthoven.images.paper import draw
from einthoven.images.sheet import LOOKS, Curve, Label
from einthoven.record import Record

if TYPE_CHECKING:
    from einthoven.images.sheet import Sheet

LONG = ("Holter channel", "Thorax anterior wall", "WWWWWWWWWWWWWW", "MLIII", "II")


def spiky(leads: tuple[str, ...], phase_s: float, size_mv: float) -> Record:
    time_s = np.arange(5000) / 500
    r = np.exp(-((((time_s - phase_s + 0.4) % 0.8) - 0.4) ** 2) / 2e-4)
    s = np.exp(-((((time_s - phase_s + 0.36) % 0.8) - 0.4) ** 2) / 2e-4)
    return Record(np.stack([(size_mv * r - s * (0.4 - 0.1 * i)) * (-1) ** i for i in range(len(leads))]), 500, leads)


def points_behind_names(sheet: Sheet) -> int:
    """Count the points of all traces that lie within the letters of a name."""
    traces = [line for mark in sheet.marks if isinstance(mark, Curve) and mark.role == "trace" for line in mark.lines]
    points = np.concatenate(traces)
    return sum(
        int(
            np.count_nonzero(
                (np.abs(points[:, 0] - mark.x_mm - text_width_mm(mark.text) / 2) < text_width_mm(mark.text) / 2)
                & (points[:, 1] > mark.y_mm - CAPITAL_MM - 0.3)
                & (points[:, 1] < mark.y_mm + 0.3)
            )
        )
        for mark in sheet.marks
        if isinstance(mark, Label) and mark.role == "lead"
    )


@pytest.mark.parametrize("size_mv", [0.2, 1.0, 2.4])
@pytest.mark.parametrize("phase_s", [0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7])
@pytest.mark.parametrize(("leads", "layout"), [(STANDARD_12, "3x4"), (STANDARD_12, "6x2"), (LONG, "12x1")])
def test_no_name_stands_across_a_beat(leads: tuple[str, ...], layout: str, phase_s: float, size_mv: float) -> None:
    assert points_behind_names(draw(spiky(leads, phase_s, size_mv), layout=layout)) == 0


def test_a_name_changes_side_rather_than_stand_on_a_spike() -> None:
    def side(phase_s: float) -> float:
        page = draw(spiky(("I", *STANDARD_12[1:]), phase_s, 1.5), bare=True)
        baseline = next(m.lines[0][0, 1] for m in page.marks if isinstance(m, Curve) and m.lead == "calibration")
        name = next(m.y_mm for m in page.marks if isinstance(m, Label) and m.text == "I")
        return float(baseline - name)

    assert side(0.4) > 0
    assert side(0.08) < 0


def test_short_names_stand_before_the_signal_of_their_row() -> None:
    page = draw(spiky(("II", "MLII", "aVR", "V10"), 0.1, 1), layout="12x1", bare=True)
    names = [m for m in page.marks if isinstance(m, Label) and m.role == "lead"]
    assert [m.x_mm for m in names] == [5] * 4


@pytest.mark.parametrize("value", [np.nan, 0.0, 1e6])
def test_any_signal_leaves_room_for_a_name(value: float) -> None:
    page = draw(Record(np.full((2, 1), value), 360, ("II", "A very long name of a lead")))
    assert {m.text for m in page.marks if isinstance(m, Label) and m.role == "lead"} == {"II", "A very …a lead"}


@pytest.mark.parametrize("text", ["I", "aVR", "V10", "MLII", "Holter channel", "Wm 5 lower", "fit"])
def test_the_width_taken_is_no_less_than_that_of_the_letters(text: str) -> None:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    drawn = TextPath(
        (0, 0), text, size=LOOKS["lead"].letter_mm, prop=FontProperties(family="DejaVu Sans", weight="bold")
    )
    slack_mm = text_width_mm(text) - drawn.get_extents().width
    assert 0 <= slack_mm < 0.4 * len(text) + 0.6
