"""Filters that move no peak: zero phase, forwards and backwards, safe with gaps and with short signals.

All take and give arrays whose last axis is time. A missing sample (NaN) is bridged by a straight line for the filter's
sake and is missing again in the result.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from ..errors import OptionError
from .pieces import pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

Real = TypeVar("Real", np.float32, np.float64)

_PIECE: Final = 1 << 20  # samples of a long signal worked on at a time
_FORGOTTEN: Final = 1e-9  # below what float32 holds


def bridge_gaps(signal: NDArray[Real]) -> tuple[NDArray[Real], NDArray[np.bool_]]:
    """Return the signal with straight lines over its gaps, and where the gaps are: bool, same shape.

    Before the first and after the last sample the line is level; a row without any sample becomes zero.

    Examples
    --------
    >>> bridge_gaps(np.array([1.0, np.nan, 3.0, np.nan]))
    (array([1., 2., 3., 3.]), array([False,  True, False,  True]))
    """
    missing: NDArray[np.bool_] = ~np.isfinite(signal)
    if not missing.any():
        return signal, missing
    bridged = np.where(missing, signal.dtype.type(0), signal)
    at = np.arange(signal.shape[-1])
    for row, gaps in zip(bridged.reshape(-1, len(at)), missing.reshape(-1, len(at)), strict=True):
        if gaps.any() and not gaps.all():
            row[gaps] = np.interp(at[gaps], at[~gaps], row[~gaps])
    return bridged, missing


def bandpass(
    signal: NDArray[Real], fs_hz: float, low_hz: float | None, high_hz: float | None, *, order: int = 2
) -> NDArray[Real]:
    """Keep what lies between `low_hz` and `high_hz`.

    Parameters
    ----------
    signal
        float32 or float64, shape (..., sample).
    fs_hz
        Sampling rate.
    low_hz, high_hz
        Edges, where the two passes together leave half the amplitude. None leaves that side open; so does an upper edge
        at or above half the sampling rate, where there is nothing to remove.
    order
        Of the Butterworth filter that is run twice.

    Returns
    -------
    ndarray
        Same shape and type.

    Raises
    ------
    OptionError
        The edges are not in order, or the lower one leaves nothing.

    Examples
    --------
    >>> t = np.arange(1000) / 250
    >>> wander, wave = np.sin(2 * np.pi * 0.2 * t), np.sin(2 * np.pi * 10 * t)
    >>> bool(np.abs(bandpass(wander + wave, 250, 1, 40) - wave)[250:-250].max() < 0.1)
    True
    """
    from scipy.signal import butter

    low, high = low_hz or 0.0, fs_hz / 2 if high_hz is None else min(high_hz, fs_hz / 2)
    if not 0 <= low < high:
        raise OptionError(
            f"band is {low:g} to {high:g} Hz at a sampling rate of {fs_hz:g} Hz; "
            "the lower edge must lie below the upper one and below half the rate"
        )
    if low == 0 and high == fs_hz / 2:
        return signal.copy()
    if low == 0:
        sos = butter(order, high, "lowpass", fs=fs_hz, output="sos")
    elif high == fs_hz / 2:
        sos = butter(order, low, "highpass", fs=fs_hz, output="sos")
    else:
        sos = butter(order, (low, high), "bandpass", fs=fs_hz, output="sos")
    return _both_ways(sos, signal)


def notch(signal: NDArray[Real], fs_hz: float, hz: float, *, quality: float = 30.0) -> NDArray[Real]:
    """Remove one frequency, such as the mains.

    Parameters
    ----------
    signal
        float32 or float64, shape (..., sample).
    fs_hz, hz
        Sampling rate, and the frequency to remove.
    quality
        `hz` over the width of the notch at half power, of each of the two passes.

    Raises
    ------
    OptionError
        `hz` is not between zero and half the sampling rate.

    Examples
    --------
    >>> hum = np.sin(2 * np.pi * 50 * np.arange(5000) / 500)
    >>> bool(np.abs(notch(hum, 500, 50))[1000:-1000].max() < 0.01)
    True
    """
    from scipy.signal import iirnotch, tf2sos

    if not 0 < hz < fs_hz / 2:
        raise OptionError(f"cannot remove {hz:g} Hz; at {fs_hz:g} Hz it must lie between 0 and {fs_hz / 2:g} Hz")
    return _both_ways(tf2sos(*iirnotch(hz, quality, fs=fs_hz)), signal)


def _both_ways(sos: NDArray[np.float64], signal: NDArray[Real]) -> NDArray[Real]:
    """Run second-order sections forwards and backwards; the padding shrinks to what a short signal has.

    A long signal is run piece by piece. Each piece sees so much around it that what happened beyond has died away.
    """
    from scipy.signal import sosfiltfilt

    n_samples = signal.shape[-1]
    if not n_samples:
        return signal.copy()
    bridged, missing = bridge_gaps(signal)
    result = np.empty_like(signal)
    for piece in pieces(n_samples, _PIECE, _memory(sos)):
        part = bridged[..., piece.seen].astype(np.float64)
        padding = min(3 * (2 * len(sos) + 1), part.shape[-1] - 1)
        result[..., piece.kept] = sosfiltfilt(sos, part, axis=-1, padlen=padding)[..., piece.inner]
    result[missing] = np.nan
    return result


def _memory(sos: NDArray[np.float64]) -> int:
    """Return after how many samples a filter has forgotten its input but for a part of `_FORGOTTEN`."""
    slowest = max(float(np.abs(np.roots(section[3:])).max()) for section in sos)
    return math.ceil(math.log(_FORGOTTEN) / math.log(slowest)) if slowest > 0 else 0
