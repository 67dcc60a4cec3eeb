"""Which classes an item may be of: a threshold that keeps the right one, but for a stated share of items.

Split conformal prediction with the probability of the right class as the score, and patients, not items, taken for
exchangeable (Lee, Barber & Willett 2023, Distribution-free inference with hierarchical data, arXiv:2306.06342): each
patient counts alike, however long the record, and so does the new one who is asked about. The promise is of items at
large. Asked of each class alone it cannot be kept usefully: fusion beats of one heart tell little of another's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import OptionError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def possible_from(right: NDArray[np.float32], patient: NDArray[np.str_], miss_rate: float) -> float:
    """Find the probability from which on a class counts as possible.

    Parameters
    ----------
    right
        float32, shape (item,): probability of the right class, of items of patients the model did not learn from.
    patient
        Unicode, shape (item,): whose it is.
    miss_rate
        Share of the items of a new patient, on average over patients, whose right class may count as impossible.

    Returns
    -------
    float
        0 where there are too few patients to promise that of any threshold above it.

    Raises
    ------
    OptionError
        The shapes differ, a probability is NaN, there is none, or the rate is not from 0 to 1.

    Examples
    --------
    >>> right = np.linspace(0.01, 1, 100, dtype=np.float32)
    >>> round(possible_from(right, np.arange(100).astype(str), 0.05), 2)
    0.05
    """
    if right.shape != patient.shape or right.ndim != 1 or not len(right):
        raise OptionError(f"probabilities {right.shape}, patients {patient.shape}: both must be (item,), and some")
    if np.isnan(right).any():
        raise OptionError(f"{int(np.isnan(right).sum())} of {len(right)} probabilities are NaN")
    if not 0 <= miss_rate <= 1:
        raise OptionError(f"miss rate is {miss_rate}; it must be from 0 to 1")
    _, whose, number = np.unique(patient, return_inverse=True, return_counts=True)
    order = np.argsort(right, kind="stable")
    weight = (1 / number)[whose][order]  # each patient weighs 1
    allowed = miss_rate * (len(number) + 1) - 1  # the new one may be missed throughout
    place = int(np.searchsorted(np.cumsum(weight), allowed * (1 + 1e-9), side="right"))
    return float(right[order][min(place, len(right) - 1)]) if allowed >= 0 else 0.0
