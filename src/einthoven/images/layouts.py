"""Which lead stands where on a sheet, and which seconds of it: the arrangements cardiologists know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ..codes import STANDARD_12
from ..errors import OptionError, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CLINICAL_MM_S = 25.0
ROW_S = 10.0
ROW_MM = ROW_S * CLINICAL_MM_S
STRIP_DEFAULT_S = 30.0
MOST_PAGE_S = 60.0
MOST_ROWS = 64
STRIP_ROW_S: Final = (10, 60, 600, 3600, 21_600)
"""Seconds a row of a strip may hold; a longer view takes the next, so that it never runs over `MOST_ROWS` rows."""

RHYTHM_LEADS: Final = ("II", "MLII", "V1", "V5", "V2")
"""Leads that show rhythm best, best first."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One lead for some seconds; `left_mm` counts from where the row's signal begins."""

    lead: str
    start_s: float
    seconds: float
    left_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """Panels side by side. `marks_beats`: beats' symbols stand above it; `start_s`: time to print at its left."""

    panels: tuple[Panel, ...]
    marks_beats: bool = False
    start_s: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows from above, all at one speed, and how wide they may become."""

    rows: tuple[Row, ...]
    speed_mm_s: float
    width_mm: float


def plan(layout: str, leads: Sequence[str], start_s: float, seconds: float) -> Plan:
    """Return the arrangement of `leads` named `layout`, one of `LAYOUTS`.

    Raises
    ------
    OptionError
        No such layout, or it cannot show so many seconds or these leads.

    Examples
    --------
    >>> [panel.lead for panel in plan("3x4", STANDARD_12, 0, 10).rows[0].panels]
    ['I', 'aVR', 'V1', 'V4']
    """
    if layout not in LAYOUTS:
        raise unknown("layout", layout, LAYOUTS)
    return LAYOUTS[layout](leads, start_s, seconds)


def rhythm_leads(leads: Sequence[str], most: int = 1) -> tuple[str, ...]:
    """Return the `most` leads of a record that show its rhythm best.

    Examples
    --------
    >>> rhythm_leads(STANDARD_12), rhythm_leads(("ECG1", "V5"), 3)
    (('II',), ('V5', 'ECG1'))
    """
    best = [lead for lead in RHYTHM_LEADS if lead in leads]
    return tuple([*best, *(lead for lead in leads if lead not in best)][:most])


def default_layout(leads: Sequence[str]) -> str:
    """Return the layout that suits these leads: 3x4 for a 12-lead ECG, rows for several leads, else strips."""
    if len(set(leads) & set(STANDARD_12)) >= 8:
        return "3x4"
    return "12x1" if len(leads) > 3 else "strip"


def default_seconds(layout: str) -> float:
    """Return how many seconds a layout shows unless told."""
    return STRIP_DEFAULT_S if layout == "strip" else ROW_S


def _columns(n_columns: int, name: str) -> Callable[[Sequence[str], float, float], Plan]:
    """Return the planner of a page: the twelve leads in `n_columns`, below them any others, and the rhythm lead."""
    n_rows = len(STANDARD_12) // n_columns

    def planner(leads: Sequence[str], start_s: float, seconds: float) -> Plan:
        _page_length(name, seconds)
        if not set(leads) & set(STANDARD_12):
            raise OptionError(
                f"layout '{name}' shows the twelve standard leads; these are {', '.join(leads)}; use strip"
            )
        pitch_s = max(ROW_S, seconds) / n_columns
        shown_s = min(seconds, pitch_s)
        starts = start_s + np.linspace(0, seconds - shown_s, n_columns)
        rhythm = Panel(rhythm_leads(leads)[0], start_s, seconds)
        others = [lead for lead in leads if lead not in STANDARD_12 and lead != rhythm.lead]
        named = [STANDARD_12[row::n_rows] for row in range(n_rows)]
        named += [tuple(others[i : i + n_columns]) for i in range(0, len(others), n_columns)]
        rows = []
        for names in named:
            places = enumerate(zip(names, starts.tolist(), strict=False))
            rows.append(Row(tuple(Panel(lead, at, shown_s, i * pitch_s * CLINICAL_MM_S) for i, (lead, at) in places)))
        return Plan((*rows, Row((rhythm,), marks_beats=True)), CLINICAL_MM_S, pitch_s * n_columns * CLINICAL_MM_S)

    return planner


def _stacked(leads: Sequence[str], start_s: float, seconds: float) -> Plan:
    """Plan one row a lead, the standard ones first, at full length."""
    _page_length("12x1", seconds)
    ordered = [lead for lead in STANDARD_12 if lead in leads]
    ordered += [lead for lead in leads if lead not in ordered]
    rows = tuple(Row((Panel(lead, start_s, seconds),), marks_beats=not i) for i, lead in enumerate(ordered))
    return Plan(rows, CLINICAL_MM_S, max(ROW_S, seconds) * CLINICAL_MM_S)


def _strip(leads: Sequence[str], start_s: float, seconds: float) -> Plan:
    """Plan lines of 10 s, or of more where 10 s would make too many lines, with every lead in each."""
    lines_of = (row_s for row_s in STRIP_ROW_S if seconds <= row_s * max(1, MOST_ROWS // len(leads)))
    row_s = next(lines_of, max(STRIP_ROW_S[-1], seconds / max(1, MOST_ROWS // len(leads))))
    rows = []
    for k in range(max(1, int(np.ceil(seconds / row_s - 1e-9)))):
        at, shown_s = start_s + k * row_s, min(row_s, seconds - k * row_s)
        rows += [Row((Panel(lead, at, shown_s),), not i, None if i else at) for i, lead in enumerate(leads)]
    return Plan(tuple(rows), ROW_MM / row_s, ROW_MM)


def _page_length(layout: str, seconds: float) -> None:
    if seconds > MOST_PAGE_S:
        raise OptionError(f"layout '{layout}' shows up to {MOST_PAGE_S:g} s, not {seconds:g} s; use strip for more")


LAYOUTS: Final[dict[str, Callable[[Sequence[str], float, float], Plan]]] = {
    "3x4": _columns(4, "3x4"),
    "6x2": _columns(2, "6x2"),
    "12x1": _stacked,
    "strip": _strip,
}
