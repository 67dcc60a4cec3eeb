"""The figures of the 2020 challenge, worked by hand, by scikit-learn, and by loops as they are defined."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.codes import CINC2020_CLASSES, CINC2020_DIAGNOSES, CINC2020_SAME
from einthoven.errors import OptionError
from einthoven.evaluation.cinc2020 import (
    NORMAL,
    average_precision,
    challenge_figures,
    challenge_metric,
    class_figures,
    confusion_weights,
)

metrics = pytest.importorskip("sklearn.metrics")

N = len(CINC2020_CLASSES)
PLACE = {CINC2020_DIAGNOSES[code].short: place for place, code in enumerate(CINC2020_CLASSES)}


def said(*records: str) -> np.ndarray:
    """One row a record, true where its text names the class."""
    rows = np.zeros((len(records), N), dtype=bool)
    for row, names in zip(rows, records, strict=True):
        row[[PLACE[name] for name in names.split()]] = True
    return rows


def drawn(seed: int, n_records: int = 40, levels: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth, answers and scores with ties, some records without a label and some classes without a positive."""
    rng = np.random.default_rng(seed)
    target = rng.random((n_records, N)) < rng.choice([0, 0.03, 0.2, 1], N, p=[0.2, 0.4, 0.35, 0.05])
    score = rng.integers(0, levels, (n_records, N)) / levels + 0.3 * target
    return target, score > 0.6, score


def metric_by_loops(target: np.ndarray, present: np.ndarray) -> float:
    """Work the challenge metric out as its paper defines it, one pair of classes after the other."""
    weights = confusion_weights()

    def earned(answers: np.ndarray) -> float:
        total = 0.0
        for truth, answer in zip(target, answers, strict=True):
            size = max(len(set(np.flatnonzero(truth)) | set(np.flatnonzero(answer))), 1)
            total += sum(weights[i, j] / size for i in np.flatnonzero(truth) for j in np.flatnonzero(answer))
        return total

    inactive = np.tile(np.arange(N) == NORMAL, (len(target), 1))
    best, nothing = earned(target), earned(inactive)
    return (earned(present) - nothing) / (best - nothing)


def test_each_code_is_scored_as_one_class() -> None:
    assert len(CINC2020_DIAGNOSES) == 27
    assert len(CINC2020_CLASSES) == 24
    assert set(CINC2020_SAME.values()) <= set(CINC2020_CLASSES)
    assert len({one.short for one in CINC2020_DIAGNOSES.values()}) == 27


def test_weights_are_worth_most_for_the_class_itself_and_least_far_from_it() -> None:
    weights = confusion_weights()
    assert (weights == weights.T).all()
    assert (np.diag(weights) == 1).all()
    assert weights[~np.eye(N, dtype=bool)].max() == 0.5
    assert weights.min() == weights[NORMAL, PLACE["QAb"]] == 0.15


@pytest.mark.parametrize("seed", range(5))
def test_figures_of_classes_are_those_of_scikit_learn(seed: int) -> None:
    target, present, score = drawn(seed)
    ours = class_figures(target, present, score)
    shared = 1 / np.maximum(target.sum(axis=1), 1)
    for k in range(N):
        truth, answer = target[:, k], present[:, k]
        if 0 < truth.sum() < len(truth):
            assert ours["auroc"][k] == pytest.approx(metrics.roc_auc_score(truth, score[:, k]))
        else:
            assert np.isnan(ours["auroc"][k])
        if truth.any():
            assert ours["auprc"][k] == pytest.approx(metrics.average_precision_score(truth, score[:, k]))
        else:
            assert np.isnan(ours["auprc"][k])
        if truth.any() or answer.any():
            assert ours["f_measure"][k] == pytest.approx(metrics.f1_score(truth, answer))
            f_beta = metrics.fbeta_score(truth, answer, beta=2, sample_weight=shared)
            assert ours["f_beta"][k] == pytest.approx(f_beta)
        else:
            assert np.isnan([ours["f_measure"][k], ours["f_beta"][k], ours["g_beta"][k]]).all()


@pytest.mark.parametrize("seed", range(5))
def test_figures_of_all_are_means_over_the_classes_that_have_one(seed: int) -> None:
    target, present, score = drawn(seed)
    figures, by_class = challenge_figures(target, present, score), class_figures(target, present, score)
    assert list(figures) == ["auroc", "auprc", "accuracy", "f_measure", "f_beta", "g_beta", "challenge_metric"]
    for name, values in by_class.items():
        assert figures[name] == pytest.approx(np.nanmean(values))
    assert np.isnan(by_class["auroc"]).any()
    assert figures["accuracy"] == metrics.accuracy_score(target, present)
    assert figures["challenge_metric"] == pytest.approx(metric_by_loops(target, present), abs=1e-12)


