"""Batches drawn at random from several databases, each with its share, its records and leads weighed.

A step's batch is a function of the seed and the step, so a training that goes on in the middle meets the very batches
it would have met.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import Tensor

from ..beats.sequences import SLOTS
from ..errors import OptionError
from .lessons import TYPES
from .steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from .pools import Pool
    from .recipe import Source

    Arrays = dict[str, NDArray[Any]]
    Fuse = Callable[[Arrays, Arrays, np.random.Generator], tuple[Arrays, Arrays]]

FEWEST: Final = 6
"""Beats in the shortest of the sequences that are cut."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Prepared beats of one database, and the line of the recipe that says how they are drawn."""

    pool: Pool
    source: Source


def weights(part: Part, records: Collection[str] | None = None) -> NDArray[np.float64]:
    """How likely each item is drawn, float64, shape (item,), of sum 1.

    Each record has the same weight, times what its statements add; within it, items have that of their lead, times the
    number of items of their type to the power of minus ``balance``.

    Parameters
    ----------
    part
        What is drawn from.
    records
        Only from these; from all where nothing is said.

    Raises
    ------
    OptionError
        None of the records has any weight.
    """
    pool, source = part.pool, part.source
    kind = pool.record * 256 + pool.beat_type.astype(np.int64) + 1
    weight = np.bincount(kind)[kind] ** -source.balance
    for name in source.without:
        if name not in TYPES:
            raise OptionError(f"{source.dataset} without {name!r}, which is no type: choose from {', '.join(TYPES)}")
        weight[pool.beat_type == TYPES.index(name)] = 0
    if records is not None:
        weight = weight * np.isin(pool.names, list(records))[pool.record]
    total = np.bincount(pool.record, weight, len(pool.names))[pool.record]
    weight = np.divide(weight, total, out=np.zeros_like(total), where=total > 0)
    if source.leads and not pool.leads:
        weight = weight * np.array([*source.leads, *[0.0] * 256])[pool.lead]
    stated = [set(codes.split()) for codes in pool.codes.tolist()]
    for code in source.emphasis:
        if not any(code in codes for codes in stated):
            allowed = ", ".join(sorted(set().union(*stated))) or "none"
            raise OptionError(f"emphasis on {code!r}, which is stated of no record; allowed are {allowed}")
    extra = np.array([sum(source.emphasis.get(code, 0.0) for code in codes) for codes in stated])
    weight = weight * (1 + extra)[pool.record]
    if not weight.sum() > 0:
        raise OptionError(f"{source.dataset}: 0 items to draw from")
    chance: NDArray[np.float64] = weight / weight.sum()
    return chance


