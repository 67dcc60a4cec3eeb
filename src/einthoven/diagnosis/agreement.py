"""Where diagnoses and other findings speak of one thing, a report does not say yes and no.

Premature beats, pacing, fibrillation and rate are found beat by beat too, with their places, and the rate is measured.
So a diagnosis that these deny is unsure, and says why; the other finding stands as it is.
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

EXCLUDES: Final = {"NORM": "102594003"}
"""Diagnoses, and the findings with which they are not."""


def agreeing(diagnoses: Iterable[Finding], others: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the diagnoses, unsure where one of the other findings says the opposite.

    Examples
    --------
    >>> from einthoven.findings import Finding
    >>> flutter = Finding("164890007", "SNOMED CT", "Atrial flutter", Decision.PRESENT, 0.8)
    >>> none = Finding("195080001", "SNOMED CT", "Atrial fibrillation or flutter", Decision.ABSENT, 0.1)
    >>> [said] = agreeing([flutter], [none])
    >>> said.decision.value, said.detail
    ('unsure', 'but “Atrial fibrillation or flutter” is absent')
    """
    found = {other.code: other for other in others}
    return tuple(_beside(one, found) for one in diagnoses)


def _beside(one: Finding, found: dict[str, Finding]) -> Finding:
    there, absent = Decision.PRESENT, Decision.ABSENT
    opposed = (
        (SAME, there, absent),
        (SAME, absent, there),
        (NEEDS, there, absent),
        (EXCLUDES, there, there),
    )
    for table, own, others in opposed:
        other = found.get(table[one.code]) if one.code in table else None
        if other is not None and (one.decision, other.decision) == (own, others):
            return replace(one, decision=Decision.UNSURE, detail=f"but “{other.name}” is {other.decision}")
    return one
