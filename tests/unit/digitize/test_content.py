"""Operations of a PDF page put their lines where a reader of the page sees them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from einthoven.digitize.content import MOST_OPERATIONS, Painter, TooMuchError, matrix_of


def ops(text: str) -> list[tuple[list[Any], bytes]]:
    found = []
    for line in text.strip().splitlines():
        *operands, name = line.split()
        found.append(([float(one) if one[0] in "-.0123456789" else one for one in operands], name.encode()))
    return found


def painted(text: str, form: Any = None) -> Painter:
    painter = Painter(np.eye(3), lambda name, resources: form)
    painter.paint(ops(text), None)
    return painter


def test_a_line_has_the_colour_and_width_of_its_pen() -> None:
    (shape,) = painted("1 0 0 RG\n2 w\n1 2 m\n3 4 l\nS").shapes
    assert (shape.colour, shape.width_mm, shape.filled) == ((1, 0, 0), 2, False)
    np.testing.assert_array_equal(shape.lines[0], [(1, 2), (3, 4)])


def test_the_matrix_moves_lines_and_widens_pens_until_it_is_taken_back() -> None:
    scaled, plain = painted("q\n2 0 0 2 10 0 cm\n0 0 m\n1 1 l\nS\nQ\n0 0 m\n1 1 l\nS").shapes
    np.testing.assert_array_equal(scaled.lines[0], [(10, 0), (12, 2)])
    assert (scaled.width_mm, plain.width_mm) == (2, 1)
    np.testing.assert_array_equal(plain.lines[0], [(0, 0), (1, 1)])


def test_a_curve_ends_where_it_says_and_bends_between() -> None:
    (shape,) = painted("0 0 m\n0 1 1 1 1 0 c\nS").shapes
    np.testing.assert_allclose(shape.lines[0][[0, 2, -1]], [(0, 0), (0.5, 0.75), (1, 0)])


def test_filled_and_stroked_is_both() -> None:
    assert [shape.filled for shape in painted("0 0 2 1 re\nB").shapes] == [True, False]
    assert painted("0 0 2 1 re\nn").shapes == []


@pytest.mark.parametrize(
    ("operation", "colour"),
    [
        ("0.5 G", (0.5, 0.5, 0.5)),
        ("0 1 1 0 K", (1, 0, 0)),
        ("0.1 0.2 0.3 SCN", (0.1, 0.2, 0.3)),
        ("/P1 SCN", (0, 0, 0)),
    ],
)
def test_colours_of_all_kinds_are_red_green_and_blue(operation: str, colour: tuple[float, ...]) -> None:
    assert painted(f"{operation}\n0 0 m\n1 1 l\nS").shapes[0].colour == pytest.approx(colour)


def test_a_form_is_drawn_where_it_is_put() -> None:
    inner = (ops("0 0 m\n1 0 l\nS"), None, matrix_of([1, 0, 0, 1, 0, 5]))
    (shape,) = painted("2 0 0 2 0 0 cm\n/F Do", inner).shapes
    np.testing.assert_array_equal(shape.lines[0], [(0, 10), (2, 10)])


def test_a_form_that_draws_itself_comes_to_an_end() -> None:
    inner = (ops("/F Do\n0 0 m\n1 0 l\nS"), None, np.eye(3))
    assert 1 < len(painted("/F Do", inner).shapes) < 20


def test_too_many_operations_or_forms_are_refused() -> None:
    painter = Painter(np.eye(3), lambda name, resources: ([], None, np.eye(3)))
    with pytest.raises(TooMuchError, match="drawing operations"):
        painter.paint((([], b"q") for _ in range(MOST_OPERATIONS + 1)), None)
    painter = Painter(np.eye(3), lambda name, resources: ([], None, np.eye(3)))
    with pytest.raises(TooMuchError, match="drawings within it"):
        painter.paint(ops("/F Do\n" * 501), None)


def test_damaged_operations_draw_nothing_and_stop_nothing() -> None:
    text = "Q\n1 l\nl\nh\n1 m\n1 2 3 c\nx cm\n1 2 cm\nw\n1e300 1e300 m\n1e308 1e308 l\nS\n0 0 m\n1 1 l\nS"
    assert len(painted(text).shapes) == 1
