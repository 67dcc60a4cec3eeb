"""What a detector learns from: strips of records, simulated hearts, disturbances."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from einthoven.beats.detect import FRAME
from einthoven.datasets.annotated import Annotated
from einthoven.datasets.ptbxl import Stated
from einthoven.errors import OptionError
from einthoven.findings import Interval
from einthoven.learn import strips as strips_module
from einthoven.learn.disturb import disturbed, heights, noises, silence
from einthoven.learn.hearts import flutter, heart
from einthoven.learn.strip_draws import StripDraws
from einthoven.learn.strips import Strip, of_marked, of_twelve_leads, strips
from einthoven.record import Record
from einthoven.signal.simulate import Noise, simulate

SETTINGS = {"hearts": 2, "silent": 1, "length_s": 8.0, "noisy": 0.5, "stretch": 0.2, "steps": 3, "seed": 0}


@pytest.fixture(scope="module")
def noise():
    rng = np.random.default_rng(0)
    return {name: rng.normal(size=(2, 6000)).cumsum(axis=1).astype(np.float32) for name in ("em", "ma", "bw")}


@pytest.fixture(scope="module")
def marked():
    made = (simulate(duration_s=60, fs_hz=200, leads=("II", "V1"), seed=seed) for seed in (1, 2, 3))
    return [Annotated(one.record, one.beats, f"p{number}") for number, one in enumerate(made)]


def test_a_strip_has_the_beats_of_its_record_and_leaves_flutter_open(marked):
    item = replace(marked[0], flutter=(Interval(10.0, 12.5),), unreadable=(Interval(58.0, 60.0),))
    (strip,) = of_marked(iter([item]))
    assert strip.signal.shape == (2, 6000)
    np.testing.assert_allclose(strip.peak * 2, item.beats.sample)
    assert strip.unsure.sum() == 250 + 200
    assert strip.unsure[1000:1250].all()


def test_twelve_leads_teach_where_they_agree_and_not_where_they_do_not():
    heart = simulate(duration_s=10, fs_hz=100, seed=1)
    clear = Stated(heart.record, frozenset(), "1", 1)
    noisy = replace(clear, record=simulate(duration_s=10, fs_hz=100, seed=1, noise=Noise(muscle_mv=3.0)).record)
    (strip,) = of_twelve_leads(iter([clear, noisy]))
    assert strip.signal.shape == (20, 1000)
    inside = (heart.beats.sample > 40) & (heart.beats.sample < 960)
    assert len(strip.peak) >= inside.sum()
    assert strip.unsure[:40].all()


def test_strips_are_kept_and_come_back_as_they_were(marked, monkeypatch, tmp_path):
    (tmp_path / "mitdb").mkdir()
    monkeypatch.setitem(strips_module.STRIPS, "mitdb", made := lambda root: of_marked(iter(marked)))
    first = strips("mitdb", tmp_path, tmp_path / "runs")
    monkeypatch.setattr(strips_module, "_joined", None)  # a second time nothing is made
    assert made is strips_module.STRIPS["mitdb"]
    for one, other in zip(first, strips("mitdb", tmp_path, tmp_path / "runs"), strict=True):
        assert (one.name, one.patient, one.fingerprint) == (other.name, other.patient, other.fingerprint)
        for key in ("signal", "peak", "unsure"):
            np.testing.assert_array_equal(getattr(one, key), getattr(other, key))


def test_a_database_without_strips_is_refused(tmp_path):
    with pytest.raises(OptionError, match="'nstdb': choose from mitdb, svdb, ptb-xl"):
        strips("nstdb", tmp_path, tmp_path)


@pytest.mark.parametrize("seed", range(20))
def test_hearts_beat_where_they_are_said_to(seed):
    signal, peak = heart(np.random.default_rng(seed), 20.0)
    assert signal.shape == (2, 2000)
    assert np.isfinite(signal).all()
    assert (np.diff(peak) > 10).all()  # 600 a minute
    high = heights(signal, peak)
    inside = peak[(peak > 5) & (peak < 1994)]
    rng = np.random.default_rng(seed)
    elsewhere = rng.uniform(10, 1990, 300)
    far = elsewhere[[np.abs(inside - at).min() > 12 if len(inside) else True for at in elsewhere]]
    if len(inside) and len(far) > 20:
        assert high.max() > 0.3 * heights(signal, far).max()  # T may be twice as high as R, and P higher


def test_fluttering_ventricles_are_never_still():
    wave = flutter(np.random.default_rng(0), 20.0)
    assert (np.ptp(wave.reshape(2, 20, 100), axis=2) > 0.05).mean() > 0.9


def test_noise_is_taken_from_the_first_half_of_its_recording():
    signal = np.concatenate([np.zeros((2, 36_000)), np.ones((2, 36_000))], axis=1)
    (kept,) = noises([Record(signal, 360.0, ("noise1", "noise2"), id="em")]).values()
    assert kept.shape == (2, 10_000)
    assert not kept[:, :9900].any()


def test_disturbed_leads_vary_and_without_noise_keep_their_waves(noise):
    signal = simulate(duration_s=10, fs_hz=100, leads=("I", "II")).record.signal
    seen = [disturbed(np.random.default_rng(k), signal, np.ones(2, np.float32), noise, 0.0) for k in range(40)]
    alike = [np.corrcoef(one[0], signal[0])[0, 1] for one in seen if np.isfinite(one).all()]
    assert max(alike) > 0.99
    assert min(alike) < -0.99  # some are upside down
    assert any(np.isnan(one).any() for one in seen)
    assert all(one.dtype == np.float32 for one in seen)


def test_the_height_of_a_lead_is_that_of_its_qrs_complexes():
    made = simulate(duration_s=20, fs_hz=100, leads=("II", "V5"), seed=1)
    once, twice = (heights(gain * made.record.signal, made.beats.sample * 1.0) for gain in (1, 2))
    np.testing.assert_allclose(twice, 2 * once, rtol=1e-5)
    assert ((once > 0.3) & (once < 3)).all()
    np.testing.assert_array_equal(heights(made.record.signal, np.empty(0)), 1)


def test_silence_has_no_beats_but_something(noise):
    assert (silence(np.random.default_rng(1), 800, noise).std(axis=1) > 1e-4).all()


def of(marked, noise, **settings):
    made = tuple(of_marked(iter(marked)))
    return StripDraws([(made, 4)], noise, **{**SETTINGS, **settings})


def test_a_batch_is_a_function_of_seed_and_step(marked, noise):
    whole = list(of(marked, noise))
    resumed = of(marked, noise)
    resumed.load_state_dict({"step": 2})
    (last,) = list(resumed)
    assert whole[2][0][0].equal(last[0][0])
    assert whole[2][1]["target"].nan_to_num(-1).equal(last[1]["target"].nan_to_num(-1))
    assert not whole[0][0][0].equal(whole[1][0][0])
    assert resumed.state_dict() == {"step": 3}


def test_targets_are_high_at_beats_and_open_where_nobody_knows(marked, noise):
    draws = of([replace(marked[0], flutter=(Interval(0.0, 60.0),))], noise)
    (leads,), known = next(iter(draws))
    assert leads.shape == (7, 2, 800)
    assert known["target"].shape == (7, 800 // FRAME, 1)
    assert known["target"][:4].isnan().all()
    assert not known["target"][4:].isnan().all()
    assert (known["target"][6] == 0).all()
    (leads,), known = next(iter(of(marked, noise, noisy=0.0, stretch=0.0)))
    target = known["target"][:4, :, 0].numpy()
    assert np.median((target > 0.85).sum(axis=1)) >= 6  # eight seconds at 70 a minute; some have a gap


def test_short_records_are_set_one_after_the_other(marked, noise):
    short = [
        Strip(strip.name, strip.patient, strip.signal[:, :300], strip.peak[strip.peak < 300], strip.unsure[:300], "")
        for strip in of_marked(iter(marked))
    ]
    draws = StripDraws([(short, 3)], noise, **{**SETTINGS, "noisy": 0.0, "hearts": 0, "silent": 0})
    (leads,), known = next(iter(draws))
    assert leads.shape == (3, 2, 800)
    assert known["target"].isnan().any(dim=1).all()  # at the joints
    assert leads.isfinite().all()
