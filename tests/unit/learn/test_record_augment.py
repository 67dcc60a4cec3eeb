from __future__ import annotations

import numpy as np
import pytest

from einthoven.diagnosis.inputs import RECORD_INPUTS, twelve_leads
from einthoven.errors import OptionError
from einthoven.learn.record_augment import RECORD_AUGMENTS, record_augment, vary_leads
from einthoven.learn.record_disturb import DOWER, refiltered, turned
from einthoven.signal.simulate import simulate

ONE = twelve_leads(simulate().record, np.zeros(0, np.int64))["signal"]
SIGNAL = np.stack([ONE * gain for gain in (1, 2, 3, 4)])
TARGET = np.eye(2, dtype=np.float32)[[0, 1, 1, 0]]
ALL = {
    "turn_deg": 6,
    "gain": 0.2,
    "lead_gain": 0.1,
    "lost": 0.1,
    "refiltered_share": 0.7,
    "noise_mv": 0.02,
    "wander_mv": 0.02,
    "shown": 0.9,
    "mixup": 0.2,
}


def varied(seed: int = 0, **settings: float) -> tuple[np.ndarray, np.ndarray]:
    made, target = vary_leads({"signal": SIGNAL}, TARGET, np.random.default_rng(seed), **settings)
    return made["signal"], target


def test_every_augmentation_is_of_a_kind_of_input_that_there_is() -> None:
    assert RECORD_AUGMENTS.keys() <= RECORD_INPUTS.keys()
    with pytest.raises(OptionError, match="'as-published' is not known"):
        record_augment("as-published")


def test_without_settings_nothing_changes() -> None:
    signal, target = varied()
    np.testing.assert_allclose(signal, SIGNAL, atol=1e-5)
    np.testing.assert_array_equal(target, TARGET)


def test_the_generator_alone_decides_and_the_batch_given_stays_as_it_is() -> None:
    before = SIGNAL.copy()
    one, again, other = varied(1, **ALL)[0], varied(1, **ALL)[0], varied(2, **ALL)[0]
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    assert one.dtype == np.float32
    np.testing.assert_array_equal(SIGNAL, before)


def test_a_turned_heart_keeps_its_dipole_s_length_and_what_is_no_dipole() -> None:
    mixing = turned(50, 20.0, np.random.default_rng(0))
    dipole = np.array([0.3, -1.0, 0.5])
    seen = np.linalg.pinv(DOWER) @ (mixing @ (DOWER @ dipole))[..., None]
    np.testing.assert_allclose(np.linalg.norm(seen[..., 0], axis=1), np.linalg.norm(dipole), rtol=1e-4)
    rest = np.random.default_rng(1).normal(size=8)
    rest -= DOWER @ (np.linalg.pinv(DOWER) @ rest)
    np.testing.assert_allclose(mixing @ rest, np.broadcast_to(rest, (50, 8)), atol=1e-5)


def test_gain_is_one_factor_for_all_leads_and_lead_gain_one_for_each() -> None:
    ratio = varied(gain=0.3)[0].std(axis=2) / SIGNAL.std(axis=2)
    np.testing.assert_allclose(ratio, ratio[:, :1].repeat(8, axis=1), rtol=1e-4)
    assert np.ptp(ratio[:, 0]) > 0.05
    ratio = varied(lead_gain=0.3)[0].std(axis=2) / SIGNAL.std(axis=2)
    assert np.all(np.ptp(ratio, axis=1) > 0.05)


def test_lost_leads_are_flat_about_as_often_as_asked() -> None:
    flat = np.mean([(varied(seed, lost=0.2)[0].std(axis=2) == 0).mean() for seed in range(50)])
    assert flat == pytest.approx(0.2, abs=0.04)


def test_a_part_is_shown_as_it_is() -> None:
    signal, _ = varied(shown=0.8)
    assert signal.shape == (4, 8, 800)
    places = [np.flatnonzero(np.isclose(SIGNAL[0, 0], signal[0, 0, 0], atol=1e-6))]
    assert any(np.allclose(SIGNAL[0][:, at : at + 800], signal[0], atol=1e-5) for at in places[0] if at <= 200)


def test_mixup_mixes_answers_as_it_mixes_signals() -> None:
    signal, target = varied(3, mixup=5.0)
    np.testing.assert_allclose(target.sum(axis=1), 1, atol=1e-6)
    weights = signal[:, 0, 500] / ONE[0, 500]  # of gains 1 to 4, so each mixture tells what it is made of
    assert np.all((weights > 0.99) & (weights < 4.01))
    assert len(np.unique(target)) > 2


def test_a_narrower_band_takes_hum_away_and_adds_what_is_asked() -> None:
    rng, t = np.random.default_rng(0), np.arange(1000) / 100
    hum = np.broadcast_to(np.sin(2 * np.pi * 48 * t), (30, 8, 1000)).astype(np.float32)
    quiet = refiltered(hum, 100, rng, share=1, noise_mv=0, wander_mv=0)
    assert quiet.std() < 0.35 * hum.std()
    noisy = refiltered(np.zeros((30, 8, 1000), np.float32), 100, rng, share=0, noise_mv=0.02, wander_mv=0)
    assert 0.005 < np.median(noisy.std(axis=2)[noisy.std(axis=2) > 1e-6]) < 0.06
    moving = refiltered(np.zeros((30, 8, 1000), np.float32), 100, rng, share=0, noise_mv=0, wander_mv=0.02)
    spectrum = np.abs(np.fft.rfft(moving)) ** 2
    assert spectrum[..., :20].sum() > 0.99 * spectrum.sum()


def test_flat_records_stay_finite() -> None:
    made, _ = vary_leads({"signal": np.zeros((3, 8, 1000), np.float32)}, TARGET[:3], np.random.default_rng(0), **ALL)
    assert np.isfinite(made["signal"]).all()


def test_twelve_leads_are_varied_too_but_for_turning() -> None:
    signal = np.ones((2, 12, 50), np.float32)
    made, _ = vary_leads({"signal": signal}, TARGET[:2], np.random.default_rng(0), lost=0.5)
    assert set(np.unique(made["signal"])) == {0.0, 1.0}
    with pytest.raises(OptionError, match="turn_deg is 6 of 12 leads"):
        vary_leads({"signal": signal}, TARGET[:2], np.random.default_rng(0), turn_deg=6)
