"""Signal quality of each lead in each second: what is missing, flat or clipped, how loud the noise is, and a verdict.

Whether a lead is any good for finding beats is judged by whether two independent detectors agree on it, the bSQI of Li,
Mark & Clifford (Physiol Meas 2008;29:15-32); noise is measured in the bands where it lives. What counts as good, fair
or poor was set on PTB-XL and on the MIT-BIH records with noise of the Noise Stress Test Database added, and is a
judgement, not a standard.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from .disturbance import Disturbance, measure
from .qrs import AGREEMENT_S, Candidates, candidates, near
from .wild import mend_wild

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..record import Record

_AROUND_S: Final = 5  # on either side of the second whose agreement is told
_AT_ONCE: Final = 2  # leads; more would take memory for little gain
_SLOWEST_HZ: Final = 50.0  # below, no detector works

GOOD_LIMIT_MV: Final = {"wander": 0.20, "muscle": 0.02, "mains": 0.04}
USABLE_LIMIT_MV: Final = {"wander": 0.60, "muscle": 0.08, "mains": 0.15}
GOOD_AGREEMENT: Final = 0.8
USABLE_AGREEMENT: Final = 0.6
GOOD_SHARE: Final = 0.9
FAIR_SHARE: Final = 0.7


class Verdict(StrEnum):
    """What a lead or a record is fit for."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True, slots=True, eq=False)
class Quality:
    """Quality of every lead in every second; a last part of a second counts as one.

    Parameters
    ----------
    leads
        Names, in the record's order.
    missing, flat, clipped
        bool, shape (lead, second): more than 5 % of the samples missing; under 15 µV peak to peak for three seconds or
        more; the lead rests on its highest or lowest value, again and again or for long.
    wander_mv, muscle_mv, mains_mv
        float32, shape (lead, second), mV root mean square: baseline against its mean over twenty seconds; noise between
        the QRS complexes and without mains, as if white from 35 to 150 Hz; hum at 50 or 60 Hz, the louder. NaN where
        the rate is too low to hold it, and in seconds without samples.
    agreement
        float32, shape (lead, second), 0 to 1: share of beats in the eleven seconds around that both of two independent
        detectors find; NaN where neither finds one.
    """

    leads: tuple[str, ...]
    missing: NDArray[np.bool_]
    flat: NDArray[np.bool_]
    clipped: NDArray[np.bool_]
    wander_mv: NDArray[np.float32]
    muscle_mv: NDArray[np.float32]
    mains_mv: NDArray[np.float32]
    agreement: NDArray[np.float32]

    @property
    def usable(self) -> NDArray[np.bool_]:
        """bool, shape (lead, second): nothing missing, flat or clipped, noise bearable, detectors mostly agree."""
        return self._within(USABLE_LIMIT_MV, USABLE_AGREEMENT)

    @property
    def clean(self) -> NDArray[np.bool_]:
        """bool, shape (lead, second): usable, with little noise and detectors in agreement."""
        return self._within(GOOD_LIMIT_MV, GOOD_AGREEMENT)

    def _within(self, limit_mv: dict[str, float], agreement: float) -> NDArray[np.bool_]:
        quiet = (
            (self.wander_mv <= limit_mv["wander"])
            & ~(self.muscle_mv > limit_mv["muscle"])  # NaN: the rate is too low to hold it
            & ~(self.mains_mv > limit_mv["mains"])
        )
        return quiet & (self.agreement >= agreement) & ~(self.missing | self.flat | self.clipped)

    @property
    def silent_leads(self) -> frozenset[str]:
        """Leads that are missing or flat for more than half of the time."""
        off = np.mean(self.missing | self.flat, axis=1) > 0.5
        return frozenset(lead for lead, silent in zip(self.leads, off, strict=True) if silent)

    @property
    def lead_verdict(self) -> dict[str, Verdict]:
        """Good: at least 90 % of the seconds are clean. Fair: at least 70 % are usable. Poor: otherwise."""
        return {
            name: Verdict.GOOD if clean >= GOOD_SHARE else Verdict.FAIR if usable >= FAIR_SHARE else Verdict.POOR
            for name, clean, usable in zip(self.leads, self.clean.mean(1), self.usable.mean(1), strict=True)
        }

    @property
    def verdict(self) -> Verdict:
        """Good: three quarters of the leads are, and none is poor. Poor: more than half are. Fair: otherwise."""
        leads = list(self.lead_verdict.values())
        if leads.count(Verdict.POOR) > len(leads) / 2:
            return Verdict.POOR
        good = Verdict.POOR not in leads and leads.count(Verdict.GOOD) >= 0.75 * len(leads)
        return Verdict.GOOD if good else Verdict.FAIR


def assess(record: Record, *, seen: Candidates | None = None) -> Quality:
    """Measure the quality of every lead in every second.

    Parameters
    ----------
    record
        Any length and rate; where the rate is too low for something, that is NaN.
    seen
        What :func:`einthoven.signal.qrs.candidates` gave for this record, if it was already asked.

    Examples
    --------
    >>> from einthoven.signal.simulate import Noise, simulate
    >>> quality = assess(simulate(duration_s=10).record)
    >>> quality.verdict, quality.flat.shape
    (<Verdict.GOOD: 'good'>, (12, 10))
    >>> assess(simulate(noise=Noise(muscle_mv=0.5)).record).verdict
    <Verdict.POOR: 'poor'>
    """
    record = mend_wild(record)
    if seen is None and record.fs_hz >= _SLOWEST_HZ:
        seen = candidates(record)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        measured = list(pool.map(lambda lead: measure(lead, record.fs_hz), record.signal))
    nowhere: NDArray[np.int64] = np.empty(0, np.int64)
    found = zip(seen.adaptive, seen.energy, strict=True) if seen else [(nowhere, nowhere)] * len(record.leads)
    n_seconds = len(measured[0].missing)
    return Quality(
        leads=record.leads,
        **{one.name: np.stack([getattr(lead, one.name) for lead in measured]) for one in fields(Disturbance)},
        agreement=np.stack([_agreement(first, second, record.fs_hz, n_seconds) for first, second in found]),
    )


def _agreement(
    first: NDArray[np.int64], second: NDArray[np.int64], fs_hz: float, n_seconds: int
) -> NDArray[np.float32]:
    """Share of the detections around each second that both lists have: float32 (second,)."""
    tolerance = AGREEMENT_S * fs_hz
    every = np.concatenate([first, second])
    shared = np.concatenate([near(first, second, tolerance), near(second, first, tolerance)])
    at = np.minimum((every / fs_hz).astype(np.int64), n_seconds - 1)
    total, common = (_sum_around(np.bincount(at[which], minlength=n_seconds)) for which in (slice(None), shared))
    return np.divide(common, total, out=np.full(n_seconds, np.nan, np.float32), where=total > 0, dtype=np.float32)


def _sum_around(count: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sum over each second with the five before and after it, as far as there are."""
    running = np.concatenate([[0], np.cumsum(count)])
    at = np.arange(len(count))
    after, before = np.minimum(at + _AROUND_S + 1, len(count)), np.maximum(at - _AROUND_S, 0)
    total: NDArray[np.int64] = running[after] - running[before]
    return total
