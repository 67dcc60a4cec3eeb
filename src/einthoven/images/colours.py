"""Paper of another colour: how the roles of a sheet look with other colours for grid and trace."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..errors import OptionError
from .sheet import LOOKS, NO_COLOUR, Look

if TYPE_CHECKING:
    from collections.abc import Mapping

GRID_COLOURS: Final = {
    "red": "#eb9a8d",
    "orange": "#f0b27a",
    "green": "#93c79b",
    "blue": "#95b5e3",
    "grey": "#b3b3b3",
    "none": NO_COLOUR,
}
"""Colours of the lines each 5 mm, as printed paper has them."""

TRACE_COLOURS: Final = {
    "black": "#15171c",
    "red": "#b3261e",
    "green": "#14663a",
    "blue": "#1d3f94",
    "grey": "#5f6368",
}

_FINE_SHARE, _PAPER_SHARE = 0.45, 0.05  # of the colour in lines each millimetre, and in the ground


def looks(grid: str | None = None, trace: str | None = None) -> Mapping[str, Look]:
    """Return `LOOKS` with other colours.

    Parameters
    ----------
    grid
        Colour of the lines each 5 mm, a key of `GRID_COLOURS` or ``#rrggbb``; those each millimetre, and the paper, are
        paler. ``none`` leaves white paper without lines. None keeps the usual red.
    trace
        Colour of traces and calibration pulses, a key of `TRACE_COLOURS` or ``#rrggbb``; None keeps the usual black.

    Raises
    ------
    OptionError
        A colour is neither.

    Examples
    --------
    >>> blue = looks(grid="#0000ff", trace="red")
    >>> blue["grid-5"].light, blue["grid-1"].light, blue["paper"].light, blue["trace"].light
    ('#0000ff', '#8c8cff', '#f2f2ff', '#b3261e')
    """
    changed = dict(LOOKS)
    if grid is not None:
        line = _colour("grid colour", grid, GRID_COLOURS)
        ground = "#ffffff" if line == NO_COLOUR else _paler(line, _PAPER_SHARE)
        fine = line if line == NO_COLOUR else _paler(line, _FINE_SHARE)
        for role, colour in (("paper", ground), ("grid-1", fine), ("grid-5", line)):
            changed[role] = replace(LOOKS[role], light=colour)
    if trace is not None:
        line = _colour("trace colour", trace, TRACE_COLOURS)
        for role in ("trace", "trace-slow", "tick"):
            changed[role] = replace(LOOKS[role], light=line)
    return changed


def rgb(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of a colour of a look.

    Examples
    --------
    >>> rgb("#ff8000")
    (255, 128, 0)
    """
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def _colour(what: str, name: str, named: Mapping[str, str]) -> str:
    if name in named:
        return named[name]
    if not re.fullmatch("#[0-9a-fA-F]{6}", name):
        raise OptionError(f"{what} {name!r} is not known: choose from {', '.join(named)}, or give it as #rrggbb")
    return name.lower()


def _paler(colour: str, share: float) -> str:
    """Return a colour mixed with white."""
    return "#" + "".join(f"{round(255 + share * (value - 255)):02x}" for value in rgb(colour))
