"""Noise added to a recording at a stated ratio, as the noise stress test `nst` of the WFDB package adds it.

Moody, Muldrow & Mark, Computers in Cardiology 1984;11:381-384; G. Moody, nst(1) and sigamp(1).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ..codes import AAMI_OF_SYMBOL
from ..errors import OptionError, SignalError
from ..signal.resample import resample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..record import Beats, Record

START_S: Final = 300.0
SEGMENT_S: Final = 120.0
"""`nst` leaves the first five minutes clean, then two noisy minutes and two clean ones take turns."""

_MEASURED = 300  # beats, and seconds of noise, from which amplitudes are taken
_HALF_QRS_S = 0.05
_TRIMMED = 20  # the twentieth part is left out at either end
_OF_EXTREMES = frozenset("VF")  # ventricular beats and fusions are not what a lead's usual QRS looks like


def add_noise(
    record: Record,
    noise: Record,
    snr_db: float,
    beats: Beats,
    *,
    start_s: float = START_S,
    segment_s: float = SEGMENT_S,
) -> Record:
    """Return a record with noise in it.

    Each lead gets the noise of its own place among the leads of `noise`, from the first again where there are fewer.
    The signal's power is that of a sine as high as the usual QRS complex, so that the ratio is
    ``10 log10(P² / 8 / N²)`` with P the height of the QRS, peak to peak (`qrs_height`), and N the root mean square of
    the noise (`noise_rms`). Noise starts and stops without a step: what it has carried the baseline to stays.

    Parameters
    ----------
    record
        The signals.
    noise
        Noise alone, in any unit; other rates are resampled. It is repeated where it is shorter than the record.
    snr_db
        Ratio of signal to noise in the noisy stretches, decibel.
    beats
        Where the record's beats are; their symbols tell the usual ones from others.
    start_s, segment_s
        Noise begins at `start_s`; noisy and clean stretches of `segment_s` take turns. With 0 and infinity there is
        noise throughout.

    Raises
    ------
    OptionError
        The ratio is not finite, or the times are no times.
    SignalError
        A lead's QRS, or a lead of the noise, has no height to measure, or the noise has missing samples.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> heart, rng = simulate(duration_s=30, seed=1), np.random.default_rng(0)
    >>> hum = replace(heart.record, signal=rng.normal(size=heart.record.signal.shape))
    >>> noisy = add_noise(heart.record, hum, 6, heart.beats, start_s=10, segment_s=10)
    >>> added = replace(heart.record, signal=noisy.signal - heart.record.signal)
    >>> [bool(np.ptp(added.crop(t, t + 9).signal[0]) > 0.01) for t in (0, 10, 20)]
    [False, True, False]
    """
    if not (math.isfinite(snr_db) and 0 <= start_s < math.inf and segment_s > 0):
        raise OptionError(
            f"noise of {snr_db} dB from {start_s} s on in stretches of {segment_s} s: ratio and start must be finite, "
            "the start not negative, the stretches longer than 0 s"
        )
    rows = resample(noise.signal, noise.fs_hz, record.fs_hz).astype(np.float64)
    if np.isnan(rows).any():
        raise SignalError(f"{noise.id}: noise has missing samples; there must be none")
    height, rms = qrs_height(record, beats), noise_rms(rows, record.fs_hz)
    row = np.arange(len(record.signal)) % len(rows)
    for what, who, size in (("QRS", record.id, height), ("noise", noise.id, rms)):
        if not (size > 0).all():
            raise SignalError(f"{who}: the {what} of lead {int(np.argmin(size > 0)) + 1} has no height to measure")
    gain = height / rms[row] * 10 ** (-snr_db / 20) / math.sqrt(8)
    time_s = np.arange(record.n_samples) / record.fs_hz
    noisy = (time_s >= start_s) & ((time_s - start_s) // segment_s % 2 == 0)
    signal = np.empty_like(record.signal)
    for lead, level in enumerate(gain):
        # Steps of the noise are summed up where it is on, so that it neither begins nor ends with a jump.
        step = np.diff(_repeated(rows[row[lead]], record.n_samples), prepend=rows[row[lead], 0])
        signal[lead] = record.signal[lead] + level * np.cumsum(np.where(noisy, step, 0))
    return replace(record, signal=signal).noted(f"noise of {noise.id} added at {snr_db:g} dB")


def qrs_height(record: Record, beats: Beats) -> NDArray[np.float64]:
    """Measure the usual QRS complex of each lead: float64, shape (lead,), mV from peak to peak.

    Of the first 300 beats that are neither ventricular nor fusions, each within 50 ms to either side of its mark, the
    mean without the twentieth part at either end; as sigamp(1). NaN where there is no such beat.
    """
    usual = np.array([AAMI_OF_SYMBOL.get(str(s), "Q") not in _OF_EXTREMES for s in beats.symbol], bool)
    half = round(_HALF_QRS_S * record.fs_hz)
    whole = (beats.sample >= half) & (beats.sample + half < record.n_samples)
    at = beats.sample[usual & whole][:_MEASURED, None] + np.arange(-half, half + 1)
    return _trimmed_mean(np.ptp(record.signal[:, at], axis=-1)) if len(at) else np.full(len(record.signal), np.nan)


def noise_rms(rows: NDArray[np.float64], fs_hz: float) -> NDArray[np.float64]:
    """Measure how strong noise is: float64, shape (lead,).

    Root mean square about the mean of each of the first 300 seconds; their mean without the twentieth part at either
    end; as sigamp(1). NaN for less than a second.

    Parameters
    ----------
    rows
        float64, shape (lead, sample).
    fs_hz
        Samples a second.
    """
    width = round(fs_hz)
    count = min(rows.shape[1] // width, _MEASURED)
    return _trimmed_mean(rows[:, : count * width].reshape(len(rows), count, width).std(axis=-1))


def _trimmed_mean(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the last axis without its smallest and largest twentieth part."""
    cut = sizes.shape[-1] // _TRIMMED
    kept = np.sort(sizes.astype(np.float64), axis=-1)[..., cut : sizes.shape[-1] - cut]
    mean: NDArray[np.float64] = kept.mean(axis=-1) if kept.size else np.full(len(sizes), np.nan)
    return mean


def _repeated(noise: NDArray[np.float64], n_samples: int) -> NDArray[np.float64]:
    """Repeat noise up to a length; each time it goes on from where it ended."""
    times = -(-n_samples // len(noise))
    drift = (noise[-1] - noise[0]) * np.arange(times)
    joined: NDArray[np.float64] = (noise + drift[:, None]).reshape(-1)
    return joined[:n_samples]
