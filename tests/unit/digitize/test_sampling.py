"""Lines become samples at their own time and height."""

from __future__ import annotations

import numpy as np

from einthoven.digitize.layout import RHYTHM, Panel
from einthoven.digitize.rows import Row, Ruled
from einthoven.digitize.sampling import sampled
from einthoven.digitize.scales import Scales

SCALES = Scales(25.0, 10.0)


def wave(left: float, seconds: float, level: float, start_s: float = 0.0, size: float = 5.0) -> np.ndarray:
    at = np.arange(0, seconds, 0.002)
    return np.stack((left + at * 25, level - size * np.sin(7 * (at + start_s) ** 1.5)), axis=1)


def test_millimetres_are_seconds_and_millivolts() -> None:
    ruled = Ruled((Row(50.0, (wave(20, 4, 50),)),))
    leads, signal, notes = sampled([Panel("II", 0, 20, 120, 0.0)], ruled, SCALES, 500)
    assert (leads, signal.shape, notes) == (("II",), (1, 2000), ())
    np.testing.assert_allclose(signal[0], 0.5 * np.sin(7 * (np.arange(2000) / 500) ** 1.5), atol=1e-9)


def test_what_is_not_drawn_is_missing() -> None:
    line = wave(20, 4, 50)
    ruled = Ruled((Row(50.0, (line[:500], line[800:])),))
    _, signal, _ = sampled([Panel("II", 0, 20, 120, 0.0)], ruled, SCALES, 500)
    assert np.isnan(signal[0, 502:798]).all()
    assert np.isfinite(np.delete(signal[0], np.s_[499:801])).all()


def test_a_row_without_a_name_is_the_lead_it_equals_and_not_one_it_resembles() -> None:
    twice, same = Row(50.0, (wave(20, 2, 50, size=10),)), Row(90.0, (wave(20, 2, 90),))
    whole = Row(130.0, (wave(20, 4, 130),))
    panels = [Panel("I", 0, 20, 70, 0.0), Panel("II", 1, 20, 70, 0.0), Panel(RHYTHM, 2, 20, 120, 0.0)]
    leads, signal, notes = sampled(panels, Ruled((twice, same, whole)), SCALES, 500)
    assert leads == ("I", "II")
    assert np.isfinite(signal).sum(axis=1).tolist() == [1000, 2000]
    assert notes[0].startswith("the rhythm row is lead II")


def test_a_row_that_is_none_of_the_leads_keeps_a_name_of_its_own() -> None:
    rows = (Row(50.0, (wave(20, 2, 50),)), Row(90.0, (wave(20, 4, 90, start_s=1.3),)))
    leads, _, notes = sampled([Panel("I", 0, 20, 70, 0.0), Panel(RHYTHM, 1, 20, 120, 0.0)], Ruled(rows), SCALES, 500)
    assert leads == ("I", "rhythm 1")
    assert "none of the leads above it" in notes[0]


def test_a_lead_without_ink_is_left_out_and_said() -> None:
    rows = (Row(50.0, (wave(20, 2, 50),)),)
    leads, _, notes = sampled([Panel("I", 0, 20, 70, 0.0), Panel("aVR", 0, 90, 140, 2.8)], Ruled(rows), SCALES, 500)
    assert leads == ("I",)
    assert notes == ("no trace is drawn of aVR; left out",)


def test_in_a_picture_what_meets_at_a_columns_side_is_missing() -> None:
    rows = (Row(50.0, (wave(20, 4, 50),)),)
    panels = [Panel("I", 0, 20, 70, 0.0), Panel("II", 0, 70, 120, 2.0)]
    _, signal, _ = sampled(panels, Ruled(rows, pictured=True), SCALES, 500)
    assert np.isnan(signal[:, 996:1003]).all()
    assert np.isfinite(signal[0, :990]).all()
    assert np.isfinite(signal[1, 1008:]).all()
