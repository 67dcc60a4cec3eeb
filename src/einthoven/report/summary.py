"""The few figures every report begins with, counted once for text, JSON and page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..beats.classify import abnormal_probability, classified, unsure
from ..findings import percent
from ..images.marks import beat_class
from ..images.words import clock, seen_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from ..findings import Interval
    from ..record import Beats
    from ..signal.quality import Quality


@dataclass(frozen=True, slots=True)
class Summary:
    """Beats in numbers.

    Parameters
    ----------
    n_beats
        All of them.
    counts
        How many bear each symbol, the most frequent first.
    abnormal_share
        Share called abnormal of the beats that were classified, 0 to 1, paced ones left out; None where none was.
    surely_share, possibly_share
        The same counting only beats the model is sure of, and counting also those it cannot exclude.
    """

    n_beats: int
    counts: dict[str, int]
    abnormal_share: float | None
    surely_share: float | None
    possibly_share: float | None


def summarize(beats: Beats) -> Summary:
    """Count beats.

    Examples
    --------
    >>> from einthoven.record import Beats
    >>> probability = np.array([[0.1], [0.4], [0.6], [0.9]])
    >>> summarize(Beats(np.arange(4), np.array(["N", "N", "Q", "Q"]), probability, ("abnormal",)))
    Summary(n_beats=4, counts={'N': 2, 'Q': 2}, abnormal_share=0.5, surely_share=0.25, possibly_share=0.75)
    """
    symbols, numbers = np.unique(beats.symbol, return_counts=True)
    order = np.argsort(-numbers, kind="stable")
    counts = {str(symbols[i]): int(numbers[i]) for i in order}
    told = classified(beats)
    if not told.any() or abnormal_probability(beats) is None:
        return Summary(len(beats), counts, None, None, None)
    called, doubtful = is_abnormal(beats)[told], unsure(beats)[told]
    surely, possibly = called & ~doubtful, called | doubtful
    return Summary(len(beats), counts, float(called.mean()), float(surely.mean()), float(possibly.mean()))


def is_abnormal(beats: Beats) -> NDArray[np.bool_]:
    """Tell for each beat whether it was classified as any class but N: bool, shape (beat,)."""
    others = [symbol for symbol in np.unique(beats.symbol).tolist() if beat_class(symbol) != "N"]
    return np.isin(beats.symbol, others) & classified(beats)


def probability(value: float) -> str:
    """Return a probability to two places, never as a certainty: no model has one.

    Examples
    --------
    >>> probability(0.5), probability(1.0), probability(0.0001)
    ('0.50', '> 0.99', '< 0.01')
    """
    if value >= 0.995:
        return "> 0.99"
    return "< 0.01" if value < 0.005 else f"{value:.2f}"


def probability_range(summary: Summary) -> str:
    """Return the range the abnormal share may lie in, in words; empty where nothing was classified.

    Examples
    --------
    >>> probability_range(Summary(10, {}, 0.2, 0.1, 0.4))
    'surely 10 %, possibly 40 %'
    """
    if summary.surely_share is None or summary.possibly_share is None:
        return ""
    return f"surely {percent(summary.surely_share)}, possibly {percent(summary.possibly_share)}"


def in_time_order(where: Iterable[Interval]) -> list[Interval]:
    """Return places, the earliest first."""
    return sorted(where, key=lambda part: (part.start_s, part.stop_s))


def is_whole(part: Interval, duration_s: float) -> bool:
    """Tell whether a part is the whole record, so that its times say nothing."""
    return part.start_s <= 0 and part.stop_s >= duration_s * (1 - 1e-9)


def place(part: Interval, duration_s: float) -> str:
    """Return a place in words: when it begins and in which leads; of the whole record only the leads.

    Examples
    --------
    >>> from einthoven.findings import Interval
    >>> place(Interval(61, 63, ("V1",)), 100), place(Interval(0, 100, ("aVR", "aVL")), 100)
    ('1:01 (V1)', 'aVR, aVL')
    """
    leads = ", ".join(seen_text(lead, 14) for lead in part.leads)
    if is_whole(part, duration_s):
        return leads
    return clock(part.start_s, duration_s) + (f" ({leads})" if leads else "")


def places(where: Iterable[Interval], duration_s: float, most: int = 3) -> str:
    """Return the first places of a finding in words; empty where it is of the whole record and all leads.

    Examples
    --------
    >>> from einthoven.findings import Interval
    >>> places([Interval(70, 71), Interval(61, 63)], 100, most=1), places([Interval(0, 100, ("aVR",))], 100)
    ('at 1:01 and 1 more', 'in aVR')
    """
    ordered = in_time_order(where)
    leads = [place(part, duration_s) for part in ordered if is_whole(part, duration_s) and part.leads]
    timed = [place(part, duration_s) for part in ordered if not is_whole(part, duration_s)]
    shown = list(dict.fromkeys(timed))[:most]  # two beats of one second are two places, but read as one
    more = f" and {len(timed) - len(shown):,} more" if len(timed) > len(shown) else ""
    said = (f"in {', '.join(leads)}" if leads else "", f"at {', '.join(shown)}{more}" if shown else "")
    return ", ".join(filter(None, said))


def verdict_words(quality: Quality) -> str:
    """Return the quality of the leads in one phrase, leads of one verdict together."""
    named: dict[str, list[str]] = {}
    for lead, verdict in quality.lead_verdict.items():
        named.setdefault(str(verdict), []).append(seen_text(lead, 14))
    if len(named) == 1:
        return f"{quality.verdict} in every lead"
    return f"{quality.verdict}; " + "; ".join(f"{verdict} in {', '.join(leads)}" for verdict, leads in named.items())
