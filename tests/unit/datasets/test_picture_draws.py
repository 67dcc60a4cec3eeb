from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.datasets.annotated import Annotated
from einthoven.datasets.beat_index import BeatIndex, index_beats
from einthoven.datasets.picture_draws import beat_draws, page_draws, strip_draws, write_pictures
from einthoven.datasets.selection import Selection, select
from einthoven.datasets.strip_index import index_strips
from einthoven.images.strips import Lead, strip_picture
from einthoven.record import Beats, Record
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from einthoven.images.picture import Picture


@pytest.fixture(scope="module")
def heart() -> Annotated:
    made = simulate(duration_s=31, fs_hz=360, leads=["II", "V1"], pvc=0.3, seed=2)
    record = Record(made.record.signal, 360, ("II", "V1"), id="100")
    beats = Beats(
        np.append(3, made.beats.sample), np.append("N", np.asarray(made.beats.symbol))
    )  # one at the very start
    return Annotated(record, beats, "100")


def drawn(heart: Annotated, index: BeatIndex, chosen: Selection, seed: int = 0) -> dict[str, tuple[str, Picture]]:
    return {
        picture.name: (part, picture)
        for part, draw in beat_draws(lambda name: heart, index, chosen, seed)
        for picture in [draw()]
    }


def test_each_beat_chosen_is_drawn_once_with_its_class_on_its_side(heart: Annotated) -> None:
    index = index_beats([heart])
    chosen = select(index, split="by-image")
    found = drawn(heart, index, chosen)
    assert len(found) == len(index)
    for rows, side in ((chosen.train, "train"), (chosen.test, "test")):
        for row in rows.tolist():
            part, picture = found[f"100-{index.lead[row]}-{index.peak[row]}"]
            assert (part, picture.labels, picture.record) == (side, (index.classes[index.class_id[row]],), "100")


def test_a_beat_looks_the_same_whatever_else_is_chosen_and_different_with_another_seed(heart: Annotated) -> None:
    index = index_beats([heart])
    whole = drawn(heart, index, select(index))
    few = drawn(heart, index, select(index, per_class=2, split="by-image"))
    other = drawn(heart, index, select(index), seed=1)
    for name, (_, picture) in few.items():
        assert np.array_equal(picture.pixels, whole[name][1].pixels)
        assert not np.array_equal(picture.pixels, other[name][1].pixels)


def test_only_the_beat_at_the_end_of_the_record_is_cut(heart: Annotated) -> None:
    index = index_beats([heart], leads=["II"])
    cut = {
        name: bool(picture.cut.any())
        for name, (_, picture) in drawn(heart, index, select(index)).items()
        if picture.cut is not None
    }
    sample = {f"100-II-{peak}": peak for peak in heart.beats.sample.tolist()}
    n = heart.record.n_samples
    assert cut == {name: peak < 120 or peak > n - 121 for name, peak in sample.items()}
    assert cut["100-II-3"]


def test_strips_are_those_that_strips_of_the_lead_are(heart: Annotated) -> None:
    index = index_strips([heart], "aami")
    lead = Lead(heart.record["V1"], 360, heart.beats.sample, heart.beats.symbol.tolist(), "100")
    found = {
        picture.name: picture
        for _, draw in strip_draws(lambda name: heart, index, select(index), 0)
        for picture in [draw()]
    }
    assert list(found) == [f"100-{name}-{start}s" for name in ("II", "V1") for start in (0, 10, 20)]
    expected = strip_picture(lead, 10)
    assert np.array_equal(found["100-V1-10s"].pixels, expected.pixels)
    assert np.array_equal(found["100-V1-10s"].boxes_xyxy, expected.boxes_xyxy)
    assert set(found["100-V1-10s"].labels) <= {"N", "V", "S"}


def test_names_hold_no_sign_that_a_file_may_not_have_and_none_stands_twice() -> None:
    leads = ("ECG 1", "ECG/1", "../x", "é")
    record = Record(np.zeros((4, 720)), 360, leads, id="r 1")
    item = Annotated(record, Beats(np.array([360]), np.array(["N"])), "r 1")
    index = index_beats([item], "symbol")
    names = list(drawn(item, index, select(index)))
    assert names == ["r_1-ECG_1-360", "r_1-ECG_1-360_2", "r_1-.._x-360", "r_1-_-360"]


def test_pictures_are_written_in_their_order_and_counted(heart: Annotated) -> None:
    index = index_beats([heart], "symbol")
    chosen = select(index, split="by-image")

    class Kept:
        def __init__(self) -> None:
            self.names: list[str] = []

        def encode(self, picture: Picture) -> bytes:
            return picture.name.encode()

        def add(self, part: str, picture: Picture, encoded: bytes) -> None:
            assert encoded == picture.name.encode()
            self.names.append(picture.name)

        def finish(self) -> tuple[str, ...]:
            return ("end",)

    one, several = Kept(), Kept()
    written = write_pictures(beat_draws(lambda name: heart, index, chosen, 0), one, index.classes, threads=1)
    again = write_pictures(beat_draws(lambda name: heart, index, chosen, 0), several, index.classes, threads=4)
    assert one.names == several.names == list(drawn(heart, index, chosen))
    assert written == again
    assert written.pictures == {"train": len(chosen.train), "test": len(chosen.test)}
    assert sum(written.boxes["train"].values()) == len(chosen.train)
    assert {name: sum(part[name] for part in written.boxes.values()) for name in index.classes} == index.counts()
    assert (written.records, written.files) == ({"train": ("100",), "test": ("100",)}, ("end",))


def test_an_error_while_drawing_ends_the_writing(heart: Annotated) -> None:
    def fail() -> Picture:
        raise ZeroDivisionError

    class Nothing:
        def encode(self, picture: Picture) -> bytes:
            return b""

        def add(self, part: str, picture: Picture, encoded: bytes) -> None: ...

        def finish(self) -> tuple[str, ...]:
            pytest.fail("a set that failed is not finished")

    with pytest.raises(ZeroDivisionError):
        write_pictures([("train", fail)] * 100, Nothing(), ("N",), threads=2)


def test_a_page_has_a_box_for_each_beat_of_each_lead_by_the_class_it_has_there() -> None:
    heart = simulate(duration_s=20, fs_hz=360, leads=("II", "V1"), pvc=0.2, seed=3)
    item = Annotated(replace(heart.record, id="heart"), heart.beats, "heart")
    index = index_strips([item], "lead-symbol", together=True)
    chosen = select(index)
    pictures = [draw() for _, draw in page_draws(lambda name: item, index, chosen, 0)]
    assert [one.name for one in pictures] == ["heart-page-0s", "heart-page-10s"]
    for number, picture in enumerate(pictures):
        at_s = heart.beats.sample / 360
        shown = heart.beats.symbol[(at_s >= 10 * number) & (at_s < 10 * number + 10)].tolist()
        assert sorted(picture.labels) == sorted([f"II-{one}" for one in shown] + [f"V1-{one}" for one in shown])
