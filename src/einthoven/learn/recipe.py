"""Recipes: TOML files that say which data, split, input, model and training make a system, and how it is judged."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping  # noqa: TC003 - `fill` reads the types at run time
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final

from ..errors import OptionError
from .fill import fill

FOLDER: Final = Path(__file__).parents[1] / "recipes"
ENTRY_POINTS: Final = "einthoven.recipes"
"""Group under which another package offers recipes: each entry point loads to the path of a TOML file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Which database, cut into which items, asked what: keys of ``DATASETS``, ``TASKS`` and ``TARGETS``."""

    dataset: str
    task: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRule:
    """Who is tested on: a key of ``SPLITS``, and the seed the protocol names."""

    rule: str
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How the model learns."""

    learning_rate: float = 1e-3
    batch_size: int = 128
    epochs: int = 15
    weight_decay: float = 0.0
    epsilon: float = 1e-8
    """Adam's guard against division by zero; Keras has 1e-7."""
    precision: str = "32-true"
    """Lightning's name of the arithmetic: ``32-true``, or ``bf16-mixed`` where the machine is faster with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How it is judged, apart from the split: how often it is trained, and what others reported."""

    seeds: int = 3
    """Trainings on the protocol's own split, each from another start; figures are their mean."""
    splits: int = 0
    """Trainings on other splits (split seeds 0, 1, …), whose mean is reported as ``<protocol>-mean-<splits>``."""
    published: Mapping[str, float] = field(default_factory=dict)
    """Figures of the publication that the recipe repeats, by metric."""
    calibrate: bool = False
    """Whether probabilities go through a line fitted on the training side first; else the plain sigmoid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForCard:
    """What the card of the model says that no run can know."""

    leads: tuple[str, ...] = ()
    """Leads it may be given, best first; none named: any."""
    limits: tuple[str, ...] = ()
    """What it must not be trusted for, one sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One system, from raw files to figures.

    `input` and `model` are tables with a ``kind`` and the settings of that kind; the functions they name check these.
    """

    name: str
    title: str
    source: str
    data: Data
    split: SplitRule
    input: Mapping[str, Any]
    model: Mapping[str, Any]
    training: Training
    evaluation: Evaluation
    card: ForCard
    file: Path
    sha256: str
    """Of the file, so that a run is never resumed under another recipe."""

    def kind_of(self, table: str) -> tuple[str, dict[str, Any], str]:
        """Return the kind, the settings and the place (for messages) of ``input`` or ``model``."""
        settings = dict(self.input if table == "input" else self.model)
        where = f"{self.file} [{table}]"
        if not isinstance(kind := settings.pop("kind", None), str):
            raise OptionError(f"{where}: key 'kind' is missing or no text")
        return kind, settings, where


SECTIONS: Final = {"data": Data, "split": SplitRule, "training": Training, "evaluation": Evaluation, "card": ForCard}


def read_recipe(file: Path) -> Recipe:
    """Read a recipe from a TOML file.

    Raises
    ------
    OptionError
        The file cannot be read, or has an unknown or missing key, or a value of the wrong type.
    """
    try:
        content = file.read_bytes()
        table = tomllib.loads(content.decode("utf-8"))
    except (OSError, ValueError) as error:
        raise OptionError(f"{file}: not a recipe that can be read ({error})") from error
    for name, section in SECTIONS.items():
        part = table.get(name, {})
        if not isinstance(part, dict):
            raise OptionError(f"{file}: {name} is {part!r}; it must be a table")
        table[name] = fill(section, part, f"{file} [{name}]")
    recipe = fill(Recipe, table, str(file), file=file, sha256=hashlib.sha256(content).hexdigest())
    if recipe.name != file.stem:
        raise OptionError(f"{file}: name is '{recipe.name}'; it must be that of the file, '{file.stem}'")
    return recipe


def recipe_files() -> dict[str, Path]:
    """Return the recipes there are, by name: those of this package, then those that other packages offer."""
    own = {file.stem: file for file in sorted(FOLDER.glob("*.toml"), key=lambda file: file.stem)}
    others = {point.name: Path(point.load()) for point in entry_points(group=ENTRY_POINTS)}
    return others | own


def load_recipe(name: str) -> Recipe:
    """Load a recipe by its name, or from a path that ends in ``.toml``.

    Raises
    ------
    OptionError
        There is no such recipe; the message lists those there are. Or it cannot be read.

    Examples
    --------
    >>> load_recipe("mitdb-normal-cnn").training.epochs
    15
    """
    if name.endswith(".toml"):
        return read_recipe(Path(name))
    files = recipe_files()
    if name not in files:
        raise OptionError(
            f"recipe '{name}' is not known: choose from {', '.join(files)}, or give a path to a .toml file"
        )
    return read_recipe(files[name])
