"""Atrial fibrillation is an irregular rhythm without P waves: neither alone is it."""

from __future__ import annotations

import time

import numpy as np
import pytest

from einthoven.beats.atrial import FEATURES, atrial_evidence
from einthoven.beats.fibrillation import WEIGHTS, Fibrillation, fibrillation, fibrillation_findings, states
from einthoven.findings import Decision
from einthoven.record import Beats

FS_HZ = 250


def made(rr_s: np.ndarray, *, p_mv: float = 0.15, waves_mv: float = 0.0, seed: int = 0) -> tuple[np.ndarray, Beats]:
    """One lead of QRS, P and T waves as bumps, with fibrillation waves of their own time, and its beats."""
    at_s = 1 + np.concatenate([[0], np.cumsum(rr_s)])
    t = np.arange(round((at_s[-1] + 1) * FS_HZ)) / FS_HZ
    signal = np.random.default_rng(seed).normal(0, 0.01, len(t))
    for begin_s in at_s:
        around = slice(max(0, round((begin_s - 0.5) * FS_HZ)), round((begin_s + 0.6) * FS_HZ))
        for offset_s, height_mv, width_s in ((-0.16, p_mv, 0.025), (0, 1.0, 0.012), (0.25, 0.2, 0.04)):
            signal[around] += height_mv * np.exp(-0.5 * ((t[around] - begin_s - offset_s) / width_s) ** 2)
    rng = np.random.default_rng(seed + 1)
    phase = 2 * np.pi * np.cumsum(6 + np.cumsum(rng.normal(0, 0.02, len(t)))) / FS_HZ
    signal += waves_mv * np.sin(phase)
    return signal[None].astype(np.float32), Beats.unlabelled(np.round(at_s * FS_HZ).astype(np.int64))


def sinus(n: int, seed: int = 0) -> np.ndarray:
    breath = 0.03 * np.sin(2 * np.pi * np.arange(n) / 5)
    return 0.8 + breath + np.random.default_rng(seed).normal(0, 0.01, n)


def irregular(n: int, seed: int = 0) -> np.ndarray:
    return np.clip(np.random.default_rng(seed).normal(0.65, 0.15, n), 0.35, 1.3)


def probability(signal: np.ndarray, beats: Beats) -> float:
    found = fibrillation(signal, FS_HZ, beats)
    assert found.probability is not None
    return found.probability


def test_sinus_rhythm_is_no_fibrillation() -> None:
    found = fibrillation(*order(made(sinus(200))))
    assert found.episodes == ()
    assert found.probability < 0.05


def order(heart: tuple[np.ndarray, Beats]) -> tuple[np.ndarray, float, Beats]:
    return heart[0], FS_HZ, heart[1]


@pytest.mark.parametrize("seed", range(3))
def test_irregular_beats_without_p_waves_are(seed: int) -> None:
    signal, beats = made(irregular(200, seed), p_mv=0, waves_mv=0.06, seed=seed)
    found = fibrillation(signal, FS_HZ, beats)
    (episode,) = found.episodes
    assert episode.kind == "af"
    assert episode.beats == len(beats)
    assert episode.probability > 0.9
    assert episode.rate_bpm == pytest.approx(60 / 0.65, rel=0.05)


def test_neither_sign_alone_is_as_telling_as_both() -> None:
    both = probability(*made(irregular(100), p_mv=0, waves_mv=0.06))
    uneven = probability(*made(irregular(100)))
    without_p = probability(*made(sinus(100), p_mv=0))
    assert max(uneven, without_p) < 0.8 < both


def test_an_episode_is_found_where_it_is() -> None:
    calm = made(sinus(100))
    wild = made(irregular(100), p_mv=0, waves_mv=0.06)
    signal = np.concatenate([calm[0], wild[0], calm[0]], axis=1)
    first, second = calm[0].shape[1], wild[0].shape[1]
    sample = [calm[1].sample, wild[1].sample + first, calm[1].sample + first + second]
    (episode,) = fibrillation(signal, FS_HZ, Beats.unlabelled(np.concatenate(sample))).episodes
    assert episode.start_s == pytest.approx(first / FS_HZ, abs=8)
    assert episode.stop_s == pytest.approx((first + second) / FS_HZ, abs=8)


@pytest.mark.parametrize("every", [2, 3, 5])
def test_early_ventricular_beats_make_no_fibrillation(every: int) -> None:
    rr_s = sinus(150)
    early = np.arange(every, 149, every)
    rr_s[early] -= 0.25
    rr_s[early + 1] += 0.25
    signal, beats = made(rr_s)
    symbol = beats.symbol.copy()
    symbol[early + 1] = "V"
    assert fibrillation(signal, FS_HZ, Beats(beats.sample, symbol)).episodes == ()


def test_in_a_paced_rhythm_none_is_found() -> None:
    signal, beats = made(irregular(100), p_mv=0, waves_mv=0.06)
    mostly = np.arange(len(beats)) % 7 < 5
    found = fibrillation(signal, FS_HZ, Beats(beats.sample, np.where(mostly, "Q", "N")), paced=mostly)
    assert (found.episodes, found.probability) == ((), pytest.approx(0.02, abs=0.01))
    (unsaid,) = fibrillation_findings(fibrillation(signal, FS_HZ, beats, paced=np.ones(len(beats), bool)), 70)
    assert (unsaid.decision, unsaid.probability) == (Decision.UNSURE, None)
    assert "too few" in unsaid.detail


def test_a_heart_all_of_whose_beats_are_called_abnormal_is_asked_by_them() -> None:
    signal, beats = made(irregular(100), p_mv=0, waves_mv=0.06)
    (episode,) = fibrillation(signal, FS_HZ, Beats(beats.sample, np.full(len(beats), "Q"))).episodes
    assert episode.beats == len(beats)


