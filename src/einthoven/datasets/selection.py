"""Which pictures a training set is made of, and which side of it each is on: pure, and the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from ..errors import DataError, OptionError, unknown
from .mitdb import DS1, DS2

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]
    Sides = NDArray[np.int8]

TRAIN, TEST, NEITHER = 0, 1, -1
TRAIN_SHARE: Final = 0.7
_STARTS: Final = 16  # of the search for a fair division of patients


class Table(Protocol):
    """What is chosen from: :class:`.beat_index.BeatIndex`, or its like for strips."""

    @property
    def record(self) -> NDArray[np.str_]:
        """Recording of each row."""
        ...

    @property
    def patient(self) -> NDArray[np.str_]:
        """Whose it is."""
        ...

    @property
    def class_id(self) -> Rows:
        """Class of each row; of several, the rarest."""
        ...

    @property
    def shows(self) -> NDArray[np.bool_]:
        """All classes of each row."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Rows to learn from and rows to test on, int64, ascending; and how many the split takes for neither."""

    train: Rows
    test: Rows
    neither: int = 0


def select(
    table: Table,
    *,
    per_class: int | None = None,
    split: str = "none",
    train_share: float = TRAIN_SHARE,
    seed: int = 0,
) -> Selection:
    """Divide a table into two sides, and draw so many of each class.

    Rows are divided before any is drawn, and each class is shuffled once on each side. So a row never changes sides as
    `per_class` grows, and what was drawn stays drawn.

    Parameters
    ----------
    table
        What there is.
    per_class
        How many of each class at most, of which `train_share` are drawn from those to learn from; all by default.
    split
        A key of :data:`SPLITS`.
    train_share
        Share to learn from, 0 to 1; ``none`` and ``ds1-ds2`` do not ask for it when they divide.
    seed
        Of the division and of the draws.

    Raises
    ------
    OptionError
        The split is not known, or a number out of range.
    DataError
        Nobody is left to divide, as with ``ds1-ds2`` of another database.
    """
    if per_class is not None and per_class < 1:
        raise OptionError(f"{per_class} pictures a class; it must be 1 or more")
    side = sides(table, split, train_share, seed)
    n_train, n_test = per_class, per_class
    if per_class is not None and split != "none":
        n_train = _portion(per_class, train_share)
        n_test = per_class - n_train

    def drawn(which: int, most: int | None) -> Rows:
        there = np.flatnonzero(side == which)
        return there[choose(table.class_id[there], most, np.random.default_rng([seed, which]))]

    return Selection(drawn(TRAIN, n_train), drawn(TEST, n_test), int((side == NEITHER).sum()))


def limited(chosen: Selection, most: int, seed: int = 0) -> Selection:
    """Return at most so many of the rows chosen, drawn from both sides alike, each on its side.

    Raises
    ------
    OptionError
        The number is not positive.

    Examples
    --------
    >>> few = limited(Selection(np.arange(700), np.arange(700, 1000)), 10)
    >>> len(few.train) + len(few.test)
    10
    """
    if most < 1:
        raise OptionError(f"limit is {most} pictures; it must be 1 or more")
    n_train, n = len(chosen.train), len(chosen.train) + len(chosen.test)
    kept = np.sort(np.random.default_rng([seed, 4]).permutation(n)[:most])
    return Selection(chosen.train[kept[kept < n_train]], chosen.test[kept[kept >= n_train] - n_train], chosen.neither)


def choose(class_id: Rows, per_class: int | None, rng: np.random.Generator) -> Rows:
    """Draw so many rows of each class, all of one that has fewer: int64, ascending.

    Parameters
    ----------
    class_id
        int64, shape (row,).
    per_class
        How many at most; None for all.
    rng
        Shuffles each class whole, so that with the same generator a larger draw holds the smaller one.

    Examples
    --------
    >>> choose(np.array([0, 0, 0, 1]), 2, np.random.default_rng(0)).tolist()
    [0, 2, 3]
    """
    if per_class is None:
        return np.arange(len(class_id))
    drawn = [
        rng.permutation(np.flatnonzero(class_id == one))[:per_class] for one in range(class_id.max(initial=-1) + 1)
    ]
    return np.sort(np.concatenate([np.zeros(0, np.int64), *drawn]))


