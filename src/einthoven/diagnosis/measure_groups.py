"""What the measures of twelve leads are about, in a physician's words: rate, PR, QRS, ST, T, and their values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from ..codes import STANDARD_12
from .criteria import LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

BEYOND: Final = "beyond usual limits"

GROUPS: Final = {
    BEYOND: r"beyond_",
    "rate and rhythm": r"rate_bpm|rr_",
    "beats unlike the others": r"beats_|beat_(?!noise)|early_|unlike_",
    "P waves and PR": r"pr_|p_|pq_|tq_|rest_",
    "axes": r"\w+_axis_deg|qrs_t_angle",
    "QT": r"qt_|qtc|t_top_to_end",
    "QRS": r"qrs_|late_|initial_|r_peak_",
    "Q waves": r"q_",
    "voltage": r"sokolow|cornell|r_|r2_|s_|transition|limb_voltage|chest_voltage",
    "ST": r"j_|st60_|st_",
    "T waves": r"t_|u_",
    "noise": r"beat_noise|fast_noise|wander|spike|leads_missing",
}
"""How the names of measures begin, by what they are about; the first that fits counts."""

_SHOWN: Final = {
    "beats unlike the others": ("number {beats_unlike_count}",),
    "rate and rhythm": ("rate {rate_bpm}", "RR {rr_shortest_s} to {rr_longest_s}"),
    "P waves and PR": ("PR {pr_ms}", "P {p_ms}"),
    "axes": ("QRS {qrs_axis_deg}", "T {t_axis_deg}"),
    "QT": ("QT {qt_ms}", "QTc {qtc_ms}"),
    "QRS": ("{qrs_ms}",),
    "Q waves": (
        "inferior {q_longest_inferior_ms}",
        "lateral {q_longest_lateral_ms}",
        "anterior {q_longest_anterior_ms}",
    ),
    "voltage": ("Sokolow-Lyon {sokolow_lyon_mv}", "Cornell {cornell_mv}"),
    "noise": ("{beat_noise_mv}",),
}
"""What is said of a group: measures by name, with words around them."""

_LIMITED: Final = {
    "rate_bpm": "rate {}",
    "rr_range_s": "RR varies by {}",
    "rr_earliest_ratio": "an early beat",
    "rr_change_least_ratio": "RR changes from beat to beat",
    "beat_correlation_least": "a beat unlike the others",
    "pr_ms": "PR {}",
    "p_correlation_median": "P waves unlike each other",
    "qrs_ms": "QRS {}",
    "qrs_axis_deg": "axis {}",
    "qtc_ms": "QTc {}",
    "sokolow_lyon_mv": "Sokolow-Lyon {}",
    "cornell_mv": "Cornell {}",
    "r_v5_mv": "R in V5 {}",
    "limb_voltage_mv": "tallest limb lead {}",
    "r2_v1_mv": "R' in V1 {}",
    "r_v1_over_s": "R in V1 over S",
    "q_leads_count": "leads with Q waves: {}",
    "st60_lowest_mv": "ST down to {}",
    "j_v4_mv": "J in V4 {}",
    "j_v5_mv": "J in V5 {}",
    "j_v6_mv": "J in V6 {}",
    "t_over_r_least": "T low against R",
    "t_over_size_least": "T low against QRS",
    "t_highest_mv": "tallest T {}",
    "t_inverted_count": "leads with T inverted: {}",
    "qrs_t_angle_deg": "QRS and T {} apart",
}
"""How a measure that lies beyond its usual limits is said."""

_ACROSS: Final = {"ST": "st60_{}_mv", "T waves": "t_{}_mv"}
"""Of which measure the lowest and the highest lead is said, but for aVR, where all is upside down."""

_UNITS: Final = {"ms": ("ms", 0), "mv": ("mV", 2), "bpm": ("bpm", 0), "deg": ("°", 0), "s": ("s", 2), "count": ("", 0)}


def group_of(measure: str) -> str:
    """Return what a measure is about: a key of `GROUPS`, or ``"other"``.

    Examples
    --------
    >>> group_of("t_v5_mv"), group_of("t_axis_deg"), group_of("r_peak_v1_ms"), group_of("shoe_size")
    ('T waves', 'axes', 'QRS', 'other')
    """
    return next((group for group, begins in GROUPS.items() if re.match(begins, measure)), "other")


def in_words(group: str, names: Sequence[str], values: NDArray[np.float32]) -> str:
    """Return the values of a group that a physician would ask for; those that could not be measured are left out.

    Parameters
    ----------
    group
        A key of `GROUPS`.
    names, values
        All measures, and float32, shape (measure,).

    Examples
    --------
    >>> names = ("pr_ms", "p_ms", "t_ii_mv", "t_v2_mv", "t_v5_mv")
    >>> values = np.array([212.4, np.nan, 0.2, 0.61, -0.148], np.float32)
    >>> in_words("P waves and PR", names, values), in_words("T waves", names, values)
    ('PR 212 ms', '−0.15 mV in V5 to 0.61 mV in V2')
    """
    known = {name: float(value) for name, value in zip(names, values, strict=True) if np.isfinite(value)}
    if group == BEYOND:
        return ", ".join(_beyond(known)) or ("none" if known.keys() & LIMITS.keys() else "")
    return ", ".join((*_shown(group, known), *_across(group, known)))


def _beyond(known: Mapping[str, float]) -> Iterator[str]:
    """Yield the measures that lie beyond their limits, the farthest first."""
    far = {
        name: max(low - known[name], known[name] - high) / scale
        for name, (low, high, scale) in LIMITS.items()
        if name in known
    }
    for name in sorted(far, key=lambda name: -far[name]):
        if far[name] > 0:
            text = _LIMITED[name]
            yield text.format(_value(name, known[name])) if "{}" in text else text


def _shown(group: str, known: Mapping[str, float]) -> Iterator[str]:
    for phrase in _SHOWN.get(group, ()):
        wanted = re.findall(r"{(\w+)}", phrase)
        if all(name in known for name in wanted):
            yield phrase.format(**{name: _value(name, known[name]) for name in wanted})


def _across(group: str, known: Mapping[str, float]) -> Iterator[str]:
    if group not in _ACROSS:
        return
    name_of = {lead: _ACROSS[group].format(lead.lower()) for lead in STANDARD_12 if lead != "aVR"}
    by_lead = {lead: known[name] for lead, name in name_of.items() if name in known}
    if len(by_lead) > 1:
        low, high = min(by_lead, key=lambda lead: by_lead[lead]), max(by_lead, key=lambda lead: by_lead[lead])
        ends = (f"{_value(name_of[lead], by_lead[lead])} in {lead}" for lead in (low, high))
        yield " to ".join(ends)


def _value(name: str, value: float) -> str:
    unit, decimals = _UNITS[name.rsplit("_", 1)[1]]
    text = f"{abs(value):.{decimals}f}"
    sign = "−" if value < 0 and float(text) else ""
    return f"{sign}{text}{'' if unit in ('°', '') else ' '}{unit}"
