"""Lessons, the pools they are kept in, and the batches drawn from these, on two invented databases."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.datasets import ptbxl
from einthoven.datasets.annotated import Annotated
from einthoven.datasets.ptbxl import Stated
from einthoven.errors import DataError, OptionError
from einthoven.learn import pools as room
from einthoven.learn.augment import vary_beats
from einthoven.learn.draws import Draws, Part, singly, weights
from einthoven.learn.lessons import (
    LEFT_BLOCK,
    NORMAL,
    OTHER,
    PACED,
    STATEMENTS,
    UNKNOWN,
    VENTRICULAR,
    of_marked_beats,
    of_statements,
)
from einthoven.learn.pools import Pool, pool
from einthoven.learn.recipe import Source
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def marked(name: str, seed: int) -> Annotated:
    heart = simulate(duration_s=20, fs_hz=125, seed=seed, rhythm="bigeminy", leads=("II", "V1"))
    return Annotated(replace(heart.record, id=name), heart.beats, name)


def stated(name: str, *statements: str) -> Stated:
    heart = simulate(duration_s=10, fs_hz=100, seed=int(name), leads=("I", "II", "V4", "V5", "V6"))
    return Stated(replace(heart.record, id=name), frozenset(statements), name, 1)


@pytest.fixture
def databases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two databases below a root; only their files' names and times are read from there."""
    for name in ("mitdb", "ptb-xl"):
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "RECORDS.txt").write_text(name)
    hearts = [marked("100", 1), marked("200", 2)]
    records = [stated("1", "NORM"), stated("2", "CLBBB", "PVC"), stated("3", "PVC")]
    monkeypatch.setitem(room.LESSONS, "mitdb", lambda root: of_marked_beats(hearts))
    monkeypatch.setitem(room.LESSONS, "ptb-xl", lambda root: of_statements(records))
    return tmp_path


@pytest.fixture
def two(databases: Path) -> dict[str, Pool]:
    return {
        name: pool(name, "beat-contexts", {}, databases / "data", databases / "runs") for name in ("mitdb", "ptb-xl")
    }


def test_marked_beats_are_normal_or_not_and_of_a_type() -> None:
    (lesson,) = of_marked_beats([marked("100", 1)])
    symbols = Counter(lesson.beat_type.tolist())
    assert symbols.keys() == {NORMAL, VENTRICULAR}
    np.testing.assert_array_equal(lesson.abnormal, lesson.beat_type != NORMAL)
    assert np.isnan(lesson.statements).all()


def test_a_beat_of_no_known_type_is_of_another_one() -> None:
    item = marked("100", 1)
    odd = replace(item, beats=replace(item.beats, symbol=np.full(len(item.beats), "Q")))
    (lesson,) = of_marked_beats([odd])
    assert set(lesson.beat_type.tolist()) == {OTHER}


@pytest.mark.parametrize(
    ("statements", "abnormal", "beat_type"),
    [
        (("NORM", "SR"), 0, NORMAL),
        (("CLBBB",), 1, LEFT_BLOCK),
        (("CLBBB", "PACE", "PVC"), 1, PACED),
        (("PVC", "NORM"), np.nan, UNKNOWN),
    ],
)
def test_a_statement_tells_of_every_beat_of_none_or_of_nobody_knows_which(
    statements: tuple[str, ...], abnormal: float, beat_type: int
) -> None:
    (lesson,) = of_statements([stated("5", *statements)])
    assert len(lesson.peak) > 5
    np.testing.assert_array_equal(lesson.abnormal, np.float32(abnormal))
    assert set(lesson.beat_type.tolist()) == {beat_type}
    made = {code for code, there in zip(STATEMENTS, lesson.statements, strict=True) if there}
    assert made == set(statements) & set(STATEMENTS)