def test_an_episode_ends_where_the_signal_is_lost() -> None:
    signal, beats = made(irregular(100), p_mv=0, waves_mv=0.06)
    length, hour = signal.shape[1], 3600 * FS_HZ
    both = np.concatenate([signal, np.full((1, hour), np.nan, np.float32), signal], axis=1)
    sample = np.concatenate([beats.sample, beats.sample + length + hour])
    lost = np.zeros(both.shape[1] // FS_HZ + 1, bool)
    lost[length // FS_HZ + 1 : (length + hour) // FS_HZ] = True
    first, second = fibrillation(both, FS_HZ, Beats.unlabelled(sample), lost).episodes
    assert first.stop_s < length / FS_HZ
    assert second.start_s > (length + hour) / FS_HZ


def test_a_suspicion_has_its_place() -> None:
    calm, wild = made(sinus(60)), made(irregular(9), p_mv=0, waves_mv=0.06)
    signal = np.concatenate([calm[0], wild[0], calm[0]], axis=1)
    first, second = calm[0].shape[1], wild[0].shape[1]
    sample = np.concatenate([calm[1].sample, wild[1].sample + first, calm[1].sample + first + second])
    found = fibrillation(signal, FS_HZ, Beats.unlabelled(sample))
    assert found.episodes == ()
    assert found.suspect.start_s < (first + second) / FS_HZ
    assert found.suspect.stop_s > first / FS_HZ
    (said,) = fibrillation_findings(Fibrillation((), 0.89, found.suspect, len(sample)), 100)
    assert (said.decision, said.where) == (Decision.UNSURE, (found.suspect,))


def test_the_order_and_the_gain_of_leads_do_not_matter() -> None:
    one, beats = made(irregular(60), p_mv=0.05)
    two, _ = made(irregular(60), p_mv=0.1, seed=5)
    both = np.concatenate([one, two])
    silent = np.zeros(len(beats), bool)
    usual = atrial_evidence(both, FS_HZ, beats.sample, silent)
    assert usual.shape == (len(beats), len(FEATURES)) == (len(beats), len(WEIGHTS))
    np.testing.assert_allclose(atrial_evidence(both[::-1], FS_HZ, beats.sample, silent), usual)
    louder = atrial_evidence(both * np.float32(5), FS_HZ, beats.sample, silent)
    np.testing.assert_allclose(louder, usual, atol=0.05)
    np.testing.assert_allclose(atrial_evidence(-both, FS_HZ, beats.sample, silent), usual, atol=1e-5)


def test_an_even_rhythm_shares_all_before_the_qrs_and_fibrillation_waves_nothing() -> None:
    column = FEATURES.index("shared share before the QRS, best lead")
    for signal_beats, expected in ((made(sinus(60)), 1), (made(irregular(60), p_mv=0, waves_mv=0.1), 0)):
        signal, beats = signal_beats
        evidence = atrial_evidence(signal, FS_HZ, beats.sample, np.zeros(len(beats), bool))
        assert np.median(evidence[:, column]) == pytest.approx(expected, abs=0.2)


@pytest.mark.parametrize("n_beats", [0, 1, 5])
def test_too_few_beats_tell_nothing(n_beats: int) -> None:
    found = fibrillation(np.zeros((1, 4000), np.float32), FS_HZ, Beats.unlabelled(np.arange(n_beats) * 200))
    assert (found.episodes, found.probability) == ((), None)
    said = fibrillation_findings(found, 10)
    assert [one.decision for one in said] == [Decision.UNSURE] * bool(n_beats)


@pytest.mark.parametrize("value", [0.0, np.nan, 1e6])
def test_a_dead_signal_is_no_error(value: float) -> None:
    signal = np.full((2, 20_000), value, np.float32)
    found = fibrillation(signal, FS_HZ, Beats.unlabelled(np.arange(1, 90) * 200))
    assert 0 <= found.probability <= 1


def test_lost_seconds_say_nothing() -> None:
    signal, beats = made(irregular(100), p_mv=0, waves_mv=0.06)
    lost = np.ones(signal.shape[1] // FS_HZ + 1, bool)
    assert fibrillation(signal, FS_HZ, beats, lost).probability is None


def test_a_course_of_states_is_the_most_probable_one() -> None:
    rng = np.random.default_rng(2)
    odds = rng.normal(0, 2, 10)
    courses = (np.arange(1024)[:, None] >> np.arange(10)) & 1
    score = courses @ odds - 3 * np.abs(np.diff(courses, axis=1)).sum(axis=1)
    assert states(odds, 3.0).tolist() == courses[score.argmax()].astype(bool).tolist()
    assert states(np.empty(0), 3.0).shape == (0,)


def test_findings_say_how_much_and_where() -> None:
    sure = fibrillation_findings(fibrillation(*order(made(irregular(100), p_mv=0, waves_mv=0.06))), 70)
    none = fibrillation_findings(fibrillation(*order(made(sinus(100)))), 82)
    assert (sure[0].code, sure[0].decision, len(sure[0].where)) == ("195080001", Decision.PRESENT, 1)
    assert "1 episode, " in sure[0].detail
    assert (none[0].decision, none[0].where) == (Decision.ABSENT, ())


def test_a_day_takes_a_second() -> None:
    signal, beats = made(irregular(1000), p_mv=0.05)
    day = np.tile(signal, (2, 100))
    sample = np.concatenate([beats.sample + i * signal.shape[1] for i in range(100)])
    begun = time.process_time()
    fibrillation(day, FS_HZ, Beats.unlabelled(sample))
    assert time.process_time() - begun < 3
