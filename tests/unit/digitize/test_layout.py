"""Rows get the names of the leads that stand there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from einthoven.codes import STANDARD_12
from einthoven.digitize.drawing import Word
from einthoven.digitize.layout import RHYTHM, Panel, arrange
from einthoven.digitize.rows import Row, Ruled
from einthoven.errors import FormatError, OptionError

PATH = Path("page.png")


def rows(n: int, left: float = 30.0, width: float = 249.8) -> tuple[Row, ...]:
    return tuple(Row(40.0 * (k + 1), (np.array([(left, 0.0), (left + width, 0.0)]),)) for k in range(n))


def names(panels: list[Panel]) -> list[str]:
    return [panel.lead for panel in panels]


@pytest.mark.parametrize(("n", "layout", "columns"), [(3, "auto", 4), (4, "auto", 4), (7, "auto", 2), (12, "auto", 1)])
def test_rows_tell_the_usual_arrangements_apart(n: int, layout: str, columns: int) -> None:
    panels, notes = arrange(PATH, Ruled(rows(n)), 25, layout)
    assert [panel.lead for panel in panels if panel.lead != RHYTHM] == list(STANDARD_12)
    assert {panel.start_s for panel in panels if panel.lead != RHYTHM} == {k * 10 / columns for k in range(columns)}
    assert "named by the usual" in notes[0]


def test_six_rows_may_be_two_things_and_must_be_named() -> None:
    with pytest.raises(FormatError, match="6 rows whose names cannot be read; say how they are arranged with --layout"):
        arrange(PATH, Ruled(rows(6)), 25)
    assert names(arrange(PATH, Ruled(rows(6)), 25, "6x2")[0]) == list(STANDARD_12)
    assert names(arrange(PATH, Ruled(rows(6)), 25, "3x4")[0]).count(RHYTHM) == 3


def test_names_that_can_be_read_hold() -> None:
    cabrera = [["aVL", "I", "aVR"], ["II", "aVF", "III"], ["V1", "V2", "V3"], ["V4", "V5", "V6"]]
    words = [
        Word(lead, 31 + 62.5 * c, 35 + 40 * r, 3) for c, column in enumerate(cabrera) for r, lead in enumerate(column)
    ]
    words.append(Word("V1", 22, 164, 3))
    panels, notes = arrange(PATH, Ruled(rows(4), tuple(words)), 25)
    assert names([panel for panel in panels if panel.row < 3]) == [lead for column in cabrera for lead in column]
    assert [panel.lead for panel in panels if panel.row == 3] == ["V1"]
    assert notes == ()


def test_columns_are_equal_parts_of_whole_half_millimetres() -> None:
    panels, _ = arrange(PATH, Ruled(rows(4)), 25)
    assert sorted({panel.left_mm for panel in panels}) == [30, 92.5, 155, 217.5]
    assert max(panel.right_mm for panel in panels) == 280


def test_columns_drawn_apart_begin_where_they_do() -> None:
    starts = (30.0, 92.5, 155.0, 217.5)
    panels, _ = arrange(PATH, Ruled(rows(3), columns_mm=starts), 25)
    assert tuple(sorted({panel.left_mm for panel in panels})) == starts


def test_a_record_shorter_than_the_page_has_columns_that_overlap_in_time() -> None:
    short = (*rows(3), Row(160.0, (np.array([(30.0, 0.0), (230.0, 0.0)]),)))
    panels, notes = arrange(PATH, Ruled(short), 25)
    assert sorted({round(panel.start_s, 2) for panel in panels}) == [0, 1.83, 3.67, 5.5]
    assert "columns are taken to begin at 0.00, 1.83" in notes[1]


def test_a_strip_is_named_by_its_words_and_goes_on_in_the_next_line() -> None:
    words = tuple(Word(lead, 22, 44 + 40 * k, 3) for k, lead in enumerate(["MLII", "V5", "MLII", "V5"]))
    panels, _ = arrange(PATH, Ruled(rows(4), words), 25)
    assert [(panel.lead, panel.start_s) for panel in panels] == [("MLII", 0), ("V5", 0), ("MLII", 10), ("V5", 10)]


def test_a_strip_without_words_takes_the_names_that_are_given() -> None:
    with pytest.raises(FormatError, match="name them from above with --leads"):
        arrange(PATH, Ruled(rows(2)), 25, "strip")
    panels, _ = arrange(PATH, Ruled(rows(2)), 25, leads=["ii", "V1"])
    assert names(panels) == ["II", "V1"]
    with pytest.raises(OptionError, match="1 names for 2 rows"):
        arrange(PATH, Ruled(rows(2)), 25, leads=["II"])


@pytest.mark.parametrize("layout", ["4x3", ""])
def test_an_unknown_layout_lists_the_known(layout: str) -> None:
    with pytest.raises(OptionError, match="choose from auto, 3x4, 6x2, 12x1, strip"):
        arrange(PATH, Ruled(rows(3)), 25, layout)


def test_a_layout_that_does_not_fit_the_rows_is_refused() -> None:
    with pytest.raises(FormatError, match="2 rows; layout 3x4 has 3, and up to 3 rhythm leads"):
        arrange(PATH, Ruled(rows(2)), 25, "3x4")
