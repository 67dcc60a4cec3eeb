"""What the learned detector sees: every lead at about 100 Hz, without its baseline, at a height of its own.

Each sample depends on the signal near it alone (:data:`BEFORE_S`, :data:`AFTER_S`), so that a part of a record, cut
with that margin, gives what the whole record gives.
"""

from __future__ import annotations

from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import OptionError
from ..record import is_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

RATE_HZ: Final = 100.0
"""What the network sees, within half a percent: the nearest rate that a short ratio of whole numbers gives."""

BEFORE_S: Final = 12.0
"""Seconds of signal before a sample that can change what becomes of it."""

AFTER_S: Final = 3.5
"""Seconds of signal after it."""

SLOWEST_HZ: Final = 50.0
"""Lowest rate at which a QRS complex can be told from its neighbours."""

_UPS: Final = (1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 100, 200)  # divisors of two seconds, so that parts begin on samples
_RATE_ERROR: Final = 0.005
_TAPS: Final = 4  # zero crossings of the low-pass to either side; 80 dB are not needed to see a QRS complex
_BASELINE: Final = 50  # samples; the mean over so many, twice, is taken for the baseline
_SECOND: Final = 100  # samples
_LARGE: Final = 5  # samples of a second, 50 ms: what is larger for longer is signal
_PAST, _NEXT, _LEVEL = 8, 1, 0.6  # the height is this quantile over so many seconds: half of them may be noise
_FLAT_MV: Final = 1e-4  # no recorder resolves less
_HEIGHT: Final = np.float32(2.0)  # of the usual QRS complex, before what is much larger is compressed


def ratio(fs_hz: float) -> tuple[int, int]:
    """Return (up, down) such that ``fs_hz * up / down`` is within half a percent of 100 Hz; `up` divides 200.

    Raises
    ------
    OptionError
        The rate is below 50 Hz, where a QRS complex cannot be told from its neighbours, or no number.

    Examples
    --------
    >>> ratio(360), ratio(100), ratio(257.3)
    ((5, 18), (1, 1), (40, 103))
    """
    if not is_number(fs_hz) or fs_hz == inf:
        raise OptionError(f"sampling rate is {fs_hz!r} Hz; it must be a number")
    if not fs_hz >= SLOWEST_HZ:
        raise OptionError(f"sampled at {fs_hz:g} Hz; finding beats needs {SLOWEST_HZ:g} Hz or more")
    for up in _UPS:
        down = max(1, round(fs_hz * up / RATE_HZ))
        if abs(fs_hz * up / down - RATE_HZ) <= _RATE_ERROR * RATE_HZ:
            break
    return up, down


def conditioned(signal: NDArray[np.float32], fs_hz: float) -> NDArray[np.float32]:
    """Resample leads, take their baseline away, and bring each to the height its QRS complexes have at the time.

    Parameters
    ----------
    signal
        float32, shape (lead, sample), NaN where missing.
    fs_hz
        Its rate, 50 Hz or more.

    Returns
    -------
    float32, shape (lead, ceil(sample * up / down)), with `up` and `down` of :func:`ratio`. Zero where a lead is missing
    or flat. Usual QRS complexes reach about 1.4, ten times larger ones 3.7.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> record = simulate(duration_s=10, leads=["II"]).record
    >>> loud = conditioned(10 * record.signal, 500.0)
    >>> loud.shape, bool(np.abs(loud - conditioned(record.signal, 500.0)).max() < 1e-3)
    ((1, 1000), True)
    """
    exact, there = _resampled(signal, *ratio(fs_hz))
    exact -= _baseline(exact, there)
    wave = exact.astype(np.float32)  # not before: a large offset leaves no room for the waves on it
    wave *= there
    wave *= _gain(np.abs(wave), there)
    return np.arcsinh(wave, out=wave)


