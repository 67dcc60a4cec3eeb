"""Sequences of beats as they might have been: from other electrodes, noisy, upside down, slower, with less to go by.

Pure functions on a batch and a generator. A batch holds ``waves``, float32, shape (item, beat, 2, channel, sample), and
``timing``, float32, shape (item, beat, feature), as `einthoven.beats.sequences` makes them; rows of zeros fill up short
sequences, and stay zeros.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..beats.sequences import CLIP, QRS, RATES, USUAL_INTERVALS
from .lessons import CLASSES, FUSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_BEAT, _USUAL, _KIN, _RESTED = range(4)
_SWAPS: Final = ((_USUAL, _RESTED, 1.0), (_USUAL, _KIN, 1.0), (_RESTED, _USUAL, 0.5), (_KIN, _BEAT, 0.5))
"""What may stand in for what, as in hearts whose usual beat is premature or that never rest, and how often."""

_NOISE_SHARE: Final = np.array([1.0, 0.1, 0.2, 0.1], np.float32)
"""How much of a beat's noise is left in the channels, which but for the beat itself are means."""

_N, _V, _F = (CLASSES.index(name) for name in "NVF")
_FUSED: Final = (0.3, 0.7)
"""Share of the ventricular beat in a fusion beat."""

_LEAST_HEIGHT = 0.15  # a mixture of two leads that nearly cancel out is not blown up to more than this makes of it


def vary_sequences(
    batch: Mapping[str, NDArray[np.float32]],
    rng: np.random.Generator,
    noise: NDArray[np.float32] | None,
    *,
    mixed: float = 0.0,
    one_lead: float = 0.0,
    swapped: float = 0.0,
    shift: float = 0.0,
    jitter: float = 0.0,
    noisy: float = 0.0,
    inverted: float = 0.0,
    gain: float = 0.0,
    rate: float = 0.0,
    timing: float = 0.0,
    no_usual: float = 0.0,
    no_rate: float = 0.0,
) -> dict[str, NDArray[np.float32]]:
    """Show each sequence varied.

    Parameters
    ----------
    batch
        ``waves`` and ``timing``.
    rng
        What draws.
    noise
        float32, shape (sample,): noise to draw from, in QRS heights, at the rate of the waves.
    mixed
        Share of the items shown in two random mixtures of their leads, as other electrodes would see them.
    one_lead
        Share of the items of which one lead is lost, so that the other is in both slots.
    swapped
        Share of the items in which another channel stands in for one of the means beside the beat, by :data:`_SWAPS`.
    shift, jitter
        Standard deviations, in samples, by which all peaks of an item, and each of its beats, are placed off.
    noisy
        Share of the leads of items that get noise.
    inverted
        Share of the leads of items turned upside down.
    gain
        Standard deviation of the logarithm of a gain, by lead of an item.
    rate
        Standard deviation of the logarithm by which an item's heart is faster; its waves stay as they are.
    timing
        Standard deviation of what is added to the timing features.
    no_usual, no_rate
        Share of the items that are not told of the quantiles of intervals, and not of the absolute rate.

    Returns
    -------
    dict
        ``waves`` and ``timing``, of the same shapes.
    """
    waves, features = batch["waves"], batch["timing"]
    there = features[..., :1]
    waves = other_leads(waves, rng, mixed)
    items, slots = len(waves), waves.shape[2]
    lost = rng.random(items) < one_lead
    slot = np.where(lost[:, None], rng.integers(slots, size=(items, 1)), np.arange(slots))
    waves = np.take_along_axis(waves, slot[:, None, :, None, None], axis=2)
    waves = _misplaced(_swapped(waves, rng, swapped), rng, shift, jitter)
    if noise is not None and noisy:
        waves = waves + _noise(waves.shape, rng, noise, noisy)
    sign = np.where(rng.random((items, 1, slots, 1, 1)) < inverted, -1, 1)
    waves = waves * (sign * np.exp(rng.normal(scale=gain, size=sign.shape))).astype(np.float32)
    return {
        "waves": np.clip(waves, -CLIP, CLIP) * there[..., None, None],
        "timing": _other_times(features, rng, rate, timing, no_usual, no_rate) * there,
    }


def with_fusion(
    batch: Mapping[str, NDArray[np.float32]],
    known: Mapping[str, NDArray[Any]],
    rng: np.random.Generator,
    share: float,
) -> tuple[dict[str, NDArray[np.float32]], dict[str, NDArray[Any]]]:
    """Fuse normal beats with ventricular ones: when both come at once, the wave lies between theirs.

    Of fusion beats the databases have those of very few hearts. They come when the next normal beat is due, and so it
    is a normal beat whose wave gets a share of 0.3 to 0.7 of a ventricular beat of the same sequence.

    Parameters
    ----------
    batch
        ``waves`` and the rest, as they are before they are varied.
    known
        ``target``, int64, shape (item, beat): the class of each beat, by its number in `CLASSES`; and ``beat_type``
        likewise, by its number in `TYPES`.
    rng
        What draws.
    share
        Of the normal beats of sequences that have ventricular ones.

    Returns
    -------
    batch, known
        With fused beats in place of some.
    """
    target = known["target"]
    ventricular = target == _V
    count = ventricular.sum(axis=1)
    item, beat = np.nonzero((target == _N) & (count > 0)[:, None] & (rng.random(target.shape) < share))
    with_whom = np.argsort(~ventricular, axis=1, kind="stable")[item, (rng.random(len(item)) * count[item]).astype(int)]
    part = rng.uniform(*_FUSED, (len(item), 1, 1, 1)).astype(np.float32)
    waves, fused, beat_type = batch["waves"].copy(), target.copy(), known["beat_type"].copy()
    own = waves[item, beat]
    mixed = own + part * (waves[item, with_whom] - own)
    own[:, :, [_BEAT, _KIN]] = mixed[:, :, [_BEAT, _KIN]]
    waves[item, beat], fused[item, beat], beat_type[item, beat] = own, _F, FUSION
    return {**batch, "waves": waves}, {**known, "target": fused, "beat_type": beat_type}


