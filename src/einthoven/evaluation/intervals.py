"""How far a figure can be trusted: percentile bootstrap over records, for beats of one heart are not independent."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from ..errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value and the ends of its interval; NaN where the data hold too little to say."""

    value: float
    low: float
    high: float

    @classmethod
    def of_draws(cls, values: NDArray[np.float64], level: float = 0.95) -> Self:
        """Make it of the value as measured and, after it, those of the draws; draws without a value are left out.

        Examples
        --------
        >>> Figure.of_draws(np.array([0.5, 0.4, np.nan, 0.6]), level=0.5)
        Figure(value=0.5, low=0.45, high=0.55)
        """
        known = values[1:][~np.isnan(values[1:])]
        low, high = np.percentile(known, (50 * (1 - level), 50 * (1 + level))) if len(known) else (np.nan, np.nan)
        return cls(float(values[0]), float(low), float(high))

    def as_json(self) -> dict[str, float | None]:
        """Return it for a result file, rounded to five places, None for what cannot be said."""
        return {name: None if np.isnan(x) else round(x, 5) for name, x in asdict(self).items()}


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """What one trained model said about items it did not learn from.

    Parameters
    ----------
    score
        float32, shape (item, class).
    target
        bool, shape (item, class).
    group
        Unicode, shape (item,): the record or patient each item is of.
    """

    score: NDArray[np.float32]
    target: NDArray[np.bool_]
    group: NDArray[np.str_]

    def column(self, number: int) -> Scored:
        """Return one class, shape (item,), by rising score, which makes repeated ranking cheap."""
        order = np.argsort(self.score[:, number], kind="stable")
        return Scored(self.score[order, number], self.target[order, number], self.group[order])


def bootstrap(
    runs: Sequence[Scored],
    metrics: Callable[..., dict[str, float]],
    *,
    draws: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> dict[str, Figure]:
    """Mean of each figure over `runs`, with the interval it has when other patients had been recorded.

    Whole groups are drawn with replacement, the same draw for all runs: runs that share test records do not count as
    independent. One run gives the ordinary grouped bootstrap.

    Parameters
    ----------
    runs
        One for each trained model.
    metrics
        Takes score, target and weight, gives figures by name.
    draws
        How often the groups are drawn.
    level
        Share of the draws inside the interval.
    seed
        Seed of the draws.

    Raises
    ------
    OptionError
        There is no run.
    """
    if not runs:
        raise OptionError("0 runs to judge; there must be one at least")
    names = np.unique(np.concatenate([run.group for run in runs]))
    places = [np.searchsorted(names, run.group) for run in runs]
    often = how_often(len(names), draws, seed)
    drawn = [mean_of([metrics(r.score, r.target, w[p]) for r, p in zip(runs, places, strict=True)]) for w in often]
    return {name: Figure.of_draws(np.array([figure[name] for figure in drawn]), level) for name in drawn[0]}


def how_often(groups: int, draws: int, seed: int) -> NDArray[np.float64]:
    """Draw groups with replacement: how often each was drawn, float64, shape (1 + draw, group), first once each."""
    drawn = np.random.default_rng(seed).multinomial(groups, np.full(groups, 1 / groups), draws)
    return np.concatenate([np.ones((1, groups)), drawn])


def mean_of(figures: Sequence[dict[str, float]]) -> dict[str, float]:
    """Mean of figures by name, over those that have a value; NaN where none has."""
    columns = {name: [f[name] for f in figures if not np.isnan(f[name])] for name in figures[0]}
    return {name: float(np.mean(column)) if column else float("nan") for name, column in columns.items()}
