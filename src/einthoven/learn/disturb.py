"""Leads as they might have been recorded: noisy, stepping, clipped, with gaps, one of them lost or upside down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..signal.resample import resample

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from ..record import Record

RATE_HZ: Final = 100.0
Noises = dict[str, "NDArray[np.float32]"]
"""By name: float32, shape (2, sample), mV at 100 Hz."""

_KINDS: Final = {"em": 0.55, "ma": 0.2, "bw": 0.1, "white": 0.15}
_LOUDEST_DB, _SOFTEST_DB = -8.0, 20.0


def noises(records: Iterable[Record]) -> Noises:
    """Bring recordings of noise to 100 Hz, the first half of each: the second is left to test with."""
    return {
        record.id: np.nan_to_num(resample(record.signal[:, : record.n_samples // 2], record.fs_hz, RATE_HZ))
        for record in records
    }


def disturbed(
    rng: np.random.Generator, signal: NDArray[np.float32], height_mv: NDArray[np.float32], noise: Noises, noisy: float
) -> NDArray[np.float32]:
    """Spoil two leads.

    Parameters
    ----------
    rng
        What draws.
    signal
        float32, shape (2, sample), at 100 Hz.
    height_mv
        float32, shape (2,): of their QRS complexes, from peak to peak.
    noise
        What is added.
    noisy
        Share of the signals that get noise.

    Returns
    -------
    float32, same shape, NaN where missing.
    """
    seen = signal * rng.choice((-1.0, 1.0), (2, 1)) * np.exp(rng.normal(scale=0.4, size=(2, 1)))
    while rng.random() < noisy:
        seen = seen + _noise(rng, signal.shape[1], height_mv, noise)
        noisy *= 0.3
    for lead in seen:
        _spoil(rng, lead, float(np.abs(height_mv).max()))
    _lose(rng, seen, height_mv, noise)
    return np.asarray(seen, np.float32)


def _noise(rng: np.random.Generator, n: int, height_mv: NDArray[np.float32], noise: Noises) -> NDArray[np.float64]:
    """Return noise of one kind at one ratio, height squared over eight to mean square, as `nst` has it."""
    kind = rng.choice(list(_KINDS), p=list(_KINDS.values()))
    if kind == "white":
        added = rng.normal(size=(2, n))
    else:
        speed = np.exp(rng.normal(scale=0.15))
        from_ = rng.uniform(0, noise[kind].shape[1] - n * speed - 1)
        at = from_ + speed * np.arange(n)
        added = np.stack([np.interp(at, np.arange(lead.size), lead) for lead in noise[kind]])
        if rng.random() < 0.3:  # other moments of the two, so that nothing in them is the same
            added[1] = np.roll(added[1], rng.integers(n))
        added = added[rng.permutation(2)] - added.mean(axis=1, keepdims=True)
    added *= rng.choice((-1.0, 1.0), (2, 1)) / (added.std(axis=1, keepdims=True) + 1e-9)
    snr_db = rng.uniform(_LOUDEST_DB, _SOFTEST_DB, (2, 1))
    if rng.random() < 0.6:
        snr_db[1] = snr_db[0]
    added *= height_mv[:, None] / np.sqrt(8) * 10 ** (-snr_db / 20)
    if rng.random() < 0.4:  # it comes and goes
        start, stop = np.sort(rng.uniform(0, n, 2))
        t = np.arange(n)
        added *= 1 / (1 + np.exp(-(t - start) / 20)) / (1 + np.exp((t - stop) / 20))
    if rng.random() < 0.3:
        added[rng.integers(2)] = 0
    return added


def _spoil(rng: np.random.Generator, lead: NDArray[np.float64], height_mv: float) -> None:
    """Add steps, pops, hum, clipping, gaps, each seldom; in place."""
    n = len(lead)
    if rng.random() < 0.08:
        lead[rng.integers(n) :] += rng.normal(scale=3 * height_mv)
    if rng.random() < 0.08:
        for start in rng.integers(0, n, rng.integers(1, 6)):
            fall = np.exp(-np.arange(n - start) / rng.uniform(0.5, 40))
            lead[start:] += rng.normal(scale=3 * height_mv) * fall
    if rng.random() < 0.08:
        lead += height_mv * rng.uniform(0, 0.6) * np.sin(2 * np.pi * rng.uniform(0.38, 0.5) * np.arange(n))
    if rng.random() < 0.06:
        low, high = np.quantile(lead, (rng.uniform(0, 0.08), 1 - rng.uniform(0, 0.08)))
        np.clip(lead, low, high, out=lead)
    if rng.random() < 0.06:
        start = rng.integers(n)
        lead[start : start + int(np.exp(rng.uniform(np.log(2), np.log(600))))] = np.nan


def _lose(rng: np.random.Generator, signal: NDArray[np.float64], height_mv: NDArray[np.float32], noise: Noises) -> None:
    """Lose one of the leads, in place: missing, flat, nothing but noise, or for a while only."""
    if rng.random() > 0.4:
        return
    lead, n = rng.integers(2), signal.shape[1]
    start, stop = (0, n) if rng.random() < 0.7 else np.sort(rng.integers(0, n, 2))
    how = rng.random()
    if how < 0.5:
        signal[lead, start:stop] = np.nan
    elif how < 0.6:
        signal[lead, start:stop] = rng.normal()
    elif how < 0.7:
        signal[lead, start:stop] = rng.normal(scale=0.003, size=stop - start)
    else:
        signal[lead, start:stop] = 3 * _noise(rng, n, height_mv, noise)[lead, start:stop]


def heights(signal: NDArray[np.float32], peak: NDArray[np.float64]) -> NDArray[np.float32]:
    """Median height of the QRS complexes of each lead, mV, from peak to peak within 50 ms; 1 where there are none."""
    n = signal.shape[1]
    at = np.rint(peak[(peak > 5) & (peak < n - 6)]).astype(np.int64)[:, None] + np.arange(-5, 6)
    if not len(at):
        return np.ones(len(signal), np.float32)
    around = np.nan_to_num(signal)[:, at]
    height: NDArray[np.float32] = np.maximum(np.median(np.ptp(around, axis=2), axis=1), 1e-3).astype(np.float32)
    return height


def silence(rng: np.random.Generator, n: int, noise: Noises) -> NDArray[np.float32]:
    """Leads of nobody: noise alone, float32 (2, n)."""
    total = sum(_noise(rng, n, np.ones(2, np.float32), noise) for _ in range(rng.integers(1, 3)))
    return np.asarray(total + rng.normal(scale=rng.uniform(1e-3, 0.05), size=(2, n)), np.float32)
