"""The beats of the last hour or so, all that the contexts of the next one can ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from .running import Running
from .sequences import BEFORE, BLOCK, FLAT_MV, HEIGHTS, QRS, SLOTS, USUAL_OF, WINDOW, SequenceWaves, rested

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROOM: Final = BLOCK * (2 + -(-USUAL_OF[-1] // BLOCK))
"""Beats that are kept: those of an hour before a block, that block, and the next one."""


class PastBeats:
    """Keeps the beats that came last, each as the stretch of its leads around it; the oldest are let go by blocks."""

    def __init__(self) -> None:
        self.first, self.count = 0, 0
        """Number of the first beat kept, and how many are."""
        self._window = np.zeros((SLOTS, ROOM, WINDOW), np.float32)
        self._scale = np.ones((ROOM, SLOTS), np.float32)
        self._prematurity = np.zeros(ROOM, np.float32)
        self._time_s = np.zeros(ROOM)
        self._heights = [Running(HEIGHTS) for _ in range(SLOTS)]

    def add(self, window: NDArray[np.float32], time_s: float, prematurity: float) -> None:
        """Keep one more beat: its window, float32 (lead, sample), its time, and how early it came."""
        if self.count == ROOM:
            self.first, self.count = self.first + BLOCK, ROOM - BLOCK
            for kept in (self._window.swapaxes(0, 1), self._scale, self._prematurity, self._time_s):
                kept[:-BLOCK] = kept[BLOCK:].copy()
        for slot, (heights, height) in enumerate(zip(self._heights, np.ptp(window[:, QRS], axis=1), strict=True)):
            heights.add(float(height))
            usual = heights.quantile(0.5)
            self._scale[self.count, slot] = usual if usual > FLAT_MV else 1
        self._window[:, self.count], self._prematurity[self.count] = window, prematurity
        self._time_s[self.count] = time_s
        self.count += 1

    def waves(self) -> SequenceWaves:
        """Return the beats kept as a network is shown them; their windows, side by side, stand for the leads."""
        n = self.count
        return SequenceWaves(
            self._window.reshape(SLOTS, -1),
            np.arange(n) * WINDOW + BEFORE,
            self._prematurity[:n],
            rested(self._time_s[:n], causal=True),
            self._scale[:n],
            causal=True,
        )
