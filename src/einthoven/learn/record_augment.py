"""Whole records as they might have been. Pure functions on a batch, its answers and a generator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..diagnosis.independent import INDEPENDENT
from ..errors import OptionError, unknown
from .record_disturb import refiltered, turned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Batch = dict[str, NDArray[np.float32]]


def vary_leads(
    inputs: Mapping[str, NDArray[np.float32]],
    target: NDArray[np.float32],
    rng: np.random.Generator,
    *,
    turn_deg: float = 0.0,
    gain: float = 0.0,
    lead_gain: float = 0.0,
    lost: float = 0.0,
    refiltered_share: float = 0.0,
    noise_mv: float = 0.0,
    wander_mv: float = 0.0,
    shown: float = 1.0,
    mixup: float = 0.0,
    rate_hz: float = 100.0,
) -> tuple[Batch, NDArray[np.float32]]:
    """Show records of kind ``twelve-leads`` varied, or of ``twelve-leads-measured``, whose measures are but mixed.

    Parameters
    ----------
    inputs
        ``signal``, float32, shape (item, lead, sample): the eight independent leads, or others, which cannot be turned.
        What else there is keeps as it is, or is mixed likewise.
    target
        float32, shape (item, class).
    rng
        What draws.
    turn_deg
        Standard deviation of the angle by which the heart is turned around each axis.
    gain, lead_gain
        Standard deviation of the logarithm of a gain, of the record and of each lead.
    lost
        Share of the leads that are flat.
    refiltered_share, noise_mv, wander_mv
        Share of the items that are shown in another band, and what is added before, noise and wander; see
        :func:`einthoven.learn.record_disturb.refiltered`.
    shown
        Share of the samples that is shown, from a random one on.
    mixup
        Each record is mixed with another one and so are their answers; the weight is drawn from the beta distribution
        with twice this number (Zhang et al., ICLR 2018). 0 mixes none.
    rate_hz
        Rate of the signal.

    Returns
    -------
    dict, ndarray
        ``signal``, float32, shape (item, lead, shown samples), beside what else there is, and target.

    Raises
    ------
    OptionError
        Leads that are not the eight independent ones are to be turned.
    """
    signal = inputs["signal"]
    n_items, n_leads, n_samples = signal.shape
    if turn_deg and n_leads != len(INDEPENDENT):
        raise OptionError(f"turn_deg is {turn_deg:g} of {n_leads} leads; only I, II and V1 to V6 can be turned")
    mixing = turned(n_items, turn_deg, rng) if turn_deg else np.eye(n_leads, dtype=np.float32)
    mixing = mixing * np.exp(gain * rng.standard_normal((n_items, 1, 1), np.float32))
    mixing *= np.exp(lead_gain * rng.standard_normal((n_items, n_leads, 1), np.float32))
    mixing *= rng.random((n_items, n_leads, 1)) >= lost
    signal = np.matmul(mixing, signal)
    if refiltered_share:
        signal = refiltered(signal, rate_hz, rng, share=refiltered_share, noise_mv=noise_mv, wander_mv=wander_mv)
    kept = max(1, round(shown * n_samples))
    first = rng.integers(n_samples - kept + 1, size=(n_items, 1, 1))
    signal = np.take_along_axis(signal, first + np.arange(kept), axis=2)
    varied = {**inputs, "signal": signal.astype(np.float32, copy=False)}
    if mixup:
        weight, other = np.float32(rng.beta(mixup, mixup)), rng.permutation(n_items)
        varied = {name: weight * rows + (1 - weight) * rows[other] for name, rows in varied.items()}
        target = weight * target + (1 - weight) * target[other]
    return varied, target


RECORD_AUGMENTS: Final[dict[str, Callable[..., Any]]] = {
    "twelve-leads": vary_leads,
    "twelve-leads-measured": vary_leads,
}
"""By kind of input: what varies a batch of it. Takes inputs by name, targets and a generator, and gives inputs and
targets; its settings are keyword-only."""


def record_augment(kind: str) -> Callable[..., Any]:
    """Look up what varies records of this kind; raises OptionError where nothing does."""
    if kind not in RECORD_AUGMENTS:
        raise unknown("kind of input that can be varied", kind, RECORD_AUGMENTS)
    return RECORD_AUGMENTS[kind]
