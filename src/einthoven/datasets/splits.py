"""Who is learnt from and who is tested on: rules that keep each recording on one side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from ..errors import DataError, OptionError, unknown
from .mitdb import DS1, DS2, RECORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

SHARE_BINS: Final = (0.2, 0.6)
"""Records are binned by their share of abnormal beats: up to 0.2, up to 0.6, above."""

TEST_SHARE: Final = 0.25


@dataclass(frozen=True, slots=True)
class Split:
    """Names of the records to learn from and of those to test on."""

    train: tuple[str, ...]
    test: tuple[str, ...]


class Rule(Protocol):
    """How a split is made: from each record's share of abnormal beats, in the database's order, and a seed."""

    def __call__(self, abnormal_share: Mapping[str, float], seed: int) -> Split:
        """Return the split."""
        ...


def patients_75_25(abnormal_share: Mapping[str, float], seed: int) -> Split:
    """Set a quarter of the records aside, as many from each bin of abnormal share.

    The rule of the published notebook: ``train_test_split(records, test_size=0.25, stratify=bin, random_state=seed)``.
    It splits by record, so that 201 and 202, one person, can come to lie on both sides.

    Parameters
    ----------
    abnormal_share
        For each record, in the order of the database, the share of its beats that are abnormal, 0 to 1.
    seed
        Seed of the draw; the protocol's own is 42.

    Raises
    ------
    DataError
        There are too few records to draw from.
    """
    from sklearn.model_selection import train_test_split

    records = list(abnormal_share)
    bins = np.digitize([abnormal_share[name] for name in records], SHARE_BINS, right=True)
    try:
        train, test = train_test_split(records, test_size=TEST_SHARE, stratify=bins, random_state=seed)
    except ValueError as error:
        raise DataError(f"{len(records)} records cannot be split 75 to 25 by abnormal share ({error})") from error
    return Split(tuple(train), tuple(test))


def ds1_ds2(abnormal_share: Mapping[str, float], seed: int) -> Split:
    """Return de Chazal's two halves, without the paced records; neither argument changes them but by what is there.

    Records of other databases are learnt from.
    """
    further = tuple(r for r in abnormal_share if r not in RECORDS)
    return Split(tuple(r for r in DS1 if r in abnormal_share) + further, tuple(r for r in DS2 if r in abnormal_share))


def everyone(abnormal_share: Mapping[str, float], seed: int) -> Split:
    """Learn from all and test on nobody, for weights that others start from; neither argument matters."""
    return Split(tuple(abnormal_share), ())


def five_to_one(abnormal_share: Mapping[str, float], seed: int) -> Split:
    """Shuffle, learn from the first five sixths and test on the last: of the 600 records of cpic2019 on 100.

    The rule of a published solution, whose own draw is not known; the shares play no part in it.
    """
    order = [list(abnormal_share)[place] for place in np.random.default_rng(seed).permutation(len(abnormal_share))]
    n_test = round(len(order) / 6)
    return Split(tuple(order[: len(order) - n_test]), tuple(order[len(order) - n_test :]))


SPLITS: Final[dict[str, Rule]] = {
    "patients-75-25": patients_75_25,
    "ds1-ds2": ds1_ds2,
    "cpic-published-split": five_to_one,
    "none": everyone,
}


def stratified(
    abnormal_share: Mapping[str, float], patient: Mapping[str, str], number: int, seed: int
) -> tuple[tuple[str, ...], ...]:
    """Part whole records, each of a patient of its own, into folds with the same share of abnormal ones.

    ``StratifiedKFold(number, shuffle=True, random_state=seed)`` of scikit-learn, over the records in the order of their
    database.

    Raises
    ------
    DataError
        There are fewer normal or abnormal records than folds.
    """
    from sklearn.model_selection import StratifiedKFold

    names, ill = list(abnormal_share), [share > 0.5 for share in abnormal_share.values()]
    if not 2 <= number <= min(sum(ill), len(ill) - sum(ill)):
        raise DataError(f"{sum(ill)} abnormal of {len(ill)} records into {number} folds; each must have one of both")
    dealer = StratifiedKFold(number, shuffle=True, random_state=seed)
    return tuple(tuple(names[place] for place in held) for _, held in dealer.split(names, ill))


def by_patient(
    abnormal_share: Mapping[str, float], patient: Mapping[str, str], number: int, seed: int
) -> tuple[tuple[str, ...], ...]:
    """Part whole records into folds by patient: patients are shuffled and dealt out in turn, whatever they have.

    Of many classes, most of them rare, none can be spread evenly; so the shares play no part in it.

    Raises
    ------
    DataError
        There are fewer patients than folds.

    Examples
    --------
    >>> by_patient(dict.fromkeys("abcd", 0.0), {"a": "1", "b": "1", "c": "2", "d": "3"}, 3, seed=0)
    (('d',), ('a', 'b'), ('c',))
    """
    whose = {name: patient.get(name, name) for name in abnormal_share}
    order = sorted(set(whose.values()), key=lambda one: (len(one), one))  # as numbers go, where they are numbers
    if not 2 <= number <= len(order):
        raise DataError(f"{len(order)} patients into {number} folds; there must be 2 or more, and one for each")
    np.random.default_rng(seed).shuffle(order)
    fold = {one: place % number for place, one in enumerate(order)}
    return tuple(tuple(name for name, one in whose.items() if fold[one] == k) for k in range(number))


FOLD_RULES: Final[dict[str, Callable[..., tuple[tuple[str, ...], ...]]]] = {
    "cpic-cv": stratified,
    "ptbxl-cv": by_patient,
    "ptbxl-folds": by_patient,
}
"""Rules by which all are tested on in turn, each by networks that did not learn from it; of the form of :func:`folds`,
whose seed is the number of the repeat."""

SET_ASIDE: Final = {"ptbxl-folds": 10}
"""By rule of folds: the published fold that is not dealt out. No network learns from it, and all are asked about it."""


def split(rule: str, abnormal_share: Mapping[str, float], seed: int) -> Split:
    """Split by the rule of this name.

    Raises
    ------
    OptionError
        There is no such rule; the message lists those there are.
    """
    if rule not in SPLITS:
        raise unknown("split rule", rule, SPLITS)
    return SPLITS[rule](abnormal_share, seed)


def folds(
    abnormal_share: Mapping[str, float], patient: Mapping[str, str], number: int, seed: int
) -> tuple[tuple[str, ...], ...]:
    """Part records into folds of like size and like shares of abnormal beats, each patient in one of them.

    Patients are ranked by share and dealt out, in turns of one to each fold and in an order drawn for each turn.

    Parameters
    ----------
    abnormal_share
        For each record the share of its beats that are abnormal, 0 to 1.
    patient
        By record: whose it is; one that is not named is of a patient of its own.
    number
        Of folds.
    seed
        Of the dealing.

    Raises
    ------
    OptionError
        There are fewer patients than folds.

    Examples
    --------
    >>> share = {"a": 0.0, "b": 0.1, "c": 0.9, "d": 1.0}
    >>> [len(fold) for fold in folds(share, {}, 2, seed=0)]
    [2, 2]
    """
    records: dict[str, list[str]] = {}
    for name in abnormal_share:
        records.setdefault(patient.get(name, name), []).append(name)
    if not 2 <= number <= len(records):
        raise OptionError(f"{len(records)} patients into {number} folds; there must be 2 or more, and one for each")
    ranked = sorted(records.values(), key=lambda names: (np.mean([abnormal_share[name] for name in names]), names))
    rng = np.random.default_rng(seed)
    dealt: list[list[str]] = [[] for _ in range(number)]
    for first in range(0, len(ranked), number):
        for fold, names in zip(rng.permutation(number), ranked[first : first + number], strict=False):
            dealt[fold].extend(names)
    return tuple(map(tuple, dealt))


def abnormal_share(group: NDArray[np.str_], abnormal: NDArray[np.bool_]) -> dict[str, float]:
    """Share of abnormal items in each group, in the order in which the groups first occur.

    Examples
    --------
    >>> abnormal_share(np.array(["b", "b", "a"]), np.array([True, False, False]))
    {'b': 0.5, 'a': 0.0}
    """
    return {str(name): float(np.mean(abnormal[group == name])) for name in dict.fromkeys(group)}