def other_leads(waves: NDArray[np.float32], rng: np.random.Generator, share: float) -> NDArray[np.float32]:
    """Replace the two leads of a share of the items by two random mixtures of them, of the same QRS height.

    Parameters
    ----------
    waves
        float32, shape (item, beat, 2, channel, sample).
    rng
        What draws.
    share
        Of the items.
    """
    items = np.flatnonzero(rng.random(len(waves)) < share)
    angle = rng.uniform(0, 2 * np.pi, (len(items), 2))
    mixture = np.stack((np.cos(angle), np.sin(angle)), axis=-1).astype(np.float32)
    channels, samples = waves.shape[3:]
    some = waves[items].reshape(len(items), waves.shape[1], 2, channels * samples)
    mixed = (mixture[:, None] @ some).reshape(len(items), *waves.shape[1:])
    qrs = mixed[:, :, :, _USUAL, QRS]
    height = np.ptp(qrs, axis=-1)
    height = np.nan_to_num(_median(np.where(height > 0, height, np.nan)), nan=1.0)
    varied = waves.copy()
    varied[items] = mixed / np.maximum(height, _LEAST_HEIGHT)[:, None, :, None, None]
    return varied


def _median(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Median over the second axis of what is known; NaN where nothing is."""
    ordered = np.sort(rows, axis=1)  # NaN comes last
    known = np.isfinite(rows).sum(axis=1, keepdims=True)
    return np.take_along_axis(ordered, np.maximum(known - 1, 0) // 2, axis=1)[:, 0]


def _swapped(waves: NDArray[np.float32], rng: np.random.Generator, share: float) -> NDArray[np.float32]:
    """Let another channel stand in for a mean, in a share of the items."""
    channel = np.tile(np.arange(waves.shape[3]), (len(waves), 1))
    weight = np.array([each for _, _, each in _SWAPS])
    which = np.searchsorted(share * np.cumsum(weight / weight.sum()), rng.random(len(waves)), side="right")
    for number, (instead_of, shown, _) in enumerate(_SWAPS):
        channel[which == number, instead_of] = shown
    return np.take_along_axis(waves, channel[:, None, None, :, None], axis=3)


def _misplaced(
    waves: NDArray[np.float32], rng: np.random.Generator, shift: float, jitter: float
) -> NDArray[np.float32]:
    """Move all channels of an item together, and the beat by itself as well, by whole samples."""
    items, beats, _, channels, samples = waves.shape
    moved = np.rint(rng.normal(scale=shift, size=(items, 1, 1))) + np.zeros((items, beats, channels))
    moved[:, :, _BEAT] += np.rint(rng.normal(scale=jitter, size=(items, beats)))
    at = np.clip(np.arange(samples) + moved[..., None].astype(np.int64), 0, samples - 1)
    return np.take_along_axis(waves, at[:, :, None], axis=4)


def _noise(
    shape: tuple[int, ...], rng: np.random.Generator, noise: NDArray[np.float32], share: float
) -> NDArray[np.float32]:
    """Noise for a share of the leads, each beat with the next stretch of it, the means with little of another."""
    items, beats, slots, _, samples = shape
    height = 0.5 * np.where(rng.random((items, slots)) < share, rng.random((items, slots)) ** 2, 0)
    start = rng.integers(max(1, len(noise) - beats * samples), size=(items, slots, 1))
    drawn = noise[(start + np.arange(beats * samples)) % len(noise)].reshape(items, slots, beats, samples)
    drawn = (drawn * height[..., None, None]).astype(np.float32).swapaxes(1, 2)
    of_channel = np.stack((drawn, *[np.roll(drawn, number, axis=1) for number in range(1, len(_NOISE_SHARE))]), axis=3)
    return np.asarray(of_channel * _NOISE_SHARE[:, None])


def _other_times(
    features: NDArray[np.float32],
    rng: np.random.Generator,
    rate: float,
    noise: float,
    no_usual: float,
    no_rate: float,
) -> NDArray[np.float32]:
    """Make the hearts faster or slower, times less exact, and leave some features out."""
    items = len(features)
    varied = features + rng.normal(scale=noise, size=features.shape)
    varied[..., 0] = features[..., 0]
    varied[..., RATES] += rng.normal(scale=rate, size=(items, 1, 1))
    varied[..., RATES] *= rng.random((items, 1, 1)) >= no_rate
    varied[..., USUAL_INTERVALS] *= rng.random((items, 1, 1)) >= no_usual
    return varied.astype(np.float32)