def test_projections_are_the_same_whenever_a_record_is_read() -> None:
    (one,), (two,) = (of_statements([stated("5", "NORM")]) for _ in range(2))
    np.testing.assert_array_equal(one.record.signal, two.record.signal)
    assert one.record.leads[5:] == tuple(f"P{k}" for k in range(1, 9))
    assert len(np.unique(one.record.signal, axis=0)) == len(one.record.leads)


def test_a_record_without_beats_teaches_nothing() -> None:
    flat = replace(stated("5", "NORM"), record=replace(stated("5").record, signal=np.zeros((5, 1000))))
    assert list(of_statements([flat])) == []


def test_a_pool_holds_every_beat_of_every_lead(two: dict[str, Pool]) -> None:
    hearts = two["mitdb"]
    n_beats = sum(len(marked(name, seed).beats) for name, seed in (("100", 1), ("200", 2)))
    assert len(hearts) == 2 * n_beats
    assert hearts.rows["waves"].shape == (2 * n_beats, 2, 2, 128)
    assert hearts.names.tolist() == ["100", "200"]
    assert np.bincount(hearts.lead).tolist() == [n_beats, n_beats]
    assert np.isfinite(hearts.rows["waves"]).all()


def test_a_pool_is_made_once_and_anew_when_its_files_change(
    databases: Path, two: dict[str, Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(root: object) -> Iterator[None]:
        raise DataError("made again")

    monkeypatch.setitem(room.LESSONS, "mitdb", never)
    again = pool("mitdb", "beat-contexts", {}, databases / "data", databases / "runs")
    assert again.fingerprint == two["mitdb"].fingerprint
    (databases / "data" / "mitdb" / "RECORDS.txt").write_text("other")
    with pytest.raises(DataError, match="made again"):
        pool("mitdb", "beat-contexts", {}, databases / "data", databases / "runs")


def test_a_pool_broken_off_is_not_taken_for_one(databases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(root: object) -> Iterator[object]:
        yield from of_marked_beats([marked("100", 1)])
        raise DataError("the disk is gone")

    with monkeypatch.context() as patched:
        patched.setitem(room.LESSONS, "mitdb", broken)
        with pytest.raises(DataError, match="the disk is gone"):
            pool("mitdb", "beat-contexts", {}, databases / "data", databases / "runs")
    assert len(pool("mitdb", "beat-contexts", {}, databases / "data", databases / "runs").names) == 2


def test_a_database_without_beats_or_lessons_is_refused(databases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(room.LESSONS, "mitdb", lambda root: iter(()))
    with pytest.raises(DataError, match="mitdb: no beats to learn from"):
        pool("mitdb", "beat-contexts", {}, databases / "data", databases / "runs")
    with pytest.raises(OptionError, match="in 'nstdb': choose from mitdb, svdb, ptb-xl"):
        pool("nstdb", "beat-contexts", {}, databases / "data", databases / "runs")


def test_records_weigh_alike_and_leads_as_told(two: dict[str, Pool]) -> None:
    hearts = two["mitdb"]
    chance = weights(Part(hearts, Source(dataset="mitdb", batch=8, leads=(3.0, 1.0))))
    assert chance.sum() == pytest.approx(1)
    np.testing.assert_allclose(np.bincount(hearts.record, chance), 0.5)
    np.testing.assert_allclose(np.bincount(hearts.lead, chance), [0.75, 0.25])


def test_balance_makes_types_alike_and_without_leaves_one_out(two: dict[str, Pool]) -> None:
    hearts = two["mitdb"]
    balanced = weights(Part(hearts, Source(dataset="mitdb", batch=8, balance=1.0)))
    assert balanced[hearts.beat_type == NORMAL].sum() == pytest.approx(0.5)
    left = weights(Part(hearts, Source(dataset="mitdb", batch=8, without=("normal",))))
    assert left[hearts.beat_type == NORMAL].sum() == 0
    with pytest.raises(OptionError, match="without 'odd', which is no type"):
        weights(Part(hearts, Source(dataset="mitdb", batch=8, without=("odd",))))


def test_emphasis_is_added_for_each_statement(two: dict[str, Pool]) -> None:
    records = two["ptb-xl"]
    chance = weights(Part(records, Source(dataset="ptb-xl", batch=8, emphasis={"CLBBB": 3.0, "PVC": 1.0})))
    np.testing.assert_allclose(np.bincount(records.record, chance), np.array([1, 5, 2]) / 8)
    with pytest.raises(OptionError, match="emphasis on 'LBBB'"):
        weights(Part(records, Source(dataset="ptb-xl", batch=8, emphasis={"LBBB": 3.0})))


def draws(two: dict[str, Pool], steps: int, records: dict[str, tuple[str, ...]]) -> Draws:
    parts = [
        Part(two["mitdb"], Source(dataset="mitdb", batch=6)),
        Part(two["ptb-xl"], Source(dataset="ptb-xl", batch=4)),
    ]
    vary = partial(vary_beats, noise=None, shift=1.0)
    return Draws(parts, dict(records), "abnormal", singly, vary, steps, seed=3)


def test_a_batch_has_its_share_of_each_database_and_says_what_is_known(two: dict[str, Pool]) -> None:
    inputs, known = next(iter(draws(two, 1, {})))
    assert [tuple(array.shape) for array in inputs] == [(10, 2, 128), (10, 12)]
    assert known["target"].shape == (10, 1)
    assert known["beat_type"].shape == (10,)
    assert known["statements"].isnan().all(dim=1).tolist() == [True] * 6 + [False] * 4


def test_only_the_records_of_the_training_side_are_drawn(two: dict[str, Pool]) -> None:
    part = Part(two["mitdb"], Source(dataset="mitdb", batch=6))
    chance = weights(part, ["200"])
    assert chance[two["mitdb"].names[two["mitdb"].record] == "100"].sum() == 0
    with pytest.raises(OptionError, match="mitdb: 0 items to draw from"):
        draws(two, 1, {"mitdb": ()})


def test_draws_that_go_on_are_those_that_would_have_come(two: dict[str, Pool]) -> None:
    whole = list(draws(two, 5, {}))
    later = draws(two, 5, {})
    later.load_state_dict({"step": 3})
    rest = list(later)
    assert len(rest) == 2
    for (inputs, known), (same, as_known) in zip(whole[3:], rest, strict=True):
        for one, other in zip((*inputs, *known.values()), (*same, *as_known.values()), strict=True):
            np.testing.assert_array_equal(one, other)
    assert not np.array_equal(whole[0][0][0], whole[1][0][0])


def test_ptbxl_is_read_as_its_publisher_lays_it_out(tmp_path: Path) -> None:
    from einthoven.formats import write

    folder = tmp_path / "ptb-xl"
    (folder / "records100").mkdir(parents=True)
    rows = ["ecg_id,patient_id,scp_codes,strat_fold,filename_lr"]
    rows += [f"{k},77.0,\"{{'NORM': 100.0, 'SR': 0.0}}\",{k},records100/0000{k}_lr" for k in (1, 2, 3)]
    (folder / ptbxl.TABLE).write_text("\n".join(rows) + "\n")
    with pytest.raises(DataError, match="no recording at 100 Hz there"):
        list(ptbxl.load(tmp_path))
    for number in (1, 3):
        write(
            replace(stated(str(number)).record, id=f"0000{number}_lr"), folder / "records100" / f"0000{number}_lr.hea"
        )
    items = list(ptbxl.load(tmp_path))
    assert [(item.record.id, item.fold) for item in items] == [("00001_lr", 1), ("00003_lr", 3)]
    assert items[0].statements == {"NORM", "SR"}
    assert ptbxl.fingerprint(items[0]) != ptbxl.fingerprint(items[1])
    (folder / ptbxl.TABLE).write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="must have columns"):
        list(ptbxl.load(tmp_path))
