from __future__ import annotations

import numpy as np
import pytest

from einthoven.beats.sequences import FEATURES, QRS, RATES, USUAL_INTERVALS
from einthoven.learn.sequence_augment import other_leads, vary_sequences, with_fusion

Batch = dict[str, np.ndarray]
EVERYTHING = {
    "mixed": 0.5,
    "one_lead": 0.5,
    "swapped": 0.5,
    "shift": 2.0,
    "jitter": 1.0,
    "noisy": 0.5,
    "inverted": 0.5,
    "gain": 0.2,
    "rate": 0.2,
    "timing": 0.02,
    "no_usual": 0.3,
    "no_rate": 0.3,
}


@pytest.fixture
def batch() -> Batch:
    rng = np.random.default_rng(0)
    waves = rng.normal(size=(100, 6, 2, 4, 128)).astype(np.float32)
    timing = rng.normal(size=(100, 6, FEATURES)).astype(np.float32)
    timing[..., 0] = 1
    waves[:20, 4:], timing[:20, 4:] = 0, 0
    return {"waves": waves, "timing": timing}


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.default_rng(5).normal(size=2000).astype(np.float32)


def vary(batch: Batch, seed: int = 1, noise: np.ndarray | None = None, **settings: float) -> Batch:
    return vary_sequences(batch, np.random.default_rng(seed), noise, **settings)


def test_without_settings_sequences_are_as_they_are(batch: Batch, noise: np.ndarray) -> None:
    for name, array in vary(batch, noise=noise).items():
        np.testing.assert_allclose(array, batch[name], atol=1e-6)


def test_the_same_generator_gives_the_same_batch_and_the_batch_is_left_alone(batch: Batch, noise: np.ndarray) -> None:
    before = {name: array.copy() for name, array in batch.items()}
    one, two = (vary(batch, 7, noise, **EVERYTHING) for _ in range(2))
    for name in batch:
        np.testing.assert_array_equal(one[name], two[name])
        np.testing.assert_array_equal(batch[name], before[name])
        assert one[name].dtype == np.float32
        assert one[name].shape == batch[name].shape


def test_what_fills_up_a_sequence_stays_nothing(batch: Batch, noise: np.ndarray) -> None:
    shown = vary(batch, 3, noise, **EVERYTHING)
    assert not shown["waves"][:20, 4:].any()
    assert not shown["timing"][:20, 4:].any()
    assert (shown["timing"][:, :4, 0] == 1).all()


def test_a_lost_lead_is_replaced_by_the_other(batch: Batch) -> None:
    waves = vary(batch, one_lead=1.0)["waves"]
    np.testing.assert_array_equal(waves[:, :, 0], waves[:, :, 1])
    first = (waves[:, :, 0] == batch["waves"][:, :, 0]).all(axis=(1, 2, 3))
    assert 0.3 < first.mean() < 0.7


def test_mixtures_of_leads_keep_the_height_of_the_usual_qrs(batch: Batch) -> None:
    mixed = other_leads(batch["waves"], np.random.default_rng(1), 1.0)
    height = np.median(np.ptp(mixed[20:, :, :, 1, QRS], axis=-1), axis=1)
    assert (np.abs(height - 1) < 0.25).all()  # the median of six beats lies between two of them
    # What is mixed lies in the plane of the two leads
    for item in (25, 60):
        leads = batch["waves"][item].transpose(1, 0, 2, 3).reshape(2, -1)
        found = mixed[item].transpose(1, 0, 2, 3).reshape(2, -1)
        rest = found - found @ np.linalg.pinv(leads) @ leads
        assert np.abs(rest).max() < 1e-3


def test_swaps_leave_the_beat_alone_and_only_show_other_channels(batch: Batch) -> None:
    waves = vary(batch, swapped=1.0)["waves"][20:]
    before = batch["waves"][20:]
    np.testing.assert_array_equal(waves[:, :, :, 0], before[:, :, :, 0])
    same = (waves == before).all(axis=(1, 2, 4))
    assert (same.sum(axis=1) == 3).all()  # just one channel is another
    assert 0.45 < 1 - same[:, 1].mean() < 0.9  # mostly the usual beat


