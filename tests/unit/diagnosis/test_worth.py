from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from einthoven.codes import CINC2020_CLASSES, CINC2020_DIAGNOSES
from einthoven.diagnosis.worth import NORMAL, confusion_weights, most_worth
from einthoven.errors import OptionError
from einthoven.evaluation.cinc2020 import challenge_metric, earned

PLACE = {CINC2020_DIAGNOSES[code].short: place for place, code in enumerate(CINC2020_CLASSES)}


def likely(**probability: float) -> np.ndarray:
    """Probabilities of one record; what is not named is all but impossible."""
    row = np.full(24, 0.001)
    row[[PLACE[name] for name in probability]] = list(probability.values())
    return row[np.newaxis]


def names(answer: np.ndarray) -> set[str]:
    return {CINC2020_DIAGNOSES[CINC2020_CLASSES[i]].short for i in np.flatnonzero(answer)}


def hospital(rng: np.random.Generator, records: int, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds of records, and truth that comes as often as the log-odds say, of classes with these shares."""
    odds = np.log(share / (1 - share)) + 3 * rng.normal(size=(records, 24))
    return odds, rng.random(odds.shape) < 1 / (1 + np.exp(-odds))


def test_what_is_sure_is_answered() -> None:
    rng = np.random.default_rng(0)
    target = rng.random((500, 24)) < 0.1
    target[~target.any(axis=1), NORMAL] = True
    np.testing.assert_array_equal(most_worth(np.where(target, 0.999, 0.001)), target)


def test_something_is_always_answered() -> None:
    assert most_worth(np.full((1, 24), 0.001)).sum() >= 1
    assert not most_worth(np.zeros((1, 24))).any(), "unless nothing at all is possible"
    assert most_worth(np.random.default_rng(1).random((200, 24)) ** 8).any(axis=1).all()


def test_a_doubtful_second_diagnosis_is_written_only_beside_a_doubtful_first() -> None:
    assert names(most_worth(likely(NSR=0.999, SA=0.2))[0]) == {"NSR"}
    assert names(most_worth(likely(NSR=0.3, SA=0.2))[0]) == {"NSR", "SA"}


def test_fewer_are_called_sinus_rhythm_than_where_nearly_all_records_are() -> None:
    record = likely(NSR=0.8, AF=0.6)
    assert "NSR" in names(most_worth(record, 0.5)[0])
    assert "NSR" not in names(most_worth(record, 0.97)[0])


def test_no_other_answer_of_a_few_classes_earns_more() -> None:
    """Against the mean, over all truths that are possible, of what every possible answer earns."""
    rng, few = np.random.default_rng(2), [PLACE[name] for name in ("NSR", "AF", "TAb", "LAD", "SB")]
    sides = np.zeros((2 ** len(few), 24), bool)
    sides[:, few] = list(product([False, True], repeat=len(few)))
    worth = np.array([earned(sides, np.broadcast_to(answer, sides.shape)) for answer in sides])  # (answer, truth)
    lost = []
    for _ in range(50):
        record = np.zeros((1, 24))
        record[0, few] = rng.random(len(few))
        chance = np.where(sides[:, few], record[0, few], 1 - record[0, few]).prod(axis=1)
        expected = worth @ chance
        chosen = (sides == most_worth(record)).all(axis=1).argmax()
        lost.append(1 - expected[chosen] / expected.max())
    assert np.mean(lost) < 0.01, "the mean of one over a count is not one over the mean count, but nearly"
    assert max(lost) < 0.1


def test_it_earns_more_than_the_best_common_threshold_in_hospitals_of_any_mixture() -> None:
    rng = np.random.default_rng(3)
    for share in (np.full(24, 0.05), np.full(24, 0.15), np.where(np.arange(24) == NORMAL, 0.85, 0.07)):
        odds, target = hospital(rng, 500, share)
        probability = 1 / (1 + np.exp(-odds))
        best = max(challenge_metric(target, probability >= one) for one in np.linspace(0.05, 0.95, 19))
        assert challenge_metric(target, most_worth(probability)) > best


def test_the_weights_are_symmetric_and_best_where_one_is_right() -> None:
    weights = confusion_weights()
    np.testing.assert_array_equal(weights, weights.T)
    assert (weights - np.eye(24)).max() <= 0.5


def test_no_record_no_answer_and_many_records_at_once_are_answered_each_for_itself() -> None:
    assert most_worth(np.zeros((0, 24))).shape == (0, 24)
    probability = np.random.default_rng(4).random((600, 24)).astype(np.float32) ** 3
    alone = np.concatenate([most_worth(row[np.newaxis]) for row in probability[:40]])
    np.testing.assert_array_equal(most_worth(probability)[:40], alone)


def test_what_is_no_probability_is_refused() -> None:
    with pytest.raises(OptionError, match=r"\(2, 23\): they must be \(record, 24\)"):
        most_worth(np.zeros((2, 23)))
    for wrong in (np.nan, -0.1, 1.1):
        with pytest.raises(OptionError, match="must be from 0 to 1"):
            most_worth(np.full((1, 24), wrong))
    with pytest.raises(OptionError, match="share of sinus rhythm is 1; it must be between 0 and 1"):
        most_worth(np.zeros((1, 24)), 1)
