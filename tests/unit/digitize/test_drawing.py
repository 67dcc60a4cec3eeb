"""Lines drawn piece by piece are one line."""

from __future__ import annotations

import numpy as np

from einthoven.digitize.drawing import Drawing, Shape, Word, joined


def test_a_trace_drawn_segment_by_segment_is_one_line() -> None:
    trace = np.stack((np.arange(50.0), np.sin(np.arange(50.0))), axis=1)
    (line,) = joined([trace[k : k + 2] for k in range(49)])
    np.testing.assert_allclose(line, trace)


def test_lines_that_do_not_meet_stay_apart() -> None:
    assert len(joined([np.zeros((2, 2)), np.ones((2, 2))])) == 2
    assert joined([]) == []


def test_fills_are_no_strokes() -> None:
    line = (np.zeros((2, 2)),)
    page = Drawing(
        10, 10, (Shape(line, (0, 0, 0)), Shape(line, (0, 0, 0), 0.3)), (Word("25", 0, 0, 1), Word("mm", 1, 0, 1))
    )
    assert [shape.width_mm for shape in page.strokes()] == [0.3]
    assert page.text == "25 mm"