def test_a_faster_heart_changes_the_absolute_rate_alone(batch: Batch) -> None:
    timing = vary(batch, rate=0.3)["timing"][20:]
    moved = timing - batch["timing"][20:]
    np.testing.assert_allclose(moved[..., RATES], moved[:, :1, RATES][..., :1].repeat(6, 1).repeat(2, 2), atol=1e-6)
    assert moved[..., RATES].std() == pytest.approx(0.3, rel=0.3)
    moved[..., RATES] = 0
    assert not moved.any()


def test_left_out_features_are_nothing(batch: Batch) -> None:
    timing = vary(batch, no_usual=1.0, no_rate=1.0)["timing"]
    assert not timing[..., USUAL_INTERVALS].any()
    assert not timing[..., RATES].any()
    np.testing.assert_allclose(timing[..., : RATES.start], batch["timing"][..., : RATES.start], atol=1e-6)


def test_noise_is_in_the_beat_and_little_of_it_in_the_means(batch: Batch, noise: np.ndarray) -> None:
    batch["waves"] *= 0.1  # so that nothing is clipped
    added = vary(batch, noise=noise, noisy=1.0)["waves"] - batch["waves"]
    power = added[20:].std(axis=(0, 1, 2, 4))
    assert power[0] > 0.1
    assert (power[1:] < 0.3 * power[0]).all()
    assert not (vary(batch, noise=None, noisy=1.0)["waves"] - batch["waves"]).any()


def test_shifts_move_all_channels_together_and_jitter_the_beat_alone(batch: Batch) -> None:
    shifted = vary(batch, shift=3.0)["waves"][30]
    offsets = [
        {
            step
            for step in range(-12, 13)
            if np.allclose(shifted[..., channel, 20:100], batch["waves"][30][..., channel, 20 + step : 100 + step])
        }
        for channel in range(4)
    ]
    assert all(len(found) == 1 for found in offsets)
    assert len(set.union(*offsets)) == 1
    jittered = vary(batch, jitter=3.0)["waves"][20:]
    np.testing.assert_array_equal(jittered[:, :, :, 1:], batch["waves"][20:, :, :, 1:])
    assert (jittered[:, :, :, 0] != batch["waves"][20:, :, :, 0]).any()


def test_a_fusion_beat_lies_between_a_normal_and_a_ventricular_one(batch: Batch) -> None:
    target = np.zeros((100, 6), np.int64)
    target[:50, 2] = 2
    target[50:60, 1] = 1
    target[:20, 4:] = -1
    known = {"target": target, "beat_type": np.where(target == 2, 4, 0), "rhythm": target}
    fused, told = with_fusion(batch, known, np.random.default_rng(0), 0.3)
    new = told["target"] == 3
    assert 40 < new.sum() < 80
    assert (target[new] == 0).all()
    assert not new[50:].any()  # there is no ventricular beat to fuse with
    assert (told["beat_type"][new] == 5).all()
    np.testing.assert_array_equal(told["target"][~new], target[~new])
    np.testing.assert_array_equal(fused["waves"][~new], batch["waves"][~new])
    np.testing.assert_array_equal(fused["timing"], batch["timing"])
    for item, beat in np.argwhere(new):
        normal, ventricular, mixed = (x["waves"][item, n] for x, n in ((batch, beat), (batch, 2), (fused, beat)))
        part = (mixed - normal)[:, 0] / (ventricular - normal)[:, 0]
        assert 0.29 < np.median(part) < 0.71
        np.testing.assert_allclose(part, np.median(part), atol=0.1)
        np.testing.assert_array_equal(mixed[:, [1, 3]], normal[:, [1, 3]])
