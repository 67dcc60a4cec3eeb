"""Recipes: TOML files that say which data, split, input, model and training make a system, and how it is judged."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping  # noqa: TC003 - `fill` reads the types at run time
from dataclasses import dataclass, field, replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final

from ..datasets.splits import SET_ASIDE
from ..errors import OptionError, unknown
from .fill import fill, within
from .switches import Ablation, Switch

FOLDER: Final = Path(__file__).parents[1] / "recipes"
ENTRY_POINTS: Final = "einthoven.recipes"
"""Group under which another package offers recipes: each entry point loads to the path of a TOML file."""

DETECTION: Final = "detection"
"""Task of finding beats, in signals as they are; the tasks of ``TASKS`` are about beats that are known."""

BOXES: Final = "boxes"
"""Task of finding things in pictures, and saying what each is."""

APART: Final = {DETECTION: "detection", BOXES: "boxes"}
"""Tasks with a module of their own in `einthoven.learn`, which trains, and beside it ``_judge`` and ``_export``."""

RECORDS: Final = "records"
"""Task of answering a question about each record as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Which database, cut into which items, asked what: keys of ``DATASETS``, ``TASKS`` and ``TARGETS``.

    The tasks ``detection``, ``boxes`` and ``records`` stand beside those of ``TASKS``; what is asked of whole records
    is a key of ``RECORD_TARGETS``.
    """

    dataset: str
    task: str
    target: str
    leads: tuple[str, ...] = ()
    """Where beats are shown one by one: those of these that a record has are looked at first, then its others."""
    edge_s: float = 0.0
    """Beats nearer than this to either end of their record are not judged, so that recipes are judged on the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRule:
    """Who is tested on: a key of ``SPLITS`` or of ``FOLD_RULES``, and the seed the protocol names.

    By a rule of folds all are tested on in turn; then seeds are the numbers of its repeats.
    """

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
    steps: int = 0
    """Batches drawn from ``[[sources]]``; 0 where every item of the training side is seen `epochs` times instead."""
    schedule: str = "constant"
    """Of the learning rate: ``constant``, ``one-cycle``, up for 15% of the steps and down again, or ``cosine``."""
    warm_up: float = 0.0
    """Share of the steps in which the rate of ``cosine`` rises first, in a straight line."""
    clip: float = 0.0
    """Largest norm of the gradient; 0 for any."""
    average: float = 0.0
    """Decay of the running mean of the weights, which is what is kept; 0 keeps the last weights."""
    smoothing: float = 0.0
    """How far the targets of the main question are moved from 0 and 1, or which share is spread over its classes."""
    manifold_mixup: float = 0.0
    """Each item is mixed with another somewhere in the network; see :func:`einthoven.learn.mixup.mixed`. 0: nowhere."""
    members: int = 1
    """Networks from different starts that answer together, where classes exclude each other; those of folds are one."""
    class_weights: tuple[float, ...] = ()
    """Of the classes of the main question, where they exclude each other; none: all alike."""
    sequence: int = 0
    """Beats in a sequence that is drawn, where beats are shown in sequences; 0: as many as the network is made for."""
    short: float = 0.0
    """Share of the sequences drawn that are cut to fewer beats, where beats are shown in sequences."""
    fusion: float = 0.0
    """Share of the normal beats of sequences with ventricular ones that are fused with one of these."""
    loop: float = 0.0
    """Share of those from records too short for a sequence that show their beats again and again."""
    losses: Mapping[str, float] = field(default_factory=dict)
    """Weights of the questions asked beside the main one, by the name of the network's answer."""

    def __post_init__(self) -> None:
        within(
            self,
            {
                "learning_rate": (1e-9, 10),
                "batch_size": (1, 1e6),
                "epochs": (1, 1e5),
                "weight_decay": (0, 10),
                "epsilon": (1e-16, 1),
                "steps": (0, 1e8),
                "clip": (0, 1e6),
                "average": (0, 0.999999),
                "smoothing": (0, 0.49),
                "warm_up": (0, 1),
                "manifold_mixup": (0, 100),
                "members": (1, 20),
                "sequence": (0, 1e4),
                "short": (0, 1),
                "fusion": (0, 1),
                "loop": (0, 1),
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A database that batches are drawn from."""

    dataset: str
    """Key of ``LESSONS``. Of the database of ``[data]`` only the training side is drawn from."""
    batch: int
    """Items of it in a batch."""
    leads: tuple[float, ...] = ()
    """Weight of each lead, in the order of the record; none named: all alike. Leads shown together are one."""
    balance: float = 0.0
    """0: a record's beats are drawn alike; 1: its beat types are. Records are drawn alike always."""
    emphasis: Mapping[str, float] = field(default_factory=dict)
    """How much more often a record is drawn for each statement made of it."""
    without: tuple[str, ...] = ()
    """Types of beats that are not drawn, as where the database means something else by them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Weights to start from: those of another recipe, which is trained first."""

    recipe: str
    keep: float = 0.0
    """Share of the weights it started from that is mixed back into those it ended with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blend:
    """Recipes that answer together; this one trains nothing itself."""

    recipes: tuple[str, ...]
    """For whole records, by the same rule of folds and with pairs, each of which takes some of this one's inputs; or,
    with the rule ``none``, of another database, which is learnt from once and for all. With `weights` pairs are not
    needed, since nothing is fitted inside."""
    least: tuple[float, ...] = ()
    """The least that each weighs, as a multiple of what the first does; none said: 0."""
    weights: tuple[float, ...] = ()
    """What each weighs, where classes do not exclude each other; then the parts may tell further classes."""
    int8: bool = False
    """Whether its networks are shipped with whole numbers of eight bits."""

    @property
    def shares(self) -> tuple[float, ...]:
        """The weights over their sum: together the parts are no surer than each, where no line is fitted to a class."""
        return tuple(weight / sum(self.weights) for weight in self.weights)


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
    shares: bool = False
    """Whether classes that exclude each other have an intercept each in these lines, too: where batches hold rare ones
    far more often than hearts do."""
    folds: int = 0
    """Parts of the training side that are scored by a network trained on the others, to fit that line on, for the
    protocol's own split; then runs on other splits have no line. 0: fitted on what the network itself learnt from. By
    a rule of folds: their number."""
    repeats: int = 0
    """By a rule of folds, how often all are dealt out anew."""
    pairs: bool = False
    """By a rule of folds, whether networks are also trained without two of them and score both: then the line, and all
    else that is chosen for a fold, is fitted on scores of the others by networks that saw neither."""
    each_epoch: bool = False
    """Whether those tested on are scored after every epoch, for the figures at whichever is best for them: some
    publications give these, though they are too good."""
    test: str = ""
    """Another rule of folds, of those that set a fold aside, by which the same is trained once more and tested."""
    whole: bool = False
    """By a rule of folds, whether one more learns from all: nobody can judge it, and it may be shipped."""
    outside: tuple[str, ...] = ()
    """Other databases, keys of ``OUTSIDE``, whose records the bundle of the first repeat is asked about at the end."""

    def __post_init__(self) -> None:
        if self.test and self.test not in SET_ASIDE:
            raise unknown("rule of folds that sets one aside, test", self.test, SET_ASIDE)
        ranges = {"seeds": (1, 100), "splits": (0, 1000), "folds": (0, 20), "repeats": (0, 100)}
        within(self, ranges)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForCard:
    """What the card of the model says that no run can know."""

    leads: tuple[str, ...] = ()
    """Leads it may be given, best first; none named: any."""
    limits: tuple[str, ...] = ()
    """What it must not be trusted for, one sentence each."""
    miss_rate: float = 0.02
    """Of classes that exclude each other: share of items whose right class may count as impossible."""
    int8: bool = False
    """Of detectors of boxes: whether the bundle works with whole numbers of eight bits."""

    def __post_init__(self) -> None:
        within(self, {"miss_rate": (0, 1)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One system, from raw files to figures.

    `input`, `model` and `loss` are tables with a ``kind`` and the settings of that kind; the functions they name check
    these. So is `augment`, without a kind: it has the settings of what varies inputs of the recipe's kind.
    """

    name: str
    title: str
    source: str
    data: Data
    split: SplitRule
    input: Mapping[str, Any]
    training: Training
    evaluation: Evaluation
    card: ForCard
    file: Path
    sha256: str
    """Of all in the file that changes what is done, so that a run is never resumed under another recipe."""
    model: Mapping[str, Any] = field(default_factory=dict)
    loss: Mapping[str, Any] = field(default_factory=lambda: {"kind": "cross-entropy"})
    """Of classes that do not exclude each other."""
    sources: tuple[Source, ...] = ()
    augment: Mapping[str, Any] = field(default_factory=dict)
    start: Start | None = None
    blend: Blend | None = None
    switches: tuple[Switch, ...] = ()
    """What is set otherwise in the forms of it that ``einthoven ablate`` compares, in their order."""
    ablation: Ablation = field(default_factory=Ablation)

    @property
    def least(self) -> tuple[float, ...]:
        """The least that each recipe which answers in this one weighs; see :class:`Blend`."""
        return self.blend.least if self.blend else ()

    @property
    def tested(self) -> Recipe | None:
        """The same by the rule that sets a fold aside to test on, where one is named; see :class:`Evaluation`."""
        rule = self.evaluation.test
        return replace(self, split=replace(self.split, rule=rule)) if rule not in ("", self.split.rule) else None

    def kind_of(self, table: str) -> tuple[str, dict[str, Any], str]:
        """Return the kind, the settings and the place (for messages) of ``input``, ``model`` or ``loss``."""
        settings = dict({"input": self.input, "model": self.model, "loss": self.loss}[table])
        where = f"{self.file} [{table}]"
        if not isinstance(kind := settings.pop("kind", None), str):
            raise OptionError(f"{where}: key 'kind' is missing or no text")
        return kind, settings, where


SAYS: Final = ("title", "source", "card", "switches", "ablation")
"""Keys that tell of a recipe, or of other forms of it, and change nothing in it."""

SECTIONS: Final = {
    "data": Data,
    "split": SplitRule,
    "training": Training,
    "evaluation": Evaluation,
    "card": ForCard,
    "ablation": Ablation,
}
LISTS: Final = {"sources": Source, "switches": Switch}


def _fingerprint(table: Mapping[str, Any]) -> str:
    """Hash what a recipe does: neither comments nor what it only says change a training."""
    does = {key: value for key, value in table.items() if key not in SAYS}
    return hashlib.sha256(json.dumps(does, sort_keys=True, default=str).encode()).hexdigest()


def read_recipe(file: Path) -> Recipe:
    """Read a recipe from a TOML file.

    Raises
    ------
    OptionError
        The file cannot be read, or has an unknown or missing key, or a value of the wrong type.
    """
    recipe = recipe_of(read_table(file), file)
    if recipe.name != file.stem:
        raise OptionError(f"{file}: name is '{recipe.name}'; it must be that of the file, '{file.stem}'")
    return recipe


def read_table(file: Path) -> dict[str, Any]:
    """Read what a recipe's file says, unchecked; raises OptionError where it cannot be read."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OptionError(f"{file}: not a recipe that can be read ({error})") from error


def recipe_of(table: dict[str, Any], file: Path) -> Recipe:
    """Return the recipe that a table is of; raises as :func:`read_recipe` does."""
    table = dict(table)
    sha256 = _fingerprint(table)
    for name, section in SECTIONS.items():
        table[name] = fill(section, _table(table.get(name, {}), name, file), f"{file} [{name}]")
    for name, optional in (("start", Start), ("blend", Blend)):
        if name in table:
            table[name] = fill(optional, _table(table[name], name, file), f"{file} [{name}]")
    for name, entry in LISTS.items():
        if not isinstance(parts := table.get(name, []), list):
            raise OptionError(f"{file}: {name} is {parts!r}; it must be a list of tables, [[{name}]]")
        table[name] = tuple(
            fill(entry, _table(part, name, file), f"{file} [[{name}]] {number}")
            for number, part in enumerate(parts, start=1)
        )
    return fill(Recipe, table, str(file), file=file, sha256=sha256)


def _table(part: Any, name: str, file: Path) -> dict[str, Any]:
    if not isinstance(part, dict):
        raise OptionError(f"{file}: {name} is {part!r}; it must be a table")
    return part


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
