"""How well stretches of a rhythm were found: by episode and by duration, as ANSI/AAMI EC57 scores them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..beats.runs import stretches

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class StretchCounts:
    """What of one record was found; counts of several records add up.

    Parameters
    ----------
    true_s, found_s, common_s
        Time in the rhythm, time said to be in it, and both.
    true_episodes, touched
        Episodes there are, and those of them that what was found shares time with.
    found_episodes, right
        Episodes found, and those of them that share time with the rhythm.
    """

    true_s: float
    found_s: float
    common_s: float
    true_episodes: int
    touched: int
    found_episodes: int
    right: int

    def figures(self) -> dict[str, float]:
        """Return sensitivity, positive predictivity and F1 by duration and by episode; NaN where there is none."""
        duration = _three(self.common_s, self.true_s, self.common_s, self.found_s)
        episode = _three(self.touched, self.true_episodes, self.right, self.found_episodes)
        return {f"duration_{k}": v for k, v in duration.items()} | {f"episode_{k}": v for k, v in episode.items()}


def _three(hit: float, true: float, right: float, found: float) -> dict[str, float]:
    sensitivity = hit / true if true else float("nan")
    predictivity = right / found if found else float("nan")
    both = sensitivity + predictivity
    f1 = 2 * sensitivity * predictivity / both if both > 0 else (0.0 if true and found else float("nan"))
    return {"sensitivity": sensitivity, "positive_predictivity": predictivity, "f1": f1}


def count_stretches(true: NDArray[np.bool_], found: NDArray[np.bool_], seconds: NDArray[np.float64]) -> StretchCounts:
    """Compare the beats in a rhythm with those said to be in it.

    Parameters
    ----------
    true, found
        bool, shape (beat,): in the rhythm, and said to be.
    seconds
        float64, shape (beat,): time from each beat to the next.

    Examples
    --------
    >>> counts = count_stretches(np.array([0, 1, 1, 0, 1], bool), np.array([0, 1, 1, 1, 0], bool), np.ones(5))
    >>> counts.common_s, counts.true_episodes, counts.touched, counts.found_episodes, counts.right
    (2.0, 2, 1, 1, 1)
    """
    true_parts, found_parts = stretches(true), stretches(found)
    return StretchCounts(
        true_s=float(seconds[true].sum()),
        found_s=float(seconds[found].sum()),
        common_s=float(seconds[true & found].sum()),
        true_episodes=len(true_parts),
        touched=sum(bool(found[first:stop].any()) for first, stop in true_parts.tolist()),
        found_episodes=len(found_parts),
        right=sum(bool(true[first:stop].any()) for first, stop in found_parts.tolist()),
    )


def add_up(counts: list[StretchCounts], often: NDArray[np.float64]) -> StretchCounts:
    """Add the counts of records, each as often as `often` says, float64, shape (record,)."""
    names = StretchCounts.__dataclass_fields__
    table = np.array([[getattr(one, name) for name in names] for one in counts], dtype=np.float64)
    return StretchCounts(*(often @ table).tolist())
