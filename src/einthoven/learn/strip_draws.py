"""Batches of strips to learn a detector from, drawn at random from records, simulated hearts and silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch import Tensor

from ..beats.detect import FRAME
from ..beats.detection_inputs import conditioned
from .disturb import RATE_HZ, Noises, disturbed, heights, silence
from .hearts import flutter, heart
from .steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from .strips import Strip

_WIDTH: Final = 1.0  # frames: a beat's target falls off like a bell so wide, for marks lie a little off
_JOINT: Final = 40  # samples to either side of where two records meet, in which nothing is asked

_GAPS: Final = 0.08  # of the items


class StripDraws(Steps):
    """All batches of a training; a step's batch is a function of the seed and the step.

    Yields the conditioned leads, float32 (item, 2, sample), and ``target``, float32 (item, frame, 1): the nearness of a
    beat, NaN where nobody knows.

    Parameters
    ----------
    parts
        Strips to draw from, records alike, and how many items of a batch are drawn from them.
    noise
        Noise to add.
    hearts, silent
        Simulated hearts in a batch, and items without any beat.
    length_s
        Of an item.
    noisy, stretch
        Share of items that get noise, and standard deviation of the logarithm of a stretch in time.
    steps, seed
        Number of batches, and seed of the draws.
    """

    def __init__(
        self,
        parts: Sequence[tuple[Sequence[Strip], int]],
        noise: Noises,
        *,
        hearts: int,
        silent: int,
        length_s: float,
        noisy: float,
        stretch: float,
        steps: int,
        seed: int,
    ) -> None:
        super().__init__(steps, seed)
        self._parts, self._noise, self._hearts, self._silent = parts, noise, hearts, silent
        self._n = round(length_s * RATE_HZ / 8) * 8
        self._noisy, self._stretch = noisy, stretch

    def __iter__(self) -> Iterator[tuple[tuple[Tensor, ...], dict[str, Tensor]]]:
        for rng in self.generators():
            leads, target = self.batch(rng)
            yield (torch.from_numpy(leads),), {"target": torch.from_numpy(target)}

    def batch(self, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Draw a batch: leads and target."""
        items = [self._of_records(rng, strips) for strips, count in self._parts for _ in range(count)]
        items += [self._of_heart(rng) for _ in range(self._hearts)]
        items += [self._of_nobody(rng) for _ in range(self._silent)]
        signal, target = (np.stack(column) for column in zip(*items, strict=True))
        leads = conditioned(signal.reshape(-1, self._n), RATE_HZ)
        return leads.reshape(signal.shape), target

    def _of_records(
        self, rng: np.random.Generator, strips: Sequence[Strip]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        signal, unsure = np.empty((2, self._n), np.float32), np.zeros(self._n, np.bool_)
        peaks, first = [], 0
        while first < self._n:  # short records are set one after the other
            strip = strips[int(rng.integers(len(strips)))]
            speed = np.clip(np.exp(rng.normal(scale=self._stretch)), 0.5, 2.2)
            length = strip.signal.shape[1]
            start = rng.uniform(0, max(0, length - 1 - speed * (self._n - first)))
            n = min(self._n - first, int((length - 1 - start) / speed))
            at = start + speed * np.arange(n)
            rows = rng.permutation(len(strip.signal))[:2]
            for k, row in enumerate(np.resize(rows, 2)):
                signal[k, first : first + n] = np.interp(at, np.arange(length), strip.signal[row])
            unsure[first : first + n] = strip.unsure[np.rint(at).astype(np.int64)]
            here = (strip.peak - start) / speed
            peaks.append(first + here[(here > -_JOINT) & (here < n + _JOINT)])
            if first:
                unsure[first - _JOINT : first + _JOINT] = True
            first += max(n, 1)
        return self._finished(rng, signal, np.concatenate(peaks), unsure)

    def _of_heart(self, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        signal, peak = heart(rng, self._n / RATE_HZ)
        return self._finished(rng, signal, peak, np.zeros(self._n, np.bool_))

    def _of_nobody(self, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        n, none = self._n, np.empty(0)
        if rng.random() < 0.5:
            return silence(rng, n, self._noise), _target(n, none, np.zeros(n, np.bool_))
        return self._finished(rng, flutter(rng, n / RATE_HZ), none, np.zeros(n, np.bool_))

    def _finished(
        self,
        rng: np.random.Generator,
        signal: NDArray[np.float32],
        peak: NDArray[np.float64],
        unsure: NDArray[np.bool_],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        seen = disturbed(rng, signal, heights(signal, peak), self._noise, self._noisy)
        if rng.random() < _GAPS:  # nothing is recorded for a while, and then on another level
            start, stop = np.sort(rng.integers(0, self._n, 2))
            seen[:, start:stop] = np.nan
            seen[:, stop:] += rng.normal(size=(2, 1)).astype(np.float32)
        lost = np.asarray(np.isnan(seen).all(axis=0))  # what nobody recorded has no beats
        there = ~lost[np.clip(np.rint(peak).astype(np.int64), 0, self._n - 1)]
        edge = np.convolve(np.diff(lost, prepend=lost[:1]).astype(float), np.ones(21), mode="same") > 0
        return seen, _target(self._n, peak[there], unsure | edge)


def _target(n: int, peak: NDArray[np.float64], unsure: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Nearness of the next beat to each frame, float32 (frame, 1), NaN where unsure."""
    at = np.arange(0, n, FRAME)
    if not len(peak):
        near = np.zeros(len(at))
    else:
        after = np.clip(np.searchsorted(peak, at), 1, max(1, len(peak) - 1))
        distance = np.minimum(np.abs(peak[after - 1] - at), np.abs(peak[np.minimum(after, len(peak) - 1)] - at))
        near = np.exp(-0.5 * np.square(distance / (_WIDTH * FRAME)))
    return np.where(unsure[::FRAME], np.nan, near).astype(np.float32)[:, None]
