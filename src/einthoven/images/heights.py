"""How tall things stand on the paper: the gain, and where each row's baseline lies so that no lead hides another."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from typing import TYPE_CHECKING, Final

from .names import place_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .layouts import Panel, Row
    from .names import Name
    from .trace import Trace

GAINS_MM_MV: Final = (10.0, 5.0, 2.5)
A4_GRID_MM = 180.0  # what header and footer leave of 210 mm
SQUARE_MM = 5.0
READABLE_MM_S = 10.0  # slower paper is for the course of things, not for single beats
LANE_MM = 6.0  # for beat symbols above a row

_TALLEST_MM = 50.0
_FITTING_MV = 20.0  # 50 mm at the lowest gain: no heart gives more
_LEAST_UP_MM, _LEAST_DOWN_MM = 8.0, 4.0
_SPIKE_MM = 20.0
_WIDEST_PITCH_MM, _CLOSE_PITCH_MM, _CLOSEST_PITCH_MM = 45, 20, 15


@dataclass(frozen=True, slots=True, eq=False)
class PlacedPanel:
    """A panel with trace and name, its baseline in mm from the grid's top, and how far it may reach from there."""

    panel: Panel
    trace: Trace
    name: Name
    baseline_mm: float
    down_mm: float
    up_mm: float

    @property
    def top_mm(self) -> float:
        """Upper end of what is drawn."""
        return self.baseline_mm - self.up_mm

    @property
    def bottom_mm(self) -> float:
        """Lower end of what is drawn."""
        return self.baseline_mm + self.down_mm


@dataclass(frozen=True, slots=True, eq=False)
class PlacedRow:
    """A row with its panels on one baseline."""

    row: Row
    panels: tuple[PlacedPanel, ...]
    baseline_mm: float


def choose_gain(traces: Sequence[Trace], speed_mm_s: float) -> float:
    """Return 10 mm/mV, or half or a quarter of it where the paper is slow or leads are too tall.

    Leads too tall for any gain do not count: they are cut, so that one loose electrode does not flatten the others.
    """
    spans = [trace.span_mv() for trace in traces]
    fitting = [span for span in spans if span <= _FITTING_MV]
    if not fitting:
        return GAINS_MM_MV[-1]
    gains = GAINS_MM_MV if speed_mm_s >= READABLE_MM_S else GAINS_MM_MV[1:]
    return next(gain for gain in gains if max(fitting) * gain <= _TALLEST_MM)


def place(
    rows: Sequence[tuple[Row, tuple[Trace, ...]]], gain_mm_mv: float, speed_mm_s: float, *, close: bool
) -> tuple[list[PlacedRow], float]:
    """Return rows with their baselines, all on 5 mm lines, and the height of the grid that holds them.

    Rows spread over an A4 page where they fit one, and need not where `close`.
    """
    named = [
        [
            _named(panel, trace, gain_mm_mv, speed_mm_s, alone=len(traces) == 1)
            for panel, trace in zip(row.panels, traces, strict=True)
        ]
        for row, traces in rows
    ]
    reaches = [[reach for _, reach in panels] for panels in named]
    needs = [
        _between(above, below) + 2 + LANE_MM * row.marks_beats
        for (row, _), above, below in zip(rows, [[], *reaches[:-1]], reaches, strict=True)
    ]
    needs[0] = max(needs[0], gain_mm_mv + 3)  # the calibration pulse
    needs.append(_between(reaches[-1], []) + 2)
    widest = _CLOSE_PITCH_MM if close else _WIDEST_PITCH_MM
    for pitch_mm in range(widest, _CLOSEST_PITCH_MM - 1, -int(SQUARE_MM)):
        gaps = _gaps(needs, pitch_mm)
        if sum(gaps) <= A4_GRID_MM:
            break
    spare = A4_GRID_MM - sum(gaps)
    if not close and 0 < spare < A4_GRID_MM / 3:
        above = _squares(spare / 2)
        gaps[0], gaps[-1] = gaps[0] + above, gaps[-1] + spare - above
    placed = []
    for (row, traces), names, at in zip(rows, named, accumulate(gaps), strict=False):
        parts = zip(row.panels, traces, names, strict=True)
        panels = (PlacedPanel(panel, trace, name, at, *reach) for panel, trace, (name, reach) in parts)
        placed.append(PlacedRow(row, tuple(panels), at))
    return placed, sum(gaps)


def _between(above: Sequence[tuple[float, float]], below: Sequence[tuple[float, float]]) -> float:
    """Return how far apart two rows must be: in columns only what stands above each other counts."""
    if len(above) == len(below):
        return max(down + up for (down, _), (_, up) in zip(above, below, strict=True))
    return max((down for down, _ in above), default=0.0) + max((up for _, up in below), default=0.0)


def _gaps(needs: Sequence[float], pitch_mm: float) -> list[float]:
    edges = (pitch_mm * 0.55, *[pitch_mm] * (len(needs) - 2), pitch_mm * 0.4)
    return [_squares(max(need, least)) for need, least in zip(needs, edges, strict=True)]


def _squares(length_mm: float) -> float:
    return ceil(length_mm / SQUARE_MM - 1e-9) * SQUARE_MM


def _named(
    panel: Panel, trace: Trace, gain_mm_mv: float, speed_mm_s: float, *, alone: bool
) -> tuple[Name, tuple[float, float]]:
    """Return a panel's name, and mm below and above the baseline that trace and name need."""
    reach = _reach(trace, gain_mm_mv)
    name = place_name(panel, trace, gain_mm_mv, speed_mm_s, alone=alone, reach_mm=reach)
    low, high = (span_mv * gain_mm_mv for span_mv in trace.reach_mv())
    if low > reach[0] or high > reach[1]:  # cut: with more room the trace would rise into its name
        return name, reach
    below, above = name.reach_mm
    return name, (max(reach[0], below), max(reach[1], above))


def _reach(trace: Trace, gain_mm_mv: float) -> tuple[float, float]:
    """Return mm below and above the baseline; a spike beyond all else, or a lead beyond any gain, is cut."""
    span_mv = trace.span_mv()
    most = max(_SPIKE_MM, 2 * span_mv * gain_mm_mv) if span_mv <= _FITTING_MV else _SPIKE_MM
    below, above = (min(reach * gain_mm_mv, most) for reach in trace.reach_mv())
    return max(_LEAST_DOWN_MM, below), max(_LEAST_UP_MM, above)
