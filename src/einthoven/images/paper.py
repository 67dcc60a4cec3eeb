"""An ECG on paper at true scale: millimetre grid, calibration pulse, 25 mm/s, 10 mm/mV, beats marked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ..beats.classify import unsure
from ..codes import AAMI_CLASSES, symbol_name
from ..errors import OptionError, unknown
from .canvas import save
from .heights import READABLE_MM_S, PlacedRow, choose_gain, place
from .layouts import LAYOUTS, default_layout, default_seconds, plan
from .marks import (
    Scale,
    Shade,
    band_marks,
    beat_class,
    beat_marks,
    poor_marks,
    pulse_marks,
    shade_marks,
    time_mark,
    trace_marks,
)
from .sheet import Box, Label, Mark, Ruling, Sheet
from .trace import trace
from .words import DISCLAIMER, clock, counted, facts, lead_list, length, scaling, seen_text, version_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..record import Beats, Record
    from ..signal.quality import Quality

__all__ = ["LAYOUT_NAMES", "Shade", "draw", "save"]

LAYOUT_NAMES: Final = ("auto", *LAYOUTS)
GAIN_RANGE_MM_MV: Final = (0.1, 100)
_BEFORE_SIGNAL_MM, _AFTER_SIGNAL_MM = 15.0, 5.0
_SIDE_MM, _HEADER_MM, _FOOTER_MM = 13.5, 19.0, 11.0  # 13.5 + 270 + 13.5 by 19 + 180 + 11: A4 across


def draw(
    record: Record,
    *,
    beats: Beats | None = None,
    quality: Quality | None = None,
    shades: Sequence[Shade] = (),
    layout: str = "auto",
    start_s: float = 0.0,
    seconds: float | None = None,
    gain_mm_mv: float | None = None,
    bare: bool = False,
) -> Sheet:
    """Draw a record.

    Parameters
    ----------
    record
        The whole record, even where only a part is shown: all times count from its start.
    beats
        Beats to mark: a letter and a colour each, and a tinted ground under all but normal ones.
    quality
        Shades the seconds of each lead it calls unusable.
    shades
        Seconds of leads to tint besides.
    layout
        ``"3x4"`` or ``"6x2"`` (leads beyond the twelve follow, a rhythm lead is last), ``"12x1"`` (each lead in a row),
        ``"strip"`` (lines of 10 s, any length), or ``"auto"``.
    start_s, seconds
        Part to show. Unless told, the first 10 s, or 30 s of a strip.
    gain_mm_mv
        Height of 1 mV; unless told 10 mm, less for leads too tall for that.
    bare
        Leave out header and footer, for a page that says these things itself.

    Raises
    ------
    OptionError
        An unknown layout, or one that cannot show this; a start outside the record, a length that is not positive, a
        gain out of range.

    Examples
    --------
    >>> from einthoven.record import Record
    >>> page = draw(Record(np.zeros((12, 5000)), fs_hz=500, leads="I II III aVR aVL aVF V1 V2 V3 V4 V5 V6".split()))
    >>> page.width_mm, page.height_mm
    (297.0, 210.0)
    """
    if layout not in LAYOUT_NAMES:
        raise unknown("layout", layout, LAYOUT_NAMES)
    layout = default_layout(record.leads) if layout == "auto" else layout
    seconds = _shown_seconds(record, start_s, default_seconds(layout) if seconds is None else seconds)
    arrangement = plan(layout, record.leads, start_s, seconds)
    speed_mm_s = arrangement.speed_mm_s
    rows = [
        (row, tuple(trace(record, one.lead, one.start_s, one.seconds, speed_mm_s) for one in row.panels))
        for row in arrangement.rows
    ]
    traces = [one for _, row_traces in rows for one in row_traces]
    gain = choose_gain(traces, speed_mm_s) if gain_mm_mv is None else gain_mm_mv
    if not GAIN_RANGE_MM_MV[0] <= gain <= GAIN_RANGE_MM_MV[1]:
        raise OptionError(f"gain is {gain:g} mm/mV; it must be from {GAIN_RANGE_MM_MV[0]} to {GAIN_RANGE_MM_MV[1]}")
    placed, grid_mm = place(rows, gain, speed_mm_s, close=bare)
    side, header, footer = (0.0, 0.0, 0.0) if bare else (_SIDE_MM, _HEADER_MM, _FOOTER_MM)
    grid = Ruling("grid-1", side, header, _BEFORE_SIGNAL_MM + arrangement.width_mm + _AFTER_SIGNAL_MM, grid_mm, 1)
    scale = Scale(speed_mm_s, gain, side + _BEFORE_SIGNAL_MM, header)
    view = _View(record, beats, quality, shades, start_s, seconds, scale, grid)
    marks = [*view.ground(), *view.rows(placed)]
    if not bare:
        marks += [*view.header(), *view.footer()]
    width, height = grid.width_mm + 2 * side, header + grid_mm + footer
    return Sheet(width, height, view.title(), view.description(), tuple(marks), speed_mm_s, gain)


def _shown_seconds(record: Record, start_s: float, seconds: float) -> float:
    if not 0 <= start_s < record.duration_s:
        raise OptionError(f"start is {start_s:g} s; it must be from 0 to the record's {record.duration_s:g} s")
    if not (np.isfinite(seconds) and seconds > 0):
        raise OptionError(f"length is {seconds:g} s; it must be a positive number")
    return min(seconds, record.duration_s - start_s)


def _rank(symbol: str) -> tuple[int, str]:
    return AAMI_CLASSES.index(beat_class(symbol)), symbol


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """What is shown of a record, and where on the sheet."""

    record: Record
    beats: Beats | None
    quality: Quality | None
    shades: Sequence[Shade]
    start_s: float
    seconds: float
    scale: Scale
    grid: Ruling

    def ground(self) -> Iterator[Mark]:
        grid = self.grid
        yield Box("paper", grid.left_mm, grid.top_mm, grid.width_mm, grid.height_mm)
        yield grid
        yield replace(grid, role="grid-5", step_mm=5)

    def rows(self, placed: list[PlacedRow]) -> Iterator[Mark]:
        beat_s = self.beats.sample / self.record.fs_hz if self.beats else np.empty(0)
        symbols = self.beats.symbol.tolist() if self.beats else []
        doubt = np.zeros(len(symbols), np.bool_)
        if self.beats and self.beats.probability is not None:
            doubt = unsure(self.beats)
        for row in placed:
            yield from shade_marks(row, self.scale, self.shades)
            if self.quality is not None:
                yield from poor_marks(row, self.scale, self.quality)
            if self.scale.speed_mm_s >= READABLE_MM_S:
                yield from band_marks(row, self.scale, beat_s, symbols)
        for row in placed:
            yield from pulse_marks(row, self.scale)
            yield from time_mark(row, self.scale, self.record)
            yield from trace_marks(row, self.scale, self.record)
        for row in placed:
            if row.row.marks_beats:
                yield from beat_marks(row, self.scale, beat_s, symbols, doubt)

    def header(self) -> Iterator[Mark]:
        left, right = self.grid.left_mm, self.grid.left_mm + self.grid.width_mm
        yield Label("title", left, 9, seen_text(self.record.id or "ECG", 60))
        yield Label(
            "text", left, 15, " · ".join(filter(None, (facts(self.record), lead_list(self.record), self.span())))
        )
        yield Label("text", right, 9, self.scaling(), "end")
        yield Label("small", right, 15, "filter: none; each lead level with its median", "end")

    def footer(self) -> Iterator[Mark]:
        left, right = self.grid.left_mm, self.grid.left_mm + self.grid.width_mm
        y = self.grid.top_mm + self.grid.height_mm + 6
        yield Label("small", left, y, DISCLAIMER)
        if legend := self.legend():
            yield Label("small", (left + right) / 2, y, legend, "middle")
        yield Label("small", right, y, version_line(), "end")

    def scaling(self) -> str:
        return scaling(self.scale.speed_mm_s, self.scale.gain_mm_mv)

    def span(self) -> str:
        """Return the part shown, and the sampling rate."""
        whole = self.seconds >= self.record.duration_s - 1e-9
        stop_s, duration_s = self.start_s + self.seconds, self.record.duration_s
        part = "" if whole else f"{clock(self.start_s, duration_s)}–{clock(stop_s, duration_s)} of "
        return f"{part}{length(duration_s)} at {self.record.fs_hz:g} Hz"

    def counts(self) -> dict[str, int]:
        """Return how many beats of each symbol are shown."""
        if self.beats is None:
            return {}
        time_s = self.beats.sample / self.record.fs_hz
        first, last = np.searchsorted(time_s, (self.start_s, self.start_s + self.seconds))
        shown = self.beats.symbol[first:last].tolist()
        return {symbol: shown.count(symbol) for symbol in sorted(set(shown), key=_rank)}

    def legend(self) -> str:
        parts = [f"{symbol} {symbol_name(symbol)} × {n}" for symbol, n in self.counts().items()]
        if self.quality is not None and not self.quality.usable.all():
            parts.append("grey: poor signal")
        return " · ".join(parts)

    def title(self) -> str:
        return f"ECG {seen_text(self.record.id, 60)}".strip()

    def description(self) -> str:
        beats = ", ".join(f"{counted(n, 'beat')} {symbol}" for symbol, n in self.counts().items())
        return f"{lead_list(self.record)}, {self.span()}, {self.scaling()}" + (f"; {beats}" if beats else "")
