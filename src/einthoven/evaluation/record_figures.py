"""Figures for a yes-or-no question about whole records: of all answers, and of those left when doubt is an answer.

What is decided by, :class:`Rules`, is fitted on records that are not judged: the line from log-odds to probability,
from which probability a class is possible, and how sure an answer must be for a share of them to be deferred.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ..bundles.scores import Calibration, sigmoid
from ..errors import OptionError
from .binary import auc, binary_metrics
from .calibration import expected_calibration_error, fit_platt
from .conformal import possible_from
from .intervals import Figure, how_often, mean_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

DEFERRED: Final = (5, 10, 20)
"""Shares of records, in percent, that are given up: those answered least surely."""

SENSITIVITY: Final = 0.98
"""What the second operating point aims at."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What records are decided by.

    Parameters
    ----------
    line
        From log-odds of abnormal to calibrated ones.
    possible_from
        Probability from which a class is possible.
    sensitive_from
        Probability of abnormal from which a record is called that where few must be missed.
    sure_from
        By the share that is to be deferred, in percent: the distance of the probability from 0.5 from which an answer
        is given.
    """

    line: Calibration
    possible_from: float
    sensitive_from: float
    sure_from: Mapping[int, float]

    @classmethod
    def fitted(cls, log_odds: NDArray[np.float32], abnormal: NDArray[np.bool_], *, miss_rate: float) -> Rules:
        """Fit all on records that the network did not learn from, each of a patient of its own.

        The same records give the line and what stands on it: a line has two degrees of freedom.

        Parameters
        ----------
        log_odds
            float32, shape (record,): of abnormal.
        abnormal
            bool, shape (record,): the truth.
        miss_rate
            Share of records whose right class may count as impossible.

        Raises
        ------
        OptionError
            The shapes differ, a score is not finite, or all records are of one class.
        """
        line = fit_platt(log_odds, abnormal)
        probability = calibrated(log_odds, line)
        each = np.arange(len(probability)).astype(str)
        right = np.where(abnormal, probability, 1 - probability)
        return cls(
            line,
            possible_from(right, each, miss_rate),
            possible_from(probability[abnormal], each[abnormal], 1 - SENSITIVITY),
            {share: float(np.quantile(np.abs(probability - 0.5), share / 100)) for share in DEFERRED},
        )


PLAIN: Final = Rules(Calibration(), 0.5, 0.5, dict.fromkeys(DEFERRED, 0.0))
"""Where nothing was fitted: the bare network, which answers always."""


def blend_weights(
    log_odds: NDArray[np.float32], abnormal: NDArray[np.bool_], least: Sequence[float] = ()
) -> NDArray[np.float64]:
    """Find how much each of several answers counts in their sum: those that make the truth most likely, none below 0.

    A sum of just one is that one.

    Parameters
    ----------
    log_odds
        float32, shape (record, part): of abnormal, by networks that did not learn from the record.
    abnormal
        bool, shape (record,): the truth.
    least
        The least that each counts, as a multiple of what the first does; 0 where nothing is said.

    Returns
    -------
    ndarray
        float64, shape (part,).

    Raises
    ------
    OptionError
        The shapes differ.
    """
    from scipy.optimize import minimize

    if log_odds.ndim != 2 or len(log_odds) != len(abnormal):
        raise OptionError(f"log-odds {log_odds.shape}, targets {abnormal.shape}: must be (record, part) and (record,)")
    parts = log_odds.shape[1]
    if parts == 1:
        return np.ones(1)
    floor = np.zeros(parts)
    floor[1 : len(least)] = least[1:]
    z, sign = np.array(log_odds, np.float64), np.where(abnormal, 1.0, -1.0)
    z[:, 0] += z @ floor  # the first brings the least of the others along; what they count beyond it is found
    unit = z.std(axis=0) + 1e-9

    def loss(line: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        t = sign * (z / unit @ line[:-1] + line[-1])
        off = -sign * sigmoid(-t) / len(t)
        return float(np.mean(np.logaddexp(0, -t))), np.append(off @ (z / unit), off.sum())

    bounds = [(0.0, None)] * parts + [(None, None)]
    found = minimize(loss, np.append(np.ones(parts), 0.0), jac=True, method="L-BFGS-B", bounds=bounds).x[:-1] / unit
    return np.asarray(found + found[0] * floor, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """What was said of records, and the truth.

    Parameters
    ----------
    probability
        float32, shape (record,): of abnormal.
    abnormal
        bool, shape (record,): the truth.
    fold
        int64, shape (record,): by which rules it was decided.
    sensitive, unsure, missed
        bool, shape (record,): whether it is called abnormal where few must be missed, whether it is left open, and
        whether its right class counts as impossible.
    answered, ranked
        By share in percent, bool, shape (record,): whether it is answered when so many of the records the rules were
        fitted on are deferred; and when just so many of its fold are.
    name
        Unicode, shape (record,): the record's, or the patient's where several may be of one: these are drawn together.
    """

    probability: NDArray[np.float32]
    abnormal: NDArray[np.bool_]
    fold: NDArray[np.int64]
    sensitive: NDArray[np.bool_]
    unsure: NDArray[np.bool_]
    missed: NDArray[np.bool_]
    answered: Mapping[int, NDArray[np.bool_]]
    ranked: Mapping[int, NDArray[np.bool_]]
    name: NDArray[np.str_]


def calibrated(log_odds: NDArray[np.float32], line: Calibration) -> NDArray[np.float32]:
    """Return probabilities, float32, of log-odds of the same shape."""
    return sigmoid(line.slope * np.asarray(log_odds, np.float64) + line.intercept).astype(np.float32)


def decided(
    log_odds: NDArray[np.float32],
    abnormal: NDArray[np.bool_],
    fold: NDArray[np.int64],
    rules: Sequence[Rules],
    name: NDArray[np.str_],
) -> Decided:
    """Decide records, those of each fold by its own rules.

    Parameters
    ----------
    log_odds
        float32, shape (record,): of abnormal.
    abnormal
        bool, shape (record,): the truth.
    fold
        int64, shape (record,): number of the rules in `rules`.
    rules
        One for each fold, fitted on others.
    name
        Unicode, shape (record,).

    Raises
    ------
    OptionError
        The shapes differ.
    """
    if not log_odds.shape == abnormal.shape == fold.shape == name.shape or log_odds.ndim != 1:
        raise OptionError(f"scores {log_odds.shape}, targets {abnormal.shape}, folds {fold.shape}: must be (record,)")
    probability = np.empty(len(log_odds), np.float32)
    for number, rule in enumerate(rules):
        probability[fold == number] = calibrated(log_odds[fold == number], rule.line)
    possible = np.array([rule.possible_from for rule in rules], np.float32)[fold]
    normal_left, abnormal_left = 1 - probability >= possible, probability >= possible
    distance = np.abs(probability - 0.5)
    return Decided(
        probability=probability,
        abnormal=abnormal,
        fold=fold,
        sensitive=probability >= np.array([rule.sensitive_from for rule in rules], np.float32)[fold],
        unsure=normal_left == abnormal_left,
        missed=~np.where(abnormal, abnormal_left, normal_left),
        answered={n: distance >= np.array([rule.sure_from[n] for rule in rules])[fold] for n in DEFERRED},
        ranked={n: _surest(distance, fold, n) for n in DEFERRED},
        name=name,
    )


def _surest(distance: NDArray[np.float32], fold: NDArray[np.int64], percent: int) -> NDArray[np.bool_]:
    """Mark all but the least sure records of each fold, so many percent of them."""
    kept = np.ones(len(distance), np.bool_)
    for number in np.unique(fold):
        here = np.flatnonzero(fold == number)
        kept[here[np.argsort(distance[here], kind="stable")[: round(len(here) * percent / 100)]]] = False
    return kept


def record_metrics(said: Decided, weight: NDArray[np.float64] | None = None) -> dict[str, float]:
    """Figures of one repeat.

    Parameters
    ----------
    said
        What was decided.
    weight
        float64, shape (record,): how often each counts; once where nothing is said.

    Returns
    -------
    dict
        ``accuracy``, ``sensitivity``, ``specificity`` and ``f1`` at probability 0.5; ``auc``, the mean over folds, so
        that scores of one network are ranked, and ``auc_pooled``; ``ece``; ``accuracy_decided_5`` and so on, of the
        records that are answered when 5% of others were deferred, with ``deferred_5``, the share that was deferred;
        ``accuracy_ranked_5`` when just the least sure 5% of each fold are; ``sensitive_sensitivity`` and
        ``sensitive_specificity`` where few must be missed; ``unsure``, ``sure_error`` and ``missed``.

    Examples
    --------
    >>> odds, fold = np.array([3.0, 2.0, -0.1, -4.0], np.float32), np.zeros(4, np.int64)
    >>> truth = np.array([True, True, True, False])
    >>> figures = record_metrics(decided(odds, truth, fold, [PLAIN], np.array(list("abcd"))))
    >>> figures["accuracy"], figures["auc"]
    (0.75, 1.0)
    """
    weight = np.ones(len(said.abnormal)) if weight is None else weight
    figures = binary_metrics(said.probability, said.abnormal, weight)
    figures["auc_pooled"] = figures["auc"]
    by_fold = [
        auc(said.probability[here], said.abnormal[here], weight[here])
        for here in (said.fold == number for number in np.unique(said.fold))
    ]
    figures["auc"] = float(np.nanmean(by_fold)) if not np.isnan(by_fold).all() else float("nan")
    figures["ece"] = expected_calibration_error(said.probability, said.abnormal, weight)
    right = (said.probability >= 0.5) == said.abnormal
    for percent in DEFERRED:
        figures[f"accuracy_decided_{percent}"] = _share(right, said.answered[percent], weight)
        figures[f"deferred_{percent}"] = _share(~said.answered[percent], None, weight)
        figures[f"accuracy_ranked_{percent}"] = _share(right, said.ranked[percent], weight)
    figures["sensitive_sensitivity"] = _share(said.sensitive, said.abnormal, weight)
    figures["sensitive_specificity"] = _share(~said.sensitive, ~said.abnormal, weight)
    figures["unsure"] = _share(said.unsure, None, weight)
    figures["sure_error"] = _share(~right, ~said.unsure, weight)
    figures["missed"] = _share(said.missed, None, weight)
    return figures


def record_figures(repeats: Sequence[Decided], draws: int = 1000, seed: int = 0) -> dict[str, Figure]:
    """Mean of each figure over repeats, with the interval it has when other records, or patients, had been drawn.

    The interval of ``ece`` lies too high, and may leave out its value: records that are drawn twice make each bin less
    even, and every unevenness counts as an error.

    Parameters
    ----------
    repeats
        What was decided in each, of the same records.
    draws
        How often records are drawn, the same ones for all repeats.
    seed
        Of the draws.

    Raises
    ------
    OptionError
        There is no repeat.
    """
    if not repeats:
        raise OptionError("0 repeats to judge; there must be one at least")
    names = np.unique(np.concatenate([said.name for said in repeats]))
    places = [np.searchsorted(names, said.name) for said in repeats]
    drawn = [
        mean_of([record_metrics(said, weight[place]) for said, place in zip(repeats, places, strict=True)])
        for weight in how_often(len(names), draws, seed)
    ]
    return {name: Figure.of_draws(np.array([figures[name] for figures in drawn])) for name in drawn[0]}


def _share(of: NDArray[np.bool_], among: NDArray[np.bool_] | None, weight: NDArray[np.float64]) -> float:
    weight = weight if among is None else weight * among
    total = float(weight.sum())
    return float((weight * of).sum()) / total if total > 0 else float("nan")
