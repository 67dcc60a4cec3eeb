"""Pulses of a page are alike."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.digitize.rows import Pulse, Row, Ruled, alike, pulse_size


def test_a_shape_unlike_the_pulses_is_none_of_them() -> None:
    pulses = [Pulse(40 * k, 10, 5, 12, 20) for k in range(4)]
    assert alike([*pulses, Pulse(50, 30, 5, 12, 20), Pulse(60, 10, 5, 120, 128)]) == pulses
    assert alike([]) == []
    assert pulse_size([]) is None


@pytest.mark.parametrize(("left", "joins"), [(20.0, True), (22.0, False)])
def test_a_trace_that_begins_at_the_pulse_joins_it(left: float, joins: bool) -> None:
    row = Row(0, (np.array([(left, 0.0), (270, 0.0)]),), Pulse(0, 10, 5, 12, 20))
    assert Ruled((row,)).joins_pulse == joins
    assert not Ruled((Row(0, row.lines),)).joins_pulse
    assert (row.left_mm, row.right_mm) == (left, 270)
