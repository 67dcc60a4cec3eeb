"""Rhythm marks: at every beat of a file the last mark is true, also after the rhythm has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import wfdb

from einthoven.beats.episode import Episode
from einthoven.beats.episodes import episodes
from einthoven.beats.marks import END, rhythm_changes
from einthoven.datasets.annotated import read_annotated
from einthoven.formats import write
from einthoven.formats.annotation import write_beats
from einthoven.record import Beats, Record

if TYPE_CHECKING:
    from pathlib import Path

FS_HZ = 100


def heart(symbols: str, rr_s: float | list[float] = 0.8) -> Beats:
    rr = np.broadcast_to(rr_s, len(symbols) - 1)
    return Beats(np.round((1 + np.concatenate([[0], np.cumsum(rr)])) * FS_HZ).astype(np.int64), list(symbols))


def texts(beats: Beats, missing: np.ndarray | None = None) -> list[str]:
    return [text for _, text in rhythm_changes(episodes(beats, FS_HZ, missing))]


def test_rhythms_change_one_after_the_other() -> None:
    af, run = Episode("af", 10, 60, 80), Episode("vt", 55, 60, 9)
    calm = [Episode("normal", 0, 10, 12, 72.0), Episode("normal", 60, 99, 40, 62.0)]
    marks = rhythm_changes([calm[1], run, af, calm[0], Episode("pause", 3, 6, 2), Episode("couplet", 1, 2, 2)])
    assert marks == ((0, "(N"), (10, "(AFIB"), (55, "(VT"), (60, "(N"), (99, END))


def test_a_rhythm_ends() -> None:
    marks = rhythm_changes([Episode("af", 0, 60, 80), Episode("af", 600, 700, 120)])
    assert marks == ((0, "(AFIB"), (60, END), (600, "(AFIB"), (700, END))
    assert rhythm_changes([]) == ()


def test_a_lost_signal_ends_it_after_its_last_beat() -> None:
    lost = np.zeros(60, bool)
    lost[20:40] = True
    (start, first), (lost_s, end), *after = rhythm_changes(episodes(heart("N" * 60, 1.0), FS_HZ, lost))
    assert (start, first, end) == (1, "(N", END)
    assert 19 < lost_s < 19.05
    assert [text for _, text in after] == ["(N", END]


def test_nothing_is_normal_in_a_minute_without_a_beat() -> None:
    marks = rhythm_changes(episodes(heart("N" * 60, [1.0] * 30 + [60.0] + [1.0] * 28), FS_HZ))
    assert [(round(at_s), text) for at_s, text in marks] == [(1, "(N"), (31, END), (91, "(N"), (119, END)]
    assert texts(heart("N" * 60, [1.0] * 30 + [2.5] + [1.0] * 28)) == ["(N", END]


def test_of_nested_and_overlapping_rhythms_the_first_named_holds() -> None:
    nested = [Episode("bigeminy", 0, 100, 90), Episode("vt", 20, 30, 20), Episode("af", 90, 120, 30)]
    assert [text for _, text in rhythm_changes(nested)] == ["(B", "(VT", "(B", "(AFIB", END]


@pytest.mark.parametrize(
    ("rate_bpm", "marks"),
    [(40, ["(SBR", END]), (49, ["(SBR", END]), (51, ["(N", END]), (100, ["(N", END]), (119, ["(N", END]), (220, [])],
)
@pytest.mark.parametrize("n_beats", [5, 40])
def test_what_normal_beats_are_called_goes_by_their_rate(rate_bpm: float, marks: list[str], n_beats: int) -> None:
    assert texts(heart("N" * n_beats, 60 / rate_bpm)) == marks


def test_a_slow_stretch_is_marked_and_ends() -> None:
    assert texts(heart("N" * 60, [0.8] * 20 + [1.5] * 19 + [0.8] * 20)) == ["(N", "(SBR", "(N", END]
    assert texts(heart("N" * 60, [0.8] * 20 + [0.3] * 19 + [0.8] * 20)) == ["(N", END, "(N", END]


def test_beats_that_are_mostly_not_normal_have_no_name() -> None:
    assert texts(heart("Q" * 20 + "NNVVVNN" + "Q" * 20, 0.5)) == ["(VT", END]
    assert texts(heart("Q" * 20, 1.5)) == []


def test_each_beat_of_the_file_reads_its_own_rhythm(tmp_path: Path) -> None:
    symbols = "N" * 10 + "V" * 6 + "Q" * 20 + "N" * 10 + "VVVV"
    beats = heart(symbols, 0.55)
    write(Record(np.zeros((1, 4000)), FS_HZ, ("II",)), tmp_path / "1.hea")
    write_beats(beats, FS_HZ, tmp_path / "1.atr", rhythm_changes(episodes(beats, FS_HZ)))
    read = read_annotated(tmp_path / "1")
    assert read.beats.symbol.tolist() == list(symbols)
    assert read.rhythm == ("(N",) * 10 + ("(VT",) * 6 + (END,) * 20 + ("(N",) * 10 + ("(VT",) * 4
    marks = wfdb.rdann(str(tmp_path / "1"), "atr")
    assert [text for text in marks.aux_note if text] == ["(N", "(VT", END, "(N", "(VT", END]
