from __future__ import annotations

import numpy as np
import pytest

from einthoven.codes import CINC2020_CLASSES, REPORTED
from einthoven.errors import OptionError
from einthoven.evaluation.diagnosis_rules import AS_SAID, DiagnosisRules, answered
from einthoven.evaluation.multilabel import multilabel_figures

SINUS = REPORTED.index("426783006")
RARE = REPORTED.index("111975006")


def records(number: int, seed: int = 0, rare: int | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log-odds twice as sure as they may be, truth, some of it unknown, and patients with two records each.

    Of one class no more than `rare` records are left.
    """
    rng = np.random.default_rng(seed)
    share = np.full(len(REPORTED), 0.15)
    share[SINUS] = 0.8
    odds = np.log(share / (1 - share)) + 2 * rng.normal(size=(number, len(REPORTED)))
    target = (rng.random(odds.shape) < 1 / (1 + np.exp(-odds))).astype(np.float32)
    if rare is not None:
        target[np.flatnonzero(target[:, RARE])[rare:], RARE] = 0
    target[rng.random(number) < 0.02, 5:] = np.nan
    return (2 * odds).astype(np.float32), target, (np.arange(number) // 2).astype(str)


def fitted(number: int = 1500, rare: int | None = None) -> DiagnosisRules:
    return DiagnosisRules.of(REPORTED, *records(number, rare=rare), miss_rate=0.1)


def test_probabilities_mean_what_they_say_in_other_records() -> None:
    rules = fitted()
    odds, target, patient = records(1500, seed=1)
    said = answered(odds, target, patient, np.zeros(1500, np.int64), [rules])
    figures = multilabel_figures(said, {"all": REPORTED}, draws=2)
    assert figures["macro_ece_all"].value < 0.03
    assert rules.lines["MI"].slope == pytest.approx(0.5, rel=0.15)
    for name in REPORTED:
        assert figures[f"missed_present_{name}"].value < 0.16
        assert figures[f"missed_absent_{name}"].value < 0.16


def test_a_class_of_few_records_keeps_its_line_and_is_never_excluded() -> None:
    rules = fitted(300, rare=8)
    name = REPORTED[RARE]
    assert rules.shares[name] == pytest.approx(8 / 300, rel=0.1)
    assert rules.lines[name] == AS_SAID
    assert rules.sets[name][1] == 0


def test_a_class_nobody_has_is_never_answered() -> None:
    rules = fitted(300, rare=0)
    odds, target, patient = records(100, seed=2)
    assert rules.thresholds[REPORTED[RARE]] == 1
    assert rules.fitted[CINC2020_CLASSES.index(REPORTED[RARE])] == 1
    assert not answered(odds, target, patient, np.zeros(100, np.int64), [rules], by_fitted=True).present[:, RARE].any()


def test_the_challenges_classes_are_answered_together_and_the_others_by_their_thresholds() -> None:
    rules = fitted(600)
    odds, target, patient = records(500, seed=3)
    together, alone = (
        answered(odds, target, patient, np.zeros(500, np.int64), [rules], by_fitted=one) for one in (False, True)
    )
    np.testing.assert_array_equal(together.present[:, :5], alone.present[:, :5])
    assert together.present[:, 5:].any(axis=1).all(), "one at least is always answered"
    assert not np.array_equal(together.present, alone.present)
    assert len(rules.fitted) == len(CINC2020_CLASSES)


def test_each_fold_is_answered_by_its_own_rules() -> None:
    odds, target, patient = records(400, seed=4)
    fold = np.arange(400) % 2
    rules = [
        DiagnosisRules.of(REPORTED, *(a[fold != k] for a in (odds, target, patient)), miss_rate=0.2) for k in (0, 1)
    ]
    both = answered(odds, target, patient, fold, rules)
    one = answered(odds[fold == 1], target[fold == 1], patient[fold == 1], np.zeros(200, np.int64), rules[1:])
    np.testing.assert_array_equal(both.probability[fold == 1], one.probability)
    np.testing.assert_array_equal(both.present[fold == 1], one.present)
    np.testing.assert_array_equal(both.possible[fold == 1], one.possible)


def test_classes_beside_the_challenges_need_none_of_it() -> None:
    odds, target, patient = records(400)
    rules = DiagnosisRules.of(REPORTED[:5], odds[:, :5], target[:, :5], patient, miss_rate=0.1)
    assert rules.fitted == ()
    assert rules.present(rules.probability(odds[:, :5])).shape == (400, 5)


def test_what_does_not_fit_is_refused() -> None:
    odds, target, patient = records(50)
    with pytest.raises(OptionError, match=r"both must be \(record, class\)"):
        DiagnosisRules.of(REPORTED[1:], odds, target, patient, miss_rate=0.1)
    target[:, 3] = np.nan
    with pytest.raises(OptionError, match="nothing is known of class 'CD'"):
        DiagnosisRules.of(REPORTED, odds, target, patient, miss_rate=0.1)
