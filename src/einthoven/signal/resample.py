"""Another sampling rate, without aliases, without moving peaks."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import OptionError
from .filter import Real, bridge_gaps
from .pieces import pieces

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ..record import Record

_LARGEST_TERM: Final = 10_000  # of the ratio; off by at most 1e-8, a sample in three days
_PIECE: Final = 1 << 20  # samples of a long signal worked on at a time
_FILTER_REACH: Final = 10  # samples at the lower rate that resample_poly's filter reaches to either side
_MOST_FOR_OFFSET: Final = 100_000


def _ratio(fs_hz: float, to_hz: float) -> Fraction:
    for name, value in (("fs_hz", fs_hz), ("to_hz", to_hz)):
        if not (np.isfinite(value) and value > 0):
            raise OptionError(f"resample: {name} is {value}; it must be a positive number")
    ratio = Fraction(to_hz).limit_denominator(10**6) / Fraction(fs_hz).limit_denominator(10**6)
    ratio = ratio.limit_denominator(_LARGEST_TERM)
    if not 1 / _LARGEST_TERM <= ratio <= _LARGEST_TERM:
        raise OptionError(f"resample: {fs_hz:g} Hz to {to_hz:g} Hz is beyond a factor of {_LARGEST_TERM}")
    return ratio


def resample(signal: NDArray[Real], fs_hz: float, to_hz: float) -> NDArray[Real]:
    """Resample along the last axis with a zero-phase low-pass below half the lower rate.

    Sample 0 stays at time 0. Where the nearest original sample was missing (NaN) the result is missing too.

    Parameters
    ----------
    signal
        float32 or float64, shape (..., sample).
    fs_hz, to_hz
        Rate it has and rate it shall have.

    Returns
    -------
    ndarray
        Same type, shape (..., ceil(sample * to_hz / fs_hz)).

    Raises
    ------
    OptionError
        A rate is no positive number, or they are more than a factor of 10,000 apart.

    Examples
    --------
    >>> resample(np.ones((2, 720)), 360, 250).shape
    (2, 500)
    """
    from scipy.signal import resample_poly

    ratio = _ratio(fs_hz, to_hz)
    if ratio == 1 or not signal.size:
        return signal.copy()
    bridged, missing = bridge_gaps(signal)
    up, down, n_samples = ratio.numerator, ratio.denominator, signal.shape[-1]
    # The filter rings against a step at either end; without the offset there is next to none.
    offset = np.median(bridged[..., :: math.ceil(n_samples / _MOST_FOR_OFFSET)], axis=-1, keepdims=True)
    result = np.empty((*signal.shape[:-1], -(-n_samples * up // down)), signal.dtype)
    margin = math.ceil(_FILTER_REACH * max(up, down) / up)
    for piece in pieces(n_samples, max(_PIECE, down), margin, step=down):
        moved = resample_poly(bridged[..., piece.seen] - offset, up, down, axis=-1)
        start, first, last = (-(-place * up // down) for place in (piece.start, piece.first, piece.last))
        result[..., first:last] = moved[..., first - start : last - start] + offset
    if missing.any():
        nearest = np.rint(np.arange(result.shape[-1]) / float(ratio)).astype(np.int64)
        result[missing[..., np.minimum(nearest, signal.shape[-1] - 1)]] = np.nan
    return result


def resample_positions(sample: ArrayLike, fs_hz: float, to_hz: float) -> NDArray[np.int64]:
    """Return where positions such as beats lie at another rate: int64, rounded to the nearest sample.

    Examples
    --------
    >>> resample_positions([0, 18, 361], 360, 250)
    array([  0,  12, 251])
    """
    return np.rint(np.asarray(sample, dtype=np.float64) * (to_hz / fs_hz)).astype(np.int64)


def resample_record(record: Record, to_hz: float) -> Record:
    """Return the record at `to_hz`, with a note of the rate it had; unchanged if it has that rate.

    Raises
    ------
    OptionError
        As :func:`resample`.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> resample_record(simulate().record, 100).notes
    ('Resampled from 500 Hz to 100 Hz.',)
    """
    if to_hz == record.fs_hz:
        return record
    signal = np.stack([resample(lead, record.fs_hz, to_hz) for lead in record.signal])  # lead by lead, to spare memory
    note = f"Resampled from {record.fs_hz:g} Hz to {to_hz:g} Hz."
    return replace(record, signal=signal, fs_hz=to_hz).noted(note)
