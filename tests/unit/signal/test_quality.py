"""Quality says of each second what is wrong with it, and of the whole what it is good for."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from einthoven.record import Record
from einthoven.signal.qrs import Candidates
from einthoven.signal.quality import Quality, Verdict, assess
from einthoven.signal.simulate import Noise, simulate

CLEAN = simulate(duration_s=30, seed=3).record
TWO = simulate(duration_s=30, leads=("II", "V5"), seed=3).record


def spoilt(start_s: float, stop_s: float, value: float, record: Record = TWO) -> Record:
    """The record with its first lead at `value` for a while."""
    signal = record.signal.copy()
    signal[0, round(start_s * record.fs_hz) : round(stop_s * record.fs_hz)] = value
    return replace(record, signal=signal)


@pytest.mark.parametrize("rhythm", ["sinus", "af"])
@pytest.mark.parametrize("fs_hz", [50, 100, 128.5, 360, 2000])
def test_a_clean_heart_is_good_at_any_rate(rhythm: str, fs_hz: float) -> None:
    quality = assess(simulate(fs_hz=fs_hz, rhythm=rhythm).record)
    assert quality.verdict == Verdict.GOOD
    assert quality.usable.all()


@pytest.mark.parametrize(
    "options", [{"block": "lbbb"}, {"block": "rbbb"}, {"pauses": 1}, {"rate_bpm": 45}, {"rate_bpm": 190}]
)
def test_disease_is_not_noise(options: dict[str, object]) -> None:
    assert assess(simulate(duration_s=20, **options).record).verdict == Verdict.GOOD  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "noise",
    [lambda mv: Noise(wander_mv=8 * mv), lambda mv: Noise(muscle_mv=mv), lambda mv: Noise(mains_mv=mv)],
    ids=["wander", "muscle", "mains"],
)
def test_more_noise_is_never_better(noise: object) -> None:
    worse = {Verdict.GOOD: 0, Verdict.FAIR: 1, Verdict.POOR: 2}
    qualities = [assess(simulate(noise=noise(mv)).record) for mv in (0, 0.003, 0.01, 0.03, 0.1, 0.3)]  # type: ignore[operator]
    verdicts = [worse[q.verdict] for q in qualities]
    assert verdicts == sorted(verdicts)
    assert (verdicts[0], verdicts[-1]) == (0, 2)
    clean = [q.clean.mean() for q in qualities]
    assert all(a >= b for a, b in pairwise(clean))


def test_noise_is_measured_as_large_as_it_is() -> None:
    root2 = np.sqrt(2)  # a limb lead lies between two electrodes
    muscle = assess(simulate(noise=Noise(muscle_mv=0.1)).record)
    assert np.median(muscle.muscle_mv[:3]) == pytest.approx(
        0.1 * root2 * np.sqrt(115 / 250), rel=0.1
    )  # 35-150 of 250 Hz
    for hz in (50.0, 60.0):
        hum = simulate(noise=Noise(mains_mv=0.1, mains_hz=hz)).record
        added = np.sqrt(np.mean(np.square(hum.signal - simulate().record.signal), axis=1))
        np.testing.assert_allclose(np.median(assess(hum).mains_mv, axis=1), added, rtol=0.05)
        assert np.median(assess(hum).muscle_mv) < 0.01
    wander = simulate(duration_s=120, noise=Noise(wander_mv=0.3), leads=("I", "II")).record
    added = (wander.signal - simulate(duration_s=120, leads=("I", "II")).record.signal).std(axis=1)
    np.testing.assert_allclose(np.sqrt(np.mean(np.square(assess(wander).wander_mv), axis=1)), added, rtol=0.3)


def test_mains_and_muscle_are_unknown_where_the_rate_cannot_hold_them() -> None:
    quality = assess(simulate(fs_hz=100).record)
    assert np.isnan(quality.mains_mv).all()
    assert np.isfinite(quality.muscle_mv).all()
    assert np.isnan(assess(simulate(fs_hz=60).record).muscle_mv).all()


def test_missing_seconds_are_told() -> None:
    quality = assess(spoilt(10, 14, np.nan))
    np.testing.assert_array_equal(np.flatnonzero(quality.missing[0]), [10, 11, 12, 13])
    assert not quality.usable[0, 10:14].any()
    assert not quality.missing[1].any()
    assert np.isnan(quality.muscle_mv[0, 11])


def test_a_few_missing_samples_are_bearable() -> None:
    assert not assess(spoilt(10, 10.03, np.nan)).missing.any()


def test_flat_seconds_are_told_and_a_pause_is_not_flat() -> None:
    quality = assess(spoilt(10, 16, 0.2))
    np.testing.assert_array_equal(np.flatnonzero(quality.flat[0]), [10, 11, 12, 13, 14, 15])
    assert not quality.flat[1].any()
    assert not assess(simulate(pauses=1, leads=("II",)).record).flat.any()


def test_clipped_seconds_are_told() -> None:
    loud = 3 * TWO.signal.copy()
    loud[0] = np.clip(loud[0], -1.0, 1.0)
    quality = assess(replace(TWO, signal=loud))
    beats = np.unique((simulate(duration_s=30, seed=3).time_s).astype(int))
    assert set(np.flatnonzero(quality.clipped[0])) >= set(beats[beats < 29])
    assert not quality.clipped[1].any()


def test_a_lead_driven_to_the_rail_is_clipped() -> None:
    quality = assess(spoilt(10, 12, 5.12))
    np.testing.assert_array_equal(np.flatnonzero(quality.clipped[0]), [10, 11])


@pytest.mark.parametrize("value", [0.0, 1.3, np.nan])
def test_a_lead_without_signal_is_poor(value: float) -> None:
    quality = assess(spoilt(0, 30, value))
    assert quality.lead_verdict == {"II": Verdict.POOR, "V5": Verdict.GOOD}
    assert quality.verdict == Verdict.FAIR


def test_noise_without_a_heart_is_poor() -> None:
    noise = np.random.default_rng(0).standard_normal((2, 15_000)) * 0.3
    assert assess(Record(noise, 500, ("I", "II"))).verdict == Verdict.POOR


@pytest.mark.parametrize("fill", [0.0, 2.5, np.nan, 1e6])
@pytest.mark.parametrize("n", [1, 2, 49, 500, 501, 1700])
def test_nothing_is_too_short_or_too_odd(n: int, fill: float) -> None:
    for fs_hz in (0.5, 10.0, 360.0, 500.0):
        quality = assess(Record(np.full((2, n), fill), fs_hz, ("I", "II")))
        assert quality.missing.shape == (2, max(1, int(np.ceil(n / fs_hz))))
        assert quality.verdict == Verdict.POOR
        assert not quality.usable.any()


def test_a_last_part_of_a_second_counts_as_one() -> None:
    quality = assess(CLEAN.crop(0, 9.3))
    for name in ("missing", "flat", "clipped", "wander_mv", "muscle_mv", "mains_mv", "agreement"):
        assert getattr(quality, name).shape == (12, 10)
    assert quality.wander_mv.dtype == quality.agreement.dtype == np.float32


def test_infinite_samples_count_as_missing() -> None:
    quality = assess(spoilt(10, 12, np.inf))
    np.testing.assert_array_equal(np.flatnonzero(quality.missing[0]), [10, 11])


def test_agreement_is_shared_beats_over_all_beats() -> None:
    second = np.arange(0, 15_000, 500)
    half = Candidates(TWO.leads, (second, second), (second[::2], np.empty(0, np.int64)))
    quality = assess(TWO, seen=half)
    np.testing.assert_allclose(quality.agreement[0, 10:20], 2 / 3, atol=0.06)
    np.testing.assert_array_equal(quality.agreement[1], 0)
    none = Candidates(TWO.leads, (second[:0], second), (second[:0], second))
    assert np.isnan(assess(TWO, seen=none).agreement[0]).all()


def test_verdict_counts_leads() -> None:
    def quality(*poor_or_fair: str) -> Quality:
        n = 12
        calm = np.zeros((n, 10), np.float32)
        wander = calm.copy()
        for i, kind in enumerate(poor_or_fair):
            wander[i] = {"poor": 2.0, "fair": 0.4}[kind]
        no = np.zeros((n, 10), bool)
        return Quality(CLEAN.leads, no, no, no, wander, calm, calm, calm + 1)

    assert quality().verdict == Verdict.GOOD
    assert quality(*["fair"] * 3).verdict == Verdict.GOOD
    assert quality(*["fair"] * 4).verdict == Verdict.FAIR
    assert quality("poor").verdict == Verdict.FAIR
    assert quality(*["poor"] * 6).verdict == Verdict.FAIR
    assert quality(*["poor"] * 7).verdict == Verdict.POOR
