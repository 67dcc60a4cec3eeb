"""Where P, QRS and T of the usual beat begin and end, judged on all leads together.

An interval of the electrocardiogram is from the earliest onset to the latest end in any lead (Kligfield et al.,
Circulation 2007;115:1306), so bounds are sought on the length of the vector of all leads, and of its change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from .usual_beat import AFTER, BEFORE, FS_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

QRS_LEVEL: Final = 0.07
"""Part of the steepest change at which QRS begins and ends."""

_CALM: Final = 3  # samples below it in a row, 12 ms
_REACH: Final = (30, 40)  # samples before and after R, within which QRS lies: 120 and 160 ms
_T_AFTER_QRS: Final = 15  # 60 ms: no T wave has its top sooner after the end of QRS
_T_LATEST: Final = 0.72  # of the usual interval; the next P wave comes from then on
_P_LEVEL: Final = 0.35  # of the steepest change of a flank at which P begins and ends
_P_LEAST_MV: Final = 0.02  # bend of all leads together
_P_HALF: Final = 16  # 64 ms, about half a P wave
_P_FLANK: Final = 22  # 88 ms


@dataclass(frozen=True, slots=True)
class Bounds:
    """Samples of the window of the usual beat; None where a wave is not seen.

    Parameters
    ----------
    qrs_on, qrs_off
        First sample of QRS and first after it.
    t_top, t_end
        Top and end of T.
    p_on, p_top, p_off
        Onset, top and end of P.
    """

    qrs_on: int
    qrs_off: int
    t_top: int | None
    t_end: int | None
    p_on: int | None
    p_top: int | None
    p_off: int | None


def delineate(mean_mv: Array, rr_s: float) -> Bounds:
    """Find the bounds of the waves of a usual beat.

    Parameters
    ----------
    mean_mv
        float32, shape (lead, BEFORE + AFTER): from the level before QRS.
    rr_s
        The usual interval between beats; NaN where there is none.
    """
    rr = int(min(rr_s, 2.0) * FS_HZ) if np.isfinite(rr_s) else AFTER + BEFORE
    on, off = _qrs(mean_mv)
    t_top, t_end = _t(mean_mv, off, min(BEFORE + int(_T_LATEST * rr), mean_mv.shape[1]))
    earliest = max(0, (t_end - rr if t_end is not None else 0), BEFORE - int(0.6 * rr))
    return Bounds(on, off, t_top, t_end, *_p(mean_mv, earliest, on))


def _qrs(mean_mv: Array) -> tuple[int, int]:
    change = np.sqrt(np.sum((mean_mv[:, 2:] - mean_mv[:, :-2]) ** 2, axis=0))  # sample i stands for i + 1
    first, stop = BEFORE - _REACH[0], BEFORE + _REACH[1]
    part = change[first - 1 : stop - 1]
    steepest = int(part[10:-14].argmax()) + 10
    high = part > QRS_LEVEL * part[steepest]
    calm = ~high[2:] & ~high[1:-1] & ~high[:-2]
    before, after = np.flatnonzero(calm[: max(steepest - 2, 0)]), np.flatnonzero(calm[steepest + 1 :])
    on = int(before[-1]) + _CALM if len(before) else int(part[: steepest + 1].argmin())  # P runs into a slow QRS
    off = int(after[0]) + steepest + 1 if len(after) else len(part)
    return first + on, first + off


def _t(mean_mv: Array, qrs_off: int, stop: int) -> tuple[int | None, int | None]:
    """Return top and end of T: the end is where the steepest tangent after the top meets the level (Lepeschkin)."""
    first = qrs_off + _T_AFTER_QRS
    if stop - first < 20:
        return None, None
    wave = _smooth(mean_mv[:, first:], 9)
    length = np.sqrt(np.sum(wave**2, axis=0))
    within = stop - first
    top = int(length[2:within].argmax()) + 2
    if top <= 3:  # ST that only falls is no T wave
        rising = np.flatnonzero(np.diff(length[:within]) > 0)
        top = int(rising[0] + length[rising[0] : within].argmax()) if len(rising) else top
    fall = np.diff(length[top : top + 50])
    if len(fall) < 4 or not np.isfinite(length[top]) or length[top] <= 0:
        return None, None
    steep = int(fall.argmin())
    slope = float(fall[steep])
    if slope >= 0:
        return first + top, None
    rest = float(length[top + steep : top + steep + 40].min())
    end = top + steep + (float(length[top + steep]) - rest) / -slope
    return first + top, min(first + round(end), mean_mv.shape[1] - 1)


def _p(mean_mv: Array, earliest: int, qrs_on: int) -> tuple[int | None, int | None, int | None]:
    """Return onset, top and end of P: what bends most before QRS, and where its flanks have levelled out."""
    if qrs_on - earliest < 12:
        return None, None, None
    wave = _smooth(_longer(mean_mv[:, earliest:qrs_on], _P_HALF, _P_HALF), 5)
    bend = wave[:, _P_HALF:-_P_HALF] - (wave[:, 2 * _P_HALF :] + wave[:, : -2 * _P_HALF]) / 2
    height = np.sqrt(np.sum(bend**2, axis=0))
    top = int(height.argmax())
    if height[top] < _P_LEAST_MV:
        return None, None, None
    wave = wave[:, _P_HALF:-_P_HALF]
    change = np.sqrt(np.sum(_smooth(wave[:, 2:] - wave[:, :-2], 3) ** 2, axis=0))  # sample i stands for i + 1
    on, off = _flank(change[: max(top - 1, 0)][::-1]), _flank(change[top:])
    return earliest + max(top - on, 0), earliest + top, earliest + min(top + off, qrs_on - earliest)


def _flank(change: Array) -> int:
    """Return how far from the top a flank of P ends: calmer than a part of its steepest."""
    part = change[:_P_FLANK]
    if not len(part):
        return 0
    steepest = int(part.argmax())
    calm = np.flatnonzero(part[steepest:] < _P_LEVEL * part[steepest])
    return steepest + int(calm[0]) + 1 if len(calm) else len(part)


def _smooth(wave: Array, size: int) -> Array:
    """Return running means of an odd number of samples, the ends level."""
    padded = _longer(wave, size // 2 + 1, size // 2)
    total = np.cumsum(padded, axis=1)
    smooth: Array = (total[:, size:] - total[:, :-size]) / np.float32(size)
    return smooth


def _longer(wave: Array, before: int, after: int) -> Array:
    """Return rows with so many samples more at both ends, level."""
    return np.concatenate(
        [np.repeat(wave[:, :1], before, axis=1), wave, np.repeat(wave[:, -1:], after, axis=1)], axis=1
    )
