"""From about where a beat is to its R peak on one lead, by nothing but the signal and the beats near it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BEFORE_S: Final = 6.0
"""Beats so long before one tell with it which way R points."""

AFTER_S: Final = 2.0
"""And beats so long after it."""

APART_S: Final = 0.2
"""Beats farther apart than this stay so."""

_REACH_S: Final = 0.08  # R is sought this far around: half a wide QRS
_SPIKE_S: Final = 0.008  # a pacing spike, with what sampling makes of it
_SMOOTH_S: Final = 0.012  # to either side: takes muscle noise, leaves a peak where it is
_LEVEL_S, _LEVEL_STEP_S = 0.3, 0.02  # the median so far around is what R stands on
_FLAT_MV: Final = 1e-4
_UPRIGHT: Final = (
    0.5  # R is the positive deflection by definition, so a deeper S takes its place only from twice the height
)
_MOST_BEFORE, _MOST_AFTER = 24, 8  # beats in those seconds: 240 a minute


def on_r_peaks(
    signal: NDArray[np.float32], fs_hz: float, found: NDArray[np.float64], row: int = 0
) -> NDArray[np.int64]:
    """Move beats to the R peak of one lead: its tallest upright deflection, or the deepest where none stands up.

    Parameters
    ----------
    signal
        float32, shape (lead, sample), NaN where missing.
    fs_hz
        Its rate.
    found
        float64, shape (beat,): about where they are, in samples, ascending.
    row
        The lead to place them on; where it has no signal, the first that has. A beat that no lead shows stays.

    Returns
    -------
    int64, shape (beat,), ascending; beats more than 200 ms apart stay so.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> heart = simulate(duration_s=20, leads=["II"])
    >>> moved = on_r_peaks(heart.record.signal, 500.0, heart.beats.sample + 15.0)
    >>> bool(np.abs(moved - heart.beats.sample).max() <= 2)
    True
    """
    at = np.clip(np.rint(found).astype(np.int64), 0, signal.shape[1] - 1)
    if not len(at):
        return at
    reach, smooth = max(1, round(_REACH_S * fs_hz)), max(1, round(_SMOOTH_S * fs_hz))
    spike = round(_SPIKE_S * fs_hz / 2)
    offset = np.arange(-reach, reach + 1)
    rim = reach + smooth + spike
    around = np.clip(at[:, None] + np.arange(-rim, rim + 1), 0, signal.shape[1] - 1)
    rows = _with_signal(signal, around, row)
    shown = signal[np.maximum(rows, 0)[:, None], around]
    wave = _smoothed(_despiked(shown, spike), smooth) - _level(signal, fs_hz, at, np.maximum(rows, 0))
    gap = np.diff(at, prepend=-np.inf, append=np.inf) - APART_S * fs_hz
    room = np.maximum(np.minimum(gap[:-1], gap[1:]) / 2, 0)[:, None]
    allowed = np.abs(offset) <= np.where(rows[:, None] < 0, 0, room)
    highest, lowest = np.where(allowed, wave, -np.inf), np.where(allowed, wave, np.inf)
    rise, fall = highest.max(axis=1), -lowest.min(axis=1)
    usual = [_usual(size, at / fs_hz, rows) for size in (rise, fall)]
    upright = usual[0] >= _UPRIGHT * usual[1]
    up = rise >= np.where(upright, _UPRIGHT, 1 / _UPRIGHT) * fall
    peak = np.where(up, highest.argmax(axis=1), lowest.argmin(axis=1))
    moved: NDArray[np.int64] = np.clip(at + np.where(rows < 0, 0, offset[peak]), 0, signal.shape[1] - 1)
    return moved


def _with_signal(signal: NDArray[np.float32], around: NDArray[np.int64], row: int) -> NDArray[np.int64]:
    """Row of the lead to look at for each beat: the wanted one, else the first with signal, else -1."""
    rows = np.full(len(around), -1)
    for lead in (row, *(other for other in range(len(signal)) if other != row)):
        open_ = np.flatnonzero(rows < 0)
        if not len(open_):
            break
        shown = signal[lead][around[open_]]
        with np.errstate(invalid="ignore"):
            alive = np.isfinite(shown).all(axis=1) & (np.ptp(shown, axis=1) > _FLAT_MV)
        rows[open_[alive]] = lead
    return rows


def _despiked(wave: NDArray[np.float32], half: int) -> NDArray[np.float32]:
    """Take the median over `half` samples to either side, of each row; shorter by as many at both ends."""
    if not half:
        return wave
    if half == 1:
        low, high = np.minimum(wave[:, :-2], wave[:, 1:-1]), np.maximum(wave[:, :-2], wave[:, 1:-1])
        return np.maximum(low, np.minimum(high, wave[:, 2:]))
    from scipy.ndimage import median_filter

    filtered: NDArray[np.float32] = median_filter(wave, (1, 2 * half + 1))[:, half:-half]
    return filtered


def _smoothed(wave: NDArray[np.float32], half: int) -> NDArray[np.float32]:
    weights = np.hanning(2 * half + 3)[1:-1].astype(np.float32)
    weights /= weights.sum()
    length = wave.shape[1] - 2 * half
    total: NDArray[np.float32] = weights[0] * wave[:, :length]
    for shift in range(1, 2 * half + 1):
        total += weights[shift] * wave[:, shift : shift + length]
    return total


def _level(
    signal: NDArray[np.float32], fs_hz: float, at: NDArray[np.int64], rows: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Median of the lead around each beat, float32 (beat, 1)."""
    step = np.rint(np.arange(-_LEVEL_S, _LEVEL_S + 1e-9, _LEVEL_STEP_S) * fs_hz).astype(np.int64)
    around = signal[rows[:, None], np.clip(at[:, None] + step, 0, signal.shape[1] - 1)]
    around = np.where(np.isfinite(around), around, signal[rows, at][:, None])
    level: NDArray[np.float32] = np.nan_to_num(np.median(around, axis=1, keepdims=True))
    return level


def _usual(size: NDArray[np.float32], time_s: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Median of `size` over the beats around each that are seen on the same lead, float32 (beat,)."""
    every = np.arange(len(size))[:, None] + np.arange(-_MOST_BEFORE, _MOST_AFTER + 1)
    other = np.clip(every, 0, len(size) - 1)
    since_s = time_s[other] - time_s[:, None]
    counts = (every == other) & (since_s >= -BEFORE_S) & (since_s <= AFTER_S) & (rows[other] == rows[:, None])
    ranked = np.sort(np.where(counts, size[other], np.inf), axis=1)
    usual: NDArray[np.float32] = np.take_along_axis(ranked, (counts.sum(axis=1, keepdims=True) - 1) // 2, axis=1)[:, 0]
    return usual
