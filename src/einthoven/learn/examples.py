"""From recordings to examples: what a network sees of each item, what it should say, and whose heart it is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from ..beats.inputs import SEQUENCES
from ..beats.sequences import SEQUENCE
from ..bundles.inputs import input_kind, leads_at_once
from ..datasets import mitdb, nstdb, svdb
from ..datasets.annotated import fingerprint
from ..errors import DataError, OptionError
from ..evaluation.ec57 import aami as aami_classes
from ..images.inputs import Pictures
from ..record import Beats
from .augment import noise_of
from .draws import Part
from .fill import checked
from .lessons import CLASSES
from .pools import pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ..beats.rows import Rows
    from ..datasets.annotated import Annotated
    from ..record import Record
    from .recipe import Recipe

Choice = TypeVar("Choice")

USUAL: Final = ("N", "normal")
"""Classes of what nothing is wrong with; where one is the first, each item is of just one class."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Items to learn from or to test on.

    Parameters
    ----------
    inputs
        By the name of the network's input: rows, one an item.
    target
        float32, shape (item, class): 1 where the class is there, NaN where that is not known.
    group
        Unicode, shape (item,): the record each item is of.
    classes
        Names of the columns of `target`.
    fs_hz, length_s
        Rate the network sees, and seconds of signal that one item shows.
    fingerprint
        Of the recordings they were made from.
    patient
        By record: whose it is; records that are not named are of one patient each.
    databases
        Those they are of: no record of these is drawn unless it is on the side that is learnt from.
    sequence
        Beats in the sequences that a network is shown; 0 where it is shown one by one.
    causal
        Whether it makes nothing of the beats after one.
    parts
        What batches are drawn from, where the recipe draws them.
    noise
        float32, shape (sample,): noise to vary these with.
    fold
        By record: the fold its publisher put it in.
    judged
        bool, shape (item,): what figures count; all, where it is None. The others are learnt from only.
    draw
        Makes the inputs, by name, of what `parts` hold, where these are traces and the inputs pictures.
    """

    inputs: Mapping[str, Rows]
    target: NDArray[np.float32]
    group: NDArray[np.str_]
    classes: tuple[str, ...]
    fs_hz: float
    length_s: float
    fingerprint: str
    patient: Mapping[str, str] = field(default_factory=dict)
    databases: tuple[str, ...] = ()
    sequence: int = 0
    causal: bool = False
    parts: tuple[Part, ...] = ()
    noise: NDArray[np.float32] | None = None
    fold: Mapping[str, int] = field(default_factory=dict)
    judged: NDArray[np.bool_] | None = None
    draw: Callable[[Mapping[str, NDArray[np.float32]]], dict[str, NDArray[np.float32]]] | None = None

    def __len__(self) -> int:
        return len(self.target)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of what a network is shown at once, of each input."""
        before = (self.sequence,) if self.sequence else ()
        return {name: (*before, *rows.shape[1:]) for name, rows in self.inputs.items()}

    @property
    def exclusive(self) -> bool:
        """Whether an item is of just one class, as those of AAMI are, and what is normal or abnormal."""
        return self.classes[0] in USUAL

    @property
    def abnormal(self) -> NDArray[np.bool_]:
        """Whether each item is of any class but the usual one: bool, shape (item,)."""
        ill: NDArray[np.bool_] = self.target[:, [name not in USUAL for name in self.classes]].max(axis=1) > 0
        return ill

    def of_groups(self, names: Sequence[str]) -> NDArray[np.int64]:
        """Numbers of the items that belong to these groups, ascending."""
        return np.flatnonzero(np.isin(self.group, names))


