"""Which classes an item may be of: thresholds that keep the right one, but for a stated share of each class's items.

Split conformal prediction by class (Vovk, Gammerman & Shafer, Algorithmic Learning in a Random World, 2005, 4.5:
Mondrian predictors), with the probability of the right class as the score. The promise holds for items that are
exchangeable with those the thresholds were fitted on. Beats of one patient are not: so no patient counts for more than
a number of beats of a class, and what the thresholds keep in other patients has to be measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import OptionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_OF_ONE: Final = 100
"""A patient with more items of a class than this counts as one with so many."""


def class_thresholds(
    probability: NDArray[np.float32],
    target: NDArray[np.bool_],
    patient: NDArray[np.str_],
    miss_rate: float,
    *,
    most_of_one: float = MOST_OF_ONE,
) -> NDArray[np.float32]:
    """Find the probability from which on each class counts as possible.

    Parameters
    ----------
    probability
        float32, shape (item, class): of items the model did not learn from.
    target
        bool, shape (item, class): the one class of each item; items of none are left out.
    patient
        Unicode, shape (item,): whose it is.
    miss_rate
        Share of a class's items for which it may count as impossible, 0 to 1.
    most_of_one
        Weight that the items of one patient in one class have at most, together; each has 1 where they are fewer.

    Returns
    -------
    ndarray
        float32, shape (class,): 0 for a class with too few items to exclude it anywhere.

    Raises
    ------
    OptionError
        The shapes differ, a probability is NaN, or the rate is not from 0 to 1.

    Examples
    --------
    >>> probability = np.linspace(0.01, 1, 100)[:, None]
    >>> class_thresholds(probability, np.ones((100, 1), bool), np.arange(100).astype(str), 0.05)
    array([0.05], dtype=float32)
    """
    if probability.shape != target.shape or len(patient) != len(target) or probability.ndim != 2:
        raise OptionError(
            f"probabilities {probability.shape}, targets {target.shape}, patients {patient.shape}: they must be "
            f"(item, class), the same, and (item,)"
        )
    if np.isnan(probability).any():
        raise OptionError(
            f"{int(np.isnan(probability).sum())} of {probability.size} probabilities are NaN; none may be"
        )
    if not 0 <= miss_rate <= 1:
        raise OptionError(f"miss rate is {miss_rate}; it must be from 0 to 1")
    thresholds = np.zeros(target.shape[1], np.float32)
    for column, of_class in enumerate(target.T):
        score = probability[of_class, column]
        _, whose, number = np.unique(patient[of_class], return_inverse=True, return_counts=True)
        weight = np.minimum(1, most_of_one / number)[whose]
        order = np.argsort(score, kind="stable")
        below = np.cumsum(weight[order])  # weight up to each score, itself among it
        allowed = miss_rate * (weight.sum() + 1)  # 1 for the item that is asked about
        place = int(np.searchsorted(below, allowed * (1 + 1e-9), side="right")) - 1
        if place >= 0:
            thresholds[column] = score[order[place]]
    return thresholds
