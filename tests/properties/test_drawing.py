"""Whatever is recorded, the page holds."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from einthoven.codes import STANDARD_12
from einthoven.images.paper import draw
from einthoven.images.sheet import Box, Curve
from einthoven.images.svg import svg
from einthoven.record import Beats, Record

LEADS = (*STANDARD_12, "MLII", "chest")
MILLIVOLT = st.floats(-1e7, 1e7, width=32) | st.sampled_from([np.nan, np.inf, -np.inf, 0.0])


@st.composite
def records(draw_value: st.DrawFn) -> Record:
    leads = draw_value(st.lists(st.sampled_from(LEADS), min_size=1, max_size=14, unique=True))
    n_samples = draw_value(st.integers(1, 400))
    few = draw_value(arrays(np.float32, (len(leads), min(n_samples, 12)), elements=MILLIVOLT))
    fs_hz = draw_value(st.sampled_from([1.0, 50.0, 360.0, 5000.0]))
    return Record(np.resize(few, (len(leads), n_samples)), fs_hz, tuple(leads))


@given(
    record=records(), layout=st.sampled_from(["auto", "12x1", "strip"]), share=st.floats(0, 0.99), bare=st.booleans()
)
@settings(max_examples=60, deadline=None)
def test_no_signal_leaves_the_page(record: Record, layout: str, share: float, bare: bool) -> None:
    if layout == "12x1" or record.duration_s > 60:
        record = record.crop(0, min(record.duration_s, 60))
    beats = Beats(np.arange(0, record.n_samples, 30), np.resize(["N", "Q", "V"], len(range(0, record.n_samples, 30))))
    page = draw(record, beats=beats, layout=layout, start_s=share * record.duration_s, bare=bare)
    for mark in page.marks:
        if isinstance(mark, Curve):
            points = np.concatenate(mark.lines)
            assert np.isfinite(points).all()
            assert points.min() >= 0
            assert (points <= (page.width_mm, page.height_mm)).all()
        elif isinstance(mark, Box):
            assert mark.width_mm >= 0
            assert mark.left_mm + mark.width_mm <= page.width_mm + 1e-6
    assert svg(page).startswith("<svg")


@given(gain=st.floats(0.05, 4), offset=st.floats(-20, 20), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_gain_scales_the_drawing_and_offset_does_not_move_it(gain: float, offset: float, seed: int) -> None:
    signal = np.random.default_rng(seed).normal(0, 0.3, (1, 2000))

    def heights(values: np.ndarray) -> np.ndarray:
        page = draw(Record(values, 200, ("II",)), gain_mm_mv=10, bare=True)
        line = next(mark.lines[0][:, 1] for mark in page.marks if isinstance(mark, Curve) and mark.role == "trace")
        return line - np.median(line)

    np.testing.assert_allclose(heights(signal * gain + offset), heights(signal) * gain, atol=1e-3)
