"""Runs, patterns and pauses are counted as a reader of a Holter counts them."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from einthoven.beats.episode import KINDS, Episode, tally
from einthoven.beats.episodes import episode_findings, episodes
from einthoven.beats.fibrillation import CHANGE, MOST, states
from einthoven.errors import OptionError
from einthoven.record import Beats

FS_HZ = 100


def heart(symbols: str, rr_s: float | list[float] = 0.8) -> Beats:
    rr = np.broadcast_to(rr_s, len(symbols) - 1)
    return Beats(np.round(np.concatenate([[0], np.cumsum(rr)]) * FS_HZ).astype(np.int64), np.array(list(symbols)))


def kinds(beats: Beats, **more: object) -> list[str]:
    return [one.kind for one in episodes(beats, FS_HZ, **more) if one.kind != "normal"]


@pytest.mark.parametrize(
    ("symbols", "rr_s", "found"),
    [
        ("NNNNVNNN", 0.5, []),
        ("NNNVVNNN", 0.5, ["couplet"]),
        ("NNVVVNNN", 0.5, ["vt"]),
        ("NNVVVNNN", 0.6, ["idioventricular"]),  # 100 bpm sharp is no tachycardia
        ("NNVVVNNN", 0.59, ["vt"]),
        ("NNVFVNNN", 0.5, ["vt"]),
        ("NNSSNNN", 0.5, []),
        ("NNSSSNNN", 0.5, ["svt"]),
        ("NNSSSNNN", 0.7, []),
        ("VVVVVV", 0.4, ["vt"]),
        ("NNNVNVNNN", 0.8, []),
        ("NNNVNVNVNNN", 0.8, ["bigeminy"]),
        ("VNVNV", 0.8, ["bigeminy"]),
        ("NNVNNVNNVNN", 0.8, ["trigeminy"]),
        ("NNSNSNSNN", 0.8, ["atrial-bigeminy"]),
        ("NNVNVNVNNVNNVNN", 0.8, ["bigeminy", "trigeminy"]),
        ("NNVNVVNVNN", 0.8, ["couplet"]),
        ("NNVVNVNVNVNNN", 0.8, ["couplet", "bigeminy"]),
        ("NNVVNVNVNNN", 0.8, ["couplet"]),
        ("NNQQQNN", 0.5, []),
        ("N" * 9, 1.19, []),
        ("N" * 9, 1.21, ["slow"]),
        ("N" * 8, 0.5, []),
        ("N" * 8, 0.49, ["fast"]),
        ("N" * 7, 0.49, []),
        ("Q" * 8, 0.25, ["fast"]),
    ],
)
def test_what_beats_in_a_row_are_called(symbols: str, rr_s: float, found: list[str]) -> None:
    assert kinds(heart(symbols, rr_s)) == found


def test_a_run_lasts_to_the_next_beat_and_its_rate_is_its_own() -> None:
    beats = heart("NNVVVNN", [0.8, 0.5, 0.4, 0.5, 1.2, 0.8])
    (run,) = (one for one in episodes(beats, FS_HZ) if one.kind == "vt")
    assert (run.start_s, run.stop_s, run.beats) == (pytest.approx(1.3), pytest.approx(3.4), 3)
    assert run.rate_bpm == pytest.approx(60 / 0.45)


def test_bigeminy_begins_with_the_beat_before_the_first_early_one() -> None:
    (found,) = (one for one in episodes(heart("NNNVNVNVNN", 1.0), FS_HZ) if one.kind == "bigeminy")
    assert (found.start_s, found.stop_s, found.beats) == (2, 8, 6)


@pytest.mark.parametrize("symbols", ["NNVVVVNN", "NVNVNVNV", "NNSSSSNN"])
def test_nothing_is_followed_across_a_gap(symbols: str) -> None:
    beats = heart(symbols, 0.5)
    assert kinds(beats) != []
    lost = np.zeros(5, bool)
    lost[1] = True
    assert all(one.stop_s <= 1 or one.start_s >= 2 for one in episodes(beats, FS_HZ, lost))
    assert kinds(beats, missing=np.ones(5, bool)) == []


def test_nothing_is_followed_across_three_seconds_without_a_beat() -> None:
    assert kinds(heart("NVNVNVN", [0.8, 0.8, 2.9, 0.8, 0.8, 0.8])) == ["bigeminy", "pause"]
    assert kinds(heart("NVNVNVN", [0.8, 0.8, 3.1, 0.8, 0.8, 0.8])) == ["pause"]


def test_pauses_are_episodes_but_gaps_are_not() -> None:
    beats = heart("NNNNN", [1, 2.5, 1, 1])
    (pause,) = (one for one in episodes(beats, FS_HZ) if one.kind == "pause")
    assert (pause.start_s, pause.stop_s, pause.rate_bpm) == (1, 3.5, 24)
    assert kinds(beats, missing=np.array([0, 0, 1, 0, 0, 0], bool)) == []


def test_fibrillating_atria_have_no_tachycardia_of_their_own_but_ventricles_may() -> None:
    beats = heart("NN" + "SSSS" + "NN" + "VVVV" + "NN" + "SNSNS" + "NN", 0.5)
    assert kinds(beats) == ["svt", "vt", "atrial-bigeminy"]
    af = Episode("af", 0.0, 12.0, 20, 120.0, 0.9)
    assert kinds(beats, af=[af]) == ["af", "vt"]


def test_what_is_left_is_normal_where_most_beats_are() -> None:
    found = episodes(heart("N" * 20 + "VVV" + "N" * 20, 0.5), FS_HZ)
    assert [one.kind for one in found] == ["normal", "vt", "normal"]
    assert [one.stop_s for one in found[:-1]] == [one.start_s for one in found[1:]]
    assert episodes(heart("Q" * 20), FS_HZ) == ()


@pytest.mark.parametrize("symbols", ["NNVVNVNVNVNNN", "NNVVVVNVNVNVNNN", "NNVNVNVVVNN", "NNVNVNVNVVNN", "VVVNVNVNV"])
def test_a_run_and_a_pattern_share_no_beat(symbols: str) -> None:
    found = [one for one in episodes(heart(symbols, 0.5), FS_HZ) if one.kind in ("couplet", "vt", "bigeminy")]
    assert all(one.stop_s <= after.start_s for one, after in itertools.pairwise(found))
    assert found


def test_a_slow_stretch_stands_apart_in_what_is_normal() -> None:
    found = episodes(heart("N" * 60, [0.8] * 20 + [1.5] * 19 + [0.8] * 20), FS_HZ)
    normal, slow = ([one for one in found if (one.kind == "slow") == slow] for slow in (False, True))
    assert [round(one.rate_bpm or 0) for one in (normal[0], normal[-1])] == [75, 75]
    assert (len(normal), len(slow)) == (3, 1)
    assert (normal[1].start_s, normal[1].stop_s) == (slow[0].start_s, slow[0].stop_s)
    assert sum(one.beats for one in normal) == 60


def test_a_heart_that_races_for_a_while_is_said_to() -> None:
    found = episodes(heart("N" * 600, [0.8] * 300 + [0.24] * 99 + [0.8] * 200), FS_HZ)
    said = {one.name: one for one in episode_findings(found, 400)}
    assert said["Fast stretch"].decision == "present"
    assert "the fastest 250 bpm" in said["Fast stretch"].detail
    assert "Slow stretch" not in said


def test_a_slow_stretch_does_not_span_minutes_in_which_no_beat_was_found() -> None:
    rates = [
        one.rate_bpm for one in episodes(heart("N" * 40, [1.4] * 20 + [120] + [1.4] * 18), FS_HZ) if one.kind == "slow"
    ]
    assert rates == pytest.approx([60 / 1.4] * 2)
    (steady,) = (one for one in episodes(heart("N" * 20, 3.3), FS_HZ) if one.kind == "slow")
    assert (steady.beats, steady.rate_bpm) == (20, pytest.approx(60 / 3.3))


def test_of_slow_stretches_the_slowest_is_told() -> None:
    found = [Episode("slow", 0, 20, 11, 33.0), Episode("slow", 60, 80, 16, 48.0)]
    (said,) = (one for one in episode_findings(found, 100) if one.decision == "present")
    assert said.detail == "2 episodes, the longest 11 beats, the slowest 33 bpm"


def test_fibrillation_takes_as_many_beats_as_its_kind_says() -> None:
    def seen(beats: int, *, calm_after: int) -> bool:
        odds = np.full(40 + beats + calm_after, -MOST)
        odds[40 : 40 + beats] = MOST
        return bool(states(odds, CHANGE).any())

    assert KINDS["af"].least == "16 beats, 8 at an end of the record"
    assert (seen(15, calm_after=40), seen(16, calm_after=40)) == (False, True)
    assert (seen(7, calm_after=0), seen(8, calm_after=0)) == (False, True)


@pytest.mark.parametrize("symbols", ["", "N", "V"])
def test_few_beats_make_no_episode(symbols: str) -> None:
    assert episodes(Beats(np.arange(len(symbols)), np.array(list(symbols), dtype=str)), FS_HZ) == ()


def test_two_beats_at_one_moment_are_no_error() -> None:
    assert kinds(Beats(np.zeros(5, np.int64), np.array(list("NVVVN")))) == ["idioventricular"]


def test_the_longest_and_the_fastest_are_told() -> None:
    runs = [Episode("vt", 0, 2, 5, 150), Episode("vt", 5, 9, 8, 120), Episode("pause", 20, 23, 2, 20)]
    vt, pause = tally(runs, 100)
    assert (vt.kind, vt.count, vt.beats, vt.total_s, vt.burden) == ("vt", 2, 13, 6, 0.06)
    assert (vt.longest, vt.fastest, pause.longest) == (runs[1], runs[0], runs[2])
    assert tally([], 100) == ()
    assert tally(runs, 0)[0].burden == 0


def test_a_day_of_beats_takes_no_time() -> None:
    symbols = np.random.default_rng(1).choice(list("NVS"), 110_000, p=[0.8, 0.1, 0.1])
    beats = Beats(np.arange(110_000) * 75, symbols)
    begun = time.process_time()
    found = episodes(beats, FS_HZ)
    assert time.process_time() - begun < 2
    assert {one.kind for one in found} >= {"couplet", "idioventricular", "bigeminy", "trigeminy"}
    assert len(found) > 1000


def test_codes_and_rhythm_strings_are_unique() -> None:
    for values in ([k.snomed for k in KINDS.values() if k.snomed], [k.aux for k in KINDS.values() if k.aux]):
        assert len(values) == len(set(values))


def test_an_unknown_kind_and_a_backward_episode_are_refused() -> None:
    with pytest.raises(OptionError, match="kind of episode 'tango' is not known: choose from vt"):
        Episode("tango", 0, 1, 1)
    with pytest.raises(OptionError, match="from 2 to 1 s"):
        Episode("vt", 2, 1, 1)
    with pytest.raises(OptionError, match="0 Hz"):
        episodes(heart("NNN"), 0)
