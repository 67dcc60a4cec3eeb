"""A whole set of pictures, from annotated recordings to a folder that a trainer of detectors reads."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .. import __version__
from ..atomic import replacing_folder
from ..errors import OutputError, unknown
from ..images.export import FORMATS, picture_set
from .beat_index import class_rule, index_beats
from .picture_draws import beat_draws, page_draws, strip_draws, write_pictures
from .selection import TRAIN_SHARE, limited, select
from .sources import marked_records
from .strip_index import index_strips

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .sources import Marked

SUMMARY: Final = "dataset.json"
"""In every set: how it was made and what is in it. A folder without it is never replaced."""


class Kind(NamedTuple):
    """A kind of picture: the classes it has by default, what lists those there are, and what draws those chosen."""

    rule: str
    index: Callable[..., Any]
    draws: Callable[..., Any]


KINDS: Final[dict[str, Kind]] = {
    "beat": Kind("lead-symbol", index_beats, beat_draws),
    "strip": Kind("symbol", index_strips, strip_draws),
    "page": Kind("symbol", partial(index_strips, together=True), page_draws),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a set is to hold.

    Parameters
    ----------
    source, records
        See :func:`.sources.marked_records`.
    format
        A key of :data:`.export.FORMATS`.
    kind
        A key of :data:`KINDS`.
    classes
        A key of :data:`.beat_index.CLASS_RULES`; empty for the one usual with this kind.
    per_class, split, train_share, seed
        See :func:`.selection.select`. A strip counts for the class that the fewest strips show.
    min_beats, leads
        See :func:`.beat_index.index_beats`.
    limit
        No more pictures than this.

    Raises
    ------
    OptionError
        Format, kind or rule of classes is not known.
    """

    source: str
    format: str = "coco"
    kind: str = "beat"
    classes: str = ""
    per_class: int | None = None
    min_beats: int = 0
    split: str = "none"
    train_share: float = TRAIN_SHARE
    seed: int = 0
    leads: tuple[str, ...] | None = None
    records: tuple[str, ...] | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise unknown("kind of picture", self.kind, KINDS)
        if self.format not in FORMATS:
            raise unknown("format", self.format, FORMATS)
        object.__setattr__(self, "classes", self.classes or KINDS[self.kind].rule)
        class_rule(self.classes)


def _unwatched(items: Iterable[Any], description: str, total: int) -> Iterable[Any]:
    return items


def write_set(
    plan: Plan,
    folder: Path,
    root: str | Path | None = None,
    *,
    overwrite: bool = False,
    threads: int | None = None,
    watch: Callable[[Iterable[Any], str, int], Iterable[Any]] = _unwatched,
) -> dict[str, Any]:
    """Write a set, whole or not at all; the same plan gives the same bytes with the same releases of what packs them.

    Parameters
    ----------
    plan
        What it holds.
    folder
        Where it goes: a folder that is not there, or empty, or with `overwrite` an earlier set.
    root
        Folder that holds the databases.
    threads
        How many draw at once; by default as many as there are processors.
    watch
        Passes on items as they are worked on, to show how far it is: of what, and how many there are.

    Returns
    -------
    What ``dataset.json`` in the folder says: the plan; ``class_names``, in the order of their numbers; ``pictures``,
    ``boxes`` and ``records`` by part; ``left_out`` by reason; ``files`` that a training is pointed to.

    Raises
    ------
    OptionError
        A part of the plan is not known or out of range.
    DataError
        Records are missing or cannot be read, or nothing is left to draw.
    OutputError
        The folder may not be replaced, holds the recordings themselves, or cannot be written.
    """
    kind = KINDS[plan.kind]
    with replacing_folder(folder, SUMMARY, overwrite) as draft:
        found = {one.name: one for one in marked_records(plan.source, root, plan.records)}
        _check_apart(folder, found.values())
        items = watch((one.read() for one in found.values()), "Reading", len(found))
        index = kind.index(items, plan.classes, min_beats=plan.min_beats, leads=plan.leads)
        chosen = select(index, per_class=plan.per_class, split=plan.split, train_share=plan.train_share, seed=plan.seed)
        if plan.limit is not None:
            chosen = limited(chosen, plan.limit, plan.seed)
        draws = kind.draws(lambda name: found[name].read(), index, chosen, plan.seed)
        each = watch(draws, "Drawing", len(chosen.train) + len(chosen.test))
        written = write_pictures(each, picture_set(plan.format, draft, index.classes), index.classes, threads)
        neither = {f"of records that {plan.split} leaves out": chosen.neither} if chosen.neither else {}
        content = {
            "version": f"einthoven {__version__}",
            "plan": asdict(plan),
            "class_names": index.classes,
            "left_out": {**index.left_out, **neither},
            **asdict(written),
        }
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
        (draft / SUMMARY).write_text(text + "\n", encoding="utf-8")
    return content


def _check_apart(folder: Path, found: Iterable[Marked]) -> None:
    """Raise OutputError where recordings lie in a folder that is to be replaced."""
    replaced = Path(folder).resolve()
    for one in found:
        if one.path.resolve().is_relative_to(replaced):
            raise OutputError(f"{folder}: holds {one.path}, which is drawn from; choose another folder")