class Joined:
    """Chosen rows of several recordings, one recording after the other, as if they were one array.

    Parameters
    ----------
    parts
        Rows of each recording.
    chosen
        Which of them, int64, ascending.

    Examples
    --------
    >>> rows = Joined([np.array([[1.0], [2.0]]), np.array([[3.0]])], [np.array([1]), np.array([0])])
    >>> len(rows), rows[np.array([1, 0])].ravel().tolist()
    (2, [3.0, 2.0])
    """

    def __init__(self, parts: Sequence[Rows], chosen: Sequence[NDArray[np.int64]]) -> None:
        self._parts = parts
        self._part = np.repeat(np.arange(len(parts)), [len(rows) for rows in chosen])
        self._row = np.concatenate(chosen)

    def __len__(self) -> int:
        return len(self._row)

    @property
    def shape(self) -> tuple[int, ...]:
        """Items, then the shape of one."""
        return len(self), *self._parts[0].shape[1:]

    def __getitem__(self, index: Any) -> NDArray[np.float32]:
        part, row = self._part[index], self._row[index]
        out = np.empty((len(row), *self.shape[1:]), np.float32)
        for number in np.unique(part):
            here = part == number
            out[here] = self._parts[number][row[here]]
        return out


def abnormal(symbol: NDArray[np.str_]) -> NDArray[np.float32]:
    """Mark every beat that is not ``N`` (nor ``.``, as it was once written): float32, shape (beat, 1)."""
    return (~np.isin(symbol, ["N", "."])).astype(np.float32)[:, None]


def aami(symbol: NDArray[np.str_]) -> NDArray[np.float32]:
    """Mark the class of every beat, none where it is Q: float32, shape (beat, 4)."""
    return one_hot(aami_classes(Beats(np.arange(len(symbol)), symbol)), len(CLASSES))


def one_hot(number: NDArray[Any], classes: int) -> NDArray[np.float32]:
    """Mark the class of each number, none where there is no such class: float32, shape (item, class)."""
    return np.asarray(number[:, None] == np.arange(classes), np.float32)


TARGETS: Final[dict[str, tuple[tuple[str, ...], Callable[[NDArray[np.str_]], NDArray[np.float32]]]]] = {
    "abnormal": (("abnormal",), abnormal),
    "aami": (CLASSES, aami),
}
"""What is asked of a beat: names of the classes, and the function from symbols to targets."""

SOURCES: Final[dict[str, Callable[[str | Path | None], Iterator[Annotated]]]] = {
    "mitdb": mitdb.load,
    "svdb": svdb.load,
}
"""Databases of recordings with reference beats, and what reads them."""


def beat_examples(recipe: Recipe, root: str | Path | None, parts: Sequence[Part]) -> Examples:
    """One example a beat; beats too near either end of their record are left out.

    Shown are as many leads as the kind of input shows at once, the recipe's named ones first, then in the record's
    order.

    Parameters
    ----------
    recipe
        Its tables ``data`` and ``input`` say what is read and how it is shown.
    root
        Folder that holds the databases.
    parts
        What batches are drawn from; nothing is judged on that.

    Raises
    ------
    DataError
        The database is not there, or holds no beat.
    OptionError
        The recipe names a source, target or kind of input that is not known, or a wrong setting.
    """
    kind, settings, _ = recipe.kind_of("input")
    make = partial(input_kind(kind), **settings)
    n_leads = leads_at_once(kind)
    classes, target_of = _chosen(TARGETS, "target", recipe)
    arrays: dict[str, list[Rows]] = {}
    chosen, targets, groups, prints, patients = [], [], [], [], {}
    for item in _chosen(SOURCES, "dataset", recipe)(root):
        made = make(_leads(item.record, recipe.data.leads, n_leads), item.record.fs_hz, item.beats.sample)
        edge = round(recipe.data.edge_s * item.record.fs_hz)
        inside = (item.beats.sample >= edge) & (item.beats.sample + edge <= item.record.n_samples)
        whole = np.flatnonzero(made.complete & inside)
        for name, rows in made.arrays.items():
            arrays.setdefault(name, []).append(rows)
        chosen.append(whole)
        targets.append(target_of(item.beats.symbol[whole]))
        groups.append(np.full(len(whole), item.record.id))
        prints.append(fingerprint(item))
        patients[item.record.id] = item.patient
    if not sum(map(len, chosen)):
        raise DataError(f"{recipe.data.dataset}: no beats to learn from")
    return Examples(
        inputs={name: Joined(parts, chosen) for name, parts in arrays.items()},
        target=np.concatenate(targets),
        group=np.concatenate(groups),
        classes=classes,
        fs_hz=made.fs_hz,
        length_s=made.length_s,
        fingerprint=hashlib.sha256("\n".join(prints).encode()).hexdigest(),
        patient=patients,
        databases=(recipe.data.dataset,),
        draw=_drawing(made.arrays),
    )


