"""Vector pages of other makers are read: whole rows, pulses joined to them, words that name them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from einthoven.codes import STANDARD_12
from einthoven.digitize.drawing import Drawing, Shape
from einthoven.digitize.page import digitize
from einthoven.digitize.vector import read_drawing
from einthoven.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = Path("page.pdf")
PINK, BLACK = (1.0, 0.7, 0.7), (0.0, 0.0, 0.0)


def rulings(step: float, width: float = 0.1) -> Shape:
    across = [np.array([(x, 0.0), (x, 200)]) for x in np.arange(0, 280.1, step)]
    down = [np.array([(0.0, y), (280, y)]) for y in np.arange(0, 200.1, step)]
    return Shape((*across, *down), PINK, width)


def waves(level: float, left: float = 20.0) -> np.ndarray:
    x = np.arange(left, left + 250, 0.1)
    return np.stack((x, level - 5 * np.sin(x) ** 9), axis=1)


def test_rows_lie_on_the_level_of_their_traces_where_there_is_no_pulse() -> None:
    pages = (rulings(1), rulings(5, 0.2), Shape((waves(50),), BLACK, 0.3), Shape((waves(100),), BLACK, 0.3))
    rows = read_drawing(PATH, Drawing(280, 200, pages, ())).rows
    assert [row.baseline_mm for row in rows] == pytest.approx([50, 100], abs=0.1)
    assert [row.pulse for row in rows] == [None, None]


def test_segments_drawn_one_by_one_make_a_trace() -> None:
    line = waves(50)
    segments = tuple(Shape((line[k : k + 2],), BLACK, 0.3) for k in range(len(line) - 1))
    (row,) = read_drawing(PATH, Drawing(280, 200, (rulings(5), *segments), ())).rows
    np.testing.assert_allclose(row.lines[0], line)


def test_a_page_printed_smaller_has_its_scale_from_the_rulings() -> None:
    small = tuple(
        Shape(tuple(line * 0.9 for line in shape.lines), shape.colour, shape.width_mm)
        for shape in (rulings(1), Shape((waves(50),), BLACK, 0.3))
    )
    ruled = read_drawing(PATH, Drawing(252, 180, small, ()))
    assert ruled.rows[0].right_mm - ruled.rows[0].left_mm == pytest.approx(249.9, rel=1e-3)
    assert "90.0 % of true size" in ruled.notes[0]


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ((), "has no ruled paper"),
        ((Shape((waves(50),), BLACK, 0.3),), "has no ruled paper"),
        ((rulings(3),), "rulings are 3 mm apart on the page; they must be 1 or 5 mm apart"),
        ((rulings(1),), "nothing on the ruled paper is a trace"),
        ((rulings(1), Shape((np.zeros((2, 2)),), BLACK)), "nothing on the ruled paper is a trace"),
    ],
)
def test_what_is_no_ecg_on_paper_is_refused(shapes: tuple[Shape, ...], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read_drawing(PATH, Drawing(280, 200, shapes, ()))


@pytest.mark.parametrize(
    "options",
    [
        {"pulse": False},
        {"layout": "6x2", "pitch": 23},
        {"layout": "12x1", "n_rhythm": 0, "pitch": 13},
        {"n_rhythm": 0, "gain": 5, "printed": "25 mm/s 5 mm/mV"},
        {"words": False, "printed": ""},
    ],
    ids=str,
)
def test_pages_of_other_makers_are_read(
    foreign: Callable[..., Path], heart: Any, fits: Callable[..., Any], options: dict[str, Any]
) -> None:
    record = digitize(foreign("page.pdf", **options))
    assert record.leads == STANDARD_12
    found = fits(heart, record)
    assert min(fit.r for fit in found.values()) > (0.995 if options.get("pulse") is False else 0.96)  # to 3 ms in time
    assert all(fit.gain == pytest.approx(1, abs=0.05) for fit in found.values())


def test_a_pulse_joined_to_its_trace_is_measured_and_left_out(foreign: Callable[..., Path]) -> None:
    record = digitize(foreign("page.pdf", printed="25 mm/s", gain=20))
    assert any("gain of 20 mm/mV is that of the calibration pulses, 20.0 mm tall" in note for note in record.notes)
    assert any("pulses go over into the traces" in note for note in record.notes)
    assert record.duration_s == pytest.approx(10, abs=0.01)
