"""Leads stand where cardiologists look for them."""

from __future__ import annotations

import pytest

from einthoven.codes import STANDARD_12
from einthoven.errors import OptionError
from einthoven.images.layouts import LAYOUTS, MOST_ROWS, default_layout, plan, rhythm_leads


def names(layout: str, leads: tuple[str, ...] = STANDARD_12, seconds: float = 10) -> list[list[str]]:
    return [[panel.lead for panel in row.panels] for row in plan(layout, leads, 0, seconds).rows]


def test_three_by_four_is_the_clinical_arrangement_with_lead_two_below() -> None:
    assert names("3x4") == [
        ["I", "aVR", "V1", "V4"],
        ["II", "aVL", "V2", "V5"],
        ["III", "aVF", "V3", "V6"],
        ["II"],
    ]


def test_six_by_two_has_limb_leads_left_and_chest_leads_right() -> None:
    assert names("6x2") == [*[list(pair) for pair in zip(STANDARD_12[:6], STANDARD_12[6:], strict=True)], ["II"]]


def test_leads_beyond_the_twelve_stand_below_them() -> None:
    more = (*STANDARD_12, "V7", "V8", "V9")
    assert names("3x4", more)[3:] == [["V7", "V8", "V9"], ["II"]]
    assert names("6x2", more)[6:] == [["V7", "V8"], ["V9"], ["II"]]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "leads",
    [
        STANDARD_12,
        STANDARD_12[:3],
        (*STANDARD_12, "V7", "V8", "V9"),
        ("MLII", "V5"),
        ("Vx", "V1", "MLII", *(f"E{i}" for i in range(40))),
    ],
)
def test_no_layout_leaves_a_lead_out(layout: str, leads: tuple[str, ...]) -> None:
    assert set(leads) <= {lead for row in names(layout, leads) for lead in row}


def test_stacked_leads_come_in_standard_order_with_strangers_last() -> None:
    assert names("12x1", ("V1", "Vx", "II", "I")) == [["I"], ["II"], ["V1"], ["Vx"]]


def test_columns_of_ten_seconds_follow_each_other_in_time() -> None:
    first_row = plan("3x4", STANDARD_12, 60, 10).rows[0]
    assert [panel.start_s for panel in first_row.panels] == [60, 62.5, 65, 67.5]
    assert {panel.seconds for panel in first_row.panels} == {2.5}
    assert [panel.left_mm for panel in first_row.panels] == [0, 62.5, 125, 187.5]


def test_columns_of_a_short_record_show_as_much_as_there_is_without_overlap() -> None:
    panels = plan("3x4", STANDARD_12, 0, 2).rows[0].panels
    assert {(panel.start_s, panel.seconds) for panel in panels} == {(0, 2)}
    assert [panel.left_mm for panel in panels] == [0, 62.5, 125, 187.5]


def test_strips_cover_every_second_once() -> None:
    rows = [row for row in plan("strip", ("MLII", "V5"), 5, 34.5).rows if row.panels[0].lead == "MLII"]
    assert [row.panels[0].start_s for row in rows] == [5, 15, 25, 35]
    assert sum(row.panels[0].seconds for row in rows) == pytest.approx(34.5)


@pytest.mark.parametrize("seconds", [1 / 360, 10, 400, 1806, 86_400, 604_800])
@pytest.mark.parametrize("leads", [("II",), ("MLII", "V5"), STANDARD_12])
def test_strips_of_any_length_stay_one_page(seconds: float, leads: tuple[str, ...]) -> None:
    arrangement = plan("strip", leads, 0, seconds)
    assert 1 <= len(arrangement.rows) <= MOST_ROWS
    assert arrangement.width_mm == 250


@pytest.mark.parametrize(
    ("leads", "layout"),
    [(STANDARD_12, "3x4"), (STANDARD_12[:8], "3x4"), (("MLII", "V5"), "strip"), (("Vx", "Vy", "Vz", "V"), "12x1")],
)
def test_the_leads_choose_the_layout(leads: tuple[str, ...], layout: str) -> None:
    assert default_layout(leads) == layout


def test_rhythm_is_shown_in_lead_two_or_what_comes_closest() -> None:
    assert rhythm_leads(STANDARD_12) == ("II",)
    assert rhythm_leads(("V5", "MLII")) == ("MLII",)
    assert rhythm_leads(("chest",)) == ("chest",)


def test_a_layout_that_cannot_show_this_says_so() -> None:
    with pytest.raises(OptionError, match=r"layout '4x4' is not known: choose from 3x4, 6x2, 12x1, strip"):
        plan("4x4", STANDARD_12, 0, 10)
    with pytest.raises(OptionError, match=r"'3x4' shows up to 60 s, not 1800 s; use strip"):
        plan("3x4", STANDARD_12, 0, 1800)
    with pytest.raises(OptionError, match=r"these are MLII, Vx; use strip"):
        plan("6x2", ("MLII", "Vx"), 0, 10)


def test_every_layout_is_planned() -> None:
    assert all(plan(name, STANDARD_12, 0, 10).rows for name in LAYOUTS)
