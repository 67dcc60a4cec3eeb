from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.datasets.annotated import Annotated
from einthoven.errors import DataError, OptionError
from einthoven.learn import examples as room
from einthoven.learn.examples import Joined, abnormal, examples
from einthoven.record import Beats, Record

if TYPE_CHECKING:
    from einthoven.learn.recipe import Recipe

FS_HZ = 360


def heart(name: str, symbols: str) -> Annotated:
    """A record whose beats stand a second apart, each a spike as high as its number."""
    sample = FS_HZ * (1 + np.arange(len(symbols)))
    signal = np.zeros((2, FS_HZ * (len(symbols) + 1)))
    signal[0, sample] = 1 + np.arange(len(symbols))
    return Annotated(Record(signal, FS_HZ, ("MLII", "V1"), id=name), Beats(sample, np.array(list(symbols))), name)


@pytest.fixture
def two_hearts(monkeypatch: pytest.MonkeyPatch) -> None:
    hearts = (heart("100", "NNNNVNNN"), heart("200", "NNAN/"))
    monkeypatch.setitem(room.SOURCES, "mitdb", lambda root: iter(hearts))


@pytest.mark.usefixtures("two_hearts")
def test_beats_without_three_seconds_to_both_sides_are_left_out(toy_recipe: Recipe) -> None:
    made = examples(toy_recipe, None)
    assert made.group.tolist() == ["100"] * 4 + ["200"]
    assert made.target.ravel().tolist() == [0, 0, 1, 0, 1]
    assert made.of_groups(["200"]).tolist() == [4]


@pytest.mark.usefixtures("two_hearts")
def test_each_window_has_its_own_beat_in_the_middle(toy_recipe: Recipe) -> None:
    made = examples(toy_recipe, None)
    order = np.array([4, 0, 2])
    windows = made.inputs["window"][order]
    assert windows.shape == (3, 1, 2160)
    rows = [made.inputs["window"][np.array([k])][0] for k in order]
    np.testing.assert_array_equal(windows, rows)
    for_heart_100 = windows[1:, 0, 1080]
    assert for_heart_100[0] < for_heart_100[1]


@pytest.mark.usefixtures("two_hearts")
@pytest.mark.parametrize(
    ("key", "message"),
    [("dataset", "choose from mitdb"), ("task", "choose from beats"), ("target", "choose from abnormal")],
)
def test_an_unknown_name_is_told_with_file_and_choices(toy_recipe: Recipe, key: str, message: str) -> None:
    recipe = replace(toy_recipe, data=replace(toy_recipe.data, **{key: "none"}))
    with pytest.raises(OptionError, match=rf"toy\.toml \[data\]: {key} 'none' is not known; {message}"):
        examples(recipe, None)


def test_a_wrong_setting_of_the_input_is_told_before_anything_is_read(toy_recipe: Recipe) -> None:
    recipe = replace(toy_recipe, input={**toy_recipe.input, "width": 3})
    with pytest.raises(OptionError, match=r"toy\.toml \[input\]: unknown key 'width'; allowed are rate_hz"):
        examples(recipe, Path("nowhere"))


def test_a_database_without_beats_is_refused(toy_recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(room.SOURCES, "mitdb", lambda root: iter([heart("100", "NN")]))
    with pytest.raises(DataError, match="no beats to learn from"):
        examples(toy_recipe, None)


def test_joined_rows_are_those_of_the_concatenated_parts() -> None:
    rng = np.random.default_rng(0)
    parts = [rng.normal(size=(n, 2, 3)).astype(np.float32) for n in (5, 1, 7)]
    chosen = [np.array([0, 2, 4]), np.array([], np.int64), np.array([1, 6])]
    whole = np.concatenate([part[rows] for part, rows in zip(parts, chosen, strict=True)])
    joined = Joined(parts, chosen)
    order = rng.permutation(5)
    assert joined.shape == whole.shape
    np.testing.assert_array_equal(joined[order], whole[order])


def test_every_beat_but_the_normal_one_is_abnormal() -> None:
    assert abnormal(np.array(list("N.LRV/"))).ravel().tolist() == [0, 0, 1, 1, 1, 1]
