"""What is drawn of a row: the lead's trace and name, the calibration pulse, beats, and seconds of poor signal."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..codes import AAMI_OF_SYMBOL
from .heights import READABLE_MM_S
from .names import FRONT_MM
from .sheet import Box, Curve, Label, Mark
from .trace import pieces
from .words import clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from ..record import Record
    from ..signal.quality import Quality
    from .heights import PlacedPanel, PlacedRow
    from .layouts import Panel

Told = TypeVar("Told")

PULSE_MV, PULSE_S = 1.0, 0.2
_LEAD_IN_MM = 1.5

_BEAT_S = (0.25, 0.40)  # how far a beat reaches from its R peak, for the tinted ground
_MOST_CUTS = 12


@dataclass(frozen=True, slots=True)
class Scale:
    """Where time and voltage lie on the sheet; `left_mm` and `top_mm` are the place of the rows' first signal."""

    speed_mm_s: float
    gain_mm_mv: float
    left_mm: float
    top_mm: float

    def x_mm(self, panel: Panel, time_s: Any) -> Any:
        """Return where a time lies in a panel, a number or an array as `time_s` is."""
        return self.left_mm + panel.left_mm + (time_s - panel.start_s) * self.speed_mm_s

    def y_mm(self, placed: PlacedPanel, value_mv: Any) -> Any:
        """Return where a voltage lies in a panel, cut at the panel's own reach."""
        height = np.clip(np.multiply(value_mv, self.gain_mm_mv), -placed.down_mm, placed.up_mm)
        return self.top_mm + placed.baseline_mm - height


def trace_role(speed_mm_s: float) -> str:
    """Return the role of a trace: on slow paper the pen is thinner."""
    return "trace" if speed_mm_s >= READABLE_MM_S else "trace-slow"


def trace_lines(placed: PlacedPanel, scale: Scale) -> tuple[NDArray[np.float64], ...]:
    """Return the trace of a panel as it is drawn: float64, shape (point, 2) each, x and y in mm."""
    trace = placed.trace
    return pieces(scale.x_mm(placed.panel, trace.time_s), scale.y_mm(placed, trace.value_mv))


def trace_marks(row: PlacedRow, scale: Scale, record: Record) -> Iterator[Mark]:
    """Yield the traces of a row with their names, and marks where they had to be cut."""
    for placed in row.panels:
        panel, trace = placed.panel, placed.trace
        lines = trace_lines(placed, scale)
        if lines:
            yield Curve(trace_role(scale.speed_mm_s), lines, panel.lead)
        yield from _cuts(placed, scale)
        name = placed.name
        x, y = scale.x_mm(panel, panel.start_s) + name.left_mm, scale.top_mm + placed.baseline_mm - name.foot_mm
        yield Label("lead", x, y, name.text, halo=True)
        if trace.is_empty:
            why = "no signal" if panel.lead in record else "not recorded"
            x = scale.x_mm(panel, panel.start_s) + 1.2
            yield Label("small", x, scale.top_mm + row.baseline_mm + 1, why, halo=True)
        if panel.left_mm:
            x, y = scale.x_mm(panel, panel.start_s), scale.top_mm + row.baseline_mm
            yield Curve("tick", (np.array([(x, y - 3), (x, y - 5.5)]), np.array([(x, y + 3), (x, y + 5.5)])))


