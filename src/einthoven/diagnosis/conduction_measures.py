"""What the usual beat says of conduction, of the ventricles' mass and of repolarisation: physicians' criteria.

Sources: Surawicz et al., Circulation 2009;119:e235 (conduction), Hancock et al. 2009;119:e251 (hypertrophy),
Rautaharju et al. 2009;119:e241 (ST, T, QT), Wagner et al. 2009;119:e262 (ischaemia); Sokolow & Lyon, Am Heart J
1949;37:161; Casale et al., Circulation 1987;75:565 (Cornell).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..codes import STANDARD_12
from .usual_beat import FS_HZ

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from .delineation import Bounds
    from .lead_measures import Twelve

    Array = NDArray[np.float32]

CONDUCTION_MEASURES: Final = (
    "qrs_ms",
    "qt_ms",
    "qtc_ms",  # Fridericia
    "qtc_bazett_ms",
    "t_top_to_end_ms",
    "st_ms",  # from J to the top of T
    "qrs_axis_deg",  # of the areas in I and aVF
    "t_axis_deg",
    "qrs_t_angle_deg",  # in the frontal plane
    "qrs_t_angle_all_deg",  # between the mean vectors of all eight leads
    "sokolow_lyon_mv",
    "cornell_mv",
    "cornell_product_mv_ms",
    "r_v1_over_s",  # R over R + S
    "r_v6_over_s",
    "transition_lead",  # first chest lead from which R is above S, 1 to 6, between leads by a straight line
    "limb_voltage_mv",  # greatest height from peak to peak of a limb lead
    "chest_voltage_mv",
    "late_v1_mv",  # mean of the last 40 ms of QRS: right bundle branch block
    "late_i_mv",
    "late_v6_mv",
    "late_avf_mv",
    "late_avr_mv",
    "initial_v1_mv",  # mean of the first 40 ms: septum, infarction
    "initial_v6_mv",
    "initial_i_mv",
    "initial_avf_mv",
    "initial_avl_mv",
    "r_peak_v1_ms",
    "r_peak_v5_ms",
    "r_peak_v6_ms",
    "q_longest_inferior_ms",  # II, III, aVF
    "q_longest_lateral_ms",  # I, aVL, V5, V6
    "q_longest_anterior_ms",  # V2 to V4
    "q_leads_count",  # Q of 30 ms and a tenth of a millivolt, or QS in V2 to V6
    "qrs_notches_count",  # turns of direction beyond two in a lead, summed over leads
    "qrs_upstroke_ratio",  # slope of the first 40 ms of QRS over the steepest: a delta wave is slow
    "j_highest_mv",  # over leads but aVR
    "st60_lowest_mv",
    "st60_highest_mv",
    "st_depressed_count",  # leads of 50 uV and more at 60 ms after J
    "st_raised_count",  # leads of 100 uV and more at J
    "st_sum_mv",  # sum of sizes at 60 ms after J
    "st_inferior_mv",
    "st_lateral_mv",
    "st_anterior_mv",
    "st_over_r_v5",
    "t_inverted_count",  # of I, II, V3 to V6, deeper than 50 uV
    "t_flat_count",  # of I, II, V3 to V6, lower than a twentieth of QRS from peak to peak
    "t_over_r_v5",
    "t_over_r_ii",
    "t_over_r_least",  # of the leads where R is dominant among I, II, V4 to V6
    "t_over_r_second_least",
    "t_low_count",  # of these leads, T below a tenth of R
    "t_over_size_least",  # of I, II, V3 to V6, T over QRS from peak to peak
    "t_mean_mv",  # over I, II, V3 to V6
    "t_over_qrs",  # length of the vector of all leads at the top of T over its longest in QRS
    "t_v1_over_v6_mv",
    "t_highest_mv",
    "t_lowest_mv",
    "t_symmetry",  # time from the top to half height after, over before, all leads together
    "t_width_ms",  # at half height
    "u_mv",  # greatest height after the end of T
    "st_t_curvature",  # height of T over the mean of ST and T: 1 for a block, higher for a peak
)

_LEAD: Final = {name: row for row, name in enumerate(STANDARD_12)}
_BUT_AVR: Final = [row for name, row in _LEAD.items() if name != "aVR"]
_INFERIOR, _LATERAL, _ANTERIOR = (
    [_LEAD[name] for name in names] for names in (("II", "III", "aVF"), ("I", "aVL", "V5", "V6"), ("V2", "V3", "V4"))
)
_T_UPRIGHT: Final = [_LEAD[name] for name in ("I", "II", "V3", "V4", "V5", "V6")]
_R_DOMINANT: Final = [_LEAD[name] for name in ("I", "II", "V4", "V5", "V6")]
_EIGHT: Final = [0, 1, 6, 7, 8, 9, 10, 11]
_MS = 1000 / FS_HZ
_FORTY = 10  # samples


def conduction_measures(measured: Twelve, bounds: Bounds, rr_s: float) -> dict[str, float]:
    """Measure conduction, voltage, ST and T.

    Parameters
    ----------
    measured
        The twelve leads of the usual beat.
    bounds
        Its bounds.
    rr_s
        The usual interval between beats; NaN where there is none.

    Returns
    -------
    dict
        Some of `CONDUCTION_MEASURES`, NaN where a lead that is needed is not there.
    """
    told = {"qrs_ms": (bounds.qrs_off - bounds.qrs_on) * _MS}
    told |= _voltages(measured, bounds) | _qrs_shape(measured, bounds) | _st(measured)
    if bounds.t_top is not None:
        told |= _t(measured, bounds)
    if bounds.t_end is not None:
        qt_ms = (bounds.t_end - bounds.qrs_on) * _MS
        told |= {"qt_ms": qt_ms, "qtc_ms": qt_ms / np.cbrt(rr_s), "qtc_bazett_ms": qt_ms / np.sqrt(rr_s)}
    return told


def _voltages(measured: Twelve, bounds: Bounds) -> dict[str, float]:
    wave, r, s = measured.wave_mv, measured.height_mv["r"], measured.height_mv["s"]
    depth = np.minimum(s, measured.height_mv["q"])
    qrs = wave[:, bounds.qrs_on : bounds.qrs_off]
    tall = np.maximum(r, measured.height_mv["r2"])
    cornell = float(tall[_LEAD["aVL"]] - depth[_LEAD["V3"]])
    size = np.ptp(qrs, axis=1)
    axis, area = qrs.sum(axis=1), (tall + depth)[6:] / np.maximum(tall - depth, 0.05)[6:]
    return {
        "qrs_axis_deg": _angle(axis),
        "sokolow_lyon_mv": float(-depth[_LEAD["V1"]] + max(tall[_LEAD["V5"]], tall[_LEAD["V6"]])),
        "cornell_mv": cornell,
        "cornell_product_mv_ms": cornell * qrs.shape[1] * _MS,
        "r_v1_over_s": _share(tall[_LEAD["V1"]], depth[_LEAD["V1"]]),
        "r_v6_over_s": _share(tall[_LEAD["V6"]], depth[_LEAD["V6"]]),
        "transition_lead": _transition(area),
        "limb_voltage_mv": _over(np.max, size[:6]),
        "chest_voltage_mv": _over(np.max, size[6:]),
    }


def _qrs_shape(measured: Twelve, bounds: Bounds) -> dict[str, float]:
    qrs = measured.wave_mv[:, bounds.qrs_on : bounds.qrs_off]
    late, initial = qrs[:, -_FORTY:].mean(axis=1), qrs[:, :_FORTY].mean(axis=1)
    told = {f"late_{name.lower()}_mv": float(late[_LEAD[name]]) for name in ("V1", "I", "V6", "aVF", "aVR")}
    told |= {f"initial_{name.lower()}_mv": float(initial[_LEAD[name]]) for name in ("V1", "V6", "I", "aVF", "aVL")}
    told |= {f"r_peak_{name.lower()}_ms": float(1000 * measured.r_peak_s[_LEAD[name]]) for name in ("V1", "V5", "V6")}
    q_ms = 1000 * measured.q_s
    deep = (q_ms >= 30) & (measured.height_mv["q"] <= -0.1)
    deep[7:] |= (measured.height_mv["r"][7:] < 0.05) & (measured.height_mv["s"][7:] < -0.1)
    step = np.diff(qrs, axis=1)
    turn = np.sign(step) * (np.abs(step) > 0.008)
    turns = np.sum(turn[:, 1:] * turn[:, :-1] < 0, axis=1)
    known = np.nan_to_num(step)
    change = np.sqrt(np.einsum("ls,ls->s", known, known))
    return told | {
        "q_longest_inferior_ms": _over(np.max, q_ms[_INFERIOR]),
        "q_longest_lateral_ms": _over(np.max, q_ms[_LATERAL]),
        "q_longest_anterior_ms": _over(np.max, q_ms[_ANTERIOR]),
        "q_leads_count": float(deep[_BUT_AVR].sum()),
        "qrs_notches_count": float(np.maximum(turns - 2, 0).sum()),
        "qrs_upstroke_ratio": float(change[:_FORTY].mean() / max(float(change.max()), 1e-6)),
    }


def _st(measured: Twelve) -> dict[str, float]:
    j, st = measured.height_mv["j"], measured.height_mv["st60"]
    return {
        "j_highest_mv": _over(np.max, j[_BUT_AVR]),
        "st60_lowest_mv": _over(np.min, st[_BUT_AVR]),
        "st60_highest_mv": _over(np.max, st[_BUT_AVR]),
        "st_depressed_count": float(np.sum(st[_BUT_AVR] <= -0.05)),
        "st_raised_count": float(np.sum(j[_BUT_AVR] >= 0.1)),
        "st_sum_mv": float(np.nansum(np.abs(st))),
        "st_inferior_mv": _over(np.mean, st[_INFERIOR]),
        "st_lateral_mv": _over(np.mean, st[_LATERAL]),
        "st_anterior_mv": _over(np.mean, st[_ANTERIOR]),
        "st_over_r_v5": float(st[_LEAD["V5"]] / max(float(measured.height_mv["r"][_LEAD["V5"]]), 0.1)),
    }


def _t(measured: Twelve, bounds: Bounds) -> dict[str, float]:
    wave, length, t = measured.wave_mv, measured.length_mv, measured.height_mv["t"]
    top, end = bounds.t_top or 0, bounds.t_end or wave.shape[1]
    qrs, st_t = wave[:, bounds.qrs_on : bounds.qrs_off], length[bounds.qrs_off : max(end, bounds.qrs_off + 10)]
    r = np.maximum(measured.height_mv["r"], 0.1)
    size = np.ptp(qrs, axis=1)
    high = length[bounds.qrs_off :] >= length[top] / 2
    below = np.flatnonzero(~high[top - bounds.qrs_off :])
    above = np.flatnonzero(~high[: top - bounds.qrs_off][::-1])
    fall, rise = float(below[0]) if len(below) else np.nan, float(above[0]) + 1 if len(above) else np.nan
    qrs_vector, t_vector = qrs.sum(axis=1), wave[:, top - 15 : top + 15].sum(axis=1)
    frontal = abs((_angle(qrs_vector) - _angle(t_vector) + 180) % 360 - 180)
    return {
        "t_axis_deg": _angle(t_vector),
        "qrs_t_angle_deg": frontal,
        "qrs_t_angle_all_deg": _between(qrs_vector[_EIGHT], t_vector[_EIGHT]),
        "t_top_to_end_ms": (end - top) * _MS if bounds.t_end is not None else float("nan"),
        "st_ms": (top - bounds.qrs_off) * _MS,
        "t_inverted_count": float(np.sum(t[_T_UPRIGHT] < -0.05)),
        "t_flat_count": float(np.sum(np.abs(t[_T_UPRIGHT]) < 0.05 * size[_T_UPRIGHT])),
        "t_over_r_v5": float(t[_LEAD["V5"]] / r[_LEAD["V5"]]),
        "t_over_r_ii": float(t[_LEAD["II"]] / r[_LEAD["II"]]),
        **_t_over_r(t, measured.height_mv),
        "t_over_size_least": _over(np.min, t[_T_UPRIGHT] / np.maximum(size[_T_UPRIGHT], 0.2)),
        "t_mean_mv": _over(np.mean, t[_T_UPRIGHT]),
        "t_over_qrs": float(length[top] / max(float(length[bounds.qrs_on : bounds.qrs_off].max()), 1e-6)),
        "t_v1_over_v6_mv": float(t[_LEAD["V1"]] - t[_LEAD["V6"]]),
        "t_highest_mv": _over(np.max, t[_BUT_AVR]),
        "t_lowest_mv": _over(np.min, t[_BUT_AVR]),
        "t_symmetry": fall / rise,
        "t_width_ms": (fall + rise) * _MS,
        "u_mv": _u(wave, end, top),
        "st_t_curvature": float(length[top] / max(float(np.sqrt(np.mean(st_t**2))), 0.02)),
    }


def _t_over_r(t: Array, height_mv: dict[str, Array]) -> dict[str, float]:
    """Low T waves: a T below a tenth of R, where R is the greatest wave of QRS."""
    r, s, q = (height_mv[name][_R_DOMINANT] for name in ("r", "s", "q"))
    ratio = np.sort(np.where((r > -s) & (r > -q) & (r > 0.2), t[_R_DOMINANT] / np.maximum(r, 0.2), np.inf))
    least, second = (float(value) if np.isfinite(value) else float("nan") for value in ratio[:2])
    return {"t_over_r_least": least, "t_over_r_second_least": second, "t_low_count": float(np.sum(ratio < 0.1))}


def _u(wave: Array, t_end: int, t_top: int) -> float:
    """Height of a wave after T above the line between its ends, in V2 to V4."""
    part = wave[_ANTERIOR, t_end + 5 : t_end + 45].mean(axis=0)
    if len(part) < 20:
        return float("nan")
    return float((part - np.linspace(part[0], part[-1], len(part))).max())


def _angle(vector: Array) -> float:
    """Angle of an axis in the frontal plane, of lead I (0) and aVF (90), degrees."""
    one, foot = float(vector[_LEAD["I"]]), float(vector[_LEAD["aVF"]]) * 2 / np.sqrt(3)
    return float(np.degrees(np.arctan2(foot, one)))


def _between(a: Array, b: Array) -> float:
    known = np.isfinite(a) & np.isfinite(b)
    a, b = a[known], b[known]
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.degrees(np.arccos(np.clip(a @ b / lengths, -1, 1)))) if lengths > 0 else float("nan")


def _share(tall: np.float32, depth: np.float32) -> float:
    return float(tall / max(float(tall - depth), 0.05))


def _transition(balance: Array) -> float:
    """Chest lead at which R outgrows S, `balance` being (R - S) / (R + S) of V1 to V6; 0.5 and 6.5 beyond them."""
    if not np.isfinite(balance).all():
        return float("nan")
    up = np.flatnonzero(balance > 0)
    if not len(up):
        return 6.5
    first = int(up[0])
    if not first:
        return 0.5
    return first + float(-balance[first - 1] / (balance[first] - balance[first - 1]))


def _over(what: Callable[[Array], np.floating[Any]], values: Array) -> float:
    known = values[~np.isnan(values)]
    return float(what(known)) if len(known) else float("nan")
