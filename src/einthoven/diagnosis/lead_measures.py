"""Heights of the waves of the usual beat in each of the twelve leads, and of ST, from the level before QRS.

Q, R, S and R' are as physicians name them: the first upward deflection is R, what goes down before it Q and after it S,
a second upward one R'. ST is measured at J and 60 ms after it (Rautaharju et al., Circulation 2009;119:e241).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ..codes import STANDARD_12
from ..signal.limb import FORMULA
from .usual_beat import FS_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .delineation import Bounds
    from .usual_beat import UsualBeat

    Array = NDArray[np.float32]

HEIGHTS: Final = ("p", "q", "r", "s", "r2", "j", "st60", "t")
"""What is measured in each lead, mV; ``r2`` is R'."""

LEAD_MEASURES: Final = (
    *(f"{height}_{lead.lower()}_mv" for height in HEIGHTS for lead in STANDARD_12),
    *(f"st_slope_{lead.lower()}_mv_s" for lead in STANDARD_12),
)

_TO_TWELVE: Final = np.zeros((12, 8), np.float32)
for _row, _lead in enumerate(STANDARD_12):
    if _lead in FORMULA:
        _TO_TWELVE[_row, :2] = FORMULA[_lead]
    else:
        _TO_TWELVE[_row, _row - 4] = 1

_AT_60 = 15  # samples
_R_LEAST_MV = 0.03  # no lower bump before the depth is an R


@dataclass(frozen=True, slots=True, eq=False)
class Twelve:
    """Twelve leads of the usual beat, and what was measured in each; NaN in leads that are not there.

    Parameters
    ----------
    wave_mv
        float32, shape (12, sample).
    length_mv
        float32, shape (sample,): length of the vector of the eight independent leads.
    height_mv
        For each of `HEIGHTS`: float32, shape (12,).
    st_slope_mv_s
        float32, shape (12,): from J to 80 ms after it.
    q_s, r_peak_s
        float32, shape (12,): length of Q; time from the onset of QRS to the top of R.
    """

    wave_mv: Array
    length_mv: Array
    height_mv: dict[str, Array]
    st_slope_mv_s: Array
    q_s: Array
    r_peak_s: Array


def twelve(usual: UsualBeat, bounds: Bounds) -> Twelve:
    """Measure the waves of the usual beat in all twelve leads."""
    mean = np.where(usual.present[:, None], usual.mean_mv, np.float32(np.nan))
    wave = np.concatenate([_limb(mean[:2], usual.present[:2]), mean[2:]])
    height, q_s, r_peak_s = _qrs(wave[:, bounds.qrs_on : bounds.qrs_off])
    off = bounds.qrs_off
    height["j"] = wave[:, off : off + 3].mean(axis=1)
    height["st60"] = wave[:, off + _AT_60 - 1 : off + _AT_60 + 2].mean(axis=1)
    slope = (wave[:, off + 19 : off + 22].mean(axis=1) - height["j"]) / (20 / FS_HZ)
    missing = np.full(12, np.nan, np.float32)
    height["t"] = _extreme(wave[:, bounds.t_top - 15 : bounds.t_top + 15]) if bounds.t_top is not None else missing
    height["p"] = missing
    if bounds.p_on is not None and bounds.p_off is not None and bounds.p_off - bounds.p_on > 3:
        part = wave[:, bounds.p_on : bounds.p_off]
        base = np.linspace(0, 1, part.shape[1], dtype=np.float32) * (part[:, -1:] - part[:, :1]) + part[:, :1]
        height["p"] = _extreme(part - base)
    length = np.sqrt(np.einsum("ls,ls->s", usual.mean_mv, usual.mean_mv))
    return Twelve(wave, length, height, slope, q_s, r_peak_s)


def lead_measures(measured: Twelve) -> dict[str, float]:
    """Return `LEAD_MEASURES`."""
    every = [measured.height_mv[height] for height in HEIGHTS]
    return dict(zip(LEAD_MEASURES, np.concatenate([*every, measured.st_slope_mv_s]).tolist(), strict=True))


def _limb(one_two: Array, present: NDArray[np.bool_]) -> Array:
    """Return the six limb leads; where I or II is not there, only the other."""
    six = _TO_TWELVE[:6, :2] @ np.nan_to_num(one_two)
    if not present.all():
        six[~present[[0, 1, 0, 0, 0, 0]] | ((_TO_TWELVE[:6, :2] != 0) @ ~present)] = np.nan
    return six


def _extreme(part: Array) -> Array:
    """Return the value farthest from zero in each row."""
    high, low = part.max(axis=1), part.min(axis=1)
    extreme: Array = np.where(high >= -low, high, low)
    return extreme


def _qrs(qrs: Array) -> tuple[dict[str, Array], Array, Array]:
    """Return q, r, s and r2, the length of Q and the time of R, of QRS complexes (lead, sample)."""
    n = qrs.shape[1]
    at = np.arange(n)
    filled = np.nan_to_num(qrs)
    # R is the first upward wave that is at least a third of the highest, so that R' of a block is not taken for R
    highest = filled.max(axis=1, keepdims=True)
    tops = np.zeros(filled.shape, np.bool_)
    tops[:, 1:-1] = (filled[:, 1:-1] >= filled[:, :-2]) & (filled[:, 1:-1] > filled[:, 2:])
    enough = tops & (filled >= np.maximum(highest / 3, _R_LEAST_MV))
    r_at = np.where(enough.any(axis=1), enough.argmax(axis=1), 0)[:, None]
    r = np.maximum(np.take_along_axis(filled, r_at, axis=1)[:, 0], 0)
    before, after = at < r_at, at > r_at
    q = np.minimum(np.where(before, filled, 0).min(axis=1), 0)
    trough = np.where(after, filled, np.inf)
    s_at = trough.argmin(axis=1)[:, None]
    s = np.minimum(np.where(after, filled, 0).min(axis=1), 0)
    r2 = np.maximum(np.where(at > s_at, filled, 0).max(axis=1), 0)
    q_s = np.sum(before & (filled < -0.02), axis=1) / np.float32(FS_HZ)
    gone = np.isnan(qrs[:, 0])
    found = {"q": q, "r": r, "s": s, "r2": np.where(s < -_R_LEAST_MV, r2, 0)}
    nan = np.float32(np.nan)
    heights = {name: np.where(gone, nan, value).astype(np.float32) for name, value in found.items()}
    return heights, np.where(gone, nan, q_s), np.where(gone, nan, r_at[:, 0] / np.float32(FS_HZ))
