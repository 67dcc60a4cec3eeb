"""Rhythms of real hearts, from the beats that experts marked, beside the rhythms that they marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.beats.episodes import episodes
from einthoven.beats.fibrillation import fibrillation
from einthoven.beats.hrv import hrv
from einthoven.beats.intervals import nn_intervals
from einthoven.codes import AAMI_OF_SYMBOL
from einthoven.datasets import mitdb
from einthoven.record import Beats

if TYPE_CHECKING:
    from pathlib import Path

    from einthoven.beats.episode import Episode
    from einthoven.datasets.annotated import Annotated

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def hearts(data_dir: Path) -> dict[str, Annotated]:
    return {item.record.id: item for item in mitdb.load(data_dir, ("106", "119", "203"))}


def classified(item: Annotated) -> Beats:
    return Beats(item.beats.sample, np.array([AAMI_OF_SYMBOL[symbol] for symbol in item.beats.symbol.tolist()]))


def found(item: Annotated, kind: str) -> list[Episode]:
    return [one for one in episodes(classified(item), item.record.fs_hz) if one.kind == kind]


def within(item: Annotated, parts: list[Episode]) -> np.ndarray:
    at_s = item.beats.sample / item.record.fs_hz
    return np.any([(at_s >= one.start_s) & (at_s < one.stop_s) for one in parts], axis=0)


@pytest.mark.parametrize(
    ("record", "kind", "mark"),
    [("106", "bigeminy", "(B"), ("119", "bigeminy", "(B"), ("119", "trigeminy", "(T"), ("203", "vt", "(VT")],
)
def test_patterns_are_found_where_experts_saw_them(
    hearts: dict[str, Annotated], record: str, kind: str, mark: str
) -> None:
    item = hearts[record]
    marked = np.array(item.rhythm) == mark
    assert np.mean(within(item, found(item, kind))[marked]) >= 0.9


def test_every_ventricular_tachycardia_that_was_marked_is_counted(hearts: dict[str, Annotated]) -> None:
    rhythm = np.array(hearts["203"].rhythm)
    marked = int(np.sum((rhythm[1:] == "(VT") & (rhythm[:-1] != "(VT")))
    assert len(found(hearts["203"], "vt")) == pytest.approx(marked, abs=2)


def test_fibrillation_fills_the_record_of_a_man_who_has_it_and_ectopic_beats_are_none(
    hearts: dict[str, Annotated],
) -> None:
    share = {}
    for name, item in hearts.items():
        parts = fibrillation(item.record.signal, item.record.fs_hz, classified(item)).episodes
        share[name] = sum(one.duration_s for one in parts) / item.record.duration_s
    assert share["203"] > 0.9  # learnt from
    assert share["106"] == share["119"] == 0


def test_where_one_beat_in_four_is_ectopic_no_power_is_told(hearts: dict[str, Annotated]) -> None:
    measured = hrv(nn_intervals(classified(hearts["119"]), 360))
    assert 600 < measured.mean_nn_ms < 1200
    assert measured.rmssd_ms > 0
    assert measured.lf_ms2 is measured.hf_ms2 is measured.sdann_ms is measured.ulf_ms2 is None


@pytest.mark.parametrize("share", [0.02, 0.04])
def test_power_of_a_real_heart_hardly_changes_where_beats_are_left_out(data_dir: Path, share: float) -> None:
    (item,) = mitdb.load(data_dir, ("101",))
    beats = classified(item)
    whole = hrv(nn_intervals(beats, 360))
    left_out = np.random.default_rng(1).random(len(beats)) < share
    told = hrv(nn_intervals(Beats(beats.sample, np.where(left_out, "V", beats.symbol)), 360))
    assert told.hf_ms2 == pytest.approx(whole.hf_ms2, rel=0.1)
    assert told.lf_ms2 == pytest.approx(whole.lf_ms2, rel=0.15)
