"""A network that is told measures beside the signal counts them as they are spread among records."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from einthoven.learn.models.measured_resnet1d import MeasuredResnet1d  # noqa: E402

SHAPES = {"signal": (8, 200), "measures": (3,)}


@pytest.fixture
def network() -> MeasuredResnet1d:
    torch.manual_seed(0)
    model = MeasuredResnet1d(SHAPES, 4, hidden=8, widths=(8, 8))
    rng = np.random.default_rng(0)
    measures = rng.normal((60, 400, 0), (10, 40, 0), (50, 3)).astype(np.float32)
    measures[:7, 1] = np.nan
    model.look_at({"signal": np.zeros((50, 8, 200), np.float32), "measures": measures})
    return model.eval()


def asked(model: MeasuredResnet1d, measures: list[float]) -> np.ndarray:
    signal = torch.from_numpy(np.random.default_rng(1).normal(size=(1, 8, 200)).astype(np.float32))
    with torch.inference_mode():
        return model(signal, torch.tensor([measures])).numpy()[0]


def test_what_could_not_be_measured_is_the_median(network: MeasuredResnet1d) -> None:
    median = network.median.tolist()
    np.testing.assert_allclose(asked(network, [np.nan] * 3), asked(network, median), rtol=1e-5)


def test_a_measure_moves_the_answer(network: MeasuredResnet1d) -> None:
    assert np.abs(asked(network, [60, 400, 0]) - asked(network, [90, 400, 0])).max() > 1e-3


def test_wild_measures_say_no_more_than_far_ones(network: MeasuredResnet1d) -> None:
    np.testing.assert_allclose(asked(network, [1e4, 400, 0]), asked(network, [3e38, 400, 0]), rtol=1e-4, atol=1e-5)


def test_a_measure_that_never_varies_or_no_record_has_is_no_division_by_zero() -> None:
    model = MeasuredResnet1d(SHAPES, 4, hidden=8, widths=(8, 8)).eval()
    measures = np.array([[1, np.nan, 5]] * 4, np.float32)
    model.look_at({"measures": measures})
    assert np.isfinite(asked(model, [2, 3, 4])).all()


def test_the_scale_is_kept_with_the_weights(network: MeasuredResnet1d) -> None:
    other = MeasuredResnet1d(SHAPES, 4, hidden=8, widths=(8, 8))
    other.load_state_dict(network.state_dict())
    np.testing.assert_array_equal(asked(network, [70, 390, 1]), asked(other.eval(), [70, 390, 1]))
