"""How well beats are found: gross and average sensitivity, positive predictivity and F1, with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import OptionError
from .intervals import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..beats.match import Matches


def detection_figures(records: Sequence[Matches], *, draws: int = 1000, seed: int = 0) -> dict[str, Figure]:
    """Score a beat detector over records.

    Gross figures pool all beats, average figures weigh every record alike (ANSI/AAMI EC57:2012, 4.3.4). Intervals are
    95% percentile bootstraps over records.

    Parameters
    ----------
    records
        One matching of reference and found beats for each record.
    draws, seed
        Of the bootstrap.

    Returns
    -------
    dict
        ``gross_sensitivity``, ``gross_positive_predictivity``, ``gross_f1``, and the same with ``average_``.

    Raises
    ------
    OptionError
        There is no record.

    Examples
    --------
    >>> from einthoven.beats.match import match
    >>> figures = detection_figures([match([100, 460], [100, 461], 54), match([100, 460], [100], 54)])
    >>> figures["gross_sensitivity"].value, figures["average_f1"].value.__round__(3)
    (0.75, 0.833)
    """
    if not records:
        raise OptionError("0 records to score; there must be one at least")
    counts = np.array([[m.true_positives, m.n_reference, m.n_found] for m in records], dtype=np.float64)
    n = len(counts)
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), draws).astype(np.float64)
    weights = np.concatenate([np.ones((1, n)), drawn])
    gross = _ratios(weights @ counts)
    alone = _ratios(counts)
    average = {name: _weighted_mean(values, weights) for name, values in alone.items()}
    named = {f"gross_{k}": v for k, v in gross.items()} | {f"average_{k}": v for k, v in average.items()}
    return {name: Figure(float(v[0]), *map(float, np.nanpercentile(v[1:], (2.5, 97.5)))) for name, v in named.items()}


def _ratios(counts: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Se, +P and F1 for rows of (true positives, reference beats, found beats); NaN where nothing can be divided."""
    hits, reference, found = counts.T
    with np.errstate(invalid="ignore"):
        return {
            "sensitivity": hits / reference,
            "positive_predictivity": hits / found,
            "f1": 2 * hits / (reference + found),
        }


def _weighted_mean(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        mean: NDArray[np.float64] = (weights[:, known] @ values[known]) / weights[:, known].sum(axis=1)
    return mean