def singly(pool: Pool, beat: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Show each drawn beat by itself: int64, shape (item,)."""
    return beat


def in_sequence(
    pool: Pool, beat: NDArray[np.int64], rng: np.random.Generator, *, length: int, short: float = 0.0, loop: float = 0.0
) -> NDArray[np.int64]:
    """Show each drawn beat somewhere among its neighbours.

    Parameters
    ----------
    pool
        Where the beats are.
    beat
        int64, shape (item,): their numbers.
    rng
        What draws.
    length
        Beats in a sequence.
    short
        Share of sequences that are cut to fewer beats, as short records have them.
    loop
        Share of the sequences from records too short for one that show their beats again and again, so that a strip of
        ten seconds teaches what its rhythm looks like when it goes on.

    Returns
    -------
    ndarray
        int64, shape (item, length): numbers of beats of one record that follow one another; at the end -1, where there
        are no more.
    """
    first, stop = (np.searchsorted(pool.row, pool.row[beat], side) for side in ("left", "right"))
    some = np.exp(rng.uniform(np.log(FEWEST), np.log(length), len(beat))).astype(np.int64)
    size = np.minimum(np.where(rng.random(len(beat)) < short, some, length), stop - first)
    start = np.clip(beat - rng.integers(size), first, stop - size)
    place = np.arange(length)
    index = np.where(place < size[:, None], start[:, None] + place, -1)
    looped = (stop - first < length) & (rng.random(len(beat)) < loop)
    return np.where(looped[:, None], first[:, None] + place % (stop - first)[:, None], index)


def slots(part: Part, items: int, rng: np.random.Generator) -> NDArray[np.int64] | None:
    """Draw which leads each item is shown in, by their weights: int64, shape (item, 2); None where all are shown.

    Raises
    ------
    OptionError
        The source weighs another number of leads.
    """
    n, weight = part.pool.leads, part.source.leads
    if n <= SLOTS:
        return None
    if len(weight) not in (0, n):
        raise OptionError(f"{part.source.dataset}: {len(weight)} leads weighed; there are {n}")
    with np.errstate(divide="ignore"):
        chance = np.log(weight or np.ones(n))
    # The largest logarithms of weights plus Gumbel noise: a draw without replacement (Efraimidis & Spirakis 2006).
    return np.argsort(-(chance + rng.gumbel(size=(items, n))), axis=1)[:, :SLOTS]


class Draws(Steps):
    """All batches of a training, drawn with replacement; knows at which step it stands.

    Yields the varied inputs, in their order, and what is known of each item, or of each beat of it: ``target``; as
    int64 ``beat_type`` and ``rhythm``, -1 where open; and of the item's record ``statements``, float32, NaN where
    open.

    Parameters
    ----------
    parts
        What is drawn from, each as many items a batch as its source says.
    records
        By name of a database, the records that may be drawn; all of those not named.
    target
        What is asked: the name of what the pools know of each beat.
    show
        :func:`singly` or :func:`in_sequence`: which beats the network is shown with each one drawn.
    vary
        Takes a batch of inputs and a generator, and gives the inputs the network is shown.
    steps
        Number of batches.
    seed
        Seed of the draws.
    fuse
        Takes a batch of inputs, what is known of it and a generator, and gives both with some beats made of two.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        records: Mapping[str, Collection[str]],
        target: str,
        show: Callable[[Pool, NDArray[np.int64], np.random.Generator], NDArray[np.int64]],
        vary: Callable[[dict[str, Any], np.random.Generator], dict[str, NDArray[np.float32]]],
        steps: int,
        seed: int,
        fuse: Fuse | None = None,
    ) -> None:
        super().__init__(steps, seed)
        self._parts, self._target, self._show, self._vary = parts, target, show, vary
        self._fuse = fuse
        self._chances = [np.cumsum(weights(part, records.get(part.source.dataset))) for part in parts]

    def __iter__(self) -> Iterator[tuple[tuple[Tensor, ...], dict[str, Tensor]]]:
        return map(self._drawn, self.generators())

    def _drawn(self, rng: np.random.Generator) -> tuple[tuple[Tensor, ...], dict[str, Tensor]]:
        chosen = []
        for part, chance in zip(self._parts, self._chances, strict=True):
            place = np.searchsorted(chance, rng.random(part.source.batch) * chance[-1], side="right")
            beat = np.minimum(place, len(chance) - 1)
            chosen.append((part.pool, beat, self._show(part.pool, beat, rng), slots(part, len(beat), rng)))
        inputs = {
            name: np.concatenate([pool.shown(name, index, leads) for pool, _, index, leads in chosen])
            for name in self._parts[0].pool.rows
        }
        known = {
            name: np.concatenate([pool.known(of, index) for pool, _, index, _ in chosen])
            for name, of in (("target", self._target), ("beat_type", "beat_type"), ("rhythm", "rhythm"))
        }
        known["statements"] = np.concatenate([pool.statements[pool.record[beat]] for pool, beat, *_ in chosen])
        if self._fuse:
            inputs, known = self._fuse(inputs, known, rng)
        varied = self._vary(inputs, rng)
        return tuple(map(torch.from_numpy, varied.values())), {k: torch.from_numpy(v) for k, v in known.items()}
