from __future__ import annotations

import numpy as np
import pytest

from einthoven.bundles.scores import Calibration, ScoreKind, Scores, calibrated, sigmoid, softmax
from einthoven.errors import OptionError
from einthoven.evaluation.calibration import expected_calibration_error, fit_platt, fit_shares, fit_temperature


def answers(slope: float, intercept: float, n_items: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    logit = rng.normal(0, 4, n_items)
    return logit.astype(np.float32), rng.random(n_items) < sigmoid(slope * logit + intercept)


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.3, 0.5), (2.0, -1.0)])
def test_the_line_that_made_the_answers_is_found(slope: float, intercept: float) -> None:
    line = fit_platt(*answers(slope, intercept))
    assert line.slope == pytest.approx(slope, rel=0.06)
    assert line.intercept == pytest.approx(intercept, abs=0.1)


def test_the_line_is_that_of_scikit_learn() -> None:
    linear_model = pytest.importorskip("sklearn.linear_model")
    logit, target = answers(0.4, -0.6)
    theirs = linear_model.LogisticRegression(C=np.inf).fit(logit[:, None], target)
    ours = fit_platt(logit, target)
    assert ours.slope == pytest.approx(theirs.coef_[0, 0], rel=0.01)
    assert ours.intercept == pytest.approx(theirs.intercept_[0], abs=0.01)


def test_calibration_makes_an_overconfident_model_honest() -> None:
    logit, target = answers(0.3, 0.0)
    raw = expected_calibration_error(sigmoid(logit.astype(float)), target)
    line = fit_platt(logit, target)
    mended = expected_calibration_error(sigmoid(line.slope * logit + line.intercept), target)
    assert raw > 0.1 > 0.02 > mended


def test_separable_answers_keep_a_finite_slope() -> None:
    line = fit_platt(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([False, False, True, True]))
    assert 0 < line.slope < 100


@pytest.mark.parametrize(
    ("logit", "target"), [([1.0, 2.0], [True, True]), ([np.inf, 0.0], [True, False]), ([1.0], [True, False])]
)
def test_what_cannot_be_fitted_is_refused(logit: list[float], target: list[bool]) -> None:
    with pytest.raises(OptionError):
        fit_platt(np.array(logit), np.array(target))


def test_calibration_error_of_the_certain_and_wrong_is_one() -> None:
    assert expected_calibration_error(np.array([1.0, 0.0]), np.array([False, True])) == 1.0
    assert np.isnan(expected_calibration_error(np.array([]), np.array([], bool)))


def test_probabilities_are_not_calibrated_twice() -> None:
    lines = {"abnormal": Calibration()}
    scores = calibrated(Scores(np.zeros((1, 1), np.float32), ("abnormal",), ScoreKind.LOGIT), lines, exclusive=False)
    with pytest.raises(OptionError, match="only logits"):
        calibrated(scores, lines, exclusive=False)


def test_scores_must_have_a_column_a_class() -> None:
    with pytest.raises(OptionError, match=r"\(item, \.\.\., 2\)"):
        Scores(np.zeros((3, 1), np.float32), ("a", "b"), ScoreKind.LOGIT)


def drawn(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are three times too large."""
    logit = rng.normal(size=(n, 3)) * 2
    truth = (rng.random((n, 1)) > np.cumsum(softmax(logit), axis=1)).sum(axis=1)
    return (3 * logit).astype(np.float32), truth[:, None] == np.arange(3)


def test_the_temperature_that_made_the_answers_is_found() -> None:
    line = fit_temperature(*drawn(np.random.default_rng(0), 40_000))
    assert line.slope == pytest.approx(1 / 3, abs=0.01)
    assert line.intercept == 0


def test_a_temperature_lowers_the_log_loss_and_changes_no_answer() -> None:
    rng = np.random.default_rng(1)
    line = fit_temperature(*drawn(rng, 5000))
    logit, truth = drawn(rng, 5000)
    loss, off, said = {}, {}, {}
    for name, one in (("before", Calibration()), ("after", line)):
        scores = Scores(logit, tuple("abc"), ScoreKind.LOGIT)
        values = calibrated(scores, dict.fromkeys("abc", one), exclusive=True).values
        np.testing.assert_allclose(values.sum(axis=1), 1, atol=1e-5)
        loss[name], said[name] = -np.log(values[truth]).mean(), values.argmax(axis=1)
        off[name] = expected_calibration_error(values.max(axis=1), truth[np.arange(5000), said[name]])
    assert loss["after"] < 0.7 * loss["before"]
    assert off["after"] < 0.02 < off["before"]
    np.testing.assert_array_equal(said["before"], said["after"])


def test_items_of_no_class_play_no_part_in_a_temperature() -> None:
    logit, truth = drawn(np.random.default_rng(2), 2000)
    joined = fit_temperature(np.r_[logit, -logit], np.r_[truth, np.zeros_like(truth)])
    assert joined.slope == pytest.approx(fit_temperature(logit, truth).slope)


def test_the_shares_that_the_batches_did_not_have_are_found() -> None:
    logit, truth = drawn(np.random.default_rng(3), 40_000)
    one, two, three = fit_shares(logit + np.array([0, 3.0, -1.5], np.float32), truth)
    assert {line.slope for line in (two, three)} == {one.slope}
    assert one.slope == pytest.approx(1 / 3, abs=0.01)
    assert (one.intercept, two.intercept, three.intercept) == pytest.approx((0, -1, 0.5), abs=0.06)


def test_a_class_of_which_there_is_nothing_has_no_share() -> None:
    with pytest.raises(OptionError, match=r"\[2, 0\] items"):
        fit_shares(np.zeros((2, 2), np.float32), np.array([[True, False]] * 2))


def test_what_no_temperature_can_be_fitted_to_is_refused() -> None:
    with pytest.raises(OptionError, match="0 of 2 items are of a class"):
        fit_temperature(np.zeros((2, 2), np.float32), np.zeros((2, 2), bool))
    with pytest.raises(OptionError, match="not finite"):
        fit_temperature(np.full((2, 2), np.nan, np.float32), np.eye(2, dtype=bool))
    with pytest.raises(OptionError, match=r"both must be \(item, class\)"):
        fit_temperature(np.zeros((2, 3), np.float32), np.eye(2, dtype=bool))
