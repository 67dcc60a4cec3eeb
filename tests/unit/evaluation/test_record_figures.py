from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics
from sklearn.linear_model import LogisticRegression

from einthoven.bundles.scores import Calibration
from einthoven.errors import OptionError
from einthoven.evaluation.record_figures import (
    DEFERRED,
    PLAIN,
    Decided,
    Rules,
    calibrated,
    decided,
    record_figures,
    record_metrics,
)

NAMES = np.array([f"r{n:04}" for n in range(600)])
fold_of = np.arange(600) % 5


def scores(seed: int, slope: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds that are `slope` times too sure, and what is true."""
    rng = np.random.default_rng(seed)
    true_odds = rng.normal(scale=2.5, size=600)
    abnormal = rng.random(600) < 1 / (1 + np.exp(-true_odds))
    return (slope * true_odds + 0.5).astype(np.float32), abnormal


def judged(seed: int = 0) -> Decided:
    odds, abnormal = scores(seed)
    others, truth = scores(seed + 100)
    rules = Rules.fitted(others, truth, miss_rate=0.05)
    return decided(odds, abnormal, fold_of, [rules] * 5, NAMES)


def test_figures_are_those_of_scikit_learn() -> None:
    odds, abnormal = scores(0)
    said = decided(odds, abnormal, fold_of, [PLAIN] * 5, NAMES)
    figures, probability = record_metrics(said), 1 / (1 + np.exp(-odds.astype(np.float64)))
    called = probability >= 0.5
    assert figures["accuracy"] == pytest.approx(metrics.accuracy_score(abnormal, called))
    assert figures["sensitivity"] == pytest.approx(metrics.recall_score(abnormal, called))
    assert figures["specificity"] == pytest.approx(metrics.recall_score(~abnormal, ~called))
    assert figures["f1"] == pytest.approx(metrics.f1_score(abnormal, called))
    assert figures["auc_pooled"] == pytest.approx(metrics.roc_auc_score(abnormal, said.probability))
    of_folds = [metrics.roc_auc_score(abnormal[k == fold_of], odds[k == fold_of]) for k in range(5)]
    assert figures["auc"] == pytest.approx(np.mean(of_folds), abs=1e-6)
    for percent in DEFERRED:
        surest = np.zeros(600, bool)
        for k in range(5):
            here = np.flatnonzero(k == fold_of)
            surest[here[np.argsort(-np.abs(probability[here] - 0.5), kind="stable")[: round(120 - 1.2 * percent)]]] = 1
        right = metrics.accuracy_score(abnormal[surest], called[surest])
        assert figures[f"accuracy_ranked_{percent}"] == pytest.approx(right, abs=0.003)  # ties in float32


def test_the_line_is_that_of_logistic_regression() -> None:
    odds, abnormal = scores(1)
    theirs = LogisticRegression(C=1e9).fit(odds[:, None], abnormal)
    ours = Rules.fitted(odds, abnormal, miss_rate=0.05).line
    assert ours.slope == pytest.approx(theirs.coef_[0, 0], rel=0.03)
    assert ours.intercept == pytest.approx(theirs.intercept_[0], abs=0.05)


def test_rules_of_others_mend_probabilities_that_are_too_sure() -> None:
    odds, abnormal = scores(0)
    bare = record_metrics(decided(odds, abnormal, fold_of, [PLAIN] * 5, NAMES))
    assert record_metrics(judged())["ece"] < bare["ece"] / 2


def test_about_the_asked_share_is_deferred_and_the_others_are_read_better() -> None:
    figures = record_metrics(judged())
    accuracies = [figures["accuracy"], *(figures[f"accuracy_decided_{percent}"] for percent in DEFERRED)]
    assert accuracies == sorted(accuracies)
    for percent in DEFERRED:
        assert figures[f"deferred_{percent}"] == pytest.approx(percent / 100, abs=0.04)


def test_the_sensitive_point_misses_few_and_the_right_class_is_rarely_impossible() -> None:
    figures = [record_metrics(judged(seed)) for seed in range(20)]
    assert np.mean([one["sensitive_sensitivity"] for one in figures]) == pytest.approx(0.98, abs=0.006)
    assert np.mean([one["missed"] for one in figures]) == pytest.approx(0.05, abs=0.01)
    sure = [one for one in figures if one["unsure"] > 0]
    assert all(one["sure_error"] < 1 - one["accuracy"] for one in sure)


def test_each_fold_is_decided_by_its_own_rules() -> None:
    odds, abnormal = np.zeros(600, np.float32), np.ones(600, bool)
    rules = [Rules(Calibration(1.0, float(k - 2)), 0.3, 0.2, {5: 0.1, 10: 0.2, 20: 0.3}) for k in range(5)]
    said = decided(odds, abnormal, fold_of, rules, NAMES)
    for k, rule in enumerate(rules):
        assert set(said.probability[k == fold_of].tolist()) == set(calibrated(odds[:1], rule.line).tolist())
    assert said.unsure[fold_of == 2].all()
    assert said.missed[fold_of == 0].all()
    assert not said.answered[5][fold_of == 2].any()
    assert said.answered[20][fold_of == 0].all()


def test_intervals_hold_the_value_and_repeats_of_the_same_records_do_not_make_them_narrower() -> None:
    one, many = (record_figures([judged()] * n, draws=60) for n in (1, 4))
    assert one["accuracy"].low < one["accuracy"].value < one["accuracy"].high
    assert many["accuracy"].low == pytest.approx(one["accuracy"].low)
    assert one["accuracy"].value == pytest.approx(record_metrics(judged())["accuracy"])


def test_records_of_one_kind_have_no_ranking() -> None:
    said = decided(np.zeros(3, np.float32), np.ones(3, bool), np.zeros(3, int), [PLAIN], NAMES[:3])
    figures = record_metrics(said)
    assert np.isnan(figures["auc"])
    assert np.isnan(figures["specificity"])


def test_what_does_not_fit_is_refused() -> None:
    odds, abnormal = scores(0)
    with pytest.raises(OptionError, match=r"must be \(record,\)"):
        decided(odds, abnormal[:5], fold_of, [PLAIN] * 5, NAMES)
    with pytest.raises(OptionError, match="0 repeats"):
        record_figures([])
    with pytest.raises(OptionError, match="calibration needs both"):
        Rules.fitted(odds, np.ones(600, bool), miss_rate=0.05)
