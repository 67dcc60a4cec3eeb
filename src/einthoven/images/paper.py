"""An ECG on paper at true scale: millimetre grid, calibration pulse, 25 mm/s, 10 mm/mV, beats marked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..beats.classify import unsure
from ..codes import AAMI_CLASSES, symbol_name
from .arrangement import LAYOUT_NAMES, Arrangement, arrange
from .canvas import save
from .heights import READABLE_MM_S
from .marks import (
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
from .sheet import Box, Label, Mark, Sheet
from .words import DISCLAIMER, clock, counted, facts, lead_list, length, scaling, seen_text, version_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..record import Beats, Record
    from ..signal.quality import Quality

__all__ = ["LAYOUT_NAMES", "Shade", "draw", "draw_arranged", "save"]


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
    arrangement = arrange(record, layout, start_s, seconds, gain_mm_mv, bare=bare)
    return draw_arranged(record, arrangement, beats=beats, quality=quality, shades=shades)


def draw_arranged(
    record: Record,
    arrangement: Arrangement,
    *,
    beats: Beats | None = None,
    quality: Quality | None = None,
    shades: Sequence[Shade] = (),
) -> Sheet:
    """Draw a record of which it is known what lies where; see :func:`draw` and :func:`.arrangement.arrange`."""
    view = _View(record, beats, quality, shades, arrangement)
    marks = [*view.ground(), *view.rows()]
    if not arrangement.bare:
        marks += [*view.header(), *view.footer()]
    size, scale = (arrangement.width_mm, arrangement.height_mm), arrangement.scale
    return Sheet(*size, view.title(), view.description(), tuple(marks), scale.speed_mm_s, scale.gain_mm_mv)


def _rank(symbol: str) -> tuple[int, str]:
    return AAMI_CLASSES.index(beat_class(symbol)), symbol


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """What is shown of a record, and where on the sheet."""

    record: Record
    beats: Beats | None
    quality: Quality | None
    shades: Sequence[Shade]
    at: Arrangement

    def ground(self) -> Iterator[Mark]:
        grid = self.at.grid
        yield Box("paper", grid.left_mm, grid.top_mm, grid.width_mm, grid.height_mm)
        yield grid
        yield replace(grid, role="grid-5", step_mm=5)

    def rows(self) -> Iterator[Mark]:
        placed, scale = self.at.rows, self.at.scale
        beat_s = self.beats.sample / self.record.fs_hz if self.beats else np.empty(0)
        symbols = self.beats.symbol.tolist() if self.beats else []
        doubt = np.zeros(len(symbols), np.bool_)
        if self.beats and self.beats.probability is not None:
            doubt = unsure(self.beats)
        for row in placed:
            yield from shade_marks(row, scale, self.shades)
            if self.quality is not None:
                yield from poor_marks(row, scale, self.quality)
            if scale.speed_mm_s >= READABLE_MM_S:
                yield from band_marks(row, scale, beat_s, symbols)
        for row in placed:
            yield from pulse_marks(row, scale)
            yield from time_mark(row, scale, self.record)
            yield from trace_marks(row, scale, self.record)
        for row in placed:
            if row.row.marks_beats:
                yield from beat_marks(row, scale, beat_s, symbols, doubt)

    def header(self) -> Iterator[Mark]:
        grid = self.at.grid
        left, right = grid.left_mm, grid.left_mm + grid.width_mm
        yield Label("title", left, 9, seen_text(self.record.id or "ECG", 60))
        yield Label(
            "text", left, 15, " · ".join(filter(None, (facts(self.record), lead_list(self.record), self.span())))
        )
        yield Label("text", right, 9, self.scaling(), "end")
        yield Label("small", right, 15, "filter: none; each lead level with its median", "end")

    def footer(self) -> Iterator[Mark]:
        grid = self.at.grid
        left, right = grid.left_mm, grid.left_mm + grid.width_mm
        y = grid.top_mm + grid.height_mm + 6
        yield Label("small", left, y, DISCLAIMER)
        if legend := self.legend():
            yield Label("small", (left + right) / 2, y, legend, "middle")
        yield Label("small", right, y, version_line(), "end")

    def scaling(self) -> str:
        return scaling(self.at.scale.speed_mm_s, self.at.scale.gain_mm_mv)

    def span(self) -> str:
        """Return the part shown, and the sampling rate."""
        whole = self.at.seconds >= self.record.duration_s - 1e-9
        stop_s, duration_s = self.at.start_s + self.at.seconds, self.record.duration_s
        part = "" if whole else f"{clock(self.at.start_s, duration_s)}–{clock(stop_s, duration_s)} of "
        return f"{part}{length(duration_s)} at {self.record.fs_hz:g} Hz"

    def counts(self) -> dict[str, int]:
        """Return how many beats of each symbol are shown."""
        if self.beats is None:
            return {}
        time_s = self.beats.sample / self.record.fs_hz
        first, last = np.searchsorted(time_s, (self.at.start_s, self.at.start_s + self.at.seconds))
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