def _cuts(placed: PlacedPanel, scale: Scale) -> Iterator[Mark]:
    """Point to where the trace runs off its row, and say how far it would go."""
    panel, trace = placed.panel, placed.trace
    height = np.nan_to_num(trace.value_mv) * scale.gain_mm_mv
    off = (height > placed.up_mm + 1e-6) | (height < -placed.down_mm - 1e-6)
    if not off.any():
        return
    first = np.flatnonzero(off & ~np.concatenate(([False], off[:-1])))
    arrows = []
    for i in first[:: -(-len(first) // _MOST_CUTS)]:
        x, y = scale.x_mm(panel, trace.time_s[i]), scale.y_mm(placed, trace.value_mv[i])
        tip = 1.8 if height[i] > 0 else -1.8
        arrows.append(np.array([(x - 1, y - tip / 4), (x + 1, y - tip / 4), (x, y - tip / 4 - tip)]))
    yield Curve("clipped", tuple(arrows))
    worst = np.abs(trace.value_mv[off]).max()
    x, y = scale.x_mm(panel, panel.start_s) + 1.2, scale.top_mm + placed.bottom_mm - 0.8
    yield Label("alarm", x, y, f"off scale: up to {worst:.3g} mV", halo=True)


def pulse_marks(row: PlacedRow, scale: Scale) -> Iterator[Mark]:
    """Yield the calibration pulse before a row: 1 mV for 200 ms."""
    left, low = scale.left_mm - FRONT_MM, scale.top_mm + row.baseline_mm
    x = left + np.cumsum([0, _LEAD_IN_MM, 0, PULSE_S * scale.speed_mm_s, 0, _LEAD_IN_MM])
    y = low - np.array([0, 0, 1, 1, 0, 0]) * PULSE_MV * scale.gain_mm_mv
    yield Curve("tick", (np.stack((x, y), axis=1),), "calibration")


def time_mark(row: PlacedRow, scale: Scale, record: Record) -> Iterator[Mark]:
    """Yield the time at which a line of a strip begins."""
    if row.row.start_s is not None:
        at = clock(row.row.start_s, record.duration_s)
        y = scale.top_mm + row.baseline_mm - PULSE_MV * scale.gain_mm_mv - 1.4
        yield Label("small", scale.left_mm - FRONT_MM, y, at, halo=True)


def poor_marks(row: PlacedRow, scale: Scale, quality: Quality) -> Iterator[Mark]:
    """Yield grey ground under the seconds in which a lead is not usable."""
    for placed in row.panels:
        panel = placed.panel
        if panel.lead not in quality.leads:
            continue
        first = int(panel.start_s)
        usable = quality.usable[quality.leads.index(panel.lead)][first : int(np.ceil(panel.start_s + panel.seconds))]
        edges = np.flatnonzero(np.diff(np.concatenate(([False], ~usable, [False])))).reshape(-1, 2) + first
        for start, stop in np.clip(edges, panel.start_s, panel.start_s + panel.seconds):
            yield _ground("poor", placed, scale, float(start), float(stop))


@dataclass(frozen=True, slots=True)
class Shade:
    """Some seconds of one lead to tint, and the key of :data:`einthoven.images.sheet.LOOKS` that says how."""

    lead: str
    start_s: float
    stop_s: float
    role: str


def shade_marks(row: PlacedRow, scale: Scale, shades: Sequence[Shade]) -> Iterator[Mark]:
    """Yield tinted ground under what is shown of the seconds to shade."""
    for placed in row.panels:
        panel = placed.panel
        first_s, last_s = panel.start_s, panel.start_s + panel.seconds
        for one in shades:
            start_s, stop_s = max(one.start_s, first_s), min(one.stop_s, last_s)
            if one.lead == panel.lead and start_s < stop_s:
                yield _ground(one.role, placed, scale, start_s, stop_s)


def _ground(role: str, placed: PlacedPanel, scale: Scale, start_s: float, stop_s: float) -> Box:
    """Return the rectangle under some seconds of a panel."""
    left, width = scale.x_mm(placed.panel, start_s), (stop_s - start_s) * scale.speed_mm_s
    return Box(role, left, scale.top_mm + placed.top_mm, width, placed.up_mm + placed.down_mm)


def beat_class(symbol: str) -> str:
    """Return the AAMI class that colours a symbol; anything unknown counts as Q.

    Examples
    --------
    >>> beat_class("N"), beat_class("L"), beat_class("~")
    ('N', 'N', 'Q')
    """
    return AAMI_OF_SYMBOL.get(symbol, "Q")


def band_marks(row: PlacedRow, scale: Scale, time_s: NDArray[np.float64], symbols: Sequence[str]) -> Iterator[Mark]:
    """Yield tinted ground under every beat that is not of class N, in every lead that shows it."""
    middle = np.concatenate(([-np.inf], (time_s[:-1] + time_s[1:]) / 2, [np.inf]))
    begin, end = np.maximum(time_s - _BEAT_S[0], middle[:-1]), np.minimum(time_s + _BEAT_S[1], middle[1:])
    end[:-1] = np.minimum(end[:-1], np.maximum(begin[1:], time_s[:-1]))
    for placed in row.panels:
        panel = placed.panel
        stop_s = panel.start_s + panel.seconds
        first, last = np.searchsorted(time_s, (panel.start_s, stop_s))
        for i in range(first, last):
            if (kind := beat_class(symbols[i])) != "N":
                start, stop = max(panel.start_s, float(begin[i])), min(stop_s, float(end[i]))
                yield _ground(f"band-{kind}", placed, scale, start, stop)


def beat_marks(
    row: PlacedRow, scale: Scale, time_s: NDArray[np.float64], symbols: Sequence[str], unsure: NDArray[np.bool_]
) -> Iterator[Mark]:
    """Yield a letter and a mark above each beat: a tick for class N, an arrow head for the others.

    A question mark follows the letter of a beat the model was unsure of. On slow paper, where letters would run
    together, only the arrow heads stay.
    """
    y = scale.top_mm + min(placed.top_mm for placed in row.panels) - 1.6
    letters = scale.speed_mm_s >= READABLE_MM_S
    shapes: dict[str, list[NDArray[np.float64]]] = defaultdict(list)
    for panel in row.row.panels:
        for at, (symbol, doubt) in _within(time_s, list(zip(symbols, unsure.tolist(), strict=True)), panel):
            x, kind = scale.x_mm(panel, at), beat_class(symbol)
            if kind == "N" and not letters:
                continue
            half = 0.15 if kind == "N" else 0.95
            tip = half if kind == "N" else 0.05
            shapes[kind].append(np.array([(x - half, y - 1.5), (x + half, y - 1.5), (x + tip, y), (x - tip, y)]))
            if letters:
                yield Label(f"letter-{kind}", x, y - 2.1, f"{symbol}?" if doubt else symbol, "middle", halo=True)
    for kind, outlines in sorted(shapes.items()):
        yield Curve(f"beat-{kind}", tuple(outlines))


def _within(time_s: NDArray[np.float64], told: Sequence[Told], panel: Panel) -> Iterator[tuple[float, Told]]:
    first, last = np.searchsorted(time_s, (panel.start_s, panel.start_s + panel.seconds))
    yield from zip(time_s[first:last].tolist(), told[first:last], strict=True)
