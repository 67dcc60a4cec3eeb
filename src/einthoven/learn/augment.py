"""Beats as they might have been: moved, stretched, upside down, noisy. Pure functions on a batch and a generator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..beats.contexts import conditioned
from ..errors import OptionError
from .sequence_augment import vary_sequences
from .trace_augment import vary_traces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from ..record import Record

Batch = dict[str, "NDArray[np.float32]"]

_RATE = 8  # the rhythm feature that is the logarithm of the local median interval
_LARGEST = 5.0  # QRS heights; as `beats.contexts` clips


def vary_beats(
    batch: Mapping[str, NDArray[np.float32]],
    rng: np.random.Generator,
    noise: NDArray[np.float32] | None,
    *,
    second_context: float = 0.5,
    shift: float = 0.0,
    stretch: float = 0.0,
    gain: float = 0.0,
    inverted: float = 0.0,
    noisy: float = 0.0,
    rhythm: float = 0.0,
) -> Batch:
    """Show each beat of kind ``beat-contexts`` in one of its contexts, varied.

    Parameters
    ----------
    batch
        ``waves``, float32, shape (item, 2, 2, sample), and ``rhythm``, float32, shape (item, 2, feature).
    rng
        What draws.
    noise
        float32, shape (sample,): noise to draw from, in the unit of the waves, at their rate.
    second_context
        Share of the items shown in the second context.
    shift
        Standard deviation, in samples, by which beat and median beat are moved, each by its own draw and together.
    stretch, gain
        Standard deviations of the logarithms of a stretch in time and of a gain.
    inverted
        Share of the items turned upside down.
    noisy
        Share of the items that get noise, the median beat less of it than the beat.
    rhythm
        Standard deviation of what is added to the rhythm features.

    Returns
    -------
    dict
        ``waves``, float32, shape (item, 2, sample), and ``rhythm``, float32, shape (item, feature).
    """
    items = np.arange(len(batch["waves"]))
    context = (rng.random(len(items)) < second_context).astype(int)
    waves, features = batch["waves"][items, context], batch["rhythm"][items, context]
    n_items, n_waves, n_samples = waves.shape
    spread = np.exp(rng.normal(scale=stretch, size=(n_items, 1, 1)))
    moved = rng.normal(scale=0.7 * shift, size=(n_items, n_waves, 1))
    moved[:, 0] += moved[:, 1]  # the median beat moves with its lead, the beat by itself as well
    centre = n_samples * 0.4
    waves = interpolated(waves, (np.arange(n_samples) - centre) * spread + centre + moved)
    if noise is not None:
        height = 0.5 * np.where(rng.random((n_items, 1)) < noisy, rng.random((n_items, 1)) ** 2, 0)
        start = rng.integers(len(noise) - n_samples, size=(n_items, n_waves, 1))
        share = np.linspace(1, 0.15, n_waves)[:, None]
        waves += noise[start + np.arange(n_samples)] * (height[:, None] * share)
    sign = np.where(rng.random((n_items, 1, 1)) < inverted, -1, 1)
    waves *= sign * np.exp(rng.normal(scale=gain, size=(n_items, 1, 1)))
    features = features + rng.normal(scale=rhythm, size=features.shape)
    features[:, _RATE] -= np.log(spread[:, 0, 0])
    return {
        "waves": np.clip(waves, -_LARGEST, _LARGEST).astype(np.float32),
        "rhythm": features.astype(np.float32),
    }


def interpolated(rows: NDArray[np.float32], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Read rows, shape (..., sample), between their samples; beyond an end its sample is repeated.

    Examples
    --------
    >>> interpolated(np.array([0.0, 1.0, 3.0]), np.array([-1.0, 0.5, 1.5, 9.0])).tolist()
    [0.0, 0.5, 2.0, 3.0]
    """
    at = np.clip(at, 0, rows.shape[-1] - 1)
    left = np.minimum(at.astype(np.int64), rows.shape[-1] - 2)
    share = at - left
    low, high = (np.take_along_axis(rows, left + step, axis=-1) for step in (0, 1))
    result: NDArray[np.float64] = low * (1 - share) + high * share
    return result


def noise_of(records: Iterable[Record]) -> NDArray[np.float32]:
    """Join recordings of noise: float32, shape (sample,), at 100 Hz, each lead with its 99th percentile at 1."""
    leads = [conditioned(signal, record.fs_hz) for record in records for signal in record.signal]
    return np.concatenate([np.clip(lead / np.percentile(np.abs(lead), 99), -2, 2) for lead in leads])


AUGMENTS: Final[dict[str, Callable[..., Batch]]] = {
    "beat-contexts": vary_beats,
    "beat-sequences": vary_sequences,
    "beat-canvas": vary_traces,
    "beat-in-rhythm": vary_traces,
}
"""By kind of input: what varies a batch of it, or of the traces that pictures are drawn from.

Takes batch, generator and noise; its settings are keyword-only.
"""


def augment(kind: str) -> Callable[..., Batch]:
    """Look up what varies inputs of this kind.

    Raises
    ------
    OptionError
        Nothing does; the message lists the kinds that can be varied.
    """
    if kind not in AUGMENTS:
        raise OptionError(f"inputs of kind {kind!r} cannot be varied: choose from {', '.join(AUGMENTS)}")
    return AUGMENTS[kind]
