from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from sklearn.metrics import f1_score

from einthoven.diagnosis.worth import NORMAL
from einthoven.errors import OptionError
from einthoven.evaluation.cinc2020 import challenge_metric
from einthoven.evaluation.thresholds import NEVER, best_for_challenge, best_for_f

FIBRILLATION = 1


def records(number: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and truth of records that have fibrillation, sinus rhythm or neither; nothing else is asked."""
    rng = np.random.default_rng(seed)
    target = np.zeros((number, 24), bool)
    target[:, FIBRILLATION], target[:, NORMAL] = rng.random((2, number)) < np.array([[0.2], [0.6]])
    noise = rng.normal(size=target.shape)
    return np.where(target.any(axis=0), 1 / (1 + np.exp(1 - 3 * target - noise)), 0.9).astype(np.float32), target


def test_no_pair_of_thresholds_has_a_higher_challenge_metric() -> None:
    probability, target = records(60)
    threshold = best_for_challenge(probability, target)
    never = threshold == NEVER
    assert never.sum() == 22
    assert not (probability >= threshold)[:, never].any(), "a class that no record has is never answered"
    tried = np.tile(threshold, (2, 1))
    best = 0.0
    for one, other in product(np.append(probability[:, FIBRILLATION], 1), np.append(probability[:, NORMAL], 1)):
        tried[0, [FIBRILLATION, NORMAL]] = one, other
        best = max(best, challenge_metric(target, probability >= tried[0]))
    assert challenge_metric(target, probability >= threshold) == pytest.approx(best)


def test_equal_probabilities_are_answered_alike() -> None:
    probability, target = records(300)
    rounded = np.round(probability, 1)
    threshold = best_for_challenge(rounded, target)
    used = threshold[[FIBRILLATION, NORMAL]]
    np.testing.assert_allclose(used * 20 % 2, 1, atol=1e-5, err_msg="thresholds stand between values, not on one")


def test_thresholds_for_f_are_the_best_there_are_where_probabilities_are_right() -> None:
    rng = np.random.default_rng(1)
    probability = (1 / (1 + np.exp(2 - 2 * rng.normal(size=40_000)))).astype(np.float32)
    target = rng.random(len(probability)) < probability
    found = f1_score(target, probability >= best_for_f(probability))
    assert found >= max(f1_score(target, probability >= one) for one in np.linspace(0.05, 0.95, 19)) - 0.002


def test_a_rarer_class_has_a_lower_threshold() -> None:
    probability = np.linspace(0, 1, 100, dtype=np.float32)
    assert best_for_f(probability**4) < best_for_f(probability)


def test_what_does_not_fit_is_refused() -> None:
    probability, target = records(5)
    with pytest.raises(OptionError, match=r"both must be \(record, class\)"):
        best_for_challenge(probability, target[1:])
    with pytest.raises(OptionError, match="and some"):
        best_for_f(probability[:0, 0])
