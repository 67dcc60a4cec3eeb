"""Real records drawn, with their beats marked, are read back off the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven import Record, analyze, read
from einthoven.codes import STANDARD_12
from einthoven.digitize.page import digitize
from einthoven.images.paper import draw, save

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realdata

RECORDS = (
    ("ptb-xl/records100/00000/00975_lr.hea", "3x4"),
    ("ptb-xl/records100/17000/17983_lr.hea", "12x1"),
    ("cinc2020/records/E07526.hea", "12x1"),
    ("cinc2020/records/Q1805.hea", "3x4"),
    ("cpic2019/TRAIN/TRAIN489.mat", "6x2"),
    ("cpic2019/TRAIN/TRAIN600.mat", "3x4"),
)
LEAST = {None: (0.999, 0.998), 150: (0.98, 0.96), 200: (0.99, 0.975), 300: (0.99, 0.98)}
"""Least correlation with what was drawn by dots per inch, or of a PDF: of a page's mean lead and of each lead."""


def _correlations(drawn: Record, record: Record) -> list[float]:
    found = []
    for lead in STANDARD_12:
        there = np.isfinite(record[lead])
        at = np.flatnonzero(there) / record.fs_hz
        truth = np.interp(at, np.arange(drawn.n_samples) / drawn.fs_hz, drawn[lead].astype(np.float64))
        found.append(float(np.corrcoef(truth, record[lead][there])[0, 1]))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("name", "layout"), RECORDS)
def test_a_real_record_comes_back_off_its_page(data_dir: Path, tmp_path: Path, name: str, layout: str) -> None:
    drawn = read(data_dir / name, fs_hz=500 if "cpic2019" in name else None)
    found = analyze(drawn)
    page = draw(drawn, beats=found.beats, quality=found.quality, layout=layout)
    for dpi, (mean, each) in LEAST.items():
        path = save(page, tmp_path / ("page.png" if dpi else "page.pdf"), dpi=dpi or 200)
        r = _correlations(drawn, digitize(path))
        assert np.mean(r) > mean, dpi
        assert min(r) > each, dpi
