"""A beat beside what is usual around it: its wave, the median beat, and the rhythm, of the record and of ten seconds.

One lead of one patient says little by itself: what is a tall S in one heart is normal in another. So a model sees each
beat next to the median beat of its context, in units of that context's QRS height, twice: once in the context of the
whole record, once in that of the ten seconds it lies in.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..signal.filter import bridge_gaps
from ..signal.resample import resample, resample_positions

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE_HZ: Final = 100.0
BEFORE, AFTER = 50, 78  # 0.5 s before the peak, 0.78 s from it on
WINDOW: Final = BEFORE + AFTER
CONTEXTS: Final = 2
STRETCH_S: Final = 10.0
FEWEST_BEATS: Final = 4
"""A stretch with fewer beats than this has no context of its own: the record's stands in."""

NEIGHBOURS: Final = 4
FEATURES: Final = 2 * NEIGHBOURS + 4

_HIGHPASS_HZ = 0.5
_SETTLING = 300  # three seconds of padding, in which the filter settles
_QRS_HALF = 12  # 0.12 s to both sides of the peak: the stretch whose height sets the scale
_MOST_BEATS = 600  # a median of more is no better
_FLAT_MV = 1e-9
_CLIP = 5.0  # in QRS heights
_LOCAL = 21  # intervals in a local median


