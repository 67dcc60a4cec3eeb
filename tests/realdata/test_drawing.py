"""Real recordings fit on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven import read
from einthoven.images.colours import looks
from einthoven.images.paper import draw
from einthoven.images.sheet import Curve
from einthoven.images.truth import page_picture

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realdata


def test_every_arrhythmia_record_is_drawn_at_a_clinical_gain(data_dir: Path) -> None:
    headers = sorted((data_dir / "mitdb").glob("*.hea"))
    assert len(headers) == 48
    for header in headers:
        page = draw(read(header), start_s=300)
        assert page.gain_mm_mv in (5, 10), header.name
        assert page.width_mm == 297
        assert page.height_mm < 420, header.name
        assert not [mark for mark in page.marks if isinstance(mark, Curve) and mark.role == "clipped"], header.name


def test_twelve_lead_records_mostly_fit_a4(data_dir: Path) -> None:
    headers = sorted((data_dir / "ptb-xl" / "records100").rglob("*.hea"))[:200]
    heights = [draw(read(header)).height_mm for header in headers]
    assert sum(height == 210 for height in heights) > 0.8 * len(heights)
    assert max(heights) < 420


@pytest.mark.parametrize("layout", ["3x4", "6x2", "12x1", "strip"])
def test_the_darkest_ink_of_every_column_lies_on_the_line_that_a_page_tells(data_dir: Path, layout: str) -> None:
    painted = looks(grid="none", trace="#ff0000")
    painted = {**painted, "tick": painted["text"]}
    columns = 0
    for header in sorted((data_dir / "ptb-xl" / "records100").rglob("*.hea"))[:100:20]:
        page = page_picture(read(header), layout=layout, looks=painted)
        red = page.picture.pixels[..., 0].astype(int) - page.picture.pixels[..., 1]
        for panel in page.panels:
            left, top, right, bottom = panel.box_xyxy.astype(int).tolist()
            (line,) = panel.lines
            for column in range(left + 2, right - 2):
                ink = red[top : bottom + 1, column]
                edges = np.interp((column - 0.5, column + 1.5), *line.T)
                inside = line[(line[:, 0] > column - 0.5) & (line[:, 0] < column + 1.5), 1]
                heights = np.concatenate((edges, inside))
                darkest = np.flatnonzero(ink == ink.max()) + top + 0.5
                assert np.any((darkest > heights.min() - 0.5) & (darkest < heights.max() + 0.5)), header.name
                columns += 1
    assert columns > 15_000
