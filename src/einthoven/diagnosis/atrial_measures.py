"""What a short record says of the atria: the P wave, its step with the QRS, and what goes on between the beats.

Fibrillation and flutter are what is left in a record when its QRS and T waves are taken away (cancellation by the mean
beat: Slocum et al., J Electrocardiol 1985;18:1), most of it from 4 to 9 Hz. A P wave is what the stretch before like
beats has in common (as in :mod:`einthoven.beats.atrial`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from .median import median
from .usual_beat import BEFORE, FS_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .delineation import Bounds
    from .lead_measures import Twelve
    from .usual_beat import UsualBeat

    Array = NDArray[np.float32]

ATRIAL_MEASURES: Final = (
    "pr_ms",
    "p_ms",
    "pq_segment_ms",  # from the end of P to QRS
    "p_axis_deg",
    "p_height_mv",  # length of the vector of all leads at the top of P
    "p_over_noise",  # likewise, over what differs from beat to beat there
    "p_shared_best",  # share of the stretch before QRS that like beats have in common, of the best lead
    "p_shared_ii",
    "p_shared_v1",
    "p_shared_median",  # over leads
    "p_correlation_median",  # of the stretch before each beat with the usual one
    "p_correlation_least",
    "p_terminal_v1_mv",  # lowest of the second half of P in V1: left atrium
    "p_area_ii_mv_ms",
    "tq_before_p_mv",  # size of what is before P, all leads: flutter, a hidden wave
    "rest_4_9_hz_v1_mv",  # what is left without QRS and T
    "rest_4_9_hz_ii_mv",
    "rest_4_9_hz_share",  # of its power from 1 to 20 Hz, V1 and II together
    "rest_peak_hz",  # strongest between 3 and 10 Hz
    "rest_peak_share",  # its part of the power there: flutter is one line
    "rest_9_20_hz_mv",
)

_HERTZ_LOW, _HERTZ_HIGH = 1.0, 20.0
_I, _II, _V1 = 0, 1, 2


def atrial_measures(usual: UsualBeat, bounds: Bounds, measured: Twelve) -> dict[str, float]:
    """Measure P and what the atria do between beats.

    Parameters
    ----------
    usual, bounds, measured
        The beats, the bounds of the usual one, its twelve leads.

    Returns
    -------
    dict
        Some of `ATRIAL_MEASURES`.
    """
    told = _rest(usual, bounds) | _shared(usual, bounds)
    if bounds.p_on is not None and bounds.p_off is not None:
        told |= _p(usual, bounds, measured)
    return told


def _p(usual: UsualBeat, bounds: Bounds, measured: Twelve) -> dict[str, float]:
    on, off = bounds.p_on or 0, bounds.p_off or 0
    height, ms = measured.height_mv["p"], 1000 / FS_HZ
    p = usual.mean_mv[:, on:off] - usual.mean_mv[:, on : on + 1]
    v1 = p[_V1, p.shape[1] // 2 :] if usual.present[_V1] else np.array([np.nan])
    size = float(np.sqrt(np.nansum(height[[0, 1, 6, 7, 8, 9, 10, 11]] ** 2)))
    differs = (usual.beats_mv[usual.alike] - usual.mean_mv)[:, :, max(on - 5, 0) : off + 5]
    noise = float(np.sqrt(np.mean(np.sum(differs**2, axis=1))))
    before = usual.mean_mv[:, max(on - 30, 0) : max(on, 1)]
    return {
        "pr_ms": (bounds.qrs_on - on) * ms,
        "p_ms": (off - on) * ms,
        "pq_segment_ms": (bounds.qrs_on - off) * ms,
        "p_axis_deg": float(np.degrees(np.arctan2(height[5] * 2 / np.sqrt(3), height[0]))),
        "p_height_mv": size,
        "p_over_noise": size / max(noise, 0.005),
        "p_terminal_v1_mv": float(v1.min()) if len(v1) else float("nan"),
        "p_area_ii_mv_ms": float(p[_II].sum() * ms) if usual.present[_II] else float("nan"),
        "tq_before_p_mv": float(np.sqrt(np.sum(before.std(axis=1) ** 2))),
    }


def _shared(usual: UsualBeat, bounds: Bounds) -> dict[str, float]:
    """Share of power before QRS that is common to like beats, lead by lead, and how well each beat fits."""
    n = int(usual.alike.sum())
    first = max(bounds.qrs_on - 60, 0)  # 240 ms
    part = usual.beats_mv[usual.alike][:, usual.present, first : bounds.qrs_on - 2].astype(np.float64)
    if n < 3 or part.shape[2] < 20:
        return {}
    time = np.linspace(-1, 1, part.shape[2])
    part -= part.mean(axis=2, keepdims=True)
    part -= (part @ time / (time @ time))[:, :, None] * time
    mean = part.mean(axis=0)
    every = np.mean(np.sum(part**2, axis=2), axis=0) + 1e-9
    share = np.clip((np.sum(mean**2, axis=1) - every / n) / every * n / (n - 1), -0.1, 1)
    of = np.full(8, np.nan)
    of[usual.present] = share
    flat = mean.ravel()
    # each beat against the mean of the others, so that no beat fits itself
    own = part.reshape(n, -1)
    others = (n * flat - own) / (n - 1)
    fit = np.sum(own * others, axis=1) / (np.linalg.norm(own, axis=1) * np.linalg.norm(others, axis=1) + 1e-9)
    return {
        "p_shared_best": float(share.max()),
        "p_shared_ii": float(of[_II]),
        "p_shared_v1": float(of[_V1]),
        "p_shared_median": median(share),
        "p_correlation_median": median(fit),
        "p_correlation_least": float(fit.min()),
    }


@lru_cache(maxsize=4)
def _window(n: int) -> NDArray[np.float64]:
    return np.hanning(n)


def _rest(usual: UsualBeat, bounds: Bounds) -> dict[str, float]:
    """Spectrum of II and V1 between the waves: from the end of T to the onset of QRS, the rest a straight line."""
    n = usual.level_mv.shape[1]
    rows = usual.level_mv[[_II, _V1]]
    end = bounds.t_end if bounds.t_end is not None else bounds.qrs_off + 60
    gone = np.zeros(n + 1)
    first = np.clip(usual.peak - BEFORE + bounds.qrs_on - 3, 0, n)
    stop = np.clip(usual.peak - BEFORE + end, 0, n)
    np.add.at(gone, first, 1)
    np.add.at(gone, stop, -1)
    kept = np.cumsum(gone[:-1]) <= 0
    if kept.sum() < FS_HZ:  # less than a second between waves says little
        return {}
    at = np.arange(n)
    rest = np.stack([np.interp(at, at[kept], row[kept]) for row in rows])
    rest -= rest.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(rest * _window(n), axis=1)) ** 2 * (2 / (n * 0.375 * kept.sum()))
    hz = np.fft.rfftfreq(n, 1 / FS_HZ)

    def of(low: float, high: float) -> NDArray[np.float64]:
        part: NDArray[np.float64] = power[:, np.searchsorted(hz, low) : np.searchsorted(hz, high)]
        return part

    atrial, band, near = of(4, 9).sum(axis=1), of(_HERTZ_LOW, _HERTZ_HIGH).sum(), of(3, 10).sum(axis=0)
    near = np.convolve(near, np.ones(5), "same")
    top = int(near.argmax())
    amplitude = np.where(usual.present[[_II, _V1]], np.sqrt(atrial), np.nan)
    return {
        "rest_4_9_hz_v1_mv": float(amplitude[1]),
        "rest_4_9_hz_ii_mv": float(amplitude[0]),
        "rest_4_9_hz_share": float(atrial.sum() / (band + 1e-9)),
        "rest_peak_hz": float(hz[np.searchsorted(hz, 3) + top]),
        "rest_peak_share": float(near[top] / (near.sum() / 5 + 1e-9)),
        "rest_9_20_hz_mv": float(np.sqrt(of(9, 20).sum())),
    }
