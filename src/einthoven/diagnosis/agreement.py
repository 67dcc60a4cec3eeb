"""Where diagnoses and other findings speak of one thing, a report does not say yes and no.

Premature beats, pacing, fibrillation and rate are found beat by beat too, with their places, and the rate is measured.
So a diagnosis that these deny is unsure, and says why; the other finding stands as it is. Of two diagnoses
that are not there together the less probable is unsure.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..findings import Decision

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..findings import Finding

SAME: Final = {"427172004": "427172004", "284470004": "63593006", "10370003": "10370003"}
"""Diagnoses, and the findings that say the same of beats: either is there with the other."""

NEEDS: Final = {
    "164889003": "195080001",  # fibrillation or flutter
    "164890007": "195080001",
    "426177001": "48867003",  # a mean rate below, or above, what is usual
    "426627000": "48867003",
    "427084000": "3424008",
}
"""Diagnoses, and the findings without which they are not."""

EXCLUDES: Final = {
    "NORM": "102594003",  # abnormal ECG
    **dict.fromkeys(("426783006", "426177001", "427084000", "427393009"), "195080001"),  # sinus rhythms
}
"""Diagnoses, and the findings with which they are not."""

OPPOSED: Final = (
    ({"NORM"}, {"MI", "STTC", "CD", "HYP"}),
    ({"164889003", "164890007"}, {"426783006", "426177001", "427084000", "427393009"}),
    ({"426177001", "426627000"}, {"427084000"}),
    ({"39732003", "445118002"}, {"47665007"}),  # axis to the left, as in left anterior fascicular block; to the right
)
"""Diagnoses that are not there together, those of one side with those of the other: the less probable is unsure."""

REASON: Final = "but "
"""What the words begin with that say why a diagnosis is unsure, at the end of its detail."""

EITHER: Final = ("164889003", "164890007")
"""Of these diagnoses one at least is there with the finding that `NEEDS` names."""


def agreeing(diagnoses: Iterable[Finding], others: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the diagnoses, unsure where another finding, or another of them, says the opposite.

    Examples
    --------
    >>> from einthoven.findings import Finding
    >>> flutter = Finding("164890007", "SNOMED CT", "Atrial flutter", Decision.PRESENT, 0.8)
    >>> none = Finding("195080001", "SNOMED CT", "Atrial fibrillation or flutter", Decision.ABSENT, 0.1)
    >>> [said] = agreeing([flutter], [none])
    >>> said.decision.value, said.detail
    ('unsure', 'but “Atrial fibrillation or flutter” is absent')
    """
    said, found = tuple(diagnoses), {other.code: other for other in others}
    return tuple(_beside(one, said, found) for one in said)


def _beside(one: Finding, said: tuple[Finding, ...], found: dict[str, Finding]) -> Finding:
    against = _denied_by(one, found) or _opposed_by(one, said) or _alone_in(one, said, found)
    if against is None:
        return one
    reason = f"{REASON}“{against.name}” is {against.decision}"
    return replace(one, decision=Decision.UNSURE, detail=f"{one.detail}; {reason}" if one.detail else reason)


def _denied_by(one: Finding, found: dict[str, Finding]) -> Finding | None:
    there, absent = Decision.PRESENT, Decision.ABSENT
    rules = ((SAME, there, absent), (SAME, absent, there), (NEEDS, there, absent), (EXCLUDES, there, there))
    for table, own, others in rules:
        other = found.get(table[one.code]) if one.code in table else None
        if other is not None and (one.decision, other.decision) == (own, others):
            return other
    return None


def _opposed_by(one: Finding, said: tuple[Finding, ...]) -> Finding | None:
    """Return the first diagnosis that is present and with which this one, present too and no more probable, is not."""
    if one.decision is not Decision.PRESENT:
        return None
    opposed = {code for pair in OPPOSED for own, others in (pair, pair[::-1]) if one.code in own for code in others}
    rivals = (other for other in said if other.code in opposed and other.decision is Decision.PRESENT)
    return next((other for other in rivals if (other.probability or 0) >= (one.probability or 0)), None)


def _alone_in(one: Finding, said: tuple[Finding, ...], found: dict[str, Finding]) -> Finding | None:
    """Return the finding that `EITHER` of some diagnoses belongs to, where it is there and all of them are absent."""
    if one.code not in EITHER or any(two.code in EITHER and two.decision is not Decision.ABSENT for two in said):
        return None
    other = found.get(NEEDS[one.code])
    return other if other is not None and other.decision is Decision.PRESENT else None