@dataclass(frozen=True, slots=True, eq=False)
class ContextWaves:
    """Beats of one lead beside the median beats of their contexts, cut when they are asked for.

    Indexing with an array of beat numbers gives float32, shape (beat, context, 2, sample): the beat and the median
    beat, in units of the context's median QRS height, clipped at 5.

    Parameters
    ----------
    lead
        float32, shape (sample,): the lead at 100 Hz.
    position
        int64, shape (beat,): peaks, in its samples.
    context
        int64, shape (beat, context): rows of `median` and `scale`.
    median
        float32, shape (row, sample): median beats, in the unit of `lead`.
    scale
        float32, shape (row,): median QRS heights, in the unit of `lead`.
    """

    lead: NDArray[np.float32]
    position: NDArray[np.int64]
    context: NDArray[np.int64]
    median: NDArray[np.float32]
    scale: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.position)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Beats, contexts, waves and samples."""
        return len(self), CONTEXTS, 2, WINDOW

    def __getitem__(self, index: Any) -> NDArray[np.float32]:
        rows = self.context[index]
        waves = np.empty((len(rows), CONTEXTS, 2, WINDOW), np.float32)
        waves[:, :, 0] = _around(self.lead, self.position[index])[:, None]
        waves[:, :, 1] = self.median[rows]
        waves /= self.scale[rows][:, :, None, None]
        return np.clip(waves, -_CLIP, _CLIP, out=waves)


def waves_and_rhythm(
    signal: NDArray[np.float32], fs_hz: float, peak: NDArray[np.int64]
) -> tuple[ContextWaves, NDArray[np.float32]]:
    """Describe every beat of a lead in the context of the record and of its ten seconds.

    Parameters
    ----------
    signal
        float32, shape (sample,): one lead, in any unit. Missing samples (NaN) are bridged.
    fs_hz
        Its sampling rate.
    peak
        int64, shape (beat,): R peaks, ascending, in samples of `signal`.

    Returns
    -------
    waves
        The beats and their median beats.
    rhythm
        float32, shape (beat, context, 12); see :func:`rhythm_features`.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> heart = simulate(duration_s=20, seed=1)
    >>> waves, rhythm = waves_and_rhythm(heart.record["II"], heart.record.fs_hz, heart.beats.sample)
    >>> waves.shape[1:], rhythm.shape[1:]
    ((2, 2, 128), (2, 12))
    """
    peak = np.asarray(peak, np.int64)
    lead = conditioned(signal, fs_hz)
    time_s = peak / fs_hz
    position = np.clip(resample_positions(peak, fs_hz, RATE_HZ), 0, len(lead) - 1)
    context = np.zeros((len(peak), CONTEXTS), np.int64)
    rhythm = np.repeat(rhythm_features(time_s)[:, None], CONTEXTS, axis=1)
    members = [slice(None)]
    if len(lead) > 1.5 * STRETCH_S * RATE_HZ:  # else the stretch is the record
        edges = [0, *(np.flatnonzero(np.diff(time_s // STRETCH_S)) + 1), len(peak)]
        for start, stop in pairwise(edges):
            if stop - start >= FEWEST_BEATS:
                context[start:stop, 1] = len(members)
                members.append(slice(start, stop))
                rhythm[start:stop, 1] = rhythm_features(time_s[start:stop])
    medians, scales = zip(*(median_beat(lead, position[rows]) for rows in members), strict=True)
    return ContextWaves(lead, position, context, np.stack(medians), np.array(scales, np.float32)), rhythm


def conditioned(signal: NDArray[np.float32], fs_hz: float) -> NDArray[np.float32]:
    """Bring one lead to 100 Hz and take its baseline out, without phase shift: float32, shape (sample,)."""
    from scipy.signal import butter, sosfiltfilt

    bridged, _ = bridge_gaps(np.asarray(signal, np.float32))
    lead = resample(bridged, fs_hz, RATE_HZ).astype(np.float64)
    lead -= np.median(lead)
    sos = butter(2, _HIGHPASS_HZ, "highpass", fs=RATE_HZ, output="sos")
    return np.asarray(sosfiltfilt(sos, lead, padlen=min(_SETTLING, len(lead) - 1)), np.float32)


def median_beat(lead: NDArray[np.float32], position: NDArray[np.int64]) -> tuple[NDArray[np.float32], float]:
    """Median beat of some beats, float32, shape (sample,), and the median height of their QRS; 1 where it is flat."""
    if not len(position):
        return np.zeros(WINDOW, np.float32), 1.0
    if len(position) > _MOST_BEATS:
        position = position[np.linspace(0, len(position) - 1, _MOST_BEATS).astype(np.int64)]
    waves = _around(lead, position)
    height = float(np.median(np.ptp(waves[:, BEFORE - _QRS_HALF : BEFORE + _QRS_HALF + 1], axis=1)))
    return np.median(waves, axis=0).astype(np.float32), height if height > _FLAT_MV else 1.0


def rhythm_features(time_s: NDArray[np.float64]) -> NDArray[np.float32]:
    """Describe the intervals around each beat.

    Parameters
    ----------
    time_s
        float64, shape (beat,): times of all beats of the context, ascending.

    Returns
    -------
    float32, shape (beat, 12)
        Logarithms of the four intervals before and the four after the beat over their local median (0 where there is
        none); of that median over 0.8 s and over the median of the context; and the local medians of how far intervals
        are off and of how much they change.

    Examples
    --------
    >>> early = rhythm_features(np.array([0.0, 1.0, 2.0, 2.6, 4.0, 5.0]))[3]
    >>> early[3:5].round(2)  # the interval before the beat, and the one after it
    array([-0.51,  0.34], dtype=float32)
    """
    from scipy.ndimage import median_filter

    out = np.zeros((len(time_s), FEATURES), np.float32)
    if len(time_s) < 2:
        return out
    rr = np.log(np.clip(np.diff(time_s), 0.15, 4.0))
    local = median_filter(rr, size=_LOCAL, mode="nearest")
    steps = np.abs(np.diff(rr, prepend=rr[0]))
    off, change = (median_filter(x, size=_LOCAL, mode="nearest") for x in (np.abs(rr - local), steps))
    here = np.minimum(np.arange(len(time_s)), len(rr) - 1)  # the interval after each beat; the last has that before it
    padded = np.pad(rr, NEIGHBOURS, constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * NEIGHBOURS)
    out[:, : 2 * NEIGHBOURS] = np.nan_to_num(np.clip(around - local[here, None], -1.5, 1.5))
    rate = (local - np.log(0.8), local - np.median(rr), off, change)
    out[:, 2 * NEIGHBOURS :] = np.stack(rate, axis=1)[here]
    return out


def _around(lead: NDArray[np.float32], position: NDArray[np.int64]) -> NDArray[np.float32]:
    """Windows around positions, shape (beat, sample); beyond either end the first or last sample is repeated."""
    sample = position[:, None] + np.arange(-BEFORE, AFTER)
    around: NDArray[np.float32] = lead[np.clip(sample, 0, len(lead) - 1)]
    return around
