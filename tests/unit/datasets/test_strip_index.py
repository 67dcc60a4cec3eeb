from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from einthoven.datasets.annotated import Annotated
from einthoven.datasets.strip_index import FLUTTER, MISSING, NO_BEAT, OTHER, UNREADABLE, index_strips
from einthoven.errors import DataError
from einthoven.findings import Interval
from einthoven.record import Beats, Record


@pytest.fixture
def heart() -> Annotated:
    """45 s of two leads, a beat a second from the first on; the one at 13 s is ventricular, that at 22 s atrial."""
    sample = np.arange(1, 45) * 100
    symbol = np.full(44, "N")
    symbol[12], symbol[21] = "V", "A"
    return Annotated(Record(np.zeros((2, 4500)), 100, ("V1", "MLII"), id="100"), Beats(sample, symbol), "100")


def test_strips_follow_each_other_and_only_whole_ones_count(heart: Annotated) -> None:
    index = index_strips([heart])
    assert index.start_s.tolist() == [0, 10, 20, 30] * 2
    assert index.lead.tolist() == ["V1"] * 4 + ["MLII"] * 4
    assert index.classes == ("A", "N", "V")
    assert index.shows[:4].tolist() == [
        [False, True, False],
        [False, True, True],
        [True, True, False],
        [False, True, False],
    ]
    assert (index.counts(), index.left_out) == ({"A": 2, "N": 8, "V": 2}, {})


def test_a_strip_goes_by_its_rarest_class(heart: Annotated) -> None:
    assert [index_strips([heart]).classes[k] for k in index_strips([heart]).class_id[:4]] == ["N", "V", "A", "N"]


@pytest.mark.parametrize(("field", "why"), [("flutter", FLUTTER), ("unreadable", UNREADABLE)])
def test_strips_whose_truth_is_not_known_are_left_out_and_counted(heart: Annotated, field: str, why: str) -> None:
    index = index_strips([replace(heart, **{field: (Interval(19.9, 20),)})])
    assert index.start_s.tolist() == [0, 20, 30] * 2
    assert index.left_out == {why: 2}


def test_strips_without_beats_or_samples_are_left_out(heart: Annotated) -> None:
    signal = heart.record.signal.copy()
    signal[1, 3500] = np.nan
    late = heart.beats.sample > 1000
    beats = Beats(heart.beats.sample[late], np.asarray(heart.beats.symbol)[late])
    index = index_strips([replace(heart, record=Record(signal, 100, ("V1", "MLII"), id="100"), beats=beats)])
    assert index.start_s.tolist() == [10, 20, 30, 10, 20]
    assert index.left_out == {NO_BEAT: 2, MISSING: 1}


def test_no_beat_stands_on_a_strip_without_a_box(heart: Annotated) -> None:
    index = index_strips([heart], min_beats=2)  # the V and the A of either lead are two each
    assert (index.classes, index.left_out) == (("N",), {OTHER: 4})
    assert index.start_s.tolist() == [0, 30] * 2


def test_a_record_shorter_than_a_strip_has_none(heart: Annotated) -> None:
    with pytest.raises(DataError, match=r"no strip of 60 s can be drawn \(no lead is long enough\)"):
        index_strips([heart], seconds=60)
    with pytest.raises(DataError, match=r"no strip of 10 s can be drawn \(8: a beat of a class that is left out\)"):
        index_strips([heart], min_beats=200)


def test_a_page_shows_all_leads_and_is_left_out_where_none_was_recorded() -> None:
    signal = np.zeros((2, 7200))
    signal[0, :1000] = np.nan  # the other lead goes on
    signal[:, 3600:3700] = np.nan
    record = Record(signal, 360, ("MLII", "V1"), id="119")
    item = Annotated(record, Beats([400, 900, 4000], ["N", "V", "N"]), "119")
    pages = index_strips([item], "lead-symbol", together=True)
    assert pages.lead.tolist() == ["MLII,V1"]
    assert pages.classes == ("MLII-N", "MLII-V", "V1-N", "V1-V")
    assert pages.shows.tolist() == [[True] * 4]
    assert pages.left_out == {"samples missing": 1}
    assert index_strips([item], "symbol", leads=["V1"], together=True).lead.tolist() == ["V1"]
