"""How the beats of a short record differ from its usual one: in shape, width and time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from .median import median
from .usual_beat import BEFORE, FS_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .delineation import Bounds
    from .usual_beat import UsualBeat

BEAT_MEASURES: Final = (
    "beats_alike_share",
    "beats_unlike_count",
    "beat_correlation_least",  # of QRS with the usual one
    "beat_correlation_second_least",
    "beat_gain_spread",  # standard deviation of the size of QRS: electrical alternans, breathing
    "beat_widest_ms",  # time for which the slope is above a fifth of the steepest
    "beat_widest_ratio",  # over that of the usual beat
    "beat_st_t_residual",  # greatest part of ST and T that differs from the usual, in units of its size
    "beat_st_t_residual_median",
    "early_ratio",  # interval before the earliest beat that is within the record, over the median
    "early_correlation",  # of its QRS
    "early_width_ratio",
    "early_p_correlation",  # of what comes before it with the usual P wave
    "early_t_residual",  # of ST and T of the beat before it: a P wave may hide there
    "unlike_early_ratio",  # interval before the beat most unlike, over the median
    "unlike_late_ratio",  # interval after it
    "early_and_wide",  # greatest product of how early and how unlike
    "early_and_narrow",  # greatest earliness of beats whose QRS is alike
    "early_and_other_p",  # greatest product of how early and how unlike the P wave
)

_WIDE = (-35, 45)  # samples around R for the width of any beat


def beat_measures(usual: UsualBeat, bounds: Bounds) -> dict[str, float]:
    """Compare every beat with the usual one.

    Parameters
    ----------
    usual
        The beats.
    bounds
        Those of the usual one.

    Returns
    -------
    dict
        `BEAT_MEASURES`; those of the earliest beat only with three intervals or more.
    """
    whole = usual.whole
    correlation = np.where(whole, usual.correlation, 1.0)
    width_ms, usual_ms = _width_ms(usual)
    widths = np.where(whole, width_ms, 0.0)
    residual = _st_t_residual(usual, bounds)
    inside = residual[np.isfinite(residual)]
    told = {
        "beats_alike_share": float(usual.alike.sum() / whole.sum()),
        "beats_unlike_count": float(whole.sum() - usual.alike.sum()),
        "beat_correlation_least": float(correlation.min()),
        "beat_correlation_second_least": float(np.partition(correlation, 1)[1]) if len(correlation) > 1 else 1.0,
        "beat_gain_spread": float(usual.gain[usual.alike].std()),
        "beat_widest_ms": float(widths.max()),
        "beat_widest_ratio": float(widths.max() / usual_ms),
    }
    if len(inside):
        told["beat_st_t_residual"] = float(inside.max())
        told["beat_st_t_residual_median"] = median(inside)
    if len(whole) > 3:
        told |= _early(usual, bounds, correlation, width_ms / usual_ms, residual)
    return told


def _early(
    usual: UsualBeat,
    bounds: Bounds,
    correlation: NDArray[np.float32],
    width_ratio: NDArray[np.float32],
    residual: NDArray[np.float32],
) -> dict[str, float]:
    rr = np.diff(usual.peak) / max(median(np.diff(usual.peak)), 1.0)
    before = np.append(1.0, rr)  # nothing is known of the first
    after = np.append(rr, np.nan)
    early = np.maximum(1 - before, 0) * usual.whole
    first, odd = int(early.argmax()), int(correlation.argmin())
    p = _p_correlation(usual, bounds)
    return {
        "early_ratio": float(before[first]),
        "early_correlation": float(correlation[first]),
        "early_width_ratio": float(width_ratio[first]),
        "early_p_correlation": float(p[first]),
        "early_t_residual": float(residual[first - 1]) if first else float("nan"),
        "unlike_early_ratio": float(before[odd]),
        "unlike_late_ratio": float(after[odd]),
        "early_and_wide": float((early * (1 - correlation)).max()),
        "early_and_narrow": float((early * np.clip(correlation, 0, 1) ** 4).max()),
        "early_and_other_p": float((early * (1 - p)).max()),
    }


def _p_correlation(usual: UsualBeat, bounds: Bounds) -> NDArray[np.float32]:
    """Correlation of the stretch before each QRS with that of the usual beat, all leads together; shape (beat,)."""
    if bounds.p_on is None or bounds.p_off is None:
        return np.full(len(usual.peak), np.nan, np.float32)
    part = usual.beats_mv[:, :, max(bounds.p_on - 5, 0) : bounds.p_off + 5]
    wanted = usual.mean_mv[:, max(bounds.p_on - 5, 0) : bounds.p_off + 5]
    part = (part - part.mean(axis=2, keepdims=True)).reshape(len(part), -1)
    flat = (wanted - wanted.mean(axis=1, keepdims=True)).ravel()
    found: NDArray[np.float32] = (part @ flat) / np.maximum(np.linalg.norm(part, axis=1) * np.linalg.norm(flat), 1e-9)
    return found


def _width_ms(usual: UsualBeat) -> tuple[NDArray[np.float32], float]:
    """Time that the slope of all leads together is above a fifth of its steepest, of each beat and the usual one."""
    every = np.concatenate([usual.beats_mv, usual.mean_mv[None]])[:, :, BEFORE + _WIDE[0] : BEFORE + _WIDE[1]]
    slope = np.sqrt(np.sum((every[:, :, 2:] - every[:, :, :-2]) ** 2, axis=1))
    above = slope > 0.2 * slope.max(axis=1, keepdims=True)
    first, last = above.argmax(axis=1), above.shape[1] - above[:, ::-1].argmax(axis=1)
    width = ((last - first) * (1000 / FS_HZ)).astype(np.float32)
    return width[:-1], max(float(width[-1]), 1.0)


def _st_t_residual(usual: UsualBeat, bounds: Bounds) -> NDArray[np.float32]:
    """Size of what differs from the usual ST and T, over the size of the usual; NaN beyond the record's end."""
    stop = min(bounds.t_end if bounds.t_end is not None else bounds.qrs_off + 80, usual.mean_mv.shape[1])
    part = slice(bounds.qrs_off, max(stop, bounds.qrs_off + 5))
    wanted = usual.mean_mv[:, part]
    size = np.sqrt(np.mean((wanted - wanted.mean(axis=1, keepdims=True)) ** 2)) + 0.01
    differs = usual.beats_mv[:, :, part] - wanted
    differs -= differs.mean(axis=2, keepdims=True)
    found: NDArray[np.float32] = np.sqrt(np.mean(differs**2, axis=(1, 2))) / size
    return np.where(usual.peak + (part.stop - BEFORE) <= usual.level_mv.shape[1], found, np.float32(np.nan))
