"""From rows of an index to pictures, and from pictures to a set on disk."""

from __future__ import annotations

import os
import re
import zlib
from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from ..images.beat_pictures import SPAN_S, beat_picture
from ..images.strips import STRIP_LOOK, Lead, strip_picture
from ..images.truth import page_picture
from .beat_index import BeatIndex, class_rule
from .strip_index import BETWEEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from ..images.export import PictureSet
    from ..images.picture import Picture
    from .annotated import Annotated
    from .selection import Selection
    from .strip_index import StripIndex

    Draw = Callable[[], Picture]
    Drawn = tuple[Picture, bytes]

PARTS: Final = ("train", "test")

_AHEAD: Final = 4  # pictures drawn for each thread before they are written: enough to keep all busy


@dataclass(frozen=True, slots=True)
class Written:
    """What a set holds.

    Parameters
    ----------
    pictures
        How many, by part.
    boxes
        How many of each class, by part.
    records
        Names of the recordings, by part.
    files
        What a training is pointed to, from the set's folder on.
    """

    pictures: dict[str, int]
    boxes: dict[str, dict[str, int]]
    records: dict[str, tuple[str, ...]]
    files: tuple[str, ...]


@dataclass(slots=True)
class _Tally:
    pictures: Counter[str] = field(default_factory=Counter)
    boxes: dict[str, Counter[str]] = field(default_factory=dict)
    records: dict[str, dict[str, None]] = field(default_factory=dict)

    def add(self, part: str, picture: Picture) -> None:
        self.pictures[part] += 1
        self.boxes.setdefault(part, Counter()).update(picture.labels)
        self.records.setdefault(part, {})[picture.record] = None

    def written(self, classes: tuple[str, ...], files: tuple[str, ...]) -> Written:
        parts = [part for part in PARTS if self.pictures[part]]
        boxes = {part: {name: self.boxes[part][name] for name in classes} for part in parts}
        records = {part: tuple(self.records[part]) for part in parts}
        return Written({part: self.pictures[part] for part in parts}, boxes, records, files)


def write_pictures(
    draws: Iterable[tuple[str, Draw]], target: PictureSet, classes: tuple[str, ...], threads: int | None = None
) -> Written:
    """Draw pictures and write them in their order, on several threads.

    Parameters
    ----------
    draws
        Part and drawing of each, as :func:`beat_draws` and :func:`strip_draws` give them.
    target
        The set they go into, which is finished then.
    classes
        Names of the classes, for the count.
    threads
        How many draw at once; by default as many as there are processors.
    """
    threads = threads or os.cpu_count() or 1
    tally, waiting = _Tally(), deque[tuple[str, "Future[Drawn]"]]()

    def work(draw: Draw) -> Drawn:
        picture = draw()
        return picture, target.encode(picture)

    def write_first() -> None:
        part, future = waiting.popleft()
        picture, encoded = future.result()
        target.add(part, picture, encoded)
        tally.add(part, picture)

    pool = ThreadPoolExecutor(threads)
    try:
        for part, draw in draws:
            waiting.append((part, pool.submit(work, draw)))
            if len(waiting) > threads * _AHEAD:
                write_first()
        while waiting:
            write_first()
    finally:
        pool.shutdown(cancel_futures=True)
    return tally.written(classes, target.finish())


def beat_draws(
    read: Callable[[str], Annotated], index: BeatIndex, chosen: Selection, seed: int
) -> Iterator[tuple[str, Draw]]:
    """Yield part and drawing of each beat chosen, record by record.

    Place and noise of a beat are a function of `seed` and its name, whatever else is chosen.

    Parameters
    ----------
    read
        Reads a recording by its id.
    index, chosen
        The beats, and the rows that are drawn.
    seed
        Of the pictures.
    """
    unused = _Names()
    for record, rows in _by_record(index.record, chosen):
        item = read(record)
        for row, part in rows:
            lead, peak, label = str(index.lead[row]), int(index.peak[row]), index.classes[index.class_id[row]]
            name = unused(f"{record}-{lead}-{peak}")
            yield part, _beat(item, lead, peak, label, name, seed)


