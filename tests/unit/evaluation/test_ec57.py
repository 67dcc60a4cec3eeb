"""Cases worked by hand, and agreement with others' comparisons where both must agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wfdb.processing import compare_annotations

from einthoven.datasets.annotated import Annotated
from einthoven.errors import OptionError
from einthoven.evaluation.ec57 import COLUMNS, LEARNING_S, ROWS, Comparison, aami, compare, named, tabulate
from einthoven.findings import Interval
from einthoven.record import Beats, Record

FS_HZ = 360.0


def beats(*marks: tuple[float, str]) -> Beats:
    """Beats at times in seconds."""
    return Beats(np.array([round(t * FS_HZ) for t, _ in marks], np.int64), np.array([s for _, s in marks], np.str_))


def cells(reference: Beats, found: Beats, **options: object) -> dict[str, int]:
    return named(tabulate(reference, found, FS_HZ, **options))


def test_each_beat_of_the_reference_is_in_one_cell_and_so_is_each_extra_one() -> None:
    reference = beats((1, "N"), (2, "A"), (3, "V"), (4, "F"), (5, "N"))
    found = beats((1.1, "N"), (2, "V"), (3, "V"), (4, "V"), (4.5, "S"))
    assert cells(reference, found) == {"Nn": 1, "Sv": 1, "Vv": 1, "Fv": 1, "No": 1, "Os": 1}


def test_mit_symbols_and_aami_letters_name_the_same_classes() -> None:
    mit = beats(*enumerate("NLRejBAaJSnVErF/fQ?"))
    letters = beats(*enumerate("NNNNNNSSSSSVVVFQQQQ"))
    assert cells(mit, letters) == {"Nn": 6, "Ss": 5, "Vv": 3, "Ff": 1, "Qq": 4}


@pytest.mark.parametrize(("late_s", "outcome"), [(0.150, {"Vv": 1}), (0.153, {"Vo": 1, "Ov": 1})])
def test_a_beat_may_be_150_ms_off_and_no_more(late_s: float, outcome: dict[str, int]) -> None:
    assert cells(beats((1, "V")), beats((1 + late_s, "V"))) == outcome


def test_one_found_beat_serves_one_beat() -> None:
    assert cells(beats((1, "N"), (1.2, "V")), beats((1.1, "N"))) in ({"Nn": 1, "Vo": 1}, {"Vn": 1, "No": 1})


def test_what_is_found_in_flutter_counts_neither_for_nor_against() -> None:
    reference = beats((1, "N"), (10, "N"))
    found = beats((1, "N"), (3, "V"), (5, "V"), (7, "V"), (10, "N"))
    assert cells(reference, found, flutter=[Interval(3, 7)]) == {"Nn": 2}
    assert cells(reference, found) == {"Nn": 2, "Ov": 3}


def test_the_last_beat_before_flutter_may_be_found_within_it() -> None:
    flutter = [Interval(2, 8)]
    assert cells(beats((1.95, "V")), beats((2.05, "V")), flutter=flutter) == {"Vv": 1}
    assert cells(beats((1.95, "V")), beats((2.15, "V")), flutter=flutter) == {"Vo": 1}


def test_an_extra_beat_where_no_lead_can_be_read_has_its_own_row() -> None:
    assert cells(beats((1, "N")), beats((1, "N"), (5, "V"), (9, "N")), unreadable=[Interval(4, 6)]) == {
        "Nn": 1,
        "Xv": 1,
        "On": 1,
    }


def test_scoring_may_start_after_five_minutes_at_the_beat_on_the_border() -> None:
    reference = beats((299, "V"), (299.95, "N"), (LEARNING_S, "N"), (301, "V"))
    found = beats((200, "V"), (299, "N"), (300.02, "S"), (300.1, "N"), (301, "V"))
    # The beat found at 300.02 s is that of 299.95 s, which is not scored, or that of 300 s: the pairing decides.
    assert cells(reference, found, start_s=LEARNING_S) in ({"Nn": 1, "Vv": 1}, {"Ns": 1, "Vv": 1, "On": 1})
    assert cells(reference, found, start_s=302) == {}


def test_a_beat_found_after_the_start_for_one_before_it_is_no_extra_beat() -> None:
    assert cells(beats((299.95, "V")), beats((300.05, "V")), start_s=LEARNING_S) == {}


@pytest.mark.parametrize("found", [beats(), beats((0, "N"))])
def test_a_reference_without_beats_leaves_only_extra_ones(found: Beats) -> None:
    assert cells(beats(), found) == ({"On": 1} if len(found) else {})


def test_nothing_found_is_all_missed() -> None:
    assert cells(beats((1, "N"), (2, "V"), (3, "/")), beats()) == {"No": 1, "Vo": 1, "Qo": 1}


def test_a_mark_that_is_no_beat_is_refused() -> None:
    with pytest.raises(OptionError, match=r"beat symbol '\+' is not known: choose from N, L"):
        cells(beats((1, "N")), beats((1, "+")))
    assert aami(beats()).dtype == np.int64


def test_a_table_of_another_shape_is_refused() -> None:
    with pytest.raises(OptionError, match=r"record 100: cells have shape \(5, 5\); it must be \(7, 6\)"):
        Comparison("100", "100", np.zeros((5, 5), np.int64))


@pytest.mark.parametrize(("symbols", "paced"), [("NN/", True), ("NNf", True), ("NVQ", False)])
def test_a_record_with_paced_beats_is_known_by_its_reference(symbols: str, paced: bool) -> None:
    reference = beats(*enumerate(symbols))
    record = Record(np.zeros((1, 1440)), FS_HZ, ("II",), id="107")
    assert compare(Annotated(record, reference, "107"), reference).paced is paced


apart_s = st.lists(st.integers(301, 2000), min_size=1, max_size=40)  # ms; no two beats share a window


@settings(deadline=None)
@given(apart_s, st.data())
def test_where_beats_stand_apart_bxb_s_walk_and_wfdb_s_say_the_same(gaps_ms: list[int], data: st.DataObject) -> None:
    fs_hz = 1000.0
    reference = np.cumsum(gaps_ms)
    symbol = np.array([data.draw(st.sampled_from("NSVFQ")) for _ in gaps_ms], np.str_)
    moved = np.array([data.draw(st.integers(-150, 150)) for _ in gaps_ms])
    kept = np.array([data.draw(st.booleans()) for _ in gaps_ms])
    found = np.sort((reference + moved)[kept])
    said = np.array([data.draw(st.sampled_from("NSVFQ")) for _ in found], np.str_)
    table = tabulate(Beats(reference, symbol), Beats(found, said), fs_hz)
    assert named(table) == walked(list(zip(reference, symbol, strict=True)), list(zip(found, said, strict=True)))
    if len(found):  # wfdb does not compare with nothing
        theirs = compare_annotations(reference, found, 151)  # its window is open, bxb's and ours are closed
        ours = [int(part.sum()) for part in (table[:5, :5], table[:5, 5], table[5:])]
        assert ours == [theirs.tp, theirs.fn, theirs.fp]


def walked(reference: list[tuple[int, str]], found: list[tuple[int, str]], window: int = 150) -> dict[str, int]:
    """Compare as bxb(1) describes it: walk along both lists; the earlier mark pairs with the next of the other list
    when that lies in the window and no later mark of its own list is nearer.
    """
    counted: dict[str, int] = {}
    end = (10**9, "")
    truth, said = [*reference, end, end], [*found, end, end]
    i = j = 0
    while i < len(reference) or j < len(found):
        (t_ref, ref), (t_hit, hit) = truth[i], said[j]
        own = said[j + 1][0] if t_hit < t_ref else truth[i + 1][0]
        other = t_ref if t_hit < t_ref else t_hit
        if abs(t_ref - t_hit) <= window and abs(t_ref - t_hit) < abs(other - own):
            cell, i, j = ref + hit.lower(), i + 1, j + 1
        elif t_hit < t_ref:
            cell, j = "O" + hit.lower(), j + 1
        else:
            cell, i = ref + "o", i + 1
        counted[cell] = counted.get(cell, 0) + 1
    order = [row + column.lower() for row in ROWS for column in COLUMNS]
    return {cell: counted[cell] for cell in order if cell in counted}
