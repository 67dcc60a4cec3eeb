"""Trees say the same in torch, in scikit-learn and in ONNX, and know what to do with what could not be measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

from einthoven.learn.learning import LearntAtOnce
from einthoven.learn.models.blend import Blend
from einthoven.learn.models.ensemble import Ensemble
from einthoven.learn.models.forest import Forest
from einthoven.learn.record_export import write

if TYPE_CHECKING:
    from pathlib import Path

SHAPES = {"measures": (6,)}


def measured(n: int = 200, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, 6)).astype(np.float32)
    ill = rows[:, 0] + np.abs(rows[:, 1]) + 0.3 * rng.normal(size=n) > 1
    return rows, np.stack([~ill, ill], axis=1).astype(np.float32)


def grown(rows: np.ndarray, target: np.ndarray, seed: int = 0, **settings: float) -> Forest:
    forest = Forest(SHAPES, 2, **{"trees": 40, **settings})  # type: ignore[arg-type]
    forest.learn_at_once({"measures": rows}, target, seed)
    return forest


def said(forest: torch.nn.Module, rows: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return forest(torch.from_numpy(rows)).numpy()


def test_it_says_what_scikit_learn_says() -> None:
    rows, target = measured()
    theirs = ExtraTreesClassifier(40, max_features=0.4, min_samples_leaf=2, random_state=3).fit(rows, target[:, 1] > 0)
    others, _ = measured(seed=1)
    ours = np.exp(said(grown(rows, target, seed=3), others))[:, 1]
    expected = np.clip(theirs.predict_proba(others)[:, 1], 1e-3, 1 - 1e-3)
    assert np.mean(np.abs(ours - expected) < 1e-3) > 0.9  # thresholds are rounded
    np.testing.assert_allclose(ours, expected, atol=0.03)


def test_it_is_a_model_that_is_learnt_at_once_and_says_nothing_before() -> None:
    forest = Forest(SHAPES, 2)
    assert isinstance(forest, LearntAtOnce)
    np.testing.assert_allclose(np.exp(said(forest, measured()[0][:3])), 0.5)
    assert not said(Forest(SHAPES, 3), measured()[0][:3]).any()  # log-odds of one half


def several(rows: np.ndarray) -> np.ndarray:
    """Three classes that may go together, of which the last is rare."""
    return np.stack([rows[:, 0] > 0, rows[:, 1] > 0.5, rows[:, 2] > 1.8], axis=1).astype(np.float32)


def test_of_several_classes_it_says_what_scikit_learn_says_of_targets_over_their_spread() -> None:
    rows, _ = measured()
    target = several(rows)
    spread = target.std(axis=0) + 0.03
    theirs = ExtraTreesRegressor(40, max_features=0.4, min_samples_leaf=3, random_state=3).fit(rows, target / spread)
    forest = Forest(SHAPES, 3, trees=40, leaf=3)
    forest.learn_at_once({"measures": rows}, target, 3)
    others, _ = measured(seed=1)
    expected = np.clip(theirs.predict(others) * spread, 1e-3, 1 - 1e-3)
    ours = 1 / (1 + np.exp(-said(forest, others)))
    assert np.mean(np.abs(ours - expected) < 1e-3) > 0.9  # thresholds are rounded
    np.testing.assert_allclose(ours, expected, atol=0.03)


def test_what_is_not_known_of_a_class_moves_it_no_way() -> None:
    rows, _ = measured()
    target = several(rows)
    target[::4, 1] = np.nan
    forest = Forest(SHAPES, 3, trees=40)
    forest.learn_at_once({"measures": rows}, target, 0)
    shown, unknown = said(forest, rows), np.isnan(target[:, 1])
    assert np.isfinite(shown).all()
    assert (shown[~unknown, 1] > 0).sum() == np.nansum(target[:, 1])  # the others are told as they are
    nobody = np.full_like(target, np.nan)
    forest.learn_at_once({"measures": rows}, nobody, 0)
    assert (1 / (1 + np.exp(-said(forest, rows))) < 0.002).all()


def test_what_could_not_be_measured_counts_as_usual() -> None:
    rows, target = measured()
    forest = grown(rows, target)
    others, _ = measured(seed=1)
    lost, filled = others.copy(), others.copy()
    lost[:, 0], filled[:, 0] = np.nan, np.median(rows[:, 0])
    np.testing.assert_allclose(said(forest, lost), said(forest, filled), atol=1e-6)
    rows[:, 5] = np.nan  # no record has it
    assert np.isfinite(said(grown(rows, target), lost)).all()


def test_weights_come_back_from_a_file_whatever_the_size_of_the_trees(tmp_path: Path) -> None:
    rows, target = measured()
    for wanted in (target, several(rows)):
        classes = wanted.shape[1]
        forest, other = Forest(SHAPES, classes, trees=40), Forest(SHAPES, classes, trees=40)
        forest.learn_at_once({"measures": rows}, wanted, 0)
        torch.save(forest.state_dict(), tmp_path / "forest.pt")
        other.load_state_dict(torch.load(tmp_path / "forest.pt", weights_only=True))
        np.testing.assert_array_equal(said(forest, rows), said(other, rows))


def test_onnx_walks_as_torch_does_also_where_a_tree_is_but_a_leaf(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    rows, target = measured()
    stumps = grown(rows[:3], target[:3], leaf=2)  # too few records to part
    assert not stumps.column("right").any()
    forests = [grown(rows, target, seed=1), grown(rows, target, seed=2), stumps]
    model = Blend(("measures",), [(Ensemble(forests), ("measures",))], (0.7,)).eval()
    write(model, SHAPES, tmp_path / "forest.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "forest.onnx", providers=["CPUExecutionProvider"])
    others, _ = measured(seed=1)
    others[::3, 0] = np.nan
    others[1::3, 2:] = np.nan
    for shown in (others, others[:1]):
        (ours,) = session.run(None, {"measures": shown})
        np.testing.assert_allclose(ours, said(model, shown), atol=5e-3)


def test_trees_and_a_network_go_into_one_file(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    rows, target = measured()

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = torch.nn.Linear(50, 2)

        def forward(self, signal: torch.Tensor) -> torch.Tensor:
            return self.head(signal.mean(1))

    parts = [(Ensemble([Net(), Net()]), ("signal",)), (Ensemble([grown(rows, target)]), ("measures",))]
    model = Blend(("signal", "measures"), parts, (0.5, 1.5)).eval()
    write(model, {"signal": (8, 50), **SHAPES}, tmp_path / "both.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "both.onnx", providers=["CPUExecutionProvider"])
    assert [given.name for given in session.get_inputs()] == ["signal", "measures"]
    signal = np.random.default_rng(0).normal(size=(200, 8, 50)).astype(np.float32)
    (ours,) = session.run(None, {"signal": signal, "measures": rows})
    with torch.inference_mode():
        theirs = model(torch.from_numpy(signal), torch.from_numpy(rows)).numpy()
    np.testing.assert_allclose(ours, theirs, atol=2e-3)