def _beat(item: Annotated, lead: str, peak: int, label: str, name: str, seed: int) -> Draw:
    signal, fs_hz = item.record[lead], item.record.fs_hz

    def draw() -> Picture:
        rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
        picture = beat_picture(signal, fs_hz, peak, rng, label=label, name=name, record=item.record.id)
        reach = SPAN_S / 2 * fs_hz
        cut = peak < reach or peak + reach > len(signal) - 1
        return replace(picture, cut=np.full(len(picture.labels), cut))

    return draw


def strip_draws(
    read: Callable[[str], Annotated], index: StripIndex, chosen: Selection, seed: int
) -> Iterator[tuple[str, Draw]]:
    """Yield part and drawing of each strip chosen, record by record.

    Parameters
    ----------
    read
        Reads a recording by its id.
    index, chosen
        The strips, and the rows that are drawn.
    seed
        Changes nothing: strips all look alike.
    """
    unused, label = _Names(), class_rule(index.rule)
    for record, rows in _by_record(index.record, chosen):
        item, leads = read(record), dict[str, Lead]()
        for row, part in rows:
            name, start_s = str(index.lead[row]), float(index.start_s[row])
            if name not in leads:
                labels = [label(name, symbol) for symbol in item.beats.symbol.tolist()]
                leads[name] = Lead(item.record[name], item.record.fs_hz, item.beats.sample, labels, record)
            yield part, _strip(leads[name], start_s, unused(f"{record}-{name}-{start_s:g}s"))


def _strip(lead: Lead, start_s: float, name: str) -> Draw:
    return lambda: strip_picture(lead, start_s, STRIP_LOOK, name=name)


def page_draws(
    read: Callable[[str], Annotated], index: StripIndex, chosen: Selection, seed: int
) -> Iterator[tuple[str, Draw]]:
    """Yield part and drawing of each page chosen, record by record: all leads, in the layout that suits them.

    Parameters
    ----------
    read, index, chosen, seed
        As in :func:`strip_draws`, with leads together.
    """
    unused, label = _Names(), class_rule(index.rule)
    for record, rows in _by_record(index.record, chosen):
        item = read(record)
        shown = replace(item, record=item.record.pick(str(index.lead[rows[0][0]]).split(BETWEEN))) if rows else item
        for row, part in rows:
            start_s = float(index.start_s[row])
            yield part, _page(shown, label, start_s, unused(f"{record}-page-{start_s:g}s"))


def _page(item: Annotated, label: Callable[[str, str], str], start_s: float, name: str) -> Draw:
    def draw() -> Picture:
        page = page_picture(item.record, beats=item.beats, start_s=start_s, seconds=STRIP_LOOK.seconds)
        leads = [page.leads[panel] for panel in page.panel_of.tolist()]
        labels = tuple(map(label, leads, page.picture.labels))
        return replace(page.picture, labels=labels, name=name)

    return draw


def _by_record(record: NDArray[np.str_], chosen: Selection) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Yield each record with its rows in order, and the part each goes to."""
    rows = np.concatenate((chosen.train, chosen.test))
    part = np.repeat(PARTS, (len(chosen.train), len(chosen.test)))
    order = np.argsort(rows, kind="stable")
    rows, part = rows[order], part[order]
    changes = np.flatnonzero(record[rows][1:] != record[rows][:-1]) + 1
    bounds = [0, *changes.tolist(), len(rows)]
    for first, last in pairwise(bounds) if len(rows) else ():
        yield str(record[rows[first]]), list(zip(rows[first:last].tolist(), part[first:last].tolist(), strict=True))


class _Names:
    """Names that any file system takes, each but once: what a lead is called may hold any sign."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def __call__(self, text: str) -> str:
        name = safe = re.sub(r"[^A-Za-z0-9.+-]", "_", text)
        number = 1
        while name.casefold() in self._used:
            number += 1
            name = f"{safe}_{number}"
        self._used.add(name.casefold())
        return name
