"""Whether 80% sure is right in 80 of 100 cases: fitting the lines that make it so, and measuring how far off it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..bundles.scores import Calibration, sigmoid, softmax
from ..errors import OptionError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def fit_platt(logit: NDArray[np.float32], target: NDArray[np.bool_]) -> Calibration:
    """Fit slope and intercept by maximum likelihood.

    Platt (1999), with his smoothed targets (n+ + 1)/(n+ + 2) and 1/(n- + 2), so that separable data keep finite slopes.
    Fit on items that are not tested on.

    Parameters
    ----------
    logit
        float32, shape (item,).
    target
        bool, shape (item,).

    Raises
    ------
    OptionError
        The shapes differ, or a logit is not finite, or only one of the two answers occurs.
    """
    from scipy.optimize import minimize

    z, yes = np.asarray(logit, np.float64), np.asarray(target, bool)
    if z.shape != yes.shape or z.ndim != 1:
        raise OptionError(f"logits {z.shape} and targets {yes.shape}: both must be (item,)")
    if not np.isfinite(z).all():
        raise OptionError(f"{int((~np.isfinite(z)).sum())} of {len(z)} logits are not finite; all must be")
    positives, negatives = int(yes.sum()), int((~yes).sum())
    if not positives or not negatives:
        raise OptionError(f"{positives} yes and {negatives} no: calibration needs both")
    goal = np.where(yes, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    unit = max(float(np.std(z)), 1e-9)  # scaled so that both unknowns are of one order

    def loss(line: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        t = line[0] * z / unit + line[1]
        off = sigmoid(t) - goal
        return float(np.mean(np.logaddexp(0, t) - goal * t)), np.array([np.mean(off * z) / unit, np.mean(off)])

    best = minimize(loss, x0=[unit, 0.0], jac=True, method="BFGS").x
    return Calibration(float(best[0] / unit), float(best[1]))


def fit_temperature(logit: NDArray[np.float32], target: NDArray[np.bool_]) -> Calibration:
    """Fit the slope by which all logits of classes that exclude each other are multiplied, by maximum likelihood.

    Temperature scaling (Guo et al. 2017): it never changes which class is the most probable. Intercepts for the classes
    fit the shares that these have in the patients at hand, and do worse in others. Fit on items that are not tested on.

    Parameters
    ----------
    logit
        float32, shape (item, class).
    target
        bool, shape (item, class): the one class of each item; items of none are left out.

    Raises
    ------
    OptionError
        The shapes differ, or a logit is not finite, or no item is of a class.
    """
    from scipy.optimize import minimize_scalar

    z, right = _of_a_class(logit, target)

    def loss(log_slope: float) -> float:
        return float(-np.log(np.maximum(softmax(np.exp(log_slope) * z)[right], 1e-300)).mean())

    return Calibration(slope=float(np.exp(minimize_scalar(loss, bounds=(-5, 5), method="bounded").x)))


def fit_shares(logit: NDArray[np.float32], target: NDArray[np.bool_]) -> tuple[Calibration, ...]:
    """Fit one slope for all classes that exclude each other and an intercept for each, by maximum likelihood.

    For a network whose batches held rare classes far more often than hearts have them: it calls too many beats by
    these, which no slope mends. What is fitted are the shares of the patients at hand; where batches held about these,
    :func:`fit_temperature` does better in others. Fit on items that are not tested on.

    Parameters
    ----------
    logit
        float32, shape (item, class).
    target
        bool, shape (item, class): the one class of each item; items of none are left out.

    Returns
    -------
    tuple of Calibration
        One a class; the intercept of the first is 0.

    Raises
    ------
    OptionError
        As :func:`fit_temperature`, or there is no item of one of the classes.
    """
    from scipy.optimize import minimize

    z, right = _of_a_class(logit, target)
    if not right.any(axis=0).all():
        raise OptionError(f"{right.sum(axis=0).tolist()} items of the classes; shares need some of each")

    def loss(line: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slope, intercept = np.exp(line[0]), np.append(0.0, line[1:])
        share = softmax(slope * z + intercept)
        off = (share - right) / len(z)
        steep = np.append(slope * (off * z).sum(), off.sum(axis=0)[1:])
        return float(-np.log(np.maximum(share[right], 1e-300)).mean()), steep

    best = minimize(loss, x0=np.zeros(z.shape[1]), jac=True, method="BFGS").x
    return tuple(Calibration(float(np.exp(best[0])), float(one)) for one in np.append(0.0, best[1:]))


def _of_a_class(logit: NDArray[np.float32], target: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return logits and classes of the items that are of a class; raises OptionError where nothing can be fitted."""
    if logit.shape != target.shape or logit.ndim != 2:
        raise OptionError(f"logits {logit.shape} and targets {target.shape}: both must be (item, class)")
    known = target.any(axis=1)
    z, right = np.asarray(logit[known], np.float64), target[known]
    if not np.isfinite(z).all():
        raise OptionError(f"{int((~np.isfinite(z)).sum())} of {z.size} logits are not finite; all must be")
    if not len(z):
        raise OptionError(f"0 of {len(logit)} items are of a class; calibration needs some")
    return z, right


def expected_calibration_error(
    probability: NDArray[np.float32],
    target: NDArray[np.bool_],
    weight: NDArray[np.float64] | None = None,
    bins: int = 15,
) -> float:
    """Mean distance between what is said and what happens, over bins of equal width (Guo et al. 2017, equation 3).

    Parameters
    ----------
    probability
        float32, shape (item,): of yes, 0 to 1.
    target
        bool, shape (item,).
    weight
        float64, shape (item,): how often each item counts.
    bins
        Number of bins.

    Examples
    --------
    >>> round(expected_calibration_error(np.array([0.8, 0.8]), np.array([True, False])), 2)
    0.3
    """
    weight = np.ones(len(target)) if weight is None else weight
    place = np.minimum((probability * bins).astype(int), bins - 1)
    gap = np.bincount(place, weight * (np.asarray(target, float) - probability), minlength=bins)
    total = float(weight.sum())
    return float(np.abs(gap).sum() / total) if total > 0 else float("nan")
