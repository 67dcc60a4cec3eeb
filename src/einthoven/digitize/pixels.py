"""Rows of traces in a picture: rulings give the scale, wide connected ink is trace, pulses or level ink are rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import FormatError
from .follow import Followed, centre_line, follow, pen_width
from .grid import Grid, find_grid
from .picture import Ink, ink_of
from .pulses import first_pulse
from .rows import Pulse, Row, Ruled, alike
from .runs import Runs, find_runs

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL.Image import Image

    Floats = NDArray[np.float64]

LEAST_TRACE_MM = 4.8  # letters and marks are narrower
_LEVEL_DEGREES = 0.02  # 0.1 mm in 270
_ROW_MM = 9.0
_NEAR_MM = 2.5
_SHARED_MM = 8.0
_BRIDGED_MM = 0.8
_MOST_ROWS = 40
_THICKEST_MM = 1.6
_MOST_SHARED = 0.2


@dataclass(frozen=True, slots=True)
class _Paper:
    """Pixels to millimetres of the ruled area."""

    x_px_mm: float
    y_px_mm: float

    def x(self, column: NDArray[Any]) -> Floats:
        return np.asarray((column + 0.5) / self.x_px_mm)


def read_picture(path: Path, picture: Image) -> Ruled:
    """Find the rows of traces in a picture.

    Raises
    ------
    FormatError
        It shows no flat ruled paper, or stands on its head; nothing on it is a trace, or traces run into each other.
    """
    ink = ink_of(path, picture)
    grid = find_grid(path, ink.ruled)
    notes = []
    if abs(grid.degrees) > _LEVEL_DEGREES:
        notes.append(f"the picture was turned by {grid.degrees:.2f} degrees to level its rulings")
        ink, grid = _levelled(path, ink, grid.degrees)
    if not grid.both:
        notes.append(
            f"rulings are taken to be {'1' if grid.fine else '5'} mm apart, which makes the picture "
            f"{ink.dark.shape[1] / grid.x_px_mm:.0f} mm wide"
        )
    top, bottom, left, right = grid.area
    dark = ink.dark[top:bottom, left:right]
    runs = find_runs(dark)
    paper = _Paper(grid.x_px_mm, grid.y_px_mm)
    rows, more = _rows(path, dark, _large(path, runs, paper), paper)
    if not any(row.pulse for row in rows):
        _check_upright(path, dark, paper, len(rows))
    return Ruled(rows, notes=(*notes, *more), pictured=True)


def _levelled(path: Path, ink: Ink, degrees: float) -> tuple[Ink, Grid]:
    from PIL import Image

    def turned(values: NDArray[np.float32], most: float) -> NDArray[np.float32]:
        bytes_ = Image.fromarray((values * np.float32(255 / most)).astype(np.uint8))
        whole = bytes_.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=0)
        return np.asarray(whole, np.float32) * np.float32(most / 255)

    level = Ink(turned(ink.dark, 1.0), turned(ink.ruled, 255.0))
    return level, find_grid(path, level.ruled)


def _check_upright(path: Path, dark: NDArray[np.float32], paper: _Paper, n_rows: int) -> None:
    """Raise FormatError where no row begins with a pulse, and half of them do when the page is turned by half."""
    runs = _large(path, find_runs(np.ascontiguousarray(dark[::-1, ::-1])), paper)
    pulses, _ = _pulses(runs, paper, pen_width(runs))
    if 2 * len(pulses) >= n_rows:
        raise FormatError(f"{path}: stands on its head: its calibration pulses hang down at the right; turn it by half")


def _large(path: Path, runs: Runs, paper: _Paper) -> Runs:
    """Return the runs of parts that are as wide as no letter is."""
    width, height = runs.extents()
    wide = (width / paper.x_px_mm >= LEAST_TRACE_MM) & (height > 0)
    kept = runs.of(wide[runs.part])
    if not kept.column.size:
        raise FormatError(f"{path}: nothing on the ruled paper is a trace; a page must show an ECG as lines")
    pen_mm = float(np.percentile(kept.length, 25)) / paper.y_px_mm
    if pen_mm > _THICKEST_MM:
        raise FormatError(f"{path}: lines are {pen_mm:.1f} mm thick; traces are up to {_THICKEST_MM:g} mm")
    return kept


def _rows(path: Path, dark: NDArray[np.float32], runs: Runs, paper: _Paper) -> tuple[tuple[Row, ...], list[str]]:
    pen_px = pen_width(runs)
    pulses, free = _pulses(runs, paper, pen_px)
    if not free.column.size:
        raise FormatError(f"{path}: shows calibration pulses and no trace; a page must show an ECG as lines")
    pen_px = pen_width(free, find_runs(dark[:: max(1, round(paper.y_px_mm))].T))
    level = _levels(free, paper, pen_px)
    baselines = sorted(pulse.baseline_mm for pulse in pulses)
    baselines += [at for at in level if all(abs(at - one) > _ROW_MM for one in baselines)]
    baselines.sort()
    if not 0 < len(baselines) <= _MOST_ROWS:
        raise FormatError(f"{path}: {len(baselines)} rows of traces were found; there must be 1 to {_MOST_ROWS}")
    owners = _owners(free, np.array(baselines), paper, pen_px)
    followed = []
    for k, baseline in enumerate(baselines):
        own = free.of(owners[free.part, k])
        if own.column.size:
            followed.append((baseline, follow(own, baseline * paper.y_px_mm), owners[:, k]))
    standing = {pulse.baseline_mm: pulse for pulse in pulses}
    lost = _shared([one for _, one, _ in followed], free)
    rows, notes = [], []
    for k, (baseline, one, _) in enumerate(followed):
        if not one.chosen.size:
            continue
        share = lost[k].mean()
        if share > _MOST_SHARED:
            raise FormatError(
                f"{path}: row {k + 1} runs into another for {share:.0%} of its length; "
                f"traces can be told apart where that is less than {_MOST_SHARED:.0%}, and the page is upright"
            )
        if share > 0:
            seconds = float(lost[k].sum() / paper.x_px_mm)
            notes.append(f"row {k + 1} runs into another for {seconds:.1f} mm, which count as missing")
        lines = _lines(dark, one, ~lost[k], paper, pen_px)
        if lines:
            rows.append(Row(baseline, lines, standing.get(baseline)))
    if not rows:
        raise FormatError(f"{path}: nothing on the ruled paper is a trace; a page must show an ECG as lines")
    return tuple(rows), notes


def _pulses(runs: Runs, paper: _Paper, pen_px: float) -> tuple[list[Pulse], Runs]:
    """Return the calibration pulses, and the runs without them."""
    found: dict[int, Pulse] = {}
    for part in np.unique(runs.part).tolist():
        own = runs.of(runs.part == part)
        one = follow(own, float(own.bottom.max()))
        top, bottom = own.top[one.chosen] / paper.y_px_mm, own.bottom[one.chosen] / paper.y_px_mm
        if (pulse := first_pulse(paper.x(one.column), top, bottom, pen_px / paper.y_px_mm)) is not None:
            found[part] = pulse
    kept = alike(list(found.values()))
    free = np.ones(len(runs.column), np.bool_)
    for part, pulse in found.items():
        if pulse in kept:
            own = runs.part == part
            end = (pulse.right_mm + 2.5) * paper.x_px_mm
            alone = runs.column[own].max() <= end
            free &= ~(own & (alone | (runs.column <= pulse.right_mm * paper.x_px_mm + pen_px)))
    return kept, runs.of(free)


def _levels(runs: Runs, paper: _Paper, pen_px: float) -> list[float]:
    """Return the heights, in mm, at which traces mostly run level."""
    from scipy.ndimage import gaussian_filter1d
    from scipy.signal import find_peaks

    thin = runs.length < 2.2 * pen_px
    if not thin.any():
        return []
    bins = np.arange(0, runs.bottom.max() / paper.y_px_mm + 10, 0.25)
    amount, _ = np.histogram(runs.middle[thin] / paper.y_px_mm, bins)
    smooth = np.pad(gaussian_filter1d(amount.astype(np.float64), 5, mode="constant"), 1)
    peaks, _ = find_peaks(smooth, distance=_ROW_MM / 0.25, prominence=0.2 * smooth.max())
    centre = bins[peaks - 1] + 0.125
    middle = runs.middle[thin] / paper.y_px_mm
    return [float(np.median(middle[np.abs(middle - at) < _ROW_MM / 3])) for at in centre]


def _owners(runs: Runs, baselines: Floats, paper: _Paper, pen_px: float) -> NDArray[np.bool_]:
    """Tell which rows each part belongs to: bool, shape (part + 1, row).

    A part is of the row it mostly runs level with, and of any other it is level with for a while: there two rows touch.
    """
    owners = np.zeros((runs.n_parts + 1, len(baselines)), np.bool_)
    thin = runs.length < 2.2 * pen_px
    for part in np.unique(runs.part).tolist():
        own = runs.part == part
        level = runs.middle[own & thin] if (own & thin).any() else runs.middle[own]
        level = level / paper.y_px_mm
        owners[part, int(np.abs(np.median(level) - baselines).argmin())] = True
        near = (np.abs(level[:, None] - baselines) < _NEAR_MM).sum(axis=0) / paper.x_px_mm
        nearest = np.bincount(np.abs(level[:, None] - baselines).argmin(axis=1), minlength=len(baselines))
        owners[part] |= (near >= _SHARED_MM) & (nearest / paper.x_px_mm >= _SHARED_MM)
    return owners


def _shared(followed: list[Followed], runs: Runs) -> list[NDArray[np.bool_]]:
    """Tell for each trace which of its columns another trace has chosen too."""
    keys = []
    for one in followed:
        at = one.chosen
        keys.append(one.runs.column[at] * 1_000_000 + np.round(one.runs.top[at] * 16).astype(np.int64))
    everything = np.concatenate(keys) if keys else np.empty(0, np.int64)
    values, counts = np.unique(everything, return_counts=True)
    twice = values[counts > 1]
    del runs
    return [np.isin(key, twice) for key in keys]


def _lines(
    dark: NDArray[np.float32], followed: Followed, keep: NDArray[np.bool_], paper: _Paper, pen_px: float
) -> tuple[Floats, ...]:
    """Return a followed trace as lines in mm, broken where ink is missing."""
    y = centre_line(followed, pen_px) / paper.y_px_mm
    column = followed.column.astype(np.float64)
    column, y = column[keep], y[keep]
    if not column.size:
        return ()
    cuts = np.flatnonzero(np.diff(column) / paper.x_px_mm > _BRIDGED_MM) + 1
    lines = []
    for at, heights in zip(np.split(column, cuts), np.split(y, cuts), strict=True):
        x = paper.x(at)
        first = _end(dark, at, heights * paper.y_px_mm, 1) + pen_px / 2  # the pen's round end stands before its line
        last = _end(dark, at, heights * paper.y_px_mm, -1) - pen_px / 2
        if last - first > 1:
            ends = np.array((first, last)) / paper.x_px_mm
            inside = (x > ends[0]) & (x < ends[1])
            middle = np.stack((x[inside], heights[inside]), axis=1)
            tips = np.stack((ends, np.interp(ends, x, heights)), axis=1)
            lines.append(np.concatenate((tips[:1], middle, tips[1:])))
    return tuple(lines)


def _end(dark: NDArray[np.float32], column: Floats, y_px: Floats, way: int) -> float:
    """Return where ink begins (`way` 1) or ends (-1), in pixels from the left, by how dark its last columns are."""
    order = slice(0, 4) if way > 0 else slice(None, -5, -1)
    columns, rows = column[order].astype(np.int64), y_px[order].astype(np.int64)
    tip, row = int(columns[0]), int(rows[0])

    def darkest(at: int, row: int) -> float:
        part = dark[max(0, row - 1) : row + 2, max(0, at) : at + 1]
        return float(part.max(initial=0))

    full = max(float(np.median([darkest(int(c), int(r)) for c, r in zip(columns, rows, strict=True)])), 0.3)
    beyond = min(1.0, darkest(tip - way, row) / full) if 0 <= tip - way < dark.shape[1] else 0.0
    share = min(1.0, darkest(tip, row) / full) + beyond
    return tip + 1 - share if way > 0 else tip + share
