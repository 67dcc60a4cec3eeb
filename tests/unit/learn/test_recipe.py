from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from einthoven.errors import OptionError
from einthoven.learn.judge import plan
from einthoven.learn.recipe import Recipe, load_recipe, recipe_files

if TYPE_CHECKING:
    from pathlib import Path

CNN = recipe_files()["mitdb-normal-cnn"]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    file = tmp_path / "mine.toml"
    file.write_text(CNN.read_text().replace('name = "mitdb-normal-cnn"', 'name = "mine"'))
    return file


def edited(file: Path, old: str, new: str) -> Recipe:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    return load_recipe(str(file))


def test_a_recipe_of_ones_own_is_loaded_by_its_path(mine: Path) -> None:
    recipe = load_recipe(str(mine))
    assert (recipe.name, recipe.training.batch_size, recipe.training.epochs) == ("mine", 128, 15)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("epochs = 15", "epoch = 15", r"mine\.toml \[training\]: unknown key 'epoch'; allowed are learning_rate, "),
        ("[data]", "colour = 1\n[data]", r"mine\.toml: unknown key 'colour'; allowed are name, title"),
        ("[data]", "sha256 = 'a'\n[data]", r"mine\.toml: unknown key 'sha256'"),
        ("batch_size = 128", "batch_size = 'many'", r"mine\.toml \[training\]: batch_size is 'many'"),
        ("target = ", "aim = ", r"mine\.toml \[data\]: unknown key 'aim'"),
        ("seed = 42\n", "", r"mine\.toml \[split\]: key 'seed' is missing"),
        ('name = "mine"', 'name = "other"', r"name is 'other'; it must be that of the file, 'mine'"),
        ("[data]", "[data", r"mine\.toml: not a recipe that can be read"),
        ("[training]", "[[training]]", r"mine\.toml: training is \[.*\]; it must be a table"),
    ],
)
def test_a_mistake_in_a_recipe_is_one_clear_line(mine: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(OptionError, match=message) as caught:
        edited(mine, old, new)
    assert "\n" not in str(caught.value)


def test_a_table_without_kind_is_named(mine: Path) -> None:
    recipe = edited(mine, 'kind = "conv"', "")
    with pytest.raises(OptionError, match=r"mine\.toml \[model\]: key 'kind' is missing"):
        recipe.kind_of("model")


def test_an_unknown_recipe_lists_the_known_ones() -> None:
    with pytest.raises(OptionError, match=r"recipe 'cnn' is not known: choose from .*mitdb-normal-cnn"):
        load_recipe("cnn")


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"gone\.toml: not a recipe that can be read"):
        load_recipe(str(tmp_path / "gone.toml"))


def test_a_changed_setting_makes_another_recipe(mine: Path) -> None:
    before = load_recipe(str(mine)).sha256
    assert edited(mine, "epochs = 15", "epochs = 16").sha256 != before


def test_a_changed_word_does_not(mine: Path) -> None:
    before = load_recipe(str(mine)).sha256
    assert edited(mine, 'title = "', '# A remark.\ntitle = "The ').sha256 == before


def test_the_protocol_is_trained_from_several_starts_and_on_other_splits() -> None:
    recipe = load_recipe("mitdb-normal-cnn")
    assert plan(recipe) == {"patients-75-25": [(42, 0), (42, 1), (42, 2)]}
    assert plan(recipe, seeds=1, splits=2) == {"patients-75-25": [(42, 0)], "patients-75-25-mean-2": [(0, 0), (1, 0)]}


def test_the_protocols_own_split_is_not_among_the_other_splits() -> None:
    others = [split for split, _ in plan(load_recipe("mitdb-normal-cnn"), splits=50)["patients-75-25-mean-50"]]
    assert len(set(others)) == 50
    assert 42 not in others


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("epochs = 15", "epochs = -1", r"\[training\]: epochs is -1; allowed is 1 to"),
        ("batch_size = 128", "batch_size = 0", r"\[training\]: batch_size is 0"),
        ("learning_rate = 1e-3", "learning_rate = nan", r"\[training\]: learning_rate is nan"),
        ("seeds = 3", "seeds = 0", r"\[evaluation\]: seeds is 0"),
    ],
)
def test_a_number_that_makes_no_sense_is_named(mine: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        edited(mine, old, new)


@pytest.mark.parametrize("settings", [{"kernel": 99999}, {"dropout": 2.0}])
def test_a_network_that_cannot_be_built_is_one_clear_line(settings: dict[str, float]) -> None:
    from einthoven.learn.models import build

    whole = {"filters": 8, "kernel": 4, "dropout": 0.5} | settings
    with pytest.raises(OptionError, match=r"mine\.toml \[model\]") as caught:
        build("conv", whole, "mine.toml [model]", {"window": (1, 100)}, 1)
    assert "\n" not in str(caught.value)
