"""Which classes an item may be of: thresholds that keep the right one, but for a stated share of items.

Split conformal prediction with the probability of the right class as the score, and patients, not items, taken for
exchangeable (Lee, Barber & Willett 2023, Distribution-free inference with hierarchical data, arXiv:2306.06342): each
patient counts alike, however long the record, and so does the new one who is asked about. The promise is of items at
large. Of each class of beats it cannot be kept usefully: fusion beats of one heart tell little of another's.

Of whole records it can (`class_set`): each has, or has not, each of several diagnoses, and what is promised is promised
of those with it and of those without it apart (Vovk 2012, Conditional validity of inductive conformal predictors).
Such a promise outlasts a hospital that sees the diagnosis more often, or less; not one where it looks different.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

EVEN: Final = 0.5
"""Of a diagnosis at two in a hundred nobody should read that it is present, whatever excludes its absence."""


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
    _check(right, miss_rate)
    lowest = _lowest(right, patient, miss_rate)
    return 0.0 if lowest is None else lowest


def class_set(
    probability: NDArray[np.float32], target: NDArray[np.bool_], patient: NDArray[np.str_], miss_rate: float
) -> tuple[float, float]:
    """Find up to which probability it is possible that a class is absent, and from which on that it is present.

    Parameters
    ----------
    probability
        float32, shape (record,): of the class, of records of patients the model did not learn from.
    target
        bool, shape (record,): whether the record has it.
    patient
        Unicode, shape (record,): whose it is.
    miss_rate
        Share of the records with the class whose presence may count as impossible, and of those without it whose
        absence may.

    Returns
    -------
    tuple
        ``(absent_to, present_from)``. With fewer than 1 / `miss_rate` - 1 patients of a kind nothing above 0 can be
        promised of it: then its possibility is never excluded, and the threshold is 1, or 0.

    Raises
    ------
    OptionError
        The shapes differ, a probability is NaN, or the rate is not from 0 to 1.

    Examples
    --------
    >>> probability = np.linspace(0, 1, 101, dtype=np.float32)
    >>> target, patient = probability > 0.7, np.arange(101).astype(str)
    >>> [round(one, 2) for one in class_set(probability, target, patient, 0.1)]
    [0.64, 0.73]
    >>> [round(one, 2) for one in class_set(probability, target, patient, 0.02)]
    [0.7, 0.0]
    """
    if not probability.shape == target.shape == patient.shape or probability.ndim != 1:
        raise OptionError(
            f"probabilities {probability.shape}, targets {target.shape}, patients {patient.shape}: must be (record,)"
        )
    _check(probability, miss_rate)
    highest = _lowest(-probability[~target], patient[~target], miss_rate)
    lowest = _lowest(probability[target], patient[target], miss_rate)
    return 1.0 if highest is None else -highest, 0.0 if lowest is None else lowest


def possible(
    probability: NDArray[np.float32], sets: Sequence[tuple[float, float]] | NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Tell what is possible of each class; what is likelier than not always is, so no promise is broken by it.

    Parameters
    ----------
    probability
        float32, shape (record, class).
    sets
        Of each class what `class_set` found; or, float64, shape (record, class, 2), of each record, too.

    Returns
    -------
    ndarray
        bool, shape (record, class, 2): whether the class may be absent, and whether it may be present.

    Examples
    --------
    >>> possible(np.array([[0.1], [0.5], [0.9]], np.float32), [(0.6, 0.3)]).tolist()
    [[[True, False]], [[True, True]], [[False, True]]]
    >>> possible(np.array([[0.1], [0.9]], np.float32), [(0.02, 0.01)]).tolist()
    [[[True, True]], [[False, True]]]
    """
    ends = np.asarray(sets, np.float64)
    absent, present = np.maximum(ends[..., 0], EVEN), np.minimum(ends[..., 1], EVEN)
    return np.stack([probability <= absent, probability >= present], axis=-1)


def _check(probability: NDArray[np.float32], miss_rate: float) -> None:
    if np.isnan(probability).any():
        raise OptionError(f"{int(np.isnan(probability).sum())} of {len(probability)} probabilities are NaN")
    if not 0 <= miss_rate <= 1:
        raise OptionError(f"miss rate is {miss_rate}; it must be from 0 to 1")


def _lowest(value: NDArray[np.float32], patient: NDArray[np.str_], miss_rate: float) -> float | None:
    """Find the value below which just the stated share of a new patient's items lie; None where none can be named."""
    _, whose, number = np.unique(patient, return_inverse=True, return_counts=True)
    allowed = miss_rate * (len(number) + 1) - 1  # the new one may be missed throughout
    if allowed < 0 or not len(value):
        return None
    order = np.argsort(value, kind="stable")
    weight = (1 / number)[whose][order]  # each patient weighs 1
    place = int(np.searchsorted(np.cumsum(weight), allowed * (1 + 1e-9), side="right"))
    return float(value[order][min(place, len(value) - 1)])
