"""Traces as they might have been, before pictures are drawn of them: other electrodes, noise, gain, haste, slips.

A batch holds ``strip``, float32, shape (item, lead, sample), with the beat in the middle; and where its kind has it
``usual``, of the same form, whose peak is at sample 60.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..beats.sequences import BEFORE, QRS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Traces = dict[str, NDArray[np.float32]]

_USUAL_NOISE: Final = 0.1
"""How much of a beat's noise is left in the usual one, which is a mean."""

_LEAST_HEIGHT: Final = 0.15  # two leads that nearly cancel out are not blown up to more than this makes of them


def vary_traces(
    batch: Mapping[str, NDArray[np.float32]],
    rng: np.random.Generator,
    noise: NDArray[np.float32] | None,
    *,
    mixed: float = 0.0,
    one_lead: float = 0.0,
    swapped: float = 0.0,
    shift: float = 0.0,
    jitter: float = 0.0,
    stretch: float = 0.0,
    gain: float = 0.0,
    inverted: float = 0.0,
    noisy: float = 0.0,
    wander: float = 0.0,
) -> Traces:
    """Show each beat varied.

    Parameters
    ----------
    batch
        ``strip`` and, where there is one, ``usual``.
    rng
        What draws.
    noise
        float32, shape (sample,): noise to draw from, in the unit of the traces, at their rate.
    mixed
        Share of the items shown in two random mixtures of their leads, as other electrodes would see them; only where
        there are two leads and a usual beat.
    one_lead
        Share of the items of which one lead is lost, so that the other is shown twice.
    swapped
        Share of the items whose leads change places.
    shift, jitter
        Standard deviations, in samples, by which all of an item, and its strip alone, is moved.
    stretch, gain
        Standard deviations of the logarithms of a stretch in time and, by lead, of a gain.
    inverted
        Share of the leads of items turned upside down.
    noisy
        Share of the leads of items that get noise, the usual beat less of it.
    wander
        Standard deviation, in the unit of the traces, of a slope of the baseline across the strip.

    Returns
    -------
    dict
        The same, varied.
    """
    traces = {name: np.asarray(rows, np.float32) for name, rows in batch.items()}
    items, leads = traces["strip"].shape[:2]
    traces = _other_leads(traces, rng, mixed)
    order = np.tile(np.arange(leads), (items, 1))
    order = np.where(rng.random((items, 1)) < swapped, order[:, ::-1], order)
    order = np.where(rng.random((items, 1)) < one_lead, order[:, :1], order)
    traces = {name: np.take_along_axis(of, order[..., None], axis=1) for name, of in traces.items()}
    spread = np.exp(rng.normal(scale=stretch, size=(items, 1)))
    moved = rng.normal(scale=shift, size=(items, 1))
    slip = rng.normal(scale=jitter, size=(items, 1))
    sign = np.where(rng.random((items, leads, 1)) < inverted, -1, 1)
    times = (sign * np.exp(rng.normal(scale=gain, size=sign.shape))).astype(np.float32)
    height = 0.5 * np.where(rng.random((items, leads, 1)) < noisy, rng.random((items, leads, 1)) ** 2, 0)
    tilt = rng.normal(scale=wander, size=(items, leads, 1))
    varied = {}
    for name, of in traces.items():
        own = name == "strip"
        middle = of.shape[2] // 2 if own else BEFORE
        if stretch or shift or jitter:
            at = (np.arange(of.shape[2]) - middle) * spread + middle + moved + (slip if own else 0)
            of = _read_between(of, at)
        if noise is not None and noisy:
            start = rng.integers(max(1, len(noise) - of.shape[2]), size=(items, leads, 1))
            drawn = noise[(start + np.arange(of.shape[2])) % len(noise)]
            of = of + drawn * (height * (1 if own else _USUAL_NOISE)).astype(np.float32)
        if wander and own:
            of = of + (tilt * np.linspace(-1, 1, of.shape[2])).astype(np.float32)
        varied[name] = of * times
    return varied


def _other_leads(traces: Traces, rng: np.random.Generator, share: float) -> Traces:
    """Replace the two leads of a share of the items by random mixtures of them, of the same QRS height."""
    items, leads = traces["strip"].shape[:2]
    angle = rng.uniform(0, 2 * np.pi, (items, 2))
    chosen = np.flatnonzero(rng.random(items) < share)
    if leads != 2 or "usual" not in traces or not len(chosen):
        return traces
    mixture = np.stack((np.cos(angle), np.sin(angle)), axis=-1).astype(np.float32)[chosen]
    mixed = {name: mixture @ of[chosen] for name, of in traces.items()}
    height = np.maximum(np.ptp(mixed["usual"][..., QRS], axis=-1), _LEAST_HEIGHT)[..., None]
    varied = {name: of.copy() for name, of in traces.items()}
    for name, of in mixed.items():
        varied[name][chosen] = of / height
    return varied


def _read_between(rows: NDArray[np.float32], at: NDArray[np.float64]) -> NDArray[np.float32]:
    """Read all leads of an item, shape (item, lead, sample), between their samples: at (item, place)."""
    at = np.clip(at, 0, rows.shape[2] - 1)
    left = np.minimum(at.astype(np.int64), max(rows.shape[2] - 2, 0))
    share = (at - left).astype(np.float32)[:, None]
    low, high = (np.take_along_axis(rows, (left + step)[:, None], axis=2) for step in (0, 1))
    return low + (high - low) * share
