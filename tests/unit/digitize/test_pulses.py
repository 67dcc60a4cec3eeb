"""A calibration pulse is told from a QRS complex."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.digitize.pulses import first_pulse

PEN = 0.25


def inked(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the edges of the ink of a line, x even, drawn with a pen."""
    half = 2
    top = np.array([y[max(0, k - half) : k + half + 1].min() for k in range(len(y))]) - PEN / 2
    bottom = np.array([y[max(0, k - half) : k + half + 1].max() for k in range(len(y))]) + PEN / 2
    return x, top, bottom


@pytest.mark.parametrize("height", [2.5, 5, 10, 20])
@pytest.mark.parametrize("width", [2.5, 5, 10])
@pytest.mark.parametrize("lead_in", [0.0, 1.5])
def test_a_pulse_is_measured(height: float, width: float, lead_in: float) -> None:
    x = np.arange(0, lead_in + width + 30, 0.05)
    y = 100 - height * ((x > lead_in) & (x < lead_in + width)) - 0.3 * np.sin(x) * (x > lead_in + width + 2)
    pulse = first_pulse(*inked(x, y), PEN)
    assert pulse is not None
    assert pulse.height_mm == pytest.approx(height, abs=0.15)
    assert pulse.width_mm == pytest.approx(width, abs=0.15)
    assert pulse.baseline_mm == pytest.approx(100, abs=0.1)


def test_waves_and_level_lines_are_no_pulses() -> None:
    x = np.arange(0, 40, 0.05)
    for y in (
        np.full(len(x), 50.0),
        50 - 10 * np.exp(-(((x - 5) / 0.4) ** 2)),
        50 - 8 * np.sin(x) ** 3,
        50 - 5 * (x > 4),
    ):
        assert first_pulse(*inked(x, y), PEN) is None
