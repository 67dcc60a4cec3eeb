from __future__ import annotations

import numpy as np
import pytest

from einthoven.errors import OptionError
from einthoven.learn.augment import augment, interpolated, noise_of, vary_beats
from einthoven.record import Record


@pytest.fixture
def batch() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    shapes = {"waves": (400, 2, 2, 128), "rhythm": (400, 2, 12)}
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def test_without_settings_each_beat_is_shown_as_it_is_in_one_of_its_contexts(batch: dict[str, np.ndarray]) -> None:
    shown = vary_beats(batch, np.random.default_rng(1), None)
    second = (shown["rhythm"] == batch["rhythm"][:, 1]).all(axis=1)
    assert 0.4 < second.mean() < 0.6
    for name, array in shown.items():
        np.testing.assert_allclose(array, batch[name][np.arange(400), second.astype(int)], atol=1e-6)


@pytest.mark.parametrize("context", [0, 1])
def test_the_share_of_contexts_is_as_set(batch: dict[str, np.ndarray], context: int) -> None:
    shown = vary_beats(batch, np.random.default_rng(1), None, second_context=float(context))
    np.testing.assert_array_equal(shown["rhythm"], batch["rhythm"][:, context])


def test_the_same_generator_gives_the_same_batch_and_the_batch_is_left_alone(batch: dict[str, np.ndarray]) -> None:
    before = {name: array.copy() for name, array in batch.items()}
    noise = np.random.default_rng(5).normal(size=1000).astype(np.float32)
    settings = {"shift": 1.0, "stretch": 0.1, "gain": 0.2, "inverted": 0.5, "noisy": 0.5, "rhythm": 0.1}
    one, two = (vary_beats(batch, np.random.default_rng(7), noise, **settings) for _ in range(2))
    for name in batch:
        np.testing.assert_array_equal(one[name], two[name])
        np.testing.assert_array_equal(batch[name], before[name])
        assert one[name].dtype == np.float32


def test_some_are_turned_upside_down(batch: dict[str, np.ndarray]) -> None:
    shown = vary_beats(batch, np.random.default_rng(1), None, second_context=0.0, inverted=0.25)["waves"]
    turned = np.isclose(shown, -batch["waves"][:, 0]).all(axis=(1, 2))
    kept = np.isclose(shown, batch["waves"][:, 0]).all(axis=(1, 2))
    assert (turned ^ kept).all()
    assert 0.15 < turned.mean() < 0.35


def test_the_median_beat_gets_less_noise_than_the_beat(batch: dict[str, np.ndarray]) -> None:
    still = {**batch, "waves": np.zeros_like(batch["waves"])}
    noise = np.random.default_rng(5).normal(size=1000).astype(np.float32)
    shown = vary_beats(still, np.random.default_rng(1), noise, noisy=0.5)["waves"]
    beat, median = shown.std(axis=(0, 2))
    assert 0 < median < 0.3 * beat
    assert 0.4 < (shown[:, 0] == 0).all(axis=1).mean() < 0.6


def test_a_stretched_beat_comes_from_a_slower_heart() -> None:
    ramp = np.broadcast_to(np.linspace(-1, 1, 128, dtype=np.float32), (50, 2, 2, 128))
    shown = vary_beats(
        {"waves": ramp, "rhythm": np.zeros((50, 2, 12), np.float32)}, np.random.default_rng(1), None, stretch=0.1
    )
    slope = shown["waves"][:, 0, 60] - shown["waves"][:, 0, 50]
    np.testing.assert_allclose(slope / slope.mean(), np.exp(-shown["rhythm"][:, 8]) * 1.0, rtol=0.1)
    assert shown["rhythm"][:, 8].std() > 0.05


def test_interpolation_is_numpys() -> None:
    rng = np.random.default_rng(0)
    row, at = rng.normal(size=20), rng.uniform(-2, 22, size=50)
    np.testing.assert_allclose(interpolated(row, at), np.interp(at, np.arange(20), row))


def test_noise_is_brought_to_one_rate_and_height() -> None:
    rng = np.random.default_rng(0)
    records = [Record(gain * rng.normal(size=(2, 3600)), 360, ("a", "b"), id="em") for gain in (1, 50)]
    noise = noise_of(records)
    assert noise.shape == (4000,)
    assert noise.dtype == np.float32
    spread = noise.reshape(4, 1000).std(axis=1)
    np.testing.assert_allclose(spread, spread[0], rtol=0.1)


def test_an_input_nothing_varies_lists_those_that_are() -> None:
    with pytest.raises(OptionError, match="'window' cannot be varied: choose from beat-contexts"):
        augment("window")
