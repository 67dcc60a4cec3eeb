"""Batches that are drawn step by step: a step's batch is a function of the seed and the step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator


class Steps:
    """Knows at which step a training stands, so that it goes on there when it was stopped.

    Parameters
    ----------
    steps, seed
        Number of batches, and seed of the draws.

    Examples
    --------
    >>> batches = Steps(3, seed=0)
    >>> first = [rng.random() for rng in batches.generators()]
    >>> batches.load_state_dict({"step": 2})
    >>> [rng.random() for rng in batches.generators()] == first[2:]
    True
    """

    def __init__(self, steps: int, seed: int) -> None:
        self._steps, self._seed = steps, seed
        self._step = 0

    def __len__(self) -> int:
        return self._steps

    def generators(self) -> Iterator[np.random.Generator]:
        """Give what each step that is left draws with."""
        while self._step < self._steps:
            rng = np.random.default_rng((self._seed, self._step))
            self._step += 1
            yield rng

    def state_dict(self) -> dict[str, int]:
        """Return the step, for a checkpoint."""
        return {"step": self._step}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on at the step of a checkpoint."""
        self._step = state["step"]