def sides(table: Table, split: str, train_share: float = TRAIN_SHARE, seed: int = 0) -> Sides:
    """Say of each row whether it is learnt from (0), tested on (1) or neither (-1): int8, shape (row,).

    Raises
    ------
    OptionError, DataError
        As :func:`select`.
    """
    if split not in SPLITS:
        raise unknown("split", split, SPLITS)
    if not 0 < train_share < 1:
        raise OptionError(f"share to learn from is {train_share:g}; it must be between 0 and 1")
    return SPLITS[split](table, train_share, seed)


class Rule(Protocol):
    """How rows are divided."""

    def __call__(self, table: Table, train_share: float, seed: int) -> Sides:
        """Return the side of each row."""
        ...


def all_learnt(table: Table, train_share: float, seed: int) -> Sides:
    """Learn from all; neither number matters."""
    return np.zeros(len(table.record), np.int8)


def by_image(table: Table, train_share: float, seed: int) -> Sides:
    """Divide each class by lot, whoever it is of: the beats of one person come to lie on both sides.

    The rule of published figures, which says little of new patients. A class with two rows or more is on both sides.
    """
    rng, side = np.random.default_rng([seed, 2]), np.zeros(len(table.record), np.int8)
    class_id = table.class_id
    for one in range(class_id.max(initial=-1) + 1):
        shuffled = rng.permutation(np.flatnonzero(class_id == one))
        side[shuffled[_portion(len(shuffled), train_share) :]] = TEST
    return side


def by_patient(table: Table, train_share: float, seed: int) -> Sides:
    """Divide by patient: each on one side only, every class of two patients or more on both wherever that can be.

    Patients change sides one by one as long as that brings more classes to both sides, or, as many being there, brings
    each class nearer to its share; from 16 starts drawn at random, the best end is taken. A class of a single patient
    is on one side only, by preference that which is learnt from.

    Raises
    ------
    DataError
        There is but one patient.
    """
    names, number = np.unique(table.patient, return_inverse=True)
    if len(names) < 2:
        raise DataError(f"{len(names)} patient; to divide by patient, there must be two or more")
    held = np.zeros((len(names), table.shows.shape[1]))
    np.add.at(held, number, table.shows)
    held = held[:, held.any(axis=0)]
    several = np.count_nonzero(held, axis=0) > 1
    rng, best = np.random.default_rng([seed, 3]), (np.inf, np.inf)
    test = np.zeros(len(names), bool)
    for _ in range(_STARTS):
        end, cost = _improved(rng.random(len(names)) >= train_share, held, several, 1 - train_share)
        if cost < best:
            test, best = end, cost
    return test[number].astype(np.int8)


def _improved(
    test: NDArray[np.bool_], held: NDArray[np.float64], several: NDArray[np.bool_], test_share: float
) -> tuple[NDArray[np.bool_], tuple[float, float]]:
    """Move one patient after the other, always the best to move, until none is; return who is tested on, and its cost.

    The cost is how many of the classes of several patients lack a side, and how far classes are from their shares.
    """

    def cost(test: NDArray[np.bool_]) -> tuple[float, float]:
        tested, total = held[test].sum(axis=0), held.sum(axis=0)
        lacking = int((several & ((tested == 0) | (tested == total))).sum())
        empty = not test.any() or bool(test.all())  # no side may be
        return lacking + len(several) * empty, float(np.abs(tested / total - test_share).sum())

    now = cost(test)
    while True:
        moved = [test ^ (np.arange(len(test)) == one) for one in range(len(test))]
        costs = [cost(one) for one in moved]
        least = min(costs)
        if not least < now:
            return test, now
        test, now = moved[costs.index(least)], least


def ds1_ds2(table: Table, train_share: float, seed: int) -> Sides:
    """Divide as de Chazal did, whatever the numbers: DS1 is learnt from, DS2 tested on; paced records are neither.

    Raises
    ------
    DataError
        One of the two halves has no record here.
    """
    side = np.full(len(table.record), NEITHER, np.int8)
    for which, name, half in ((TRAIN, "DS1", DS1), (TEST, "DS2", DS2)):
        there = np.isin(table.record, half)
        if not there.any():
            raise DataError(f"no record of {name} is here; ds1-ds2 divides the records of mitdb, and needs both halves")
        side[there] = which
    return side


SPLITS: Final[dict[str, Rule]] = {
    "none": all_learnt,
    "by-image": by_image,
    "by-patient": by_patient,
    "ds1-ds2": ds1_ds2,
}


def _portion(number: int, share: float) -> int:
    """Return how many of `number` are learnt from: at least one, and all but one at most where there are two."""
    return min(max(round(number * share), 1), max(number - 1, 1))
