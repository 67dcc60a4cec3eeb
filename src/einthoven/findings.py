"""What the analysis says of a record: :class:`Finding`, one statement with its confidence and its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """Whether the finding is there. ``UNSURE`` is an answer: better than a wrong one."""

    PRESENT = "present"
    ABSENT = "absent"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Interval:
    """A part of a record: seconds from its start, and the leads meant (none named: all)."""

    start_s: float
    stop_s: float
    leads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement about a record.

    Parameters
    ----------
    code, system
        What it is and in whose vocabulary, e.g. ``"pause"`` in ``"einthoven"``, ``"426783006"`` in ``"SNOMED CT"``.
    name
        The same in words.
    decision
        Present, absent or unsure.
    probability
        Calibrated, 0 to 1; None for a finding that is measured rather than predicted.
    detail
        The numbers behind it in one phrase, for the reader who checks.
    where
        The places that show it; empty for the record as a whole.
    """

    code: str
    system: str
    name: str
    decision: Decision
    probability: float | None = None
    detail: str = ""
    where: tuple[Interval, ...] = ()
