"""Which beats there are to be drawn: a table of every beat on every lead, with its class."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ..codes import AAMI_CLASSES, AAMI_OF_SYMBOL
from ..errors import DataError, unknown
from ..images.beat_pictures import SPAN_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from ..record import Record
    from .annotated import Annotated

CLASS_RULES: Final[dict[str, Callable[[str, str], str]]] = {
    "symbol": lambda lead, symbol: symbol,
    "aami": lambda lead, symbol: AAMI_OF_SYMBOL[symbol],
    "lead-symbol": lambda lead, symbol: f"{lead}-{symbol}",
}
"""What class a beat is of, by the name of the lead it is drawn from and its MIT-BIH symbol."""


NO_SIGNAL: Final = "no signal there"
FEW: Final = "of a class of too few beats"


@dataclass(frozen=True, slots=True, eq=False)
class BeatIndex:
    """Beats on leads: one row for each lead of each beat, record by record, lead by lead, in order of time.

    Parameters
    ----------
    record, patient, lead
        str, shape (row,) each: the recording by its id, whose it is, and the name of the lead.
    peak
        int64, shape (row,): sample of the beat's mark, at the record's own rate.
    class_id
        int64, shape (row,): number of its class.
    classes
        Names of the classes.
    left_out
        How many beats on leads are not in the table, by reason.
    """

    record: NDArray[np.str_]
    patient: NDArray[np.str_]
    lead: NDArray[np.str_]
    peak: NDArray[np.int64]
    class_id: NDArray[np.int64]
    classes: tuple[str, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.peak)

    @property
    def shows(self) -> NDArray[np.bool_]:
        """bool, shape (row, class): of which class each is."""
        return np.asarray(self.class_id[:, None] == np.arange(len(self.classes)))

    def counts(self) -> dict[str, int]:
        """Return how many rows each class has."""
        return dict(zip(self.classes, np.bincount(self.class_id, minlength=len(self.classes)).tolist(), strict=True))

    def take(self, rows: NDArray[np.int64]) -> BeatIndex:
        """Return the table of these rows; the classes stay."""
        return replace(
            self,
            record=self.record[rows],
            patient=self.patient[rows],
            lead=self.lead[rows],
            peak=self.peak[rows],
            class_id=self.class_id[rows],
        )


def index_beats(
    items: Iterable[Annotated],
    rule: str = "lead-symbol",
    *,
    min_beats: int = 0,
    leads: Sequence[str] | None = None,
) -> BeatIndex:
    """List all beats on all leads that can be drawn.

    Left out are marks outside the signal, and beats of whose 0.67 s a lead has fewer than two samples. A beat that is
    cut off by the record's end is in.

    Parameters
    ----------
    items
        Recordings with their beats, as ``mitdb.load()`` gives them; each is read once and let go.
    rule
        A key of :data:`CLASS_RULES`.
    min_beats
        Only classes with more beats than this are kept. Over the MIT-BIH Arrhythmia Database, 700 leaves the 21 classes
        of lead and symbol that detectors of heartbeats were published with.
    leads
        Only these leads, by name; all by default.

    Raises
    ------
    OptionError
        The rule is not known.
    DataError
        A lead is on none of the recordings, or nothing is left.

    Examples
    --------
    >>> from einthoven.datasets.annotated import Annotated
    >>> from einthoven.record import Beats, Record
    >>> record = Record(np.zeros((2, 1800)), 360, ("V5", "MLII"), id="114")
    >>> index = index_beats([Annotated(record, Beats([300, 900], ["N", "V"]), "114")])
    >>> index.classes, index.peak.tolist(), index.class_id.tolist()
    (('MLII-N', 'MLII-V', 'V5-N', 'V5-V'), [300, 900, 300, 900], [2, 3, 0, 1])
    """
    label = class_rule(rule)
    columns: list[tuple[str, str, str, NDArray[np.int64], list[str]]] = []
    n_beats, taken = 0, Leads(leads)
    for item in items:
        record = item.record
        for lead in taken.of(record):
            rows = np.flatnonzero(drawable(record[lead], record.fs_hz, item.beats.sample))
            names = [label(lead, symbol) for symbol in item.beats.symbol[rows].tolist()]
            n_beats += len(item.beats.sample)
            columns.append((record.id, item.patient, lead, item.beats.sample[rows], names))
    taken.check()
    name = np.array([one for *_, names in columns for one in names], np.str_)
    found, number, count = np.unique(name, return_inverse=True, return_counts=True)
    kept = class_order(found[count > min_beats].tolist(), rule)
    if n_beats and not len(name):
        raise DataError(f"none of {n_beats:,} beats can be drawn: {NO_SIGNAL}")
    if not kept:
        on = "" if leads is None else f" on {', '.join(leads)}"
        raise DataError(f"no class has more than {min_beats:,} beats{on}; the largest has {count.max(initial=0):,}")
    new = np.array([kept.index(one) if one in kept else -1 for one in found.tolist()], np.int64)[number]
    length = [len(peak) for *_, peak, _ in columns]
    record_, patient, lead_ = (np.repeat(np.array([one[k] for one in columns], np.str_), length) for k in range(3))
    peak = np.concatenate([peak for *_, peak, _ in columns]).astype(np.int64)
    rows = np.flatnonzero(new >= 0)
    left_out = {NO_SIGNAL: n_beats - len(name), FEW: len(name) - len(rows)}
    told = {reason: number for reason, number in left_out.items() if number}
    return BeatIndex(record_, patient, lead_, peak, new, tuple(kept), told).take(rows)


class Leads:
    """The leads that are taken of recordings, and whether any had those that are wanted.

    Parameters
    ----------
    wanted
        Names; None for all.

    Examples
    --------
    >>> from einthoven.record import Record
    >>> Leads(["V5"]).of(Record(np.zeros((2, 1)), 360, ("MLII", "V5")))
    ('V5',)
    """

    def __init__(self, wanted: Sequence[str] | None) -> None:
        self._wanted = None if wanted is None else tuple(wanted)
        self._seen: dict[str, None] = {}

    def of(self, record: Record) -> tuple[str, ...]:
        """Return the leads that are taken of a recording."""
        self._seen |= dict.fromkeys(record.leads)
        return tuple(lead for lead in record.leads if self._wanted is None or lead in self._wanted)

    def check(self) -> None:
        """Raise DataError where a lead that is wanted was on none of the recordings."""
        absent = [lead for lead in self._wanted or () if lead not in self._seen]
        if absent:
            raise DataError(f"no recording has a lead {absent[0]!r}; there are {', '.join(self._seen) or 'none'}")


def class_rule(rule: str) -> Callable[[str, str], str]:
    """Look a rule of :data:`CLASS_RULES` up.

    Raises
    ------
    OptionError
        There is none of this name; the message lists those there are.
    """
    if rule not in CLASS_RULES:
        raise unknown("rule of classes", rule, CLASS_RULES)
    return CLASS_RULES[rule]


def class_order(names: Iterable[str], rule: str) -> list[str]:
    """Return classes in the order they are numbered in: that of the alphabet, but N S V F Q as the standard has them.

    Examples
    --------
    >>> class_order(["V", "N", "F"], "aami"), class_order(["V1-N", "MLII-V"], "lead-symbol")
    (['N', 'V', 'F'], ['MLII-V', 'V1-N'])
    """
    return [name for name in AAMI_CLASSES if name in set(names)] if rule == "aami" else sorted(names)


def drawable(signal_mv: NDArray[np.float32], fs_hz: float, peak: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell of which beats a lead has two samples or more within the 0.67 s that are drawn: bool, shape (beat,)."""
    known = np.concatenate(([0], np.cumsum(np.isfinite(signal_mv))))
    reach, n = SPAN_S / 2 * fs_hz, len(signal_mv)
    first = np.clip(np.ceil(peak - reach).astype(np.int64), 0, n)
    last = np.clip(np.floor(peak + reach).astype(np.int64) + 1, 0, n)
    return np.asarray((peak >= 0) & (peak < n) & (known[last] - known[first] >= 2))
