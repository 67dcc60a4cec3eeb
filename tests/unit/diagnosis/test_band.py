from __future__ import annotations

import numpy as np
import pytest

from einthoven.diagnosis.band import in_band


def test_a_band_keeps_amplitude_inside_and_half_of_it_at_its_edges() -> None:
    t = np.arange(10_000) / 250
    for hz, expected in ((0.5, 0.5), (10, 1.0), (40, 0.5), (0.05, 0.0)):
        made = in_band(np.float32(np.cos(2 * np.pi * hz * t))[None], 250, 100, 0.5, 40)
        assert np.abs(made[:, 400:-400]).max() == pytest.approx(expected, abs=0.03)
