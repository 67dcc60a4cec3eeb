"""What lies where on a page, before anything is drawn: rows, panels, scale and grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import OptionError, unknown
from .heights import PlacedRow, choose_gain, place
from .layouts import LAYOUTS, default_layout, default_seconds, plan
from .marks import Scale
from .sheet import Ruling
from .trace import trace

if TYPE_CHECKING:
    from ..record import Record

LAYOUT_NAMES: Final = ("auto", *LAYOUTS)
GAIN_RANGE_MM_MV: Final = (0.1, 100)
_BEFORE_SIGNAL_MM, _AFTER_SIGNAL_MM = 15.0, 5.0
_SIDE_MM, _HEADER_MM, _FOOTER_MM = 13.5, 19.0, 11.0  # 13.5 + 270 + 13.5 by 19 + 180 + 11: A4 across


@dataclass(frozen=True, slots=True, eq=False)
class Arrangement:
    """Where everything of a page lies.

    Parameters
    ----------
    rows
        From above, each with its panels, their traces, names and baselines.
    scale
        Turns times and voltages of a panel into places.
    grid
        The lines each millimetre.
    start_s, seconds
        Part of the record that is shown.
    width_mm, height_mm
        Size of the page.
    bare
        Whether header and footer are left out.
    """

    rows: tuple[PlacedRow, ...]
    scale: Scale
    grid: Ruling
    start_s: float
    seconds: float
    width_mm: float
    height_mm: float
    bare: bool


def arrange(
    record: Record, layout: str, start_s: float, seconds: float | None, gain_mm_mv: float | None, *, bare: bool = False
) -> Arrangement:
    """Return where everything lies; arguments and errors are those of :func:`.paper.draw`.

    Examples
    --------
    >>> from einthoven.record import Record
    >>> page = arrange(Record(np.zeros((2, 5000)), fs_hz=500, leads=("II", "V1")), "strip", 0, None, None)
    >>> [(row.panels[0].panel.lead, row.baseline_mm) for row in page.rows], page.scale.left_mm
    ([('II', 25.0), ('V1', 70.0)], 28.5)
    """
    if layout not in LAYOUT_NAMES:
        raise unknown("layout", layout, LAYOUT_NAMES)
    layout = default_layout(record.leads) if layout == "auto" else layout
    seconds = _shown_seconds(record, start_s, default_seconds(layout) if seconds is None else seconds)
    planned = plan(layout, record.leads, start_s, seconds)
    speed_mm_s = planned.speed_mm_s
    rows = [
        (row, tuple(trace(record, one.lead, one.start_s, one.seconds, speed_mm_s) for one in row.panels))
        for row in planned.rows
    ]
    traces = [one for _, row_traces in rows for one in row_traces]
    gain = choose_gain(traces, speed_mm_s) if gain_mm_mv is None else gain_mm_mv
    if not GAIN_RANGE_MM_MV[0] <= gain <= GAIN_RANGE_MM_MV[1]:
        raise OptionError(f"gain is {gain:g} mm/mV; it must be from {GAIN_RANGE_MM_MV[0]} to {GAIN_RANGE_MM_MV[1]}")
    placed, grid_mm = place(rows, gain, speed_mm_s, close=bare)
    side, header, footer = (0.0, 0.0, 0.0) if bare else (_SIDE_MM, _HEADER_MM, _FOOTER_MM)
    grid = Ruling("grid-1", side, header, _BEFORE_SIGNAL_MM + planned.width_mm + _AFTER_SIGNAL_MM, grid_mm, 1)
    scale = Scale(speed_mm_s, gain, side + _BEFORE_SIGNAL_MM, header)
    width_mm, height_mm = grid.width_mm + 2 * side, header + grid_mm + footer
    return Arrangement(tuple(placed), scale, grid, start_s, seconds, width_mm, height_mm, bare)


def _shown_seconds(record: Record, start_s: float, seconds: float) -> float:
    if not 0 <= start_s < record.duration_s:
        raise OptionError(f"start is {start_s:g} s; it must be from 0 to the record's {record.duration_s:g} s")
    if not (np.isfinite(seconds) and seconds > 0):
        raise OptionError(f"length is {seconds:g} s; it must be a positive number")
    return min(seconds, record.duration_s - start_s)
