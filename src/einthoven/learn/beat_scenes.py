"""Pictures of one beat each, as many of every class: the published way to show heartbeats to a detector."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from ..datasets.annotated import fingerprint
from ..datasets.beat_index import BeatIndex, index_beats
from ..datasets.selection import select
from ..errors import OptionError
from ..images.beat_pictures import beat_picture
from .examples import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from ..images.picture import Picture
    from ..record import Record
    from .recipe import Recipe

Item = TypeVar("Item")

_TEST: Final = 1  # beside the seed, so that pictures that are tested on are drawn apart


@dataclass(frozen=True, eq=False)
class BeatScenes:
    """See :class:`.scenes.Scenes`.

    Parameters
    ----------
    train, test
        The beats to draw.
    records
        The recordings they are of, by id.
    side_px
        Height and width of what the network sees.
    data
        Fingerprints.
    seed
        Of what is tested on.
    """

    train: BeatIndex
    test: BeatIndex
    records: Mapping[str, Record]
    side_px: int
    data: Mapping[str, str]
    seed: int

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of leads and symbols."""
        return self.train.classes

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of what the network sees."""
        return self.side_px, self.side_px

    @cached_property
    def patients(self) -> tuple[str, ...]:
        """Those who are learnt from."""
        return tuple(np.unique(self.train.patient).tolist())

    @property
    def facts(self) -> dict[str, Any]:
        """Records and numbers of both sides."""
        return {
            "train": np.unique(self.train.record).tolist(),
            "test": np.unique(self.test.record).tolist(),
            "n": {"train": len(self.train), "test": len(self.test)},
        }

    def drawer(self, without: Collection[str] = ()) -> Callable[[np.random.Generator], Picture]:
        """Return what draws a beat to learn from, each class alike, at a place drawn anew."""
        rows = np.flatnonzero(~np.isin(self.train.patient, list(without)))
        of_class = [rows[self.train.class_id[rows] == one] for one in np.unique(self.train.class_id[rows])]

        def draw(rng: np.random.Generator) -> Picture:
            some = of_class[rng.integers(len(of_class))]
            return self._picture(self.train, int(some[rng.integers(len(some))]), rng)

        return draw

    def shown(self, patients: Collection[str], most: int | None = None) -> Iterator[Picture]:
        """Draw beats of some patients that are learnt from."""
        rows = spread(np.flatnonzero(np.isin(self.train.patient, list(patients))).tolist(), most)
        return (self._picture(self.train, row, np.random.default_rng((self.seed, 0, row))) for row in rows)

    def tested(self) -> Iterator[Picture]:
        """Draw every beat that is tested on."""
        rows = range(len(self.test))
        return (self._picture(self.test, row, np.random.default_rng((self.seed, _TEST, row))) for row in rows)

    def _picture(self, index: BeatIndex, row: int, rng: np.random.Generator) -> Picture:
        record, lead = str(index.record[row]), str(index.lead[row])
        of, peak = self.records[record], int(index.peak[row])
        label = index.classes[index.class_id[row]]
        return beat_picture(of[lead], of.fs_hz, peak, rng, label=label, name=f"{record}-{lead}-{peak}", record=record)


def spread(every: Sequence[Item], most: int | None) -> Sequence[Item]:
    """Return so many of all, at equal distances; all of them with None.

    Examples
    --------
    >>> spread(range(10), 3), spread([1, 2], 3)
    ([0, 3, 6], [1, 2])
    """
    if most is None or len(every) <= most:
        return every
    return [every[place * len(every) // most] for place in range(most)]


def beat_scenes(
    recipe: Recipe,
    root: str | Path | None,
    *,
    per_class: int = 700,
    min_beats: int = 700,
    train_share: float = 0.7,
    side_px: int = 300,
) -> BeatScenes:
    """Choose beats and read their recordings.

    Parameters
    ----------
    recipe
        Names database, target (a key of ``CLASS_RULES``) and split (of ``datasets.selection.SPLITS``).
    root
        Folder that holds the databases.
    per_class, train_share
        Pictures of each class, and the share of them to learn from; see :func:`.selection.select`.
    min_beats
        Only classes with more beats than this.
    side_px
        Height and width of what the network sees.
    """
    if recipe.data.dataset not in SOURCES:
        raise OptionError(
            f"{recipe.file} [data]: no beats are marked in {recipe.data.dataset!r}; choose from {', '.join(SOURCES)}"
        )
    items = list(SOURCES[recipe.data.dataset](root))
    index = index_beats(items, recipe.data.target, min_beats=min_beats)
    split = recipe.split
    sides = select(index, per_class=per_class, split=split.rule, train_share=train_share, seed=split.seed)
    prints = "\n".join(map(fingerprint, items))
    return BeatScenes(
        index.take(sides.train),
        index.take(sides.test),
        {item.record.id: item.record for item in items},
        side_px,
        {recipe.data.dataset: hashlib.sha256(prints.encode()).hexdigest()},
        split.seed,
    )