def _leads(record: Record, named: Sequence[str], n_leads: int) -> NDArray[np.float32]:
    """Return the signals to be shown: float32, shape (sample,) of one lead, (lead, sample) of more."""
    order = [*(lead for lead in named if lead in record), *(lead for lead in record.leads if lead not in named)]
    shown = record.pick(order[:n_leads]).signal
    return shown if n_leads > 1 else shown[0]


def _drawing(arrays: Mapping[str, Rows]) -> Callable[[Mapping[str, NDArray[np.float32]]], Any] | None:
    """Return what makes pictures of traces; None where inputs are no pictures."""
    ((name, rows), *_) = arrays.items()
    if not isinstance(rows, Pictures):
        return None
    return lambda traces: {name: rows.draw(traces)}


def sequence_examples(recipe: Recipe, root: str | Path | None, parts: Sequence[Part]) -> Examples:
    """One example a beat, shown among its neighbours: all beats of the databases drawn from in which beats are marked.

    Parameters
    ----------
    recipe
        Its table ``data`` says what is asked.
    root
        Folder that holds the databases.
    parts
        What batches are drawn from.

    Raises
    ------
    OptionError
        The recipe names a target that is not known, or an input that is not shown in sequences, or it does not draw
        from the database it is to be judged on.
    """
    classes, _ = _chosen(TARGETS, "target", recipe)
    kind, settings, where = recipe.kind_of("input")
    if kind not in SEQUENCES:
        raise OptionError(f"{where}: kind {kind!r} is not shown in sequences; choose from {', '.join(SEQUENCES)}")
    pools = {part.source.dataset: part.pool for part in parts if part.source.dataset in SOURCES}
    if recipe.data.dataset not in pools:
        raise OptionError(f"{recipe.file}: no [[sources]] of {recipe.data.dataset!r}, the dataset of [data]")
    every = [np.arange(len(one)) for one in pools.values()]
    known = [one.known(recipe.data.target, index) for one, index in zip(pools.values(), every, strict=True)]
    own = pools[recipe.data.dataset]
    return Examples(
        inputs={name: Joined([one.rows[name] for one in pools.values()], every) for name in own.rows},
        target=np.concatenate([of if of.ndim > 1 else one_hot(of, len(classes)) for of in known]),
        group=np.concatenate([one.group for one in pools.values()]),
        classes=classes,
        fs_hz=own.fs_hz,
        length_s=own.length_s,
        fingerprint=own.fingerprint,
        patient={name: of for one in pools.values() for name, of in zip(one.names, one.patients, strict=True)},
        databases=tuple(pools),
        sequence=SEQUENCE,
        causal=bool(settings.get("causal", False)),
    )


TASKS: Final[dict[str, Callable[[Recipe, str | Path | None, Sequence[Part]], Examples]]] = {
    "beats": beat_examples,
    "beat-sequences": sequence_examples,
}
"""How recordings become items."""


def examples(recipe: Recipe, root: str | Path | None, runs: str | Path = "runs") -> Examples:
    """Make the examples a recipe asks for.

    Parameters
    ----------
    recipe
        What is wanted.
    root
        Folder that holds the databases.
    runs
        Folder of all runs, where what is drawn from is kept prepared.

    Raises
    ------
    DataError
        A database is not there.
    OptionError
        The recipe names what is not known.
    """
    task = _chosen(TASKS, "task", recipe)
    kind, settings, where = recipe.kind_of("input")
    settings = checked(input_kind(kind), settings, where)
    parts = tuple(Part(pool(source.dataset, kind, settings, root, runs), source) for source in recipe.sources)
    made = task(recipe, root, parts)
    if not parts:
        return made
    return replace(made, parts=parts, noise=noise_of(nstdb.load(root)) if recipe.augment.get("noisy") else None)


def _chosen(table: Mapping[str, Choice], key: str, recipe: Recipe) -> Choice:
    name = getattr(recipe.data, key)
    if name not in table:
        raise OptionError(f"{recipe.file} [data]: {key} {name!r} is not known; choose from {', '.join(table)}")
    return table[name]
