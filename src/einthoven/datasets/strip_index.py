"""Which strips there are to be drawn: ten seconds after ten seconds of every lead, all of whose beats are known."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import DataError
from ..images.strips import STRIP_LOOK
from .beat_index import Leads, class_order, class_rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from .annotated import Annotated

BETWEEN: Final = ","
"""Between the names of leads that are on one picture."""

NO_BEAT: Final = "no beat"
MISSING: Final = "samples missing"
FLUTTER: Final = "ventricular flutter, in which no beats are marked"
UNREADABLE: Final = "unreadable by its own marks"
OTHER: Final = "a beat of a class that is left out"


@dataclass(frozen=True, slots=True, eq=False)
class StripIndex:
    """Strips: one row each, record by record, lead by lead, in order of time.

    Parameters
    ----------
    record, patient, lead
        str, shape (row,) each: the recording by its id, whose it is, and the name of the lead, or of all that are on
        one page, with :data:`BETWEEN` between them.
    start_s
        float64, shape (row,): where the strip begins.
    shows
        bool, shape (row, class): of which classes it has beats.
    classes
        Names of the classes.
    rule
        What class a beat is of: a key of :data:`.beat_index.CLASS_RULES`.
    left_out
        How many strips are not in the table, by reason.
    """

    record: NDArray[np.str_]
    patient: NDArray[np.str_]
    lead: NDArray[np.str_]
    start_s: NDArray[np.float64]
    shows: NDArray[np.bool_]
    classes: tuple[str, ...]
    rule: str
    left_out: Mapping[str, int]

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.start_s)

    @property
    def class_id(self) -> NDArray[np.int64]:
        """int64, shape (row,): of the classes that each shows, the one that the fewest strips show."""
        often = np.where(self.shows, self.shows.sum(axis=0), np.iinfo(np.int64).max)
        return np.asarray(np.argmin(often, axis=1), np.int64)

    def counts(self) -> dict[str, int]:
        """Return how many strips show each class."""
        return dict(zip(self.classes, self.shows.sum(axis=0).tolist(), strict=True))


def index_strips(
    items: Iterable[Annotated],
    rule: str = "symbol",
    *,
    seconds: float = STRIP_LOOK.seconds,
    min_beats: int = 0,
    leads: Sequence[str] | None = None,
    together: bool = False,
) -> StripIndex:
    """List all whole strips, one after the other from the start of each lead.

    Left out, and counted, are strips whose truth is not known: in ventricular flutter or where the signal was marked
    unreadable, and with a beat of a class that is not kept, which would stand there without a box. So are strips
    without any beat, and with samples missing.

    Parameters
    ----------
    items
        Recordings with their beats; each is read once and let go.
    rule
        A key of :data:`.beat_index.CLASS_RULES`.
    seconds
        Length of a strip.
    min_beats
        Only classes with more beats than this, over all the leads taken, are kept.
    leads
        Only these leads, by name; all by default.
    together
        Whether all leads of a recording are on one picture, as on a page: then samples are missing where no lead has
        any.

    Raises
    ------
    OptionError
        The rule is not known.
    DataError
        A lead is on none of the recordings, or nothing is left.
    """
    label = class_rule(rule)
    rows: list[tuple[str, str, str, float, frozenset[str]]] = []
    beats, reasons, taken = Counter[str](), Counter[str](), Leads(leads)
    for item in items:
        of_record = list(taken.of(item.record))
        for on_one in [of_record] if together and of_record else [[lead] for lead in of_record]:
            symbols = item.beats.symbol.tolist()
            names = np.array([[label(lead, symbol) for symbol in symbols] for lead in on_one], np.str_)
            beats.update(names.ravel().tolist())
            known = np.asarray(np.isfinite(item.record.pick(on_one).signal).any(axis=0))
            for start_s, why, shown in _strips(item, known, names, seconds):
                if why:
                    reasons[why] += 1
                else:
                    rows.append((item.record.id, item.patient, BETWEEN.join(on_one), start_s, shown))
    taken.check()
    kept = class_order([name for name, count in beats.items() if count > min_beats], rule)
    whole = [row for row in rows if row[-1] <= set(kept)]
    if len(whole) < len(rows):
        reasons[OTHER] = len(rows) - len(whole)
    if not whole:
        told = ", ".join(f"{count:,}: {why}" for why, count in reasons.items()) or "no lead is long enough"
        raise DataError(f"no strip of {seconds:g} s can be drawn ({told})")
    shows = np.array([[name in shown for name in kept] for *_, shown in whole])
    record, patient, lead_ = (np.array([row[k] for row in whole], np.str_) for k in range(3))
    begins = np.array([row[3] for row in whole])
    return StripIndex(record, patient, lead_, begins, shows, tuple(kept), rule, dict(reasons))


def _strips(
    item: Annotated, known: NDArray[np.bool_], names: NDArray[np.str_], seconds: float
) -> list[tuple[float, str, frozenset[str]]]:
    """Return where each strip begins, why it cannot be drawn (empty if it can), and the classes it shows."""
    fs_hz = item.record.fs_hz
    at_s = item.beats.sample / fs_hz
    found = []
    for number in range(int(item.record.n_samples / fs_hz / seconds)):
        start_s, stop_s = number * seconds, (number + 1) * seconds
        shown = frozenset(names[:, (at_s >= start_s) & (at_s < stop_s)].ravel().tolist())
        why = ""
        if any(one.start_s < stop_s and one.stop_s > start_s for one in item.flutter):
            why = FLUTTER
        elif any(one.start_s < stop_s and one.stop_s > start_s for one in item.unreadable):
            why = UNREADABLE
        elif not known[round(start_s * fs_hz) : round(stop_s * fs_hz)].all():
            why = MISSING
        elif not shown:
            why = NO_BEAT
        found.append((start_s, why, shown))
    return found
