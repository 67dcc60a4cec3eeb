from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from einthoven.datasets.annotated import Annotated
from einthoven.datasets.beat_index import FEW, NO_SIGNAL, index_beats
from einthoven.errors import DataError, OptionError
from einthoven.record import Beats, Record


def heart(name: str, leads: tuple[str, ...], sample: list[int], symbol: str, n: int = 3600) -> Annotated:
    signal = np.random.default_rng(0).normal(size=(len(leads), n))
    return Annotated(Record(signal, 360, leads, id=name), Beats(np.array(sample), np.array(list(symbol))), name)


@pytest.fixture
def hearts() -> list[Annotated]:
    return [
        heart("100", ("MLII", "V5"), [300, 700, 1200], "NVN"),
        heart("114", ("V5", "MLII"), [300, 900], "NA"),
    ]


def test_a_beat_is_of_the_lead_it_is_drawn_from_wherever_that_stands_in_the_file(hearts: list[Annotated]) -> None:
    index = index_beats(hearts)
    rows = [
        (index.record[k], index.lead[k], int(index.peak[k]), index.classes[index.class_id[k]])
        for k in range(len(index))
    ]
    assert rows[:3] == [("100", "MLII", 300, "MLII-N"), ("100", "MLII", 700, "MLII-V"), ("100", "MLII", 1200, "MLII-N")]
    assert rows[6:] == [
        ("114", "V5", 300, "V5-N"),
        ("114", "V5", 900, "V5-A"),
        ("114", "MLII", 300, "MLII-N"),
        ("114", "MLII", 900, "MLII-A"),
    ]


@pytest.mark.parametrize(
    ("rule", "counts"),
    [
        ("symbol", {"A": 2, "N": 6, "V": 2}),
        ("aami", {"N": 6, "S": 2, "V": 2}),
        ("lead-symbol", {"MLII-A": 1, "MLII-N": 3, "MLII-V": 1, "V5-A": 1, "V5-N": 3, "V5-V": 1}),
    ],
)
def test_classes_go_by_the_rule(hearts: list[Annotated], rule: str, counts: dict[str, int]) -> None:
    index = index_beats(hearts, rule)
    assert index.counts() == counts
    assert index.shows.sum(axis=0).tolist() == list(counts.values())


def test_classes_of_few_beats_are_left_out_and_counted(hearts: list[Annotated]) -> None:
    assert index_beats(hearts, min_beats=2).counts() == {"MLII-N": 3, "V5-N": 3}
    assert index_beats(hearts, min_beats=2).left_out == {FEW: 4}
    assert index_beats(hearts).left_out == {}
    with pytest.raises(DataError, match=r"no class has more than 3 beats; the largest has 3"):
        index_beats(hearts, min_beats=3)


def test_beats_of_which_no_lead_shows_anything_are_told() -> None:
    silent = Annotated(Record(np.full((1, 3600), np.nan), 360, ("II",)), Beats([300, 900], ["N", "V"]), "a")
    with pytest.raises(DataError, match="none of 2 beats can be drawn: no signal there"):
        index_beats([silent])


def test_leads_are_picked_by_name(hearts: list[Annotated]) -> None:
    assert set(index_beats(hearts, leads=["MLII"]).lead) == {"MLII"}
    with pytest.raises(DataError, match="no recording has a lead 'V9'; there are MLII, V5"):
        index_beats(hearts, leads=["V9"])


def test_beats_without_signal_are_left_out_and_those_at_the_ends_are_not() -> None:
    item = heart("100", ("MLII",), [0, 1000, 2000, 3599, 3600, 9000], "NNNNNN")
    signal = item.record.signal.copy()
    signal[0, 1880:2121] = np.nan
    signal[0, 900:1000] = np.nan  # half of a beat is there
    index = index_beats([replace(item, record=Record(signal, 360, ("MLII",), id="100"))])
    assert index.peak.tolist() == [0, 1000, 3599]
    assert index.left_out == {NO_SIGNAL: 3}


@pytest.mark.parametrize(
    ("n", "message"),
    [(0, "no class has more than 0 beats"), (1, "none of 1 beats can be drawn: no signal there")],
)
def test_no_record_and_a_record_of_a_sample_hold_nothing_to_draw(n: int, message: str) -> None:
    with pytest.raises(DataError, match=message):
        index_beats([heart("100", ("II",), [0], "N", n=1)] * n)


def test_an_unknown_rule_lists_those_there_are(hearts: list[Annotated]) -> None:
    with pytest.raises(OptionError, match="rule of classes 'AAMI' is not known: choose from symbol, aami, lead-symbol"):
        index_beats(hearts, "AAMI")


def test_rows_taken_keep_their_classes(hearts: list[Annotated]) -> None:
    index = index_beats(hearts)
    few = index.take(np.array([1, 7]))
    assert (few.peak.tolist(), few.lead.tolist(), few.classes) == ([700, 900], ["MLII", "V5"], index.classes)