def test_g_beta_counts_a_missed_one_twice_and_a_record_by_its_labels() -> None:
    # AF: right in the first record, which counts 1/2 for its two labels; wrong in the second; missed in the third.
    target, present = said("AF PVC", "NSR", "AF"), said("AF PVC", "AF", "NSR")
    by_class = class_figures(target, present, present.astype(float))
    assert by_class["g_beta"][PLACE["AF"]] == pytest.approx(0.5 / (0.5 + 1 + 2 * 1))
    assert by_class["f_beta"][PLACE["AF"]] == pytest.approx(5 * 0.5 / (5 * 0.5 + 1 + 4 * 1))
    assert by_class["f_measure"][PLACE["AF"]] == pytest.approx(0.5)


def test_the_metric_worked_by_hand() -> None:
    # AF for AF and NSR: 1/2 for the one named, 0.25/2 for the pair AF, NSR. Nothing said is NSR: 1 and 0.25/2.
    target, present = said("AF", "NSR"), said("AF NSR", "AF")
    observed, correct, inactive = (1 + 0.25) / 2 + 0.25 / 2, 2, 0.25 / 2 + 1
    assert challenge_metric(target, present) == pytest.approx((observed - inactive) / (correct - inactive))


def test_who_always_answers_sinus_rhythm_has_nothing_and_who_does_harm_less() -> None:
    target = said("AF", "QAb LBBB", "NSR")
    assert challenge_metric(target, said("NSR", "NSR", "NSR")) == 0
    assert challenge_metric(target, target) == 1
    assert challenge_metric(target, said("", "", "QAb")) < 0


def test_where_all_are_in_sinus_rhythm_nothing_can_be_earned() -> None:
    assert challenge_metric(said("NSR", "NSR"), said("NSR", "AF")) == 0
    assert challenge_metric(said("", ""), said("", "AF")) == 0


def test_a_record_without_a_scored_label_is_right_only_without_an_answer() -> None:
    target = said("AF", "")
    score = np.zeros((2, N))
    assert challenge_figures(target, said("AF", ""), score)["accuracy"] == 1
    assert challenge_figures(target, said("AF", "NSR"), score)["accuracy"] == 0.5


def test_no_labels_and_no_answers_leave_nothing_to_say() -> None:
    nothing = said("", "")
    figures = challenge_figures(nothing, nothing, np.zeros((2, N)))
    assert (figures.pop("accuracy"), figures.pop("challenge_metric")) == (1, 0)
    assert np.isnan(list(figures.values())).all()


def test_a_score_that_is_nan_counts_as_nothing() -> None:
    target, present, score = drawn(1)
    holes = np.where(np.random.default_rng(0).random(score.shape) < 0.1, np.nan, score)
    np.testing.assert_equal(
        challenge_figures(target, present, holes), challenge_figures(target, present, np.nan_to_num(holes))
    )


def test_infinite_scores_rank_as_first_and_last() -> None:
    target, present = said("AF", "", "AF"), said("", "", "")
    score = np.zeros((3, N))
    score[:, PLACE["AF"]] = [np.inf, -np.inf, 3]
    assert challenge_figures(target, present, score)["auroc"] == 1


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.lists(st.integers(0, 3), min_size=12, max_size=12).filter(any))
def test_a_weight_is_how_often_a_record_counts(seed: int, times: list[int]) -> None:
    target, present, score = drawn(seed, n_records=12)
    weighed = challenge_figures(target, present, score, np.array(times, dtype=float))
    repeated = challenge_figures(*(np.repeat(rows, times, axis=0) for rows in (target, present, score)))
    assert weighed == pytest.approx(repeated, abs=1e-12, nan_ok=True)


def test_only_the_order_of_scores_counts_for_areas() -> None:
    target, present, score = drawn(3)
    before, after = (class_figures(target, present, one) for one in (score, np.exp(5 * score) - 7))
    np.testing.assert_array_equal(before["auroc"], after["auroc"])
    np.testing.assert_array_equal(before["auprc"], after["auprc"])


def test_the_precision_of_one_value_is_the_share_of_positives() -> None:
    target = np.array([True, False, False, True, False])
    assert average_precision(np.full(5, 0.3), target, np.ones(5)) == pytest.approx(0.4)
    assert np.isnan(average_precision(np.zeros(0), np.zeros(0, bool), np.zeros(0)))


@pytest.mark.parametrize(
    ("target", "present", "score", "message"),
    [
        (np.ones((2, N), bool), np.ones((3, N), bool), np.ones((2, N)), r"they must be \(record, 24\)"),
        (np.ones((2, 3), bool), np.ones((2, 3), bool), np.ones((2, 3)), r"they must be \(record, 24\)"),
        (np.ones((2, N), int), np.ones((2, N), bool), np.ones((2, N)), "both must be bool"),
        (np.ones((0, N), bool), np.ones((0, N), bool), np.ones((0, N)), "at least one record must count"),
    ],
)
def test_what_does_not_fit_is_refused(target: np.ndarray, present: np.ndarray, score: np.ndarray, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        challenge_figures(target, present, score)


def test_forty_thousand_records_take_seconds() -> None:
    target, present, score = drawn(0, n_records=43_101, levels=10**6)
    assert 0 < challenge_figures(target, present, score)["auroc"] <= 1
