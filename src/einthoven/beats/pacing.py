"""Whether a pacemaker drives the heart: spikes that no heart can make, just before the beats they set off.

A pacing pulse lasts two milliseconds at most. Where sampling and filters have let it through it leaves the flat line as
a corner of a sharpness that no QRS complex has. Three things take it away, and then nothing here can find it: a rate
under 250 Hz, a recorder or filter that rounds it (the tapes of the MIT-BIH database, a 40 Hz low-pass), and bipolar
leads, whose pulse may be too small to be seen. So no spike found never proves that there is no pacemaker.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ..findings import Decision, Finding, Interval, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ..record import Beats, Record

LOWEST_HZ: Final = 250.0
"""Rate below which a spike falls between samples, or is made as wide as a QRS by the filter before them."""

_FROM_S, _TO_S = -0.140, 0.030  # where the spike of a ventricular beat is sought, from the R peak
_QUIET_S = 0.060  # before a spike the line is flat for so long
_HALF_QRS_S = 0.150


@dataclass(frozen=True, slots=True)
class _Corner:
    """What a spike looks like: how long its edges are, how long it takes as a whole, how high it is, how sharp."""

    edge_s: float
    before_s: float
    after_s: float
    least_height: float  # of the usual QRS
    least_sharpness: float


# Among 175 records that are not paced the median beat reaches 2.1 at most, in paced ones 6.6 or more.
_SPIKE: Final = _Corner(0.0028, 0.009, 0.009, 0.10, 4.0)
# What is left of it on tape. A steep r wave may be as sharp, so this raises a doubt and no more.
_ROUNDED: Final = _Corner(0.0056, 0.017, 0.008, 0.15, 2.3)
_LATE_S: Final = (0.090, 0.160)  # from the corner: a paced QRS still goes on there,
_LATE_SLOPE = 0.29  # as steep as this, of its steepest slope
_DOUBTFUL, _PACED, _FEWEST = 0.5, 0.05, 3  # shares of the beats; beats
_SHARP_AMONG_PACED = 2.5  # where a pacemaker is sure to be, less will do: f waves and noise make the line less flat

_LOOKED_AT_FIRST = 2000  # beats, spread over the record; the others only where some of these have a spike
_BEATS_AT_ONCE = 4096
_TINY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Pacing:
    """What was seen of a pacemaker.

    Parameters
    ----------
    spike
        int64, shape (beat,): the sample of each beat's spike, -1 where there is none.
    doubtful
        Share of the beats that are wide and begin with a corner as sharp as a spike that a recorder has rounded.
    can_tell
        Whether the rate is high enough to see spikes.
    """

    spike: NDArray[np.int64]
    doubtful: float
    can_tell: bool

    @property
    def paced(self) -> NDArray[np.bool_]:
        """Which beats have a spike: bool, shape (beat,)."""
        return self.spike >= 0

    @property
    def decision(self) -> Decision:
        """Present with a spike before 5 % of the beats and three at least; unsure where it cannot be ruled out."""
        n_paced = int(self.paced.sum())
        if n_paced >= max(_FEWEST, _PACED * len(self.spike)):
            return Decision.PRESENT
        if not self.can_tell or n_paced >= _FEWEST or self.doubtful >= _DOUBTFUL:
            return Decision.UNSURE
        return Decision.ABSENT


def find_pacing(record: Record, beats: Beats) -> Pacing:
    """Look for pacing spikes from 140 ms before to 30 ms after each R peak.

    A spike is a corner: in the flat line, higher than a tenth of the usual QRS, its second difference over 2 to 3 ms at
    least four times the sum of what goes on in the 60 ms before and a tenth of its own height. With three leads or
    more, two must show it. In a long record 2000 beats are looked at, all over it; the others if any of these has one.

    Parameters
    ----------
    record
        The signals, any leads.
    beats
        The beats of the record, at its rate.

    Examples
    --------
    >>> from einthoven.record import Beats, Record
    >>> signal = np.zeros((1, 5000))
    >>> for r in range(250, 5000, 500):  # a beat a second, 500 Hz: a wide QRS and, 60 ms before it, a spike of 2 ms
    ...     signal[0, r - 50 : r + 50] = np.hanning(100)
    ...     signal[0, r - 60] += 0.8
    >>> paced = Record(signal, 500, ("II",))
    >>> find_pacing(paced, Beats.unlabelled(np.arange(250, 5000, 500))).decision.value
    'present'
    """
    spike, sharp = np.full(len(beats), -1, np.int64), np.zeros(len(beats))
    if record.fs_hz < LOWEST_HZ or not len(beats):
        return Pacing(spike, 0.0, can_tell=record.fs_hz >= LOWEST_HZ)
    height = _usual_height(record, beats)
    first = np.arange(0, len(beats), -(-len(beats) // _LOOKED_AT_FIRST))
    doubtful = 0
    for here, windows, start in _windows(record, beats, first):
        sharp[here], at = _sharpest(windows, record.fs_hz, height, _SPIKE)
        spike[here] = start + at
        doubtful += int(_wide_after_corner(windows, record.fs_hz, height)[sharp[here] < _SPIKE.least_sharpness].sum())
    n_sharp = int((sharp >= _SPIKE.least_sharpness).sum())
    if n_sharp:
        for here, windows, start in _windows(record, beats, np.setdiff1d(np.arange(len(beats)), first)):
            sharp[here], at = _sharpest(windows, record.fs_hz, height, _SPIKE)
            spike[here] = start + at
    sure = n_sharp >= max(_FEWEST, _PACED * len(first))
    spike[sharp < (_SHARP_AMONG_PACED if sure else _SPIKE.least_sharpness)] = -1
    return Pacing(spike, doubtful / len(first), can_tell=True)


def mark_paced(beats: Beats, pacing: Pacing) -> Beats:
    """Give paced beats the symbol ``Q``, as AAMI has it, where a pacemaker is present; an odd spike changes nothing.

    They are marked as paced: what a model said of their class says nothing of the heart.
    """
    if pacing.decision is not Decision.PRESENT:
        return beats
    return replace(beats, symbol=np.where(pacing.paced, "Q", beats.symbol), paced=pacing.paced)


def pacing_finding(pacing: Pacing, fs_hz: float) -> Finding:
    """Say whether there is a pacemaker.

    Parameters
    ----------
    pacing
        Of `find_pacing`.
    fs_hz
        Rate of the record.
    """
    n_beats, n_paced = len(pacing.spike), int(pacing.paced.sum())
    if not pacing.can_tell:
        detail = f"{fs_hz:g} Hz is too slow to see pacing spikes, which need {LOWEST_HZ:g} Hz"
    elif n_paced:
        detail = f"a spike before {n_paced} of {n_beats} beats ({percent(n_paced / n_beats)})"
    elif pacing.decision is Decision.UNSURE:
        detail = f"no spike, but {percent(pacing.doubtful)} of the beats are wide with an abrupt onset"
    else:
        detail = f"no spike before any of {n_beats} beats; filters and bipolar leads can hide them"
    shown = pacing.spike[pacing.paced][:5] / fs_hz
    where = tuple(Interval(max(0.0, t - 0.5), t + 0.5) for t in shown.tolist())
    return Finding("10370003", "SNOMED CT", "Pacemaker", pacing.decision, None, detail, where)


def _usual_height(record: Record, beats: Beats) -> NDArray[np.float32]:
    """Median height of a beat in each lead, peak to peak: float32, shape (lead, 1, 1)."""
    half = round(_HALF_QRS_S * record.fs_hz)
    some = beats.sample[:: max(1, len(beats) // 500)]
    at = np.clip(some[:, None] + np.arange(-half, half + 1), 0, record.n_samples - 1)
    heights = np.ptp(np.nan_to_num(record.signal[:, at]), axis=2)
    middle: NDArray[np.float32] = np.median(heights, axis=1).astype(np.float32)
    return middle[:, None, None]


def _windows(
    record: Record, beats: Beats, wanted: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]]:
    """Cut what is looked at around each wanted beat, some at a time: their numbers, windows, and first samples.

    Windows are float32, shape (lead, beat, sample). Beats too near an end are left out; where a lead misses samples its
    window is level.
    """
    before, after = _margins(record.fs_hz)
    at = beats.sample[wanted]
    whole = wanted[(at >= before) & (at + after < record.n_samples)]
    for start in range(0, len(whole), _BEATS_AT_ONCE):
        here = whole[start : start + _BEATS_AT_ONCE]
        first = beats.sample[here] - before
        windows = record.signal[:, first[:, None] + np.arange(before + after + 1)]
        windows[np.isnan(windows).any(axis=2)] = 0
        yield here, windows, first


def _margins(fs_hz: float) -> tuple[int, int]:
    """Return how many samples are looked at before and after each R peak."""
    return round((-_FROM_S + _QUIET_S + 0.005) * fs_hz), round((_TO_S + _LATE_S[1] + 0.01) * fs_hz)


def _sharpest(
    windows: NDArray[np.float32], fs_hz: float, height: NDArray[np.float32], corner: _Corner
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return how sharp the sharpest corner before each beat is, and its place in the window: both of shape (beat,)."""
    edge = max(1, int(corner.edge_s * fs_hz))
    bend = np.zeros_like(windows)
    middle = windows[..., edge:-edge]
    bend[..., edge:-edge] = np.abs(2 * middle - windows[..., : -2 * edge] - windows[..., 2 * edge :])
    step = _range(windows, -corner.before_s, corner.after_s, fs_hz)
    quiet = _range(windows, -_QUIET_S, -corner.before_s - 0.003, fs_hz)
    sharp = bend / (quiet + 0.1 * step + _TINY)
    sharp[step < corner.least_height * height] = 0
    before, _ = _margins(fs_hz)
    sought = slice(before + round(_FROM_S * fs_hz), before + round(_TO_S * fs_hz) + 1)
    reach = 2 * round(0.004 * fs_hz) + 1  # leads may differ by a sample or two
    near = _highest(sharp.astype(np.float32), reach)[..., sought]
    agreed = np.sort(near, axis=0)[-2 if len(near) > 2 else -1]
    at = agreed.argmax(axis=1)
    return agreed[np.arange(len(agreed)), at], at + sought.start


