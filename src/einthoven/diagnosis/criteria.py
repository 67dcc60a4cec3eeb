"""How many of a record's measures lie beyond what is usual in adults, and how far.

Limits are those that physicians are taught, moved to where these measures have them (PR and QRS of all leads together
are 5 to 10 ms off those of one lead): rate, PR, QRS and axis (Surawicz et al., Circulation 2009;119:e235), voltage
(Hancock et al. 2009;119:e251), QTc, J, ST and T (Rautaharju et al. 2009;119:e241; T below a tenth of R counts as low),
sinus arrhythmia from 0.16 s on, premature beats. They were set with the training records of the China ECG intelligence
competition 2019 in view.
"""

from __future__ import annotations

from math import inf, isfinite
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMITS: Final[Mapping[str, tuple[float, float, float]]] = {
    "rate_bpm": (60, 100, 8),
    "rr_range_s": (-inf, 0.16, 0.06),
    "rr_earliest_ratio": (0.86, inf, 0.08),
    "rr_change_least_ratio": (-inf, 0.07, 0.03),
    "beat_correlation_least": (0.9, inf, 0.1),
    "pr_ms": (112, 208, 15),
    "p_correlation_median": (0.8, inf, 0.2),
    "qrs_ms": (-inf, 104, 10),
    "qrs_axis_deg": (-30, 95, 15),
    "qtc_ms": (335, 440, 15),
    "sokolow_lyon_mv": (-inf, 4.0, 0.5),
    "cornell_mv": (-inf, 2.4, 0.4),
    "r_v5_mv": (-inf, 2.4, 0.3),
    "limb_voltage_mv": (0.5, inf, 0.1),
    "r2_v1_mv": (-inf, 0.15, 0.1),
    "r_v1_over_s": (-inf, 0.5, 0.15),
    "q_leads_count": (-inf, 0.5, 1),
    "st60_lowest_mv": (-0.05, inf, 0.03),
    "j_v4_mv": (-inf, 0.1, 0.04),
    "j_v5_mv": (-inf, 0.1, 0.04),
    "j_v6_mv": (-inf, 0.1, 0.04),
    "t_over_r_least": (0.1, inf, 0.05),
    "t_over_size_least": (0.06, inf, 0.05),
    "t_highest_mv": (0.2, 1.1, 0.08),
    "t_inverted_count": (-inf, 0.5, 1),
    "qrs_t_angle_deg": (-inf, 60, 20),
}
"""Measure: lower limit, upper limit, and how far beyond counts as one whole finding."""

CRITERIA_MEASURES: Final = ("beyond_count", "beyond_sum", "beyond_most")


def criteria_measures(told: Mapping[str, float]) -> dict[str, float]:
    """Return how many measures lie beyond their limits, the sum of how far, each up to 2, and the farthest, up to 5.

    Examples
    --------
    >>> criteria_measures({"rate_bpm": 108.0, "pr_ms": 160.0})
    {'beyond_count': 1.0, 'beyond_sum': 1.0, 'beyond_most': 1.0}
    """
    beyond = [
        max(low - told[name], told[name] - high, 0.0) / scale
        for name, (low, high, scale) in LIMITS.items()
        if isfinite(told.get(name, inf))
    ]
    return {
        "beyond_count": float(sum(one > 0 for one in beyond)),
        "beyond_sum": float(sum(min(one, 2.0) for one in beyond)),
        "beyond_most": float(min(max(beyond, default=0.0), 5.0)),
    }
