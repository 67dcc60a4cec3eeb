"""What disturbs one lead, second by second: gaps, silence, clipping, baseline wander, muscle noise, mains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .filter import bridge_gaps

if TYPE_CHECKING:
    from numpy.typing import NDArray

MISSING_SHARE: Final = 0.05  # of a second's samples
FLAT_MV: Final = 0.015  # peak to peak; a dead input still toggles its last bit
MUSCLE_BAND_HZ: Final = (35.0, 150.0)
MAINS_HZ: Final = (50.0, 60.0)
_FLAT_S: Final = 3  # shorter silence is a long RR interval
_RAIL_RUN_S: Final = 0.02  # an R peak stays on one level for less
_LONG_RAIL_RUN_S: Final = 0.2
_RAIL_DISTANCE: Final = 0.25  # of the lead's range, from its median; nearer than that it is the baseline
_BASELINE_S: Final = 0.7
_SLOW_MEAN_S: Final = 20.0
_WANDER_S: Final = 3.0
_BASELINE_HZ: Final = 10.0
_MARGIN: Final = 1.1  # half the sampling rate must be this much above a frequency to be heard
_CHUNK: Final = 1 << 20  # samples of a long lead worked on at a time


@dataclass(frozen=True, slots=True, eq=False)
class Disturbance:
    """The measures of one lead, each of shape (second,); see :class:`einthoven.signal.quality.Quality`."""

    missing: NDArray[np.bool_]
    flat: NDArray[np.bool_]
    clipped: NDArray[np.bool_]
    wander_mv: NDArray[np.float32]
    muscle_mv: NDArray[np.float32]
    mains_mv: NDArray[np.float32]


def measure(lead: NDArray[np.float32], fs_hz: float) -> Disturbance:
    """Measure one lead, mV.

    A last part of a second counts as one; noise there is that of the lead's last full second. Seconds without any
    sample have NaN for noise.

    Examples
    --------
    >>> hum = 0.1 * np.sqrt(2) * np.sin(2 * np.pi * 50 * np.arange(1250) / 500).astype(np.float32)
    >>> measure(hum, 500).mains_mv.round(2)
    array([0.1, 0.1, 0.1], dtype=float32)
    """
    seconds = _Seconds(len(lead), fs_hz)
    bridged, gaps = bridge_gaps(lead)
    missing = seconds.share(gaps) > MISSING_SHARE
    nothing = seconds.share(gaps) == 1
    muscle_mv, mains_mv = _fast_noise(bridged, fs_hz, seconds)
    wander_mv = _wander(bridged, fs_hz, seconds)
    for noise_mv in (wander_mv, muscle_mv, mains_mv):
        noise_mv[nothing] = np.nan
    flat = _flat(bridged, seconds) & ~nothing
    with_gaps = np.where(gaps, np.float32(np.nan), lead) if gaps.any() else lead
    clipped = _clipped(with_gaps, fs_hz, seconds) & ~flat
    return Disturbance(missing, flat, clipped, wander_mv, muscle_mv, mains_mv)


class _Seconds:
    """The seconds of a lead of `n_samples`: where each begins, and equally long frames to compute on."""

    def __init__(self, n_samples: int, fs_hz: float) -> None:
        self.n_samples = n_samples
        self.fs_hz = fs_hz
        self.count = max(1, int(np.ceil(n_samples / fs_hz - 1e-9)))
        self.first = np.minimum(np.floor(np.arange(self.count) * fs_hz + 1e-6).astype(np.int64), n_samples - 1)
        self.length = min(n_samples, max(1, int(fs_hz)))

    def of(self, sample: NDArray[np.int64]) -> NDArray[np.int64]:
        """Second in which each sample lies."""
        return np.searchsorted(self.first, sample, side="right") - 1

    def share(self, marked: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Share of each second's samples that are marked."""
        if not marked.any():
            return np.zeros(self.count)
        size = np.diff(np.append(self.first, self.n_samples))
        return np.add.reduceat(marked, self.first, dtype=np.int64) / np.maximum(size, 1)

    def frames(self, which: slice) -> NDArray[np.int64]:
        """First sample of a full-length frame for each of these seconds; the last frame ends with the lead."""
        first: NDArray[np.int64] = np.minimum(self.first[which], self.n_samples - self.length)
        return first


def _flat(x: NDArray[np.float32], seconds: _Seconds) -> NDArray[np.bool_]:
    """Seconds in a row, three or more (or all there are), that each hardly move."""
    first = seconds.first
    still = np.maximum.reduceat(x, first) - np.minimum.reduceat(x, first) < FLAT_MV
    edge = np.flatnonzero(np.diff(np.concatenate([[False], still, [False]])))
    flat = np.zeros(len(still), np.bool_)
    for start, stop in zip(edge[::2], edge[1::2], strict=True):
        flat[start:stop] = stop - start >= min(_FLAT_S, seconds.count)
    return flat


