"""Which leads and which seconds moved an answer: one second of one lead at a time is drawn as a straight line instead.

What an answer loses by that is what that second of that lead gave it (occlusion: Zeiler & Fergus, ECCV 2014). The other
leads still show the beat, so the network is not led to see a pause. This tells what moved the network, which need not
be what moves a physician.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from ..findings import Interval
from .independent import INDEPENDENT
from .measure_groups import group_of, in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

STEP_S: Final = 0.5
"""The answer is told for so many seconds at a time; each is covered by two straight lines of twice the length."""

_MOST_LEADS = 3
_LARGE: Final = 0.5  # of the largest: leads and seconds that moved the answer so much are named


class LogOdds(Protocol):
    """Takes signals, float32 (item, lead, sample), or measures (item, measure); gives log-odds of "abnormal"."""

    def __call__(self, changed: NDArray[np.float32], /) -> NDArray[np.floating]:
        """Return the log-odds."""
        ...


@dataclass(frozen=True, slots=True)
class Measured:
    """How much a group of measures moved an answer.

    Parameters
    ----------
    group
        A key of `einthoven.diagnosis.measure_groups.GROUPS`.
    detail
        Its values in words.
    change
        How far the log-odds of "abnormal" fall without it.
    """

    group: str
    detail: str
    change: float


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """How much each half second of each lead moved an answer, and each group of measures.

    Parameters
    ----------
    leads
        Names; the other limb leads are sums of I and II, and count there.
    start_s
        When the first step begins, in the record's time.
    change
        float64, shape (lead, step of `STEP_S`): how far the log-odds of "abnormal" fall without it. Above zero it
        speaks for "abnormal", below for "normal".
    log_odds
        Of the answer as it was given.
    measured
        What the measures gave, what moved it most first; none where the network is given no measures.
    """

    leads: tuple[str, ...]
    start_s: float
    change: NDArray[np.float64]
    log_odds: float
    measured: tuple[Measured, ...] = ()

    @property
    def stop_s(self) -> float:
        """When the last step ends."""
        return self.start_s + STEP_S * len(self.change[0])

    @property
    def toward(self) -> NDArray[np.float64]:
        """What spoke for the answer given, "abnormal" or "normal", and nothing against it; shape of `change`."""
        return np.maximum(self.change if self.log_odds >= 0 else -self.change, 0)

    @property
    def most(self) -> tuple[Interval, ...]:
        """The seconds that spoke most for the answer, each with the leads that did, the most telling first.

        Empty where nothing did.
        """
        toward = self.toward
        if not toward.any():
            return ()
        by_lead, by_step = toward.sum(axis=1), toward.sum(axis=0)
        rows = np.argsort(-by_lead, kind="stable")[:_MOST_LEADS]
        leads = tuple(self.leads[row] for row in sorted(rows.tolist()) if by_lead[row] >= _LARGE * by_lead.max())
        large = np.concatenate(([False], by_step >= _LARGE * by_step.max(), [False]))
        edges = np.flatnonzero(np.diff(large.astype(np.int8))).reshape(-1, 2)
        edges = edges[np.argsort([-by_step[first:last].sum() for first, last in edges], kind="stable")]
        seconds = (self.start_s + edges * STEP_S).tolist()
        return tuple(Interval(start_s, stop_s, leads) for start_s, stop_s in seconds)


def explain(signal: NDArray[np.float32], rate_hz: float, log_odds: LogOdds, *, start_s: float = 0.0) -> Explanation:
    """Find out which seconds of which lead moved an answer.

    Parameters
    ----------
    signal
        float32, shape (lead, sample), what the network was given: `INDEPENDENT` leads, or as many as it sees.
    rate_hz
        Its rate.
    log_odds
        The network.
    start_s
        When the signal begins in the record.

    Examples
    --------
    >>> wave = np.zeros((8, 1000), np.float32)
    >>> wave[3, 420:440] = 1
    >>> found = explain(wave, 100, lambda x: 5 * x[:, 3].max(axis=-1) - 1)
    >>> found.most
    (Interval(start_s=4.0, stop_s=4.5, leads=('V2',)),)
    """
    step = round(STEP_S * rate_hz)
    n_steps = -(-signal.shape[1] // step)
    asked = [
        _without(signal, lead, max(0, first), min(signal.shape[1], first + 2 * step))
        for lead in range(len(signal))
        for first in range(-step, n_steps * step, step)
    ]
    answer = np.asarray(log_odds(np.stack([signal, *asked])), np.float64)
    lost = (answer[0] - answer[1:]).reshape(len(signal), n_steps + 1)
    before, after = lost[:, :-1], lost[:, 1:]  # by the two lines that cover each step: what both cost lies in it
    both = np.where(before * after > 0, np.sign(before) * np.minimum(np.abs(before), np.abs(after)), 0.0)
    return Explanation(INDEPENDENT[: len(signal)], start_s, both, float(answer[0]))


def explain_measures(values: NDArray[np.float32], names: Sequence[str], log_odds: LogOdds) -> tuple[Measured, ...]:
    """Find out which measures moved an answer, group by group.

    Parameters
    ----------
    values
        float32, shape (measure,), NaN for what could not be measured.
    names
        Of the measures.
    log_odds
        The network; NaN is to it what could not be measured.

    Examples
    --------
    >>> values, names = np.array([0.3, 71], np.float32), ("st60_v2_mv", "rate_bpm")
    >>> explain_measures(values, names, lambda x: np.nan_to_num(x[:, 0]) * 10)[0].group
    'ST'
    """
    about = np.array([group_of(name) for name in names])
    groups = [group for group in dict.fromkeys(about.tolist()) if np.isfinite(values[about == group]).any()]
    asked = [values, *(np.where(about == group, np.float32(np.nan), values) for group in groups)]
    answer = np.asarray(log_odds(np.stack(asked)), np.float64)
    moved = zip(groups, (answer[0] - answer[1:]).tolist(), strict=True)
    told = [Measured(group, in_words(group, names, values), change) for group, change in moved]
    return tuple(sorted(told, key=lambda one: -abs(one.change)))


def _without(signal: NDArray[np.float32], lead: int, first: int, last: int) -> NDArray[np.float32]:
    """Return the signal with a straight line in one lead from `first` to `last`, between the levels around its ends."""
    row, half = signal[lead], (last - first + 3) // 4
    start, stop = (float(np.median(row[max(0, end - half) : end + half])) for end in (first, last))
    changed = signal.copy()
    changed[lead, first:last] = np.linspace(start, stop, last - first)
    return changed