def _resampled(signal: NDArray[np.float32], up: int, down: int) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Leads at `up` / `down` times their rate, and where they are there, 1 or 0; one row if they are everywhere."""
    from scipy.signal import upfirdn

    taps = _low_pass(up, down)
    middle = len(taps) // 2  # a multiple of `down`, so that output samples lie on the filter's middle
    margin = -(-middle // (up * down)) * down  # input samples; likewise
    n = -(-signal.shape[1] * up // down)
    missing = ~np.isfinite(signal)
    gaps = bool(missing.any())
    whole = _filled(signal, missing, margin) if gaps else signal
    padded = np.pad(whole, ((0, 0), (margin, margin)), mode="edge")
    first = (middle + margin * up) // down
    wave = np.ascontiguousarray(upfirdn(taps, padded, up, down)[:, first : first + n])
    if not gaps:
        return wave, np.ones((1, n), np.float32)
    nearest = np.minimum((np.arange(n) * down + up // 2) // up, signal.shape[1] - 1)
    return wave, (~missing[:, nearest]).astype(np.float32)


@lru_cache(maxsize=32)
def _low_pass(up: int, down: int) -> NDArray[np.float64]:
    from scipy.signal import firwin

    if up == down:
        return np.ones(1)
    middle = _TAPS * down * -(-up // down)
    taps: NDArray[np.float64] = firwin(2 * middle + 1, 1 / max(up, down), window=("kaiser", 5.0))
    for phase in range(up):  # so that what is level stays level, however high
        taps[phase::up] /= taps[phase::up].sum()
    return taps


def _filled(signal: NDArray[np.float32], missing: NDArray[np.bool_], reach: int) -> NDArray[np.float32]:
    """Repeat the nearest sample there is into a gap, as far as the filter looks; farther in, zero."""
    at = np.arange(signal.shape[1])
    before = np.maximum.accumulate(np.where(missing, -reach - 1, at), axis=1)
    after = np.minimum.accumulate(np.where(missing, 2 * len(at) + reach, at)[:, ::-1], axis=1)[:, ::-1]
    nearest = np.where(at - before <= after - at, before, after)
    near = np.abs(nearest - at) <= reach
    filled = np.take_along_axis(signal, np.where(near, nearest, 0), axis=1)
    return np.where(near, filled, np.float32(0))


def _baseline(wave: NDArray[np.float64], there: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean of what is there around each sample, twice over; same shape."""
    from scipy.ndimage import uniform_filter1d

    def twice(x: NDArray[np.float64]) -> NDArray[np.float64]:
        once = uniform_filter1d(x, _BASELINE, axis=-1, mode="constant")
        result: NDArray[np.float64] = uniform_filter1d(once, _BASELINE, axis=-1, mode="constant", origin=-1)
        return result

    mean: NDArray[np.float64] = twice(wave * there) / np.maximum(twice(there.astype(np.float64)), 1e-6)
    return mean


def _gain(size: NDArray[np.float32], there: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what brings the usual height of large waves around each sample to two, float32; 0 if there are none."""
    n_leads, n = size.shape
    seconds = -(-n // _SECOND)
    rest = ((0, 0), (0, seconds * _SECOND - n))
    cells = np.pad(size, rest).reshape(n_leads, seconds, _SECOND)
    large = np.partition(cells, _SECOND - _LARGE, axis=-1)[..., _SECOND - _LARGE].astype(np.float64)
    known = np.pad(there, rest).reshape(len(there), seconds, _SECOND).sum(axis=-1) >= _SECOND / 2
    large *= known
    large[:, 1:] = np.maximum(large[:, 1:], large[:, :-1])  # two seconds hold a beat of nearly every heart
    large[large < _FLAT_MV] = np.inf
    around = np.pad(large, ((0, 0), (_PAST, _NEXT)), constant_values=np.inf)
    window = np.sort(np.lib.stride_tricks.sliding_window_view(around, _PAST + _NEXT + 1, axis=1), axis=-1)
    rank = np.maximum(np.ceil(_LEVEL * np.isfinite(window).sum(axis=-1)).astype(np.int64) - 1, 0)
    usual = np.take_along_axis(window, rank[..., None], axis=-1)[..., 0]
    return _between_seconds((_HEIGHT / usual).astype(np.float32))[:, :n]


def _between_seconds(value: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lines from the middle of each second to the next, level at the ends: (lead, second) becomes (lead, sample)."""
    share = ((np.arange(_SECOND) + 0.5) / _SECOND - 0.5).astype(np.float32)
    before, after = np.maximum(-share, 0), np.maximum(share, 0)
    past, future = (np.pad(value, ((0, 0), pad), mode="edge") for pad in ((1, 0), (0, 1)))
    line = value[..., None] * (1 - np.abs(share)) + past[:, :-1, None] * before + future[:, 1:, None] * after
    joined: NDArray[np.float32] = line.reshape(len(value), -1)
    return joined


LEAD_INPUTS: Final[dict[str, Callable[[NDArray[np.float32], float], NDArray[np.float32]]]] = {
    "conditioned-leads": conditioned,
}
"""What makes the input of a network that looks at whole leads, by the name its card has for it."""
