"""Lines on paper as samples of leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .layout import RHYTHM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .layout import Panel
    from .rows import Row, Ruled
    from .scales import Scales

    Array = NDArray[np.float64]

_EDGE_MM = 0.02  # rounding of the places in a file must not cost the first sample
_BLUR_MM = 0.3  # of a picture
_MEET_MM = 1.0
_SAME_LEAD = 0.3  # of a lead's own deviation
_LEAST_COMMON = 100


def sampled(
    panels: Sequence[Panel], ruled: Ruled, scales: Scales, fs_hz: float
) -> tuple[tuple[str, ...], Array, tuple[str, ...]]:
    """Return the leads' names, their samples in mV, float64, shape (lead, sample), and notes.

    A lead that is shown twice, for a while among others and at full length as the rhythm lead, comes from the longer.
    """
    rows, blur_mm = ruled.rows, _BLUR_MM if ruled.pictured else 0.0
    n_samples = max(_n_samples(panel, rows[panel.row], scales, fs_hz) for panel in panels)
    found: dict[str, Array] = {}
    n_drawn: dict[str, int] = {}
    rhythm: list[Array] = []
    for panel in panels:
        signal = _panel(panel, rows[panel.row], scales, fs_hz, n_samples, blur_mm)
        if panel.lead == RHYTHM:
            rhythm.append(signal)
            continue
        before = found.get(panel.lead)
        n_now = int(np.isfinite(signal).sum())
        if before is None:
            found[panel.lead], n_drawn[panel.lead] = signal, n_now
            continue
        longer, other = (signal, before) if n_now > n_drawn[panel.lead] else (before, signal)
        found[panel.lead] = np.where(np.isfinite(longer), longer, other)
        n_drawn[panel.lead] = max(n_now, n_drawn[panel.lead])
    notes = [_name_rhythm(found, signal, k) for k, signal in enumerate(rhythm, start=1)]
    empty = [lead for lead, signal in found.items() if not np.isfinite(signal).any()]
    if empty:
        notes.append(f"no trace is drawn of {', '.join(empty)}; left out")
    leads = tuple(lead for lead in found if lead not in empty)
    return leads, np.stack([found[lead] for lead in leads]), tuple(notes)


def _n_samples(panel: Panel, row: Row, scales: Scales, fs_hz: float) -> int:
    """Return how many samples the record must have to hold what is drawn of a panel."""
    right = min(panel.right_mm, row.right_mm)
    stop_s = panel.start_s + (right - panel.left_mm + _EDGE_MM) / scales.speed_mm_s
    return int(stop_s * fs_hz) + 1


def _panel(panel: Panel, row: Row, scales: Scales, fs_hz: float, n_samples: int, blur_mm: float) -> Array:
    """Return a panel's samples; within `blur_mm` of where it meets another, their ink cannot be told apart."""
    signal = np.full(n_samples, np.nan)
    x = panel.left_mm + (np.arange(n_samples) / fs_hz - panel.start_s) * scales.speed_mm_s
    left = panel.left_mm + blur_mm * (row.left_mm < panel.left_mm - _MEET_MM) - _EDGE_MM
    right = panel.right_mm - blur_mm * (row.right_mm > panel.right_mm + _MEET_MM)
    inside = (x >= left) & (x < right - _EDGE_MM)
    for line in row.lines:
        own = (line[:, 0] >= left - _EDGE_MM) & (line[:, 0] <= right + _EDGE_MM)
        if own.sum() < 2:
            continue
        at, y = np.maximum.accumulate(line[own, 0]), line[own, 1]
        here = inside & (x >= at[0] - blur_mm / 2 - _EDGE_MM) & (x <= at[-1] + blur_mm / 2 + _EDGE_MM)
        signal[here] = (row.baseline_mm - np.interp(x[here], at, y)) / scales.gain_mm_mv
    return signal


def _name_rhythm(found: dict[str, Array], signal: Array, number: int) -> str:
    """Give a row without a name to the lead it is where both are shown, but for its level; return what to say of it."""
    best, lead = np.inf, ""
    for name, other in found.items():
        both = np.isfinite(signal) & np.isfinite(other)
        if both.sum() >= _LEAST_COMMON and signal[both].std() > 0:
            off = float((signal[both] - other[both]).std() / signal[both].std())
            if off < best:
                best, lead = off, name
    if best <= _SAME_LEAD:
        found[lead] = np.where(np.isfinite(signal), signal, found[lead])
        return f"the rhythm row is lead {lead}: where both are shown they differ by {best:.1%} of its waves"
    found[f"{RHYTHM} {number}"] = signal
    likest = f"; the likest, {lead}, differs by {best:.0%} of its waves" if lead else ""
    return f"the rhythm row is none of the leads above it{likest}"