def _wide_after_corner(windows: NDArray[np.float32], fs_hz: float, height: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Tell which beats begin with a rounded corner in some lead and are still steep 90 to 160 ms later."""
    lag = round(_ROUNDED.edge_s * fs_hz)
    slope = np.zeros_like(windows)
    slope[..., lag:-lag] = np.abs(windows[..., 2 * lag :] - windows[..., : -2 * lag])
    late = np.arange(round(_LATE_S[0] * fs_hz), round(_LATE_S[1] * fs_hz))
    wide = np.zeros(windows.shape[1], bool)
    for lead in range(len(windows)):
        sharp, at = _sharpest(windows[lead : lead + 1], fs_hz, height[lead : lead + 1], _ROUNDED)
        there = np.minimum(at[:, None] + late, windows.shape[2] - 1)
        steep = np.take_along_axis(slope, there[None], axis=2).max(axis=2) / (slope.max(axis=2) + _TINY)
        third = np.sort(steep, axis=0)[-max(1, len(steep) // 3) :].mean(axis=0)  # the leads that show it best
        wide |= (sharp >= _ROUNDED.least_sharpness) & (third >= _LATE_SLOPE)
    return wide


def _range(windows: NDArray[np.float32], from_s: float, to_s: float, fs_hz: float) -> NDArray[np.float32]:
    """Highest minus lowest sample from `from_s` to `to_s` around each sample; the ends are repeated."""
    first, last = round(from_s * fs_hz), round(to_s * fs_hz)
    size = last - first + 1
    span = _highest(windows, size) + _highest(-windows, size)
    moved = np.clip(np.arange(windows.shape[-1]) + first + size // 2, 0, windows.shape[-1] - 1)
    result: NDArray[np.float32] = span[..., moved]
    return result


def _highest(windows: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Highest of `size` samples around each, the ends repeated."""
    from scipy.ndimage import maximum_filter1d

    highest: NDArray[np.float32] = maximum_filter1d(windows, size, axis=-1, mode="nearest")
    return highest
