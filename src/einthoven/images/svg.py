"""A sheet as SVG: true size, whole hundredths of a millimetre, small enough to stand inside a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .sheet import LOOKS, Box, Curve, Label, Look, Mark, Ruling, Sheet
from .words import escaped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

UNITS_PER_MM = 100
FONTS = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif"


def svg(sheet: Sheet, *, inline: bool = False, looks: Mapping[str, Look] = LOOKS) -> str:
    """Return `sheet` as an SVG document; `inline` is for a page, which gives the style of all its sheets once.

    `looks` says what each role looks like; see :func:`.colours.looks`.

    Examples
    --------
    >>> print(svg(Sheet(10, 5, "T", "a square", (Box("poor", 1, 1, 2, 2),)), inline=True))
    <svg class="ecg" role="img" aria-label="T: a square" width="10mm" height="5mm" viewBox="0 0 1000 500">
    <rect class="poor" x="100" y="100" width="200" height="200"/>
    </svg>
    """
    size = (
        f'width="{sheet.width_mm:g}mm" height="{sheet.height_mm:g}mm" '
        f'viewBox="0 0 {_units(sheet.width_mm)} {_units(sheet.height_mm)}"'
    )
    if inline:
        head = [f'<svg class="ecg" role="img" aria-label="{escaped(f"{sheet.title}: {sheet.description}")}" {size}>']
    else:
        head = [f'<svg xmlns="http://www.w3.org/2000/svg" class="ecg" role="img" {size}>']
        head += [f"<title>{escaped(sheet.title)}</title><desc>{escaped(sheet.description)}</desc>"]
        head += [f"<style>{style_rules(looks=looks)}</style>"]
    return "\n".join([*head, *map(_mark, sheet.marks), "</svg>"])


def style_rules(*, dark: bool = False, looks: Mapping[str, Look] = LOOKS) -> str:
    """Return the CSS that gives every role its look, on light or on dark ground."""
    rules = (
        [] if dark else [f".ecg text{{font-family:{FONTS}}}", ".ecg path{stroke-linejoin:round;stroke-linecap:round}"]
    )
    return "".join(rules + [_rule(role, look, dark) for role, look in looks.items()]) + _halo(dark, looks["paper"])


def _halo(dark: bool, paper: Look) -> str:
    colour = paper.dark if dark else paper.light
    return f".ecg .halo{{paint-order:stroke;stroke:{colour};stroke-width:70;stroke-linejoin:round}}"


def _rule(role: str, look: Look, dark: bool) -> str:
    colour = look.dark if dark else look.light
    paint = f"stroke:{colour}" if look.line_mm else f"fill:{colour}"
    if not dark:
        paint += f";fill:none;stroke-width:{_units(look.line_mm)}" if look.line_mm else ""
        paint += f";font-size:{_units(look.letter_mm)}px" if look.letter_mm else ""
        paint += ";font-weight:600" if look.bold else ""
        paint += f";fill-opacity:{look.opacity:g}" if look.opacity < 1 else ""
    return f".ecg .{role}{{{paint}}}"


def _mark(mark: Mark) -> str:
    match mark:
        case Ruling():
            return f'<path class="{mark.role}" d="{_ruling(mark)}"/>'
        case Box():
            left, top, width, height = map(_units, (mark.left_mm, mark.top_mm, mark.width_mm, mark.height_mm))
            return f'<rect class="{mark.role}" x="{left}" y="{top}" width="{width}" height="{height}"/>'
        case Curve():
            close = "" if LOOKS[mark.role].line_mm else "z"
            lead = f' data-lead="{escaped(mark.lead)}"' if mark.lead else ""
            return f'<path class="{mark.role}"{lead} d="{"".join(_polyline(line) + close for line in mark.lines)}"/>'
        case Label():
            halo = " halo" if mark.halo else ""
            anchor = f' text-anchor="{mark.anchor}"' if mark.anchor != "start" else ""
            place = f'x="{_units(mark.x_mm)}" y="{_units(mark.y_mm)}"'
            return f'<text class="{mark.role}{halo}" {place}{anchor}>{escaped(mark.text)}</text>'


def _ruling(mark: Ruling) -> str:
    left, top, width, height, step = map(
        _units, (mark.left_mm, mark.top_mm, mark.width_mm, mark.height_mm, mark.step_mm)
    )
    upright = "".join(f"M{x} {top}v{height}" for x in range(left, left + width + 1, step))
    return upright + "".join(f"M{left} {y}h{width}" for y in range(top, top + height + 1, step))


def _polyline(points_mm: NDArray[np.float64]) -> str:
    """Write a line as one absolute point and whole steps, leaving out points that lie on the way."""
    points = np.round(points_mm * UNITS_PER_MM).astype(np.int64)
    steps = np.diff(points, axis=0)
    steps = steps[np.any(steps != 0, axis=1)]
    start = f"M{points[0, 0]} {points[0, 1]}"
    if not len(steps):
        return start + "h0"  # with round ends this shows as a dot
    turns = np.flatnonzero(np.any(steps[1:] != steps[:-1], axis=1)) + 1
    steps = np.add.reduceat(steps, np.concatenate(([0], turns)))
    return start + "l" + " ".join(f"{x} {y}" for x, y in steps.tolist()).replace(" -", "-")


def _units(value_mm: float) -> int:
    return round(value_mm * UNITS_PER_MM)
