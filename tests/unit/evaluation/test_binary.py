from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.errors import OptionError
from einthoven.evaluation.binary import binary_metrics

metrics = pytest.importorskip("sklearn.metrics")


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.booleans(), st.integers(0, 3)), min_size=2, max_size=60).filter(
        lambda items: {truth for _, truth, weight in items if weight} == {True, False}
    )
)
def test_figures_are_those_of_scikit_learn(items: list[tuple[int, bool, int]]) -> None:
    score, target, weight = (np.array(column) for column in zip(*items, strict=True))
    score = score / 8
    ours = binary_metrics(score, target, weight.astype(float))
    said = score >= 0.5
    assert ours["accuracy"] == pytest.approx(metrics.accuracy_score(target, said, sample_weight=weight))
    assert ours["sensitivity"] == pytest.approx(metrics.recall_score(target, said, sample_weight=weight))
    assert ours["specificity"] == pytest.approx(metrics.recall_score(~target, ~said, sample_weight=weight))
    assert ours["f1"] == pytest.approx(metrics.f1_score(target, said, sample_weight=weight, zero_division=0))
    assert ours["auc"] == pytest.approx(metrics.roc_auc_score(target, score, sample_weight=weight))


def test_a_record_counted_twice_weighs_as_two() -> None:
    score, target = np.array([0.9, 0.2, 0.6]), np.array([True, False, False])
    twice = binary_metrics(np.append(score, 0.6), np.append(target, False))
    assert binary_metrics(score, target, np.array([1.0, 1.0, 2.0])) == pytest.approx(twice)


def test_what_cannot_be_said_is_nan() -> None:
    only_yes = binary_metrics(np.array([0.9, 0.1]), np.array([True, True]))
    assert np.isnan(only_yes["specificity"])
    assert np.isnan(only_yes["auc"])
    assert only_yes["sensitivity"] == 0.5
    assert all(np.isnan(figure) for figure in binary_metrics(np.array([]), np.array([], bool)).values())


@pytest.mark.parametrize(("score", "target"), [([0.1], [True, False]), ([[0.1]], [[True]]), ([np.nan], [True])])
def test_what_does_not_fit_is_refused(score: list[float], target: list[bool]) -> None:
    with pytest.raises(OptionError):
        binary_metrics(np.array(score), np.array(target))
