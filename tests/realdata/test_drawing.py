"""Real recordings fit on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from einthoven import read
from einthoven.images.paper import draw
from einthoven.images.sheet import Curve

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
