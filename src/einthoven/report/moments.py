"""Which seconds of a long record a reader should see: ten at a time, each with the reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..beats.classify import ABNORMAL, KINDS, abnormal_probability
from ..findings import Decision, percent
from .summary import in_time_order, is_abnormal, is_whole, probability

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ..analysis import Report

MOMENT_S = 10.0
MOST_MOMENTS = 8
_EDGE_S = 0.5  # what a strip shows should not begin at its very edge
_WORTH_EXTREMES_S = 60.0

_Part = tuple[float, float, str]  # from, to, and why it is worth a look


@dataclass(frozen=True, slots=True)
class Moment:
    """`seconds` from `start_s`, and why they are shown."""

    start_s: float
    seconds: float
    reasons: tuple[str, ...]

    def holds(self, start_s: float, stop_s: float) -> bool:
        """Tell whether a part lies within, or for a long part, as much of it as can."""
        return self.start_s <= start_s and min(stop_s, start_s + self.seconds / 2) <= self.start_s + self.seconds


def moments(report: Report, most: int = MOST_MOMENTS) -> tuple[Moment, ...]:
    """Choose up to `most` moments of 10 s, the most telling first; what two reasons point to is shown once.

    They are: a typical one to compare with, the longest pause, the one with the most abnormal beats, the first place of
    every finding that is present or unsure, the fastest and the slowest rate, the most doubtful beat, and the poorest
    signal.
    """
    chosen: list[Moment] = []
    for part in _candidates(report):
        for i, moment in enumerate(chosen):
            if moment.holds(part[0], part[1]):
                chosen[i] = replace(moment, reasons=(*moment.reasons, part[2]))
                break
        else:
            if len(chosen) < most:
                chosen.append(_around(part, report.record.duration_s))
    return tuple(chosen)


def typical(report: Report) -> Moment:
    """Return the moment most like the rest: good signal, no abnormal beat, the mean rate, as far as there is one."""
    part = _Tens.of(report).typical(report.rhythm.mean_rate_bpm)
    return _around(part, report.record.duration_s)


def most_abnormal(report: Report) -> Moment | None:
    """Return the moment with the most abnormal beats, or None where there are none."""
    return next((_around(part, report.record.duration_s) for part in _most_abnormal(report)), None)


def _around(part: _Part, duration_s: float) -> Moment:
    """Return the moment with a part in its middle, or at its beginning where the part is longer."""
    start_s, stop_s, reason = part
    seconds = min(MOMENT_S, duration_s)
    start = start_s - max(_EDGE_S, (seconds - (stop_s - start_s)) / 2)
    return Moment(min(max(0.0, start), duration_s - seconds), seconds, (reason,))


def _candidates(report: Report) -> Iterator[_Part]:
    seconds = _Tens.of(report)
    yield seconds.typical(report.rhythm.mean_rate_bpm)
    for pause in sorted(report.rhythm.pauses, key=lambda part: part.start_s - part.stop_s)[:1]:
        yield pause.start_s, pause.stop_s, f"longest pause, {pause.stop_s - pause.start_s:.1f} s"
    yield from _most_abnormal(report)
    for finding in report.findings:
        if finding.decision is Decision.ABSENT or finding.code in ("pause", KINDS[ABNORMAL].code):
            continue
        for first in [part for part in in_time_order(finding.where) if not is_whole(part, report.record.duration_s)][
            :1
        ]:
            yield first.start_s, first.stop_s, f"{finding.name} ({finding.decision})"
    yield from _extremes(report)
    yield from _most_doubtful(report)
    yield from seconds.poorest()


def _most_abnormal(report: Report) -> Iterator[_Part]:
    time_s = report.rhythm.time_s
    bad_s = time_s[is_abnormal(report.beats)]
    if not len(bad_s):
        return
    reach_s = MOMENT_S - 2 * _EDGE_S
    number = np.searchsorted(bad_s, bad_s + reach_s) - np.arange(len(bad_s))
    first = int(number.argmax())
    start_s, stop_s = float(bad_s[first]), float(bad_s[first + number[first] - 1])
    among = int(np.count_nonzero((time_s >= start_s) & (time_s < start_s + reach_s)))
    yield start_s, stop_s, f"most abnormal beats, {number[first]} of {among}"


def _extremes(report: Report) -> Iterator[_Part]:
    heart = report.rhythm
    if report.record.duration_s < _WORTH_EXTREMES_S or not np.any(np.isfinite(heart.rate_bpm)):
        return
    for word, place in (("fastest", np.nanargmax(heart.rate_bpm)), ("slowest", np.nanargmin(heart.rate_bpm))):
        at = float(heart.time_s[place + 1])
        yield at - 0.1, at, f"{word} rate, {heart.rate_bpm[place]:.0f} bpm"


def _most_doubtful(report: Report) -> Iterator[_Part]:
    share = abnormal_probability(report.beats)
    if share is None or not len(share) or not np.any((share > 0.2) & (share < 0.8)):
        return
    beat = int(np.nanargmin(np.abs(share - 0.5)))
    at = float(report.rhythm.time_s[beat])
    yield at - 0.1, at + 0.1, f"most doubtful beat, {probability(float(share[beat]))} abnormal"


@dataclass(frozen=True, slots=True, eq=False)
class _Tens:
    """Counts over each ten seconds; arrays of shape (ten,)."""

    n_beats: NDArray[np.int64]
    abnormality: NDArray[np.float64]
    """Sum of the beats' probabilities of being abnormal, or their number where there are none."""
    unclean_share: NDArray[np.float64]
    unusable_share: NDArray[np.float64]
    duration_s: float

    @classmethod
    def of(cls, report: Report) -> _Tens:
        duration_s = report.record.duration_s
        n_tens = max(1, int(duration_s // MOMENT_S))
        edges = np.arange(n_tens + 1) * MOMENT_S
        time_s = report.rhythm.time_s
        probable = abnormal_probability(report.beats)
        weight = is_abnormal(report.beats).astype(np.float64) if probable is None else np.nan_to_num(probable)

        def share(bad: NDArray[np.bool_]) -> NDArray[np.float64]:
            by_second = np.split(np.mean(bad, axis=0, dtype=np.float64), edges[1:-1].astype(int))
            return np.array([part.mean() if part.size else 1.0 for part in by_second])

        return cls(
            np.histogram(time_s, edges)[0],
            np.histogram(time_s, edges, weights=weight)[0],
            share(~report.quality.clean),
            share(~report.quality.usable),
            duration_s,
        )

    def typical(self, rate_bpm: float | None) -> _Part:
        expected = (rate_bpm or 0.0) * MOMENT_S / 60
        off = np.abs(self.n_beats - expected) / max(expected, 1.0) + self.abnormality / np.maximum(self.n_beats, 1)
        return self._part(int(np.argmin(off + self.unclean_share)), "typical, to compare with")

    def poorest(self) -> Iterator[_Part]:
        worst = int(self.unusable_share.argmax())
        if share := self.unusable_share[worst]:
            yield self._part(worst, f"poorest signal, {percent(share)} not usable")

    def _part(self, ten: int, reason: str) -> _Part:
        start_s = ten * MOMENT_S
        return start_s + _EDGE_S, min(start_s + MOMENT_S - _EDGE_S, self.duration_s), reason
