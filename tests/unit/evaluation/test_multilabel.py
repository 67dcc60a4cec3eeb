from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from einthoven.codes import CINC2020_CLASSES
from einthoven.errors import OptionError
from einthoven.evaluation.calibration import expected_calibration_error
from einthoven.evaluation.cinc2020 import challenge_metric
from einthoven.evaluation.intervals import how_often
from einthoven.evaluation.multilabel import Answered, class_counts, multilabel_draws, multilabel_figures, ranking

CODES = ("NORM", *CINC2020_CLASSES)


def answered(records: int = 300, unknown: float = 0.0, steps: int = 50, seed: int = 0) -> Answered:
    """Answers that know something of 25 classes, from rare to frequent, of patients with one record or two."""
    rng = np.random.default_rng(seed)
    classes = len(CODES)
    target = (rng.random((records, classes)) < np.linspace(0.02, 0.6, classes)).astype(np.float32)
    score = np.round(steps / (1 + np.exp(1.5 - 3 * target - rng.normal(size=target.shape)))) / steps
    target[rng.random(records) < unknown, 1:] = np.nan
    patient = (np.arange(records) * 2 // 3).astype(str)
    return Answered(CODES, score.astype(np.float32), target, patient, present=score > 0.4)


@pytest.mark.parametrize("steps", [3, 1000])
def test_ranking_is_what_scikit_learn_says_of_records_that_are_known(steps: int) -> None:
    said = answered(unknown=0.1, steps=steps)
    figures = multilabel_figures(said, {"cinc2020": CINC2020_CLASSES}, draws=2)
    for score, target, present, name in zip(said.score.T, said.target.T, said.present.T, CODES, strict=True):
        known = ~np.isnan(target)
        truth, score, present = target[known] > 0, score[known], present[known]
        assert figures[f"auroc_{name}"].value == pytest.approx(roc_auc_score(truth, score), abs=1e-12)
        assert figures[f"auprc_{name}"].value == pytest.approx(average_precision_score(truth, score), abs=1e-12)
        assert figures[f"f_measure_{name}"].value == pytest.approx(f1_score(truth, present), abs=1e-12)
    each = [figures[f"auroc_{code}"].value for code in CINC2020_CLASSES]
    assert figures["macro_auc_cinc2020"].value == pytest.approx(np.mean(each))


def test_each_draw_is_ranked_as_if_its_patients_were_all_there_are() -> None:
    said = answered(120, unknown=0.1, steps=7)
    often = how_often(120, 8, seed=1)
    ranks = ranking(said, often)
    for number, weight in enumerate(often):
        rows = np.repeat(np.arange(120), weight.astype(int))
        for column, (score, target) in enumerate(zip(said.score[rows].T, said.target[rows].T, strict=True)):
            known = ~np.isnan(target)
            truth = target[known] > 0
            if truth.any():
                assert ranks["auroc"][number, column] == pytest.approx(roc_auc_score(truth, score[known]))
                assert ranks["auprc"][number, column] == pytest.approx(average_precision_score(truth, score[known]))
            else:
                assert np.isnan(ranks["auroc"][number, column])


def test_the_challenge_metric_is_the_scorers_on_records_with_all_classes_known() -> None:
    said = answered(unknown=0.2)
    known = ~np.isnan(said.target).any(axis=1)
    figure = multilabel_figures(said, {"cinc2020": CINC2020_CLASSES}, draws=200)["challenge_metric"]
    assert figure.value == pytest.approx(challenge_metric(said.target[known, 1:] > 0, said.present[known, 1:]))
    assert figure.low < figure.value < figure.high


def test_two_answers_to_the_same_records_can_be_compared_draw_by_draw() -> None:
    said = answered()
    better = replace(said, present=said.target == 1)
    one, other = (multilabel_draws(answer, {}, draws=50)["challenge_metric"] for answer in (said, better))
    assert one.shape == (51,)
    np.testing.assert_allclose(other, 1)
    assert (one < other).all()


def test_calibration_errors_are_those_of_one_question_at_a_time() -> None:
    said = answered(unknown=0.1)
    figures = multilabel_figures(replace(said, probability=said.score), {"all": CODES}, draws=2)
    for score, target, name in zip(said.score.T, said.target.T, CODES, strict=True):
        known = ~np.isnan(target)
        alone = expected_calibration_error(score[known], target[known] > 0)
        assert figures[f"ece_{name}"].value == pytest.approx(alone, abs=1e-6)


def test_patients_are_drawn_whole() -> None:
    said = answered()
    doubled = replace(
        said,
        **{name: np.repeat(getattr(said, name), 4, axis=0) for name in ("score", "target", "patient", "present")},
    )
    once, four_times = (multilabel_figures(one, {"all": CODES}, draws=50) for one in (said, doubled))
    assert four_times["macro_auc_all"].low == pytest.approx(once["macro_auc_all"].low)


def test_a_class_nobody_has_says_nothing_and_moves_no_mean() -> None:
    said = answered()
    target = said.target.copy()
    target[:, 3] = 0
    target[:, 5] = 1
    figures = multilabel_figures(replace(said, target=target), {"some": CODES[3:7]}, draws=5)
    assert np.isnan(figures[f"auroc_{CODES[3]}"].value)
    assert np.isnan(figures[f"auroc_{CODES[5]}"].value), "without a negative nothing is ranked"
    known = [figures[f"auroc_{name}"].value for name in (CODES[4], CODES[6])]
    assert figures["macro_auc_some"].value == pytest.approx(np.mean(known))


def test_rare_classes_can_be_left_out_of_the_mean() -> None:
    said = answered(200)
    counts = class_counts(said)
    enough = [name for name in CODES if counts[name] >= 10]
    assert 0 < len(enough) < len(CODES)
    figures = multilabel_figures(said, {"all": CODES}, draws=2)
    each = [figures[f"auroc_{name}"].value for name in enough]
    assert figures["macro_auc_all_10"].value == pytest.approx(np.mean(each))


def test_sets_are_judged_by_what_they_leave_out() -> None:
    target = np.array([[1], [1], [0], [0], [np.nan]], np.float32)
    possible = np.array([[[0, 1]], [[1, 0]], [[1, 1]], [[0, 1]], [[0, 0]]], bool)  # absent, present
    said = Answered(("MI",), np.zeros((5, 1), np.float32), target, np.array(list("abcde")), possible=possible)
    figures = multilabel_figures(said, {"superclass": ["MI"]}, draws=1)
    assert figures["missed_present_MI"].value == 0.5
    assert figures["missed_absent_MI"].value == 0.5
    assert figures["unsure_MI"].value == 1 / 4, "both possible; of a record nobody knows of nothing is said"


def test_a_thousand_draws_of_a_hundred_classes_take_seconds() -> None:
    rng = np.random.default_rng(0)
    target = (rng.random((2600, 99)) < 0.05).astype(np.float32)
    said = Answered(tuple(map(str, range(99))), rng.random(target.shape), target, np.arange(2600).astype(str))
    start = time.process_time()
    multilabel_figures(said, {"all": said.classes}, draws=100)
    assert time.process_time() - start < 3


def test_what_does_not_fit_is_refused() -> None:
    said = answered()
    with pytest.raises(OptionError, match="shapes"):
        replace(said, target=said.target[:-1])
    with pytest.raises(OptionError, match="some records"):
        Answered(("MI",), np.zeros((0, 1)), np.zeros((0, 1)), np.zeros(0, "U1"))
    with pytest.raises(OptionError, match="1 scores or probabilities are NaN"):
        replace(said, score=np.where(np.arange(said.target.size).reshape(said.target.shape), 0, np.nan))
    with pytest.raises(OptionError, match="targets must be 1"):
        replace(said, target=said.target * 2)
    with pytest.raises(OptionError, match="'LVH'"):
        multilabel_figures(said, {"some": ["LVH"]})
