"""A network that reads beats in sequences of fixed length, asked about a record of any length."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from .rows import Rows

SEQUENCES_AT_ONCE: Final = 4
"""More are run in turns, which bounds the memory, whatever the length of the record."""


def run_in_sequences(
    net: Callable[[Mapping[str, NDArray[np.float32]]], NDArray[np.float32]],
    rows: Mapping[str, Rows],
    *,
    length: int,
    edge: int,
    causal: bool = False,
    side_by_side: int = 1,
) -> NDArray[np.float32]:
    """Run a network over all beats of a record, in sequences that overlap.

    Of each sequence only the middle is kept, so that every answer rests on `edge` beats to both sides where the record
    has them; of a causal network, which makes nothing of the beats after one, all but the first `2 * edge`. So what it
    says of a beat does not depend on where the record ends. A sequence that the record does not fill ends in rows of
    zeros, which a network takes for no beats.

    Parameters
    ----------
    net
        Takes the named inputs, float32, shape (sequence, beat, ...); gives float32, shape (sequence, beat, class).
    rows
        By the name of each input: rows, one a beat.
    length
        Beats in a sequence.
    edge
        Beats at each end of a sequence whose answers are not kept; less than half of `length`.
    causal
        Whether the network is: then these are all at the beginning.
    side_by_side
        Turns of `SEQUENCES_AT_ONCE` that are worked on at the same time, for a network that bears it.

    Returns
    -------
    ndarray
        float32, shape (beat, class).

    Examples
    --------
    >>> rows = {"height": np.arange(300, dtype=np.float32)[:, None]}
    >>> answers = run_in_sequences(lambda arrays: arrays["height"] * 2, rows, length=64, edge=8)
    >>> answers.shape, bool((answers == 2 * rows["height"]).all())
    ((300, 1), True)
    """
    n_beats = len(next(iter(rows.values())))
    starts = first_beats(n_beats, length, edge)
    before, after = (2 * edge, 0) if causal else (edge, edge)
    turns = [starts[turn : turn + SEQUENCES_AT_ONCE] for turn in range(0, len(starts), SEQUENCES_AT_ONCE)]

    def ask(some: NDArray[np.int64]) -> list[NDArray[np.float32]]:
        answers = net({name: in_sequences(of, some, length, n_beats) for name, of in rows.items()})
        middles = []
        for start, answer in zip(some.tolist(), answers, strict=True):
            first = before if start else 0
            last = length - after if start + length < n_beats else n_beats - start
            middles.append(answer[first:last])
        return middles

    if side_by_side == 1:
        return np.concatenate([part for some in turns for part in ask(some)])
    with ThreadPoolExecutor(side_by_side) as pool:
        return np.concatenate([part for parts in pool.map(ask, turns) for part in parts])


def first_beats(n_beats: int, length: int, edge: int) -> NDArray[np.int64]:
    """Give the number of the first beat of each sequence, int64, ascending; there is one even of no beats.

    Examples
    --------
    >>> first_beats(300, 128, 16).tolist(), first_beats(5, 128, 16).tolist()
    ([0, 96, 192], [0])
    """
    return np.arange(0, max(n_beats - 2 * edge, 1), length - 2 * edge)


def in_sequences(rows: Rows, start: NDArray[np.int64], length: int, stop: int) -> NDArray[np.float32]:
    """Cut sequences of rows, float32, shape (sequence, beat, ...): those from each `start` on, zeros from `stop` on."""
    index = start[:, None] + np.arange(length)
    there = index < stop
    cut = np.zeros((*index.shape, *rows.shape[1:]), np.float32)
    cut[there] = rows[index[there]]
    return cut
