"""Beats as a sequence: each beside the usual beat around it and beside the beats it is like, and the times of all.

What a premature beat is, its wave alone does not say: it depends on what is usual in this heart, on whether its like
comes again, and on the rhythm. So every beat is shown with three others in each lead: the usual beat of the minutes
around it; the mean of those beats that are like it in shape and in prematurity, in which a P wave, or the lack of one,
stands out of the noise; and the rested beat, the usual one after the longest intervals of an hour. Where premature
beats are many the usual beat is one of them, but the rested one is not. No context is longer than an hour or so, so
that a night and a week look alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..signal.filter import bridge_gaps
from ..signal.resample import resample, resample_positions
from .rows import BeatInputs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .rows import Rows

RATE_HZ: Final = 100.0
BEFORE, AFTER = 60, 68  # 0.6 s before the peak, where P waves and the T before them lie, 0.68 s from it on
WINDOW: Final = BEFORE + AFTER
SLOTS: Final = 2
"""Leads a network is shown. Their order plays no part; a single lead is shown twice."""
CHANNELS: Final = 4
"""The beat, the usual beat, the mean of its like, and the rested beat."""

QRS: Final = slice(BEFORE - 12, BEFORE + 13)
"""The stretch of a wave whose height sets the scale, and"""
CLIP: Final = 5.0
"""the largest value of a wave in that scale."""

SEQUENCE: Final = 128
"""Beats in a sequence, and"""
EDGE: Final = 16
"""how many of them at each end are there only as context, where the record goes on."""

NEIGHBOURS: Final = 4
FEATURES: Final = 2 * NEIGHBOURS + 13
RATES: Final = slice(2 * NEIGHBOURS + 1, 2 * NEIGHBOURS + 3)
"""Timing features that are absolute, and"""
USUAL_INTERVALS: Final = slice(2 * NEIGHBOURS + 5, FEATURES)
"""those that compare with quantiles of the intervals around."""

BLOCK: Final = 128
"""Beats that share a context."""

_MARGIN = 64  # how far it reaches beyond them
_BLOCKS_AT_ONCE = 16
_SHAPE = slice(BEFORE - 10, BEFORE + 22)  # 0.1 s before the peak to 0.22 s after it: what likeness is judged by
_ALIKE = 0.8  # correlation from which on two beats are anything like
_SAME_PREMATURITY = 0.1  # in logarithms of the interval before the beat
_DOMINANCE = 4  # power by which the usual beats outweigh the rest
_HIGHPASS_HZ = 0.5
_SETTLING = 300  # three seconds of padding, in which the filter settles
FLAT_MV: Final = 1e-9
"""A QRS complex that is no higher sets no scale."""
HEIGHTS: Final = 129
"""Beats in the median that sets the scale."""
LOCAL: Final = 21
"""Intervals in a local median,"""
USUAL_OF: Final = (129, 4095)
"""those of minutes and of an hour, of which quantiles are taken, and"""
USUAL_SHARES: Final = (0.1, 0.5, 0.9)
"""which ones."""

_HOUR = USUAL_OF[-1]
_RESTED, _MOST_RESTED = 0.15, 64  # share of the beats of an hour, and how many of them at most


@dataclass(frozen=True, slots=True, eq=False)
class SequenceWaves:
    """Beats of some leads, each beside the usual beat, the mean of its like and the rested beat, made when asked for.

    Indexing with an array of beat numbers gives float32, shape (beat, lead, 4, sample), in units of the lead's QRS
    height around the beat, clipped at 5.

    Parameters
    ----------
    leads
        float32, shape (lead, sample): the leads at 100 Hz.
    position
        int64, shape (beat,): peaks, in their samples.
    prematurity
        float32, shape (beat,): logarithm of the interval before each beat over the local median.
    rested
        int64, shape (block, 64): beats after long intervals around each 128 beats; -1 where there are none.
    scale
        float32, shape (beat, lead): QRS height around each beat.
    causal
        Whether the contexts end with the beat, and the waves with the next one.
    """

    leads: NDArray[np.float32]
    position: NDArray[np.int64]
    prematurity: NDArray[np.float32]
    rested: NDArray[np.int64]
    scale: NDArray[np.float32]
    causal: bool

    def __len__(self) -> int:
        return len(self.position)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Beats, leads, channels and samples."""
        return len(self), len(self.leads), CHANNELS, WINDOW

    def __getitem__(self, index: Any) -> NDArray[np.float32]:
        beats = np.atleast_1d(np.arange(len(self))[index])
        out = np.empty((len(beats), *self.shape[1:]), np.float32)
        block = beats // BLOCK
        blocks = np.unique(block)
        for first in range(0, len(blocks), _BLOCKS_AT_ONCE):
            some = blocks[first : first + _BLOCKS_AT_ONCE]
            wanted = np.flatnonzero((block >= some[0]) & (block <= some[-1]))
            row = np.searchsorted(some, block[wanted])
            out[wanted] = self._blocks(some)[row, :, :, beats[wanted] % BLOCK]
        return out

    def _blocks(self, block: NDArray[np.int64]) -> NDArray[np.float32]:
        """All beats of some blocks: float32, shape (block, lead, channel, beat, sample)."""
        beat = block[:, None] * BLOCK + np.arange(-_MARGIN, BLOCK + _MARGIN)
        inside: NDArray[np.bool_] = (beat >= 0) & (beat < len(self))
        known = np.flatnonzero(inside.any(axis=0))  # a short record is no more work than it has beats
        own = slice(*np.searchsorted(known, (_MARGIN, _MARGIN + BLOCK)))
        there = inside[:, known].astype(np.float32)[:, None, None]
        beat = np.clip(beat[:, known], 0, len(self) - 1)
        waves = self._waves(beat)
        alike = likeness(waves[..., _SHAPE]) * there
        late = self.prematurity[beat]
        off = (late[:, own, None] - late[:, None, :]) / _SAME_PREMATURITY
        kin = alike[:, :, own] * np.exp(-np.square(off))[:, None]
        if self.causal:
            past = np.tri(beat.shape[1], dtype=np.float32)[own]
            kin = kin * past
            seen = np.cumsum(alike, axis=-1).swapaxes(-1, -2)[:, :, own]  # how many like each had by then
            usual = _mean(seen**_DOMINANCE * past * there, waves)
        else:
            usual = _mean(alike.sum(-1)[:, :, None] ** _DOMINANCE * there, waves)
        shown = np.stack((waves[:, :, own], *np.broadcast_arrays(usual, _mean(kin, waves), self._rested(block, usual))))
        return np.moveaxis(np.clip(shown, -CLIP, CLIP, out=shown), 0, 2)

    def _rested(self, block: NDArray[np.int64], otherwise: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rested beat of some blocks: float32, shape (block, lead, 1 or beat, sample)."""
        waves = self._waves(np.maximum(self.rested[block], 0))
        weight = likeness(waves[..., _SHAPE]).sum(-1)[:, :, None] ** _DOMINANCE
        return np.where((self.rested[block, :1] < 0)[..., None, None], otherwise, _mean(weight, waves))

    def _waves(self, beat: NDArray[np.int64]) -> NDArray[np.float32]:
        """Beats (block, beat) in units of their QRS height: float32, shape (block, lead, beat, sample)."""
        sample = self.position[beat][..., None] + np.arange(-BEFORE, AFTER)
        last: Any = self.leads.shape[1] - 1
        if self.causal:
            last = np.append(self.position[1:], last)[beat][..., None]
        cut = self.leads[:, np.clip(sample, 0, last)].swapaxes(0, 1)
        return np.asarray(cut / self.scale[beat].swapaxes(1, 2)[..., None], np.float32)


def sequence_inputs(
    signal: NDArray[np.float32], fs_hz: float, peak: NDArray[np.int64], *, causal: bool = False
) -> BeatInputs:
    """Beats of one or more leads as a sequence: ``waves`` (beat, lead, 4, 128) and ``timing`` (beat, 21).

    Gain plays no part in it, and the order of the leads none that matters: a network pools over them. At an end of the
    record the leads are continued level, so every beat counts as complete.

    Parameters
    ----------
    signal
        float32, shape (lead, sample) or (sample,): leads, in any unit; a network is shown two of them, and so a single
        one is given twice. Missing samples (NaN) are bridged.
    fs_hz
        Their sampling rate.
    peak
        int64, shape (beat,): R peaks of all beats, ascending, in samples of `signal`.
    causal
        Use nothing later than the next beat and the 0.1 s that resampling looks ahead: what the streaming form can
        know once the next beat is found.

    Returns
    -------
    BeatInputs
        ``waves``, see :class:`SequenceWaves`, and ``timing``, see :func:`timing_features`.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> heart = simulate(duration_s=20, seed=1)
    >>> inputs = sequence_inputs(heart.record.signal[:2], heart.record.fs_hz, heart.beats.sample)
    >>> inputs.arrays["waves"].shape[1:], inputs.arrays["timing"].shape[1:]
    ((2, 4, 128), (21,))
    """
    waves, timing = waves_and_timing(signal, fs_hz, np.asarray(peak, np.int64), causal=causal)
    arrays: dict[str, Rows] = {"waves": waves, "timing": timing}
    return BeatInputs(arrays, np.ones(len(peak), np.bool_), RATE_HZ, WINDOW / RATE_HZ)


def waves_and_timing(
    signal: NDArray[np.float32], fs_hz: float, peak: NDArray[np.int64], *, causal: bool = False
) -> tuple[SequenceWaves, NDArray[np.float32]]:
    """Return the two inputs that :func:`sequence_inputs` makes, which takes the same."""
    leads = np.stack([conditioned(lead, fs_hz, causal=causal) for lead in np.atleast_2d(signal)])
    leads = leads if len(leads) > 1 else leads.repeat(SLOTS, axis=0)
    position = np.clip(resample_positions(peak, fs_hz, RATE_HZ), 0, leads.shape[1] - 1)
    timing, prematurity = timing_features(peak / fs_hz, causal=causal)
    scale = _heights(leads, position, causal=causal)
    return SequenceWaves(leads, position, prematurity, rested(peak / fs_hz, causal=causal), scale, causal), timing


def conditioned(signal: NDArray[np.float32], fs_hz: float, *, causal: bool) -> NDArray[np.float32]:
    """Bring one lead to 100 Hz and take its baseline out, without phase shift unless causal: float32, (sample,)."""
    from scipy.signal import resample_poly, sosfilt, sosfiltfilt

    sos = baseline_filter()
    if causal:
        known = held(np.asarray(signal, np.float32))
        ratio = Fraction(RATE_HZ / fs_hz).limit_denominator(10_000)  # `resample` knows the median of all that comes
        lead = resample_poly(known - known[:1], ratio.numerator, ratio.denominator)
        return np.asarray(sosfilt(sos, lead), np.float32)
    bridged, _ = bridge_gaps(np.asarray(signal, np.float32))
    lead = resample(bridged - np.median(bridged), fs_hz, RATE_HZ)
    return np.asarray(sosfiltfilt(sos, lead, padlen=min(_SETTLING, len(lead) - 1)), np.float32)


def baseline_filter() -> NDArray[np.float64]:
    """Return the sections of the high-pass that takes the baseline out, at 100 Hz: float64, shape (section, 6)."""
    from scipy.signal import butter

    return np.asarray(butter(2, _HIGHPASS_HZ, "highpass", fs=RATE_HZ, output="sos"))


def likeness(shape: NDArray[np.float32]) -> NDArray[np.float32]:
    """How alike beats are, shape (..., beat, beat): 1 for the same shape, 0 for correlations up to 0.8."""
    centred = shape - shape.mean(axis=-1, keepdims=True)
    unit = centred / (np.sqrt(np.square(centred).sum(axis=-1, keepdims=True)) + 1e-6)
    correlation = unit @ unit.swapaxes(-1, -2)
    alike: NDArray[np.float32] = np.square(np.clip((correlation - _ALIKE) / (1 - _ALIKE), 0, None))
    each = np.arange(alike.shape[-1])
    alike[..., each, each] = 1  # a flat beat is like itself, too
    return alike


def timing_features(time_s: NDArray[np.float64], *, causal: bool) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Describe the intervals around each beat.

    Parameters
    ----------
    time_s
        float64, shape (beat,): times of all beats, ascending.
    causal
        Use no interval later than the one after the beat.

    Returns
    -------
    timing
        float32, shape (beat, 21). First 1, which tells a beat from the nothing that fills up a sequence. Then
        logarithms of the four intervals before and the four after the beat over their local median (0 where there is
        none); of that median and of the interval before the beat over 0.8 s; the local medians of how far intervals are
        off and of how much they change; and, for the minutes around and for the hour around: the interval before
        the beat over their 10th, 50th and 90th percentile, and the local median over that 90th.
    prematurity
        float32, shape (beat,): logarithm of the interval before the beat over the local median.

    Examples
    --------
    >>> timing, prematurity = timing_features(np.array([0.0, 1.0, 2.0, 2.6, 4.0, 5.0]), causal=False)
    >>> timing[3, 4:6].round(2)  # the interval before the beat, and the one after it
    array([-0.51,  0.34], dtype=float32)
    """
    n = len(time_s)
    out = np.zeros((n, FEATURES), np.float32)
    out[:, 0] = 1
    if n < 2:
        return out, np.zeros(n, np.float32)
    rr = log_intervals(time_s)
    local = _quantile(rr, 0.5, LOCAL, causal)
    steps = np.abs(np.diff(rr, prepend=rr[0]))
    off, change = (_quantile(x, 0.5, LOCAL, causal) for x in (np.abs(rr - local), steps))
    usual = [_quantile(rr, share, size, causal) for size in USUAL_OF for share in USUAL_SHARES]
    # Interval i ends at beat i + 1. What is usual is asked of the interval after the beat; the last has that before it.
    here = np.minimum(np.arange(n), n - 2)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(rr, NEIGHBOURS, constant_values=np.nan), 2 * NEIGHBOURS)
    if causal:
        around = np.where(np.arange(2 * NEIGHBOURS) > NEIGHBOURS, np.nan, around)
    return described(around, local[here], off[here], change[here], np.stack(usual, axis=-1)[here])


