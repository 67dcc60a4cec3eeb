"""Episodes: stretches of beats of one rhythm, the kinds there are, and what those of a record add up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..errors import OptionError, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Kind:
    """A rhythm, or another thing that beats do for a while.

    Parameters
    ----------
    name
        In words.
    least
        What it takes to be one, in words.
    snomed
        SNOMED CT number; empty where there is none that says the same.
    aux
        Rhythm string of a WFDB annotation, such as ``(AFIB``; empty for what WFDB does not count as a rhythm.
        `einthoven.beats.marks` says which rate ``(N`` takes.
    """

    name: str
    least: str
    snomed: str = ""
    aux: str = ""


KINDS: Final = {
    "vt": Kind("Ventricular tachycardia", "3 ventricular beats on end, over 100 bpm", "164895002", "(VT"),
    "idioventricular": Kind("Slow ventricular rhythm", "3 ventricular beats on end, to 100 bpm", "49260003", "(IVR"),
    "svt": Kind("Supraventricular tachycardia", "3 supraventricular beats on end, over 100 bpm", "426761007", "(SVTA"),
    "bigeminy": Kind("Ventricular bigeminy", "every second beat, 3 times", "11157007", "(B"),
    "trigeminy": Kind("Ventricular trigeminy", "every third beat, 3 times", "251180001", "(T"),
    "atrial-bigeminy": Kind("Supraventricular bigeminy", "every second beat, 3 times", "251168009", "(AB"),
    "af": Kind("Atrial fibrillation or flutter", "16 beats, 8 at an end of the record", "195080001", "(AFIB"),
    "normal": Kind("No other rhythm", "most beats normal", "", "(N"),
    "couplet": Kind("Ventricular couplet", "2 ventricular beats on end", "251182009"),
    "pause": Kind("Pause", "2 s without a beat"),
    "slow": Kind("Slow stretch", "8 beats below 50 bpm", "426627000"),
    "fast": Kind("Fast stretch", "8 beats above 120 bpm"),
}
"""Every kind by its key. Where two are at one time, the one that stands first here is the rhythm WFDB is told."""

SLOW_KINDS: Final = ("idioventricular", "slow")
"""Kinds of which the lowest rate matters, not the highest."""


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of one rhythm.

    Parameters
    ----------
    kind
        A key of `KINDS`.
    start_s, stop_s
        From its first beat to the beat that follows its last, seconds from the start of the record.
    beats
        How many it has.
    rate_bpm
        Mean rate between its beats; None for fewer than two.
    probability
        Calibrated, 0 to 1; None for what is counted rather than predicted.

    Raises
    ------
    OptionError
        The kind is unknown, or it ends before it starts.
    """

    kind: str
    start_s: float
    stop_s: float
    beats: int
    rate_bpm: float | None = None
    probability: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise unknown("kind of episode", self.kind, KINDS)
        if not self.start_s <= self.stop_s:
            raise OptionError(f"episode is from {self.start_s} to {self.stop_s} s; it must not end before it starts")

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        return self.stop_s - self.start_s

    @property
    def last_beat_s(self) -> float:
        """When its last beat is: before `stop_s`, or there if no beat follows."""
        return self.start_s + 60 * (self.beats - 1) / self.rate_bpm if self.rate_bpm else self.start_s


@dataclass(frozen=True, slots=True)
class Tally:
    """What the episodes of one kind add up to.

    Parameters
    ----------
    kind
        Of the episodes.
    count, beats, total_s
        How many they are, how many beats they have together, and how long they last together.
    burden
        Share of the time they take, 0 to 1.
    longest
        The one that lasts longest, the first such.
    fastest, slowest
        Those of the highest and of the lowest mean rate, the first such; None where none has a rate.
    """

    kind: str
    count: int
    beats: int
    total_s: float
    burden: float
    longest: Episode
    fastest: Episode | None
    slowest: Episode | None


def tally(episodes: Iterable[Episode], duration_s: float) -> tuple[Tally, ...]:
    """Add up the episodes of each kind there is, in the order of `KINDS`.

    Parameters
    ----------
    episodes
        In any order.
    duration_s
        The time they are part of: of the record, less what could not be analysed.

    Examples
    --------
    >>> runs = [Episode("vt", 10, 12, 5, 150.0), Episode("vt", 20, 23, 6, 120.0)]
    >>> ((all_runs),) = tally(runs, duration_s=100)
    >>> all_runs.count, all_runs.beats, all_runs.burden, all_runs.longest.start_s, all_runs.fastest.start_s
    (2, 11, 0.05, 20, 10)
    """
    by_kind: dict[str, list[Episode]] = {kind: [] for kind in KINDS}
    for one in episodes:
        by_kind[one.kind].append(one)
    return tuple(_tally(kind, ones, duration_s) for kind, ones in by_kind.items() if ones)


def _tally(kind: str, episodes: list[Episode], duration_s: float) -> Tally:
    total_s = sum(one.duration_s for one in episodes)
    timed = [one for one in episodes if one.rate_bpm]
    return Tally(
        kind=kind,
        count=len(episodes),
        beats=sum(one.beats for one in episodes),
        total_s=total_s,
        burden=min(1.0, total_s / duration_s) if duration_s > 0 else 0.0,
        longest=max(episodes, key=lambda one: one.duration_s),
        fastest=max(timed, key=lambda one: one.rate_bpm or 0, default=None),
        slowest=min(timed, key=lambda one: one.rate_bpm or 0, default=None),
    )


def extreme_rate(one: Tally, before: str = "") -> str:
    """Return the highest mean rate of an episode, of slow kinds the lowest, in words; empty where there is none.

    Parameters
    ----------
    one
        What the episodes of a kind add up to.
    before
        What the words begin with.

    Examples
    --------
    >>> (slow,) = tally([Episode("slow", 0, 20, 11, 33.0), Episode("slow", 60, 72, 11, 55.0)], 100)
    >>> extreme_rate(slow, ", the ")
    ', the slowest 33 bpm'
    """
    word, extreme = ("slowest", one.slowest) if one.kind in SLOW_KINDS else ("fastest", one.fastest)
    return f"{before}{word} {extreme.rate_bpm:.0f} bpm" if extreme and one.kind != "pause" else ""
