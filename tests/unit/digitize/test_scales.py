"""Speed and gain are as given, as printed, as the pulses are, or assumed and said to be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from einthoven.digitize.drawing import Word
from einthoven.digitize.rows import Pulse, Row, Ruled
from einthoven.digitize.scales import Scales, scales
from einthoven.errors import FormatError, OptionError

LINE = (np.array([(0.0, 0.0), (250.0, 0.0)]),)


def page(text: str = "", height_mm: float | None = None, width_mm: float = 5.0, *, pictured: bool = False) -> Ruled:
    pulse = None if height_mm is None else Pulse(0, height_mm, width_mm, -8, -1)
    words = (Word(text, 0, 0, 3),) if text else ()
    return Ruled((Row(0.0, LINE, pulse),), words, pictured=pictured)


def found(ruled: Ruled, speed: float | None = None, gain: float | None = None) -> Scales:
    return scales(Path("page.pdf"), ruled, speed, gain)


@pytest.mark.parametrize("text", ["50 mm/s · 5 mm/mV", "50mm/sec  5,0 mm / mV", "Speed: 50 mm/s Gain: 5 mm/mV"])
def test_what_is_printed_holds_and_needs_no_note(text: str) -> None:
    assert found(page(text)) == Scales(50, 5)


def test_what_is_given_holds_over_all() -> None:
    assert found(page("25 mm/s · 10 mm/mV", 10), 50, 20) == Scales(50, 20)


def test_a_pulse_gives_the_gain_and_the_note_says_so() -> None:
    result = found(page(height_mm=5.1))
    assert result.gain_mm_mv == 5
    assert "5.1 mm tall, as 1 mV" in result.notes[1]
    assert found(page(height_mm=7)).gain_mm_mv == 7


def test_nothing_is_assumed_in_silence() -> None:
    result = found(page())
    assert (result.speed_mm_s, result.gain_mm_mv) == (25, 10)
    assert "25 mm/s is assumed" in result.notes[0]
    assert "10 mm/mV is assumed" in result.notes[1]


def test_a_pulse_of_another_width_is_told() -> None:
    assert "10.0 mm wide, which is 0.4 s" in found(page(height_mm=10, width_mm=10)).notes[0]


def test_a_drawn_pulse_gives_the_digits_the_print_leaves_out() -> None:
    assert found(page("4.17 mm/s · 2.5 mm/mV", 2.5, 25 / 6 * 0.2)).speed_mm_s == pytest.approx(25 / 6)


def test_a_pulse_that_contradicts_the_print_is_refused() -> None:
    with pytest.raises(FormatError, match=r"prints 10 mm/mV, but its calibration pulses are 5\.0 mm tall"):
        found(page("25 mm/s 10 mm/mV", 5))


def test_two_gains_are_refused_unless_one_is_given() -> None:
    ruled = page("25 mm/s limb 10 mm/mV chest 5 mm/mV")
    with pytest.raises(FormatError, match="prints 5, 10 mm/mV; say which one holds with --gain"):
        found(ruled)
    assert found(ruled, gain=5).gain_mm_mv == 5


@pytest.mark.parametrize(
    ("speed", "gain", "message"), [(0, None, "speed is 0"), (None, 1e9, "gain is 1e"), (-25, 1, "-25")]
)
def test_what_is_out_of_range_is_refused(speed: float | None, gain: float | None, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        found(page(), speed, gain)
    with pytest.raises(OptionError, match="gain is nan"):
        found(page(), gain=float("nan"))