def log_intervals(time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take logarithms of the intervals between beats, in seconds from 0.15 to 4: float64, shape (beat - 1,)."""
    return np.asarray(np.log(np.clip(np.diff(time_s), 0.15, 4.0)))


def described(
    around: NDArray[np.float64],
    local: NDArray[np.float64],
    off: NDArray[np.float64],
    change: NDArray[np.float64],
    usual: NDArray[np.float64],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Make timing features and prematurity of what is known of the intervals around beats, in logarithms of seconds.

    Parameters
    ----------
    around
        float64, shape (beat, 8): four intervals before each beat and four after it; NaN where there is none.
    local, off, change
        float64, shape (beat,): their local median, and those of how far they are off it and of how much they change.
    usual
        float64, shape (beat, 6): quantiles of the intervals of minutes, then of an hour.
    """
    near = np.nan_to_num(np.clip(around - local[:, None], -1.5, 1.5))
    before = around[:, NEIGHBOURS - 1]
    out = np.ones((len(near), FEATURES), np.float32)
    out[:, 1 : 1 + 2 * NEIGHBOURS] = near
    rest = (
        local - np.log(0.8),
        before - np.log(0.8),
        off,
        change,
        *(before - quantile for quantile in usual.T),
        *(local - slow for slow in usual.T[2::3]),
    )
    out[:, 1 + 2 * NEIGHBOURS :] = np.nan_to_num(np.clip(np.stack(rest, axis=1), -2, 2))
    return out, near[:, NEIGHBOURS - 1].astype(np.float32)


def rested(time_s: NDArray[np.float64], *, causal: bool) -> NDArray[np.int64]:
    """Choose beats after long intervals from the hour around each 128 beats or, causal, before them.

    Returns
    -------
    int64, shape (block, 64)
        Beat numbers, repeated where there are fewer than 64; -1 where there are none.
    """
    interval = np.diff(time_s, prepend=time_s[:1])
    chosen = np.full((-(-len(time_s) // BLOCK), _MOST_RESTED), -1, np.int64)
    for row, first in zip(chosen, range(0, len(time_s), BLOCK), strict=True):
        start, stop = (first - _HOUR, first) if causal else (first - _HOUR // 2, first + _HOUR // 2)
        start, stop = max(start, 0), max(min(stop, len(time_s)), 0)
        if stop > start:
            slowest = (
                start + np.argsort(-interval[start:stop], kind="stable")[: max(3, round(_RESTED * (stop - start)))]
            )
            row[:] = slowest[np.linspace(0, len(slowest) - 1, _MOST_RESTED).astype(np.int64)]
    return chosen


def _quantile(values: NDArray[np.float64], share: float, size: int, causal: bool) -> NDArray[np.float64]:
    """Take a running quantile, around each value or, causal, of the values up to it."""
    from scipy.ndimage import percentile_filter

    if not causal:
        return np.asarray(percentile_filter(values, 100 * share, size=size, mode="reflect"))
    found = np.asarray(percentile_filter(values, 100 * share, size=size, mode="nearest", origin=size // 2))
    for few in range(1, min(size, len(values) + 1)):
        found[few - 1] = np.quantile(values[:few], share)
    return found


def _heights(leads: NDArray[np.float32], position: NDArray[np.int64], *, causal: bool) -> NDArray[np.float32]:
    """QRS height around each beat, median of 129 beats: float32, shape (beat, lead); 1 where the lead is flat."""
    if not len(position):
        return np.ones((0, len(leads)), np.float32)
    sample = position[:, None] + np.arange(QRS.start, QRS.stop) - BEFORE
    heights = np.empty((len(position), len(leads)), np.float32)
    last: Any = leads.shape[1] - 1
    if causal:
        last = np.append(position[1:], last)[:, None]
    sample = np.clip(sample, 0, last)
    for number, lead in enumerate(leads):
        heights[:, number] = _quantile(np.ptp(lead[sample], axis=1).astype(np.float64), 0.5, HEIGHTS, causal)
    return np.where(heights > FLAT_MV, heights, 1).astype(np.float32)


def held(signal: NDArray[np.float32], before: float = 0.0) -> NDArray[np.float32]:
    """Fill gaps with the last sample before them; before the first sample with `before`."""
    known = np.isfinite(signal)
    if known.all():
        return signal
    last = np.maximum.accumulate(np.where(known, np.arange(len(signal)), -1))
    return np.where(last >= 0, signal[last], before).astype(np.float32)


def _mean(weight: NDArray[np.float32], waves: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weighted means of the beats of a context: (..., own beat, sample)."""
    weight = weight / np.maximum(weight.sum(axis=-1, keepdims=True), 1e-6)
    return np.asarray(weight.astype(np.float32) @ waves)