def _clipped(lead: NDArray[np.float32], fs_hz: float, seconds: _Seconds) -> NDArray[np.bool_]:
    """Seconds in which the lead rests on its highest or lowest value, if it does so more than once, or for long."""
    clipped = np.zeros(seconds.count, np.bool_)
    if np.isnan(lead).all():
        return clipped
    low, middle, high = np.nanmin(lead), np.nanmedian(lead[:: max(1, len(lead) // 100_000)]), np.nanmax(lead)
    for rail in (low, high):
        if abs(rail - middle) < _RAIL_DISTANCE * (high - low) or high - low < FLAT_MV:
            continue
        at = np.flatnonzero(lead == rail)
        runs = np.split(at, np.flatnonzero(np.diff(at) > 1) + 1)
        runs = [run for run in runs if len(run) >= max(3, _RAIL_RUN_S * fs_hz)]
        if len(runs) > 1 or any(len(run) >= _LONG_RAIL_RUN_S * fs_hz for run in runs):
            clipped[seconds.of(np.concatenate(runs))] = True
    return clipped


def _wander(x: NDArray[np.float32], fs_hz: float, seconds: _Seconds) -> NDArray[np.float32]:
    """Root mean square, over the three seconds around each second's middle, of the baseline against its slow mean.

    The baseline is taken from a tenth of a second's means, by a running median over 0.7 s that passes over QRS and T.
    """
    from scipy.ndimage import median_filter, uniform_filter1d

    step = max(1, round(fs_hz / _BASELINE_HZ))
    n, rate_hz = len(x) // step, fs_hz / step

    def window(width_s: float) -> int:
        return 2 * round(width_s * rate_hz / 2) + 1

    if n < 2:
        return np.zeros(seconds.count, np.float32)
    means = x[: n * step].reshape(n, step).mean(axis=1, dtype=np.float64)
    level = median_filter(means, window(_BASELINE_S), mode="reflect")
    wander = level - uniform_filter1d(level, window(_SLOW_MEAN_S), mode="reflect")
    power = uniform_filter1d(np.square(wander), window(_WANDER_S), mode="reflect")
    middle = np.minimum((seconds.first + seconds.length // 2) // step, n - 1)
    rms: NDArray[np.float32] = np.sqrt(np.maximum(power[middle], 0)).astype(np.float32)
    return rms


def _fast_noise(
    x: NDArray[np.float32], fs_hz: float, seconds: _Seconds
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Muscle noise and mains of each second.

    Both are read off the signal above 35 Hz. Mains is the sine of 50 or 60 Hz that fits a second best; muscle noise is
    the median size of what is left, which the QRS complexes, short as they are, hardly move. It is told for a band from
    35 to 150 Hz whatever part of it the sampling rate can hold, so that records of different rates compare.
    """
    low_hz, high_hz = MUSCLE_BAND_HZ
    muscle_mv, mains_mv = (np.full(seconds.count, np.nan, np.float32) for _ in range(2))
    if fs_hz / 2 <= _MARGIN * low_hz:
        return muscle_mv, mains_mv
    to_band = np.float32(1.4826 * np.sqrt((high_hz - low_hz) / (fs_hz / 2 - low_hz)))
    mains_hz = [hz for hz in MAINS_HZ if _MARGIN * hz < fs_hz / 2]
    sines, fit = _sines(mains_hz, fs_hz, seconds.length)
    sos, gain = _highpass(low_hz, fs_hz, mains_hz)
    per_chunk = max(1, _CHUNK // seconds.length)
    for start in range(0, seconds.count, per_chunk):
        here = slice(start, start + per_chunk)
        first = seconds.frames(here)
        begin = max(0, first[0] - seconds.length)  # a second before, in which the filter settles
        high = _above(x[begin : first[-1] + seconds.length], sos)
        frame: Any = np.lib.stride_tricks.sliding_window_view(high, seconds.length)[first - begin]
        if mains_hz:
            weight = frame @ fit.T
            mains_mv[here] = (np.hypot(weight[:, ::2], weight[:, 1::2]) / gain).max(axis=1) / np.sqrt(2)
            frame -= weight @ sines
        muscle_mv[here] = to_band * np.median(np.abs(frame, out=frame), axis=1, overwrite_input=True)
    return muscle_mv, mains_mv


def _highpass(low_hz: float, fs_hz: float, at_hz: list[float]) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return a high-pass filter, and what it leaves of each frequency in `at_hz`."""
    from scipy.signal import butter, sosfreqz

    sos = butter(2, low_hz, "highpass", fs=fs_hz, output="sos")
    gain = np.abs(sosfreqz(sos, np.array(at_hz), fs=fs_hz)[1]) if at_hz else np.empty(0)
    return sos, gain.astype(np.float32)


def _above(x: NDArray[np.float32], sos: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return `x` filtered, in single precision: half the time of double, and 1e-7 is far below any noise."""
    from scipy.signal import sosfilt, sosfilt_zi

    state: Any = (sosfilt_zi(sos) * x[0]).astype(np.float32)
    single: Any = sos.astype(np.float32)
    high: NDArray[np.float32] = sosfilt(single, x, zi=state)[0]
    return high


def _sines(hz: list[float], fs_hz: float, length: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Sine and cosine of each frequency, float32 (2 · frequency, sample), and the weights that fit them to a frame."""
    angle = 2 * np.pi * np.outer(hz, np.arange(length) / fs_hz)
    sines = np.stack([np.sin(angle), np.cos(angle)], axis=1).reshape(-1, length)
    return sines.astype(np.float32), np.linalg.pinv(sines).T.astype(np.float32)
