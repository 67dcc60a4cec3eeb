"""Whatever the heart, the page and the pen, what is drawn is what is read."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.digitize.page import digitize
from einthoven.errors import EinthovenError
from einthoven.images.paper import draw, save
from einthoven.record import Record
from einthoven.signal.simulate import simulate


@given(
    seed=st.integers(0, 999),
    layout=st.sampled_from(["3x4", "6x2", "12x1"]),
    dpi=st.sampled_from([None, 150, 220, 300]),
    size=st.floats(0.5, 3),
    offset=st.floats(-5, 5),
)
@settings(max_examples=12, deadline=None)
def test_what_is_drawn_is_what_is_read(seed: int, layout: str, dpi: int | None, size: float, offset: float) -> None:
    heart = simulate(seed=seed, duration_s=10).record
    heart = Record(heart.signal * size + offset, heart.fs_hz, heart.leads)
    with TemporaryDirectory() as folder:
        path = save(draw(heart, layout=layout), Path(folder, "page.png" if dpi else "page.pdf"), dpi=dpi or 200)
        record = digitize(path)
    assert record.leads == heart.leads
    for lead in record.leads:
        there = np.isfinite(record[lead])
        truth = np.interp(np.flatnonzero(there) / record.fs_hz, np.arange(heart.n_samples) / heart.fs_hz, heart[lead])
        off = record[lead][there] - truth
        assert off.std() < 0.01 + 0.2 * truth.std(), lead


@given(where=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=30), pdf=st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_damaged_page_is_read_or_refused_and_nothing_else(where: list[tuple[float, int]], pdf: bool) -> None:
    content = bytearray(PAGES[pdf])
    for share, value in where:
        content[int(share * (len(content) - 1))] = value
    with TemporaryDirectory() as folder:
        path = Path(folder, "page")
        path.write_bytes(content)
        with suppress(EinthovenError):
            assert len(digitize(path).leads) >= 1


def _page(suffix: str) -> bytes:
    with TemporaryDirectory() as folder:
        return save(draw(simulate(seed=1, duration_s=10).record), Path(folder, f"page{suffix}"), dpi=100).read_bytes()


PAGES = {True: _page(".pdf"), False: _page(".png")}
