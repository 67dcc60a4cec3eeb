"""What the analysis says of a record: :class:`Finding`, one statement with its confidence and its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .errors import OptionError, unknown


class Decision(StrEnum):
    """Whether the finding is there. ``UNSURE`` is an answer: better than a wrong one."""

    PRESENT = "present"
    ABSENT = "absent"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Interval:
    """A part of a record: seconds from its start, and the leads meant (none named: all).

    Raises
    ------
    OptionError
        It ends before it starts.
    """

    start_s: float
    stop_s: float
    leads: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.start_s <= self.stop_s:
            raise OptionError(f"interval is from {self.start_s} to {self.stop_s} s; it must not end before it starts")


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
    miss_rate
        Of the records that have it, the share of which it is called absent, and of the others the share of which it is
        called present, if they are like those the model was tried on; None where no such rate is stated.

    Raises
    ------
    OptionError
        The decision is none of the three, or the probability is not from 0 to 1.
    """

    code: str
    system: str
    name: str
    decision: Decision
    probability: float | None = None
    detail: str = ""
    where: tuple[Interval, ...] = ()
    miss_rate: float | None = None

    def __post_init__(self) -> None:
        if self.decision not in tuple(Decision):
            raise unknown("decision", self.decision, Decision)
        if self.probability is not None and not 0 <= self.probability <= 1:
            raise OptionError(f"probability of {self.name} is {self.probability}; it must be from 0 to 1, or None")
        object.__setattr__(self, "decision", Decision(self.decision))


def percent(share: float) -> str:
    """Return a share as percent, with a decimal near the ends; what is there is never rounded to nothing.

    Examples
    --------
    >>> percent(0.1234), percent(0.0512), percent(0), percent(0.0001), percent(0.9999)
    ('12 %', '5.1 %', '0 %', '< 0.1 %', '> 99.9 %')
    """
    if 0 < share < 0.0005:
        return "< 0.1 %"
    if 0.9995 < share < 1:
        return "> 99.9 %"
    digits = 1 if 0 < share < 0.0995 or 0.99 < share < 1 else 0
    return f"{100 * share:.{digits}f} %"
