"""Pages as other makers draw them, and how near what is read comes to what was drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from einthoven.codes import STANDARD_12
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from einthoven.record import Record

    Draw = Callable[..., Path]

SHAPES = {"3x4": (3, 4), "6x2": (6, 2), "12x1": (12, 1)}


class Fit(NamedTuple):
    """How near a lead that was read comes to the one that was drawn, level apart."""

    r: float
    rmse_mv: float
    gain: float


@pytest.fixture(scope="session")
def fits() -> Callable[[Record, Record], dict[str, Fit]]:
    """Tell how near each lead that was read comes to the one that was drawn."""
    return fits_of


def fits_of(drawn: Record, read: Record) -> dict[str, Fit]:
    """Compare what was read with what was drawn, where it was drawn, at the times of what was read."""
    found = {}
    for lead in read.leads:
        there = np.isfinite(read[lead])
        at = np.flatnonzero(there) / read.fs_hz
        truth = np.interp(at, np.arange(drawn.n_samples) / drawn.fs_hz, drawn[lead].astype(np.float64))
        truth, got = truth - truth.mean(), read[lead][there].astype(np.float64)
        off = got - got.mean() - truth
        gain = float(np.polyfit(truth, got, 1)[0])
        found[lead] = Fit(float(np.corrcoef(truth, got)[0, 1]), float(np.sqrt(np.mean(off**2))), gain)
    return found


@pytest.fixture(scope="session")
def heart() -> Record:
    """Twelve leads of 10 s."""
    return simulate(seed=3, duration_s=10).record


@pytest.fixture
def foreign(tmp_path: Path, heart: Record) -> Draw:
    """Draw `heart` as other makers do: rows in one line of black, the pulse joined to them, the whole sheet ruled."""

    def page(name: str, **options: object) -> Path:
        return foreign_page(heart, tmp_path / name, **options)  # type: ignore[arg-type]

    return page


def foreign_page(
    record: Record,
    path: Path,
    *,
    layout: str = "3x4",
    n_rhythm: int = 1,
    gain: float = 10.0,
    speed: float = 25.0,
    pulse: bool = True,
    words: bool = True,
    printed: str = "25 mm/sec 10 mm/mV",
    ruling: str = "#ffb38a",
    pen: str = "black",
    pitch: float = 38.0,
    dpi: float = 200,
) -> Path:
    """Draw a page of A4 size, across."""
    figure = Figure(figsize=(297 / 25.4, 210 / 25.4), dpi=dpi, facecolor="white")
    FigureCanvasAgg(figure)
    sheet = figure.add_axes((0, 0, 1, 1), xlim=(0, 297), ylim=(210, 0))
    sheet.set_axis_off()
    for step, width in ((1, 0.25), (5, 0.6)):
        sheet.vlines(np.arange(0, 297.5, step), 0, 210, colors=ruling, linewidths=width)
        sheet.hlines(np.arange(0, 210.5, step), 0, 297, colors=ruling, linewidths=width)
    n_rows = SHAPES[layout][0]
    rows = [list(STANDARD_12[row::n_rows]) for row in range(n_rows)] + [["II"]] * n_rhythm
    time_s = np.arange(record.n_samples) / record.fs_hz
    for k, names in enumerate(rows):
        level, value = 40 + k * pitch, np.empty(record.n_samples)
        for c, lead in enumerate(names):
            part = slice(c * record.n_samples // len(names), (c + 1) * record.n_samples // len(names))
            value[part] = record[lead][part]
            if words:
                x = 20 + c * 250 / len(names)
                sheet.text(x + 2, level - 8, lead, fontsize=9)
        x, y = 20 + time_s * speed, level - value * gain
        if pulse:
            front = np.array([(-8, 0), (-6, 0), (-6, gain), (-1, gain), (-1, 0), (0, 0)])
            x, y = np.concatenate((20 + front[:, 0], x)), np.concatenate((level - front[:, 1], y))
        sheet.plot(x, y, color=pen, linewidth=0.8, solid_joinstyle="round")
    sheet.text(12, 8, "Name: Someone   ID 4711   Vent. rate 72", fontsize=10)
    sheet.text(12, 205, printed, fontsize=9)
    figure.savefig(path)
    return path
