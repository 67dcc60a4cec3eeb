"""Rows of traces on a vector page: rulings give the scale, and lines that run on from left to right are traces."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..errors import FormatError
from .drawing import Drawing, Shape, joined
from .outlines import outlined_names
from .rows import PULSE_MM, Pulse, Row, Ruled, alike

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

RULING_MM = 20.0  # a ruling is at least so long
FEWEST_RULINGS = 8
STEPS_MM = (1.0, 5.0)
_STEP_TOLERANCE = 0.2  # how far a page may be scaled, and its rulings still be told apart
_LEAST_TRACE_MM = 2.0
_BACKWARD = 0.02
_SAME_MM = 0.05
_LEVEL_MM = 0.005
_ROW_MM = 5.0
_MOST_CORNERS = 12  # of a pulse


def read_drawing(path: Path, drawing: Drawing) -> Ruled:
    """Find the rows of traces on a vector page.

    Raises
    ------
    FormatError
        The page has no ruled paper, or nothing on it is a trace.
    """
    strokes = list(drawing.strokes())
    rulings = [shape for shape in strokes if _is_ruling(shape)]
    x_step, y_step, notes = _steps(path, rulings, drawing)
    scale = np.array((1 / x_step, 1 / y_step))
    words = (*drawing.words, *outlined_names(drawing))
    words = tuple(
        replace(word, x_mm=word.x_mm / x_step, y_mm=word.y_mm / y_step, size_mm=word.size_mm / y_step) for word in words
    )
    grid_styles = {_style(shape) for shape in rulings}
    pens = defaultdict(list)
    for shape in strokes:
        if _style(shape) not in grid_styles:
            pens[_style(shape)].append([line * scale for line in shape.lines])
    drawn = [[_split(lines) for lines in shapes] for shapes in pens.values()]
    pulses = alike([pulse for shapes in drawn for pulse in _pulses(shapes)])
    groups = _traces(drawn)
    if not groups:
        raise FormatError(f"{path}: nothing on the ruled paper is a trace; a page must show an ECG as lines")
    rows = _rows(groups, pulses)
    return Ruled(rows, words, _columns(groups), notes=notes)


def _style(shape: Shape) -> tuple[float, ...]:
    return (*(round(part, 3) for part in shape.colour), round(shape.width_mm, 3))


def _straight(shape: Shape, axis: int) -> list[float]:
    """Return where the long straight lines of a shape lie that keep their place along `axis`."""
    return [
        float(line[0, axis])
        for line in shape.lines
        if np.ptp(line[:, axis]) < _SAME_MM and np.ptp(line[:, 1 - axis]) >= RULING_MM
    ]


def _is_ruling(shape: Shape) -> bool:
    if max(map(len, shape.lines)) > 5:
        return False
    straight = len(_straight(shape, 0)) + len(_straight(shape, 1))
    return straight > 0.9 * len(shape.lines)


def _steps(path: Path, rulings: Sequence[Shape], drawing: Drawing) -> tuple[float, float, tuple[str, ...]]:
    """Return the page's mm for a mm of its paper, across and down, and what is to be said of it."""
    places: dict[tuple[float, ...], tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    for shape in rulings:
        for axis in (0, 1):
            places[_style(shape)][axis].extend(_straight(shape, axis))
    found = []
    for axis in (0, 1):
        spacings = [step for at in places.values() if (step := _spacing(at[axis])) is not None]
        if not spacings:
            raise FormatError(
                f"{path}: has no ruled paper ({sum(map(len, (p[axis] for p in places.values())))} rulings "
                f"{('across', 'down')[axis]} the page); lines 1 mm or 5 mm apart must give the scale"
            )
        fine = min(spacings)
        unit = next((step for step in STEPS_MM if abs(fine / step - 1) < _STEP_TOLERANCE), None)
        if unit is None and any(abs(step / fine / 5 - 1) < 0.02 for step in spacings):
            unit = 1.0
        if unit is None:
            raise FormatError(
                f"{path}: rulings are {fine:.3g} mm apart on the page; they must be 1 or 5 mm apart, or both"
            )
        found.append(fine / unit)
    notes: tuple[str, ...] = ()
    if max(abs(found[0] - 1), abs(found[1] - 1)) > 0.002:
        notes = (f"the page is drawn at {found[0] * 100:.1f} % of true size; its rulings gave the scale",)
    return found[0], found[1], notes


def _spacing(places: Iterable[float]) -> float | None:
    """Return how far apart most neighbours are, or None where there are too few, or no rule in them."""
    at: Array = np.unique(np.round(np.asarray(list(places), np.float64), 2))
    if len(at) < FEWEST_RULINGS:
        return None
    gaps = np.diff(at)
    gaps = gaps[gaps > 0.15]
    if not gaps.size:
        return None
    step = float(np.median(gaps))
    if (np.abs(gaps - step) < 0.06 * step + 0.02).mean() < 0.6:  # every fifth may be another pen's
        return None
    return _slope(at, step)


def _slope(at: Array, step: float) -> float:
    """Return the spacing that fits all places best; some may be missing."""
    index = np.round((at - at[0]) / step)
    return float(np.polyfit(index, at, 1)[0])


def _pulses(shapes: Sequence[Sequence[Array]]) -> list[Pulse]:
    """Return the lines of one pen that are a calibration pulse: up, along and down again, with square corners."""
    drawn = (line for lines in shapes for line in lines if 4 <= len(line) <= _MOST_CORNERS)
    return [pulse for line in drawn if (pulse := _as_pulse(line)) is not None]


def _split(lines: Sequence[Array]) -> list[Array]:
    """Return joined lines with a pulse that goes over into a trace taken off it."""
    parts: list[Array] = []
    for line in joined(lines):
        fronts = range(4, _MOST_CORNERS + 1) if len(line) > _MOST_CORNERS else ()
        cut = next((k for k in fronts if _as_pulse(line[:k]) is not None), 0)
        while 0 < cut < len(line) - 1 and abs(line[cut, 1] - line[cut - 1, 1]) < _LEVEL_MM:
            cut += 1  # the foot
        parts += [line[:cut], line[cut - 1 :]] if cut else [line]
    return parts


def _as_pulse(line: Array) -> Pulse | None:
    step = np.diff(line, axis=0)
    if (np.abs(step).min(axis=1) > _LEVEL_MM).any() or step[:, 0].min() < -_SAME_MM:
        return None
    low, top = float(line[:, 1].max()), float(line[:, 1].min())
    height = low - top
    high = line[np.abs(line[:, 1] - top) < _SAME_MM]
    ends = abs(line[0, 1] - low) < _SAME_MM and abs(line[-1, 1] - low) < _SAME_MM
    if not (ends and PULSE_MM[0] <= height <= PULSE_MM[1] and len(high) >= 2):
        return None
    width = float(np.ptp(high[:, 0]))
    return Pulse(low, height, width, float(line[0, 0]), float(line[-1, 0])) if width > 0.1 else None


def _traces(pens: Iterable[Sequence[Sequence[Array]]]) -> list[list[Array]]:
    """Return what the pen that drew most from left to right drew, by strokes of it."""
    best: list[list[Array]] = []
    longest = 0.0
    for shapes in pens:
        groups = [kept for lines in shapes if (kept := [line for line in lines if _runs_on(line)])]
        if all(len(group) == 1 and len(group[0]) == 2 for group in groups):  # drawn segment by segment
            groups = [[line] for line in _split([line for lines in shapes for line in lines]) if _runs_on(line)]
        extent = sum(float(np.ptp(line[:, 0])) for group in groups for line in group if len(line) > 8)
        if extent > longest:
            best, longest = groups, extent
    return [group for group in best if sum(float(np.ptp(line[:, 0])) for line in group) >= _LEAST_TRACE_MM]


def _runs_on(line: Array) -> bool:
    """Tell whether a line goes from left to right as a trace does, and is no pulse."""
    if len(line) < 2 or (4 <= len(line) <= _MOST_CORNERS and _as_pulse(line) is not None):
        return False
    step = np.diff(line[:, 0])
    return bool(step.sum() > 0 and -step[step < 0].sum() <= _BACKWARD * step.sum())


def _level(group: Sequence[Array]) -> float:
    """Return the median height of lines, each stretch of x counting alike however many points it has."""
    heights = []
    for line in group:
        at = np.linspace(line[0, 0], line[-1, 0], max(2, round(float(np.ptp(line[:, 0])) * 20)))
        heights.append(np.interp(at, np.maximum.accumulate(line[:, 0]), line[:, 1]))
    return float(np.median(np.concatenate(heights)))


def _rows(groups: Sequence[Sequence[Array]], pulses: Sequence[Pulse]) -> tuple[Row, ...]:
    """Put groups of lines on the level of the pulse they are nearest to, or where there is none on their own."""
    levels = np.array([_level(group) for group in groups])
    standing = {pulse.baseline_mm: pulse for pulse in pulses}
    baselines = sorted(standing)
    if not baselines:
        ordered = np.sort(levels)
        cuts = np.flatnonzero(np.diff(ordered) > _ROW_MM) + 1
        baselines = [float(np.median(part)) for part in np.split(ordered, cuts)]
    rows = []
    nearest = np.abs(levels[:, None] - np.array(baselines)).argmin(axis=1)
    for k, baseline in enumerate(baselines):
        lines = [line for group, row in zip(groups, nearest.tolist(), strict=True) if row == k for line in group]
        if lines:
            lines.sort(key=lambda line: float(line[0, 0]))
            rows.append(Row(baseline, tuple(lines), standing.get(baseline)))
    return tuple(rows)


def _columns(groups: Sequence[Sequence[Array]]) -> tuple[float, ...]:
    """Return where columns of traces begin: places at which at least two traces do that are drawn apart."""
    starts = sorted(float(min(line[0, 0] for line in group)) for group in groups)
    cuts = [k + 1 for k, (a, b) in enumerate(pairwise(starts)) if b - a > _ROW_MM]
    parts = [part for part in np.split(np.array(starts), cuts) if len(part) > 1]
    return tuple(float(part.min()) for part in parts)
