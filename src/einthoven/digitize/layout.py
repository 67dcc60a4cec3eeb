"""Which lead stands where on a page that was read, and which seconds of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from ..codes import STANDARD_12, lead_name
from ..errors import FormatError, OptionError, unknown
from .outlines import NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .drawing import Word
    from .rows import Ruled

SHAPES: Final = {"3x4": (3, 4), "6x2": (6, 2), "12x1": (12, 1)}
LAYOUT_NAMES: Final = ("auto", *SHAPES, "strip")
MOST_RHYTHM_ROWS = 3
MOST_FOOT_S = 0.2
RHYTHM = "rhythm"
"""The name of a row whose lead is not known until it is compared with the others."""

_NAME_LEFT_MM, _NAME_RIGHT_MM = 14.0, 25.0  # names stand from so far before a trace's start to so far behind
_NAME_UP_MM, _NAME_DOWN_MM = 40.0, 12.0
_LAST_SAMPLE_S = 0.012
_SNAP_MM, _SNAP_WITHIN_MM = 0.5, 0.2


@dataclass(frozen=True, slots=True)
class Panel:
    """A lead on the page: its row, from where to where it goes in mm, and its first second."""

    lead: str
    row: int
    left_mm: float
    right_mm: float
    start_s: float


def arrange(
    path: Path, ruled: Ruled, speed_mm_s: float, layout: str = "auto", leads: Sequence[str] | None = None
) -> tuple[list[Panel], tuple[str, ...]]:
    """Name what stands on a page.

    Parameters
    ----------
    path
        Named in errors.
    ruled
        The page's rows, and its words if it is no picture.
    speed_mm_s
        Of the paper.
    layout
        One of `LAYOUT_NAMES`; ``"auto"`` goes by the names on the page, by traces drawn apart, and by how many rows
        there are.
    leads
        Names of the rows of a strip from above, where they cannot be read.

    Returns
    -------
    panels
        A row whose name could not be read beside named ones is called `RHYTHM`.
    notes
        What was assumed, one sentence each.

    Raises
    ------
    OptionError
        An unknown layout, or too few or too many `leads`.
    FormatError
        The rows fit no known layout, or not the one that was given.
    """
    if layout not in LAYOUT_NAMES:
        raise unknown("layout", layout, LAYOUT_NAMES)
    labels = _labels(ruled)
    if leads is not None:
        return _strip(path, ruled, speed_mm_s, tuple(leads)), tuple(_foot_note(ruled, speed_mm_s))
    name = _layout_of(path, ruled, labels) if layout == "auto" else layout
    if name == "strip":
        names = _row_names(ruled, labels)
        if None in names:
            raise FormatError(
                f"{path}: {len(names)} rows whose names cannot be read; name them from above with --leads"
            )
        return _strip(path, ruled, speed_mm_s, tuple(filter(None, names))), tuple(_foot_note(ruled, speed_mm_s))
    return _columns(path, ruled, speed_mm_s, name, labels)


def _labels(ruled: Ruled) -> list[Word]:
    """Return the words that are names of leads and stand where rows are."""
    top = ruled.rows[0].baseline_mm - _NAME_UP_MM
    bottom = ruled.rows[-1].baseline_mm + _NAME_DOWN_MM
    return [word for word in ruled.words if lead_name(word.text) in NAMES and top < word.y_mm < bottom]


def _at(labels: Sequence[Word], left_mm: float) -> list[Word]:
    """Return the labels of traces that begin at `left_mm`, from above."""
    near = (word for word in labels if left_mm - _NAME_LEFT_MM < word.x_mm < left_mm + _NAME_RIGHT_MM)
    return sorted(near, key=lambda word: word.y_mm)


def _layout_of(path: Path, ruled: Ruled, labels: Sequence[Word]) -> str:
    n_rows = len(ruled.rows)
    n_columns = len(ruled.columns_mm)
    if labels:
        x = np.sort([word.x_mm for word in labels])
        n_columns = int((np.diff(x) > _NAME_RIGHT_MM).sum()) + 1
    for name, (rows, columns) in SHAPES.items():
        if columns > 1 and columns == n_columns and rows <= n_rows <= rows + MOST_RHYTHM_ROWS:
            return name
    if n_columns <= 1 and labels:
        return "strip"
    if n_columns <= 1:
        by_rows = {3: "3x4", 4: "3x4", 5: "3x4", 7: "6x2", 8: "6x2", 12: "12x1", 13: "12x1"}
        if n_rows in by_rows:
            return by_rows[n_rows]
    raise FormatError(
        f"{path}: {n_rows} rows{f' in {n_columns} columns' if n_columns > 1 else ''} whose names cannot be read; "
        f"say how they are arranged with --layout ({', '.join(SHAPES)}) or name them from above with --leads"
    )


def _row_names(ruled: Ruled, labels: Sequence[Word]) -> list[str | None]:
    """Return the name of each row, read at its beginning; None where there is none."""
    found = _at(labels, ruled.rows[0].left_mm)
    if len(found) == len(ruled.rows):  # a name stands nearer to its own row than to others, so order decides
        return [lead_name(word.text) for word in found]
    names: list[str | None] = []
    for row in ruled.rows:
        near = [word for word in found if -_NAME_DOWN_MM < row.baseline_mm - word.y_mm + 6 < _NAME_DOWN_MM]
        nearest = min(near, key=lambda word: abs(word.y_mm - row.baseline_mm), default=None)
        names.append(None if nearest is None else lead_name(nearest.text))
    return names


def _strip(path: Path, ruled: Ruled, speed_mm_s: float, names: tuple[str, ...]) -> list[Panel]:
    """Name rows one by one; a name that comes again goes on where it stopped."""
    if len(names) != len(ruled.rows):
        raise OptionError(f"{path}: {len(names)} names for {len(ruled.rows)} rows; give one each, from above")
    left = _left(ruled, speed_mm_s)
    width = _snapped(max(row.right_mm for row in ruled.rows) - left)
    times_seen: dict[str, int] = {}
    panels = []
    for k, name in enumerate(map(lead_name, names)):
        n = times_seen.get(name, 0)
        times_seen[name] = n + 1
        panels.append(Panel(name, k, left, left + width, n * width / speed_mm_s))
    return panels


def _columns(
    path: Path, ruled: Ruled, speed_mm_s: float, name: str, labels: Sequence[Word]
) -> tuple[list[Panel], tuple[str, ...]]:
    n_rows, n_columns = SHAPES[name]
    if not n_rows <= len(ruled.rows) <= n_rows + MOST_RHYTHM_ROWS:
        raise FormatError(
            f"{path}: {len(ruled.rows)} rows; layout {name} has {n_rows}, and up to {MOST_RHYTHM_ROWS} rhythm leads"
        )
    starts = _starts(ruled, n_columns, speed_mm_s)
    pitch = (
        _snapped((starts[-1] - starts[0]) / (n_columns - 1)) if n_columns > 1 else _snapped(_width(ruled, speed_mm_s))
    )
    n_rhythm = len(ruled.rows) - n_rows
    whole_s = (max((row.right_mm for row in ruled.rows[n_rows:]), default=np.inf) - starts[0]) / speed_mm_s
    shown_s = min(pitch / speed_mm_s, whole_s)
    short = n_columns > 1 and whole_s < n_columns * shown_s - 0.1
    times = np.linspace(0, whole_s - shown_s, n_columns) if short else np.arange(n_columns) * pitch / speed_mm_s
    panels, n_read = [], 0
    for c, left in enumerate(starts):
        read = [lead_name(word.text) for word in _at(labels, left)]
        usual = list(STANDARD_12[c * n_rows : (c + 1) * n_rows])
        n_here = n_rows + (n_rhythm if c == 0 else 0)
        if len(read) != n_here:
            read = []
        n_read += len(read)
        names = read[:n_rows] or usual
        panels += [Panel(lead, row, left, left + pitch, float(times[c])) for row, lead in enumerate(names)]
        if c == 0:
            tail = read[n_rows:] or [RHYTHM] * n_rhythm
            end = starts[0] + max(_width(ruled, speed_mm_s), n_columns * pitch)
            panels += [Panel(lead, n_rows + k, starts[0], end, 0.0) for k, lead in enumerate(tail)]
    notes = _foot_note(ruled, speed_mm_s)
    if n_read < len(panels):
        notes.append(f"leads are named by the usual {name} arrangement: not all names could be read")
    if short:
        notes.append(f"columns are taken to begin at {', '.join(f'{t:.2f}' for t in times)} s of {whole_s:.2f} s")
    return panels, tuple(notes)


def _foot_note(ruled: Ruled, speed_mm_s: float) -> list[str]:
    if not ruled.joins_pulse:
        return []
    width = _width(ruled, speed_mm_s)
    return [f"pulses go over into the traces, which are taken to last {width / speed_mm_s:.2f} s to the end of the row"]


def _width(ruled: Ruled, speed_mm_s: float) -> float:
    return max(row.right_mm for row in ruled.rows) - _left(ruled, speed_mm_s)


def _left(ruled: Ruled, speed_mm_s: float) -> float:
    """Return where rows begin: the middle of those beside the first, since each is read to a part of a pixel.

    Where a pulse goes over into the trace so does its foot, and no one sees where it ends: rows last whole seconds.
    """
    starts = np.array([row.left_mm for row in ruled.rows])
    first = float(np.median(starts[starts < starts.min() + 0.5]))
    if not ruled.joins_pulse:
        return first
    seconds = (max(row.right_mm for row in ruled.rows) - first) / speed_mm_s
    over = seconds - np.floor(seconds + _LAST_SAMPLE_S)
    return first + float(over) * speed_mm_s if 0 < over < MOST_FOOT_S else first


def _starts(ruled: Ruled, n_columns: int, speed_mm_s: float) -> list[float]:
    """Return where columns begin: as drawn, or at equal parts of the rows."""
    if len(ruled.columns_mm) == n_columns:
        gaps = [b - a for a, b in pairwise(ruled.columns_mm)]
        if not gaps or max(gaps) - min(gaps) < 1:
            return list(ruled.columns_mm)
    left = _left(ruled, speed_mm_s)
    pitch = _snapped(_width(ruled, speed_mm_s) / n_columns)
    return [left + c * pitch for c in range(n_columns)]


def _snapped(length_mm: float) -> float:
    """Return a length to the half millimetre where it is one but for the last sample, which ends before it."""
    nearest = round(length_mm / _SNAP_MM) * _SNAP_MM
    return nearest if abs(length_mm - nearest) < _SNAP_WITHIN_MM else length_mm
