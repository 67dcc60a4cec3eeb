"""Which diagnoses a model of many sees, in words and as a section of the page: what counts, and the rest in short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..diagnosis.agreement import REASON
from ..findings import Decision, percent
from ..images.words import escaped
from .rows import finding_table
from .summary import places, probability

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..analysis import Report
    from ..findings import Finding
    from .pictures import Picture

WORTH_NAMING: Final = 0.05
"""Probability from which a diagnosis that is unsure is named; others are counted."""


def is_diagnosis(finding: Finding) -> bool:
    """Tell whether a finding is one of many that a model was asked about, and says how often it is wrong."""
    return finding.miss_rate is not None


def parted(report: Report) -> tuple[list[Finding], list[Finding], list[Finding]]:
    """Return the diagnoses of a report: present or worth a doubt; unsure, but improbable; absent."""
    said = [one for one in report.findings if is_diagnosis(one)]
    absent = [one for one in said if one.decision is Decision.ABSENT]
    faint = [one for one in said if one.decision is Decision.UNSURE and _is_faint(one)]
    return [one for one in said if one not in faint and one not in absent], faint, absent


def _is_faint(one: Finding) -> bool:
    return not _reason(one) and one.probability is not None and one.probability < WORTH_NAMING


def diagnosis_words(report: Report) -> list[tuple[str, str]]:
    """Return the diagnoses of a report in lines, each with its decision, and a last one that says how sure they are.

    Each that is present has its line, as has one that is unsure for a reason of its own; the others of one decision
    stand together. Nothing is returned where no model was asked.
    """
    named, faint, absent = parted(report)
    if not (named or faint or absent):
        return []
    duration_s = report.record.duration_s
    full = [one for one in named if one.decision is Decision.PRESENT or _reason(one)]
    lines = [(str(one.decision), _fully(one, duration_s)) for one in full]
    unsure = [_shortly(one) for one in named if one.decision is Decision.UNSURE and not _reason(one)]
    if faint:
        unsure.append(f"{len(faint)}{' others' if lines or unsure else ''} not excluded, each p < {WORTH_NAMING:g}")
    lines += [(str(Decision.UNSURE), "; ".join(unsure))] if unsure else []
    if absent:
        lines.append((str(Decision.ABSENT), f"{len(absent)} others" if lines else f"all {len(absent)}"))
    return [*lines, ("", sureness(named + faint + absent))]


def _fully(one: Finding, duration_s: float) -> str:
    text, reason = f"{_shortly(one)} ({one.system} {one.code})", _reason(one)
    where = places(one.where, duration_s)
    return text + (f": {reason}" if reason else "") + (f"; {where}" if where else "")


def _reason(one: Finding) -> str:
    """Return why a finding is unsure, of its detail; empty where nothing says so."""
    last = one.detail.rpartition("; ")[2]
    return last if last.startswith(REASON) else ""


def _shortly(one: Finding) -> str:
    return one.name if one.probability is None else f"{one.name}, p {probability(one.probability)}"


def sureness(diagnoses: Iterable[Finding]) -> str:
    """Say in words how often a diagnosis is wrong.

    Examples
    --------
    >>> from einthoven.findings import Finding
    >>> sureness([Finding("NORM", "PTB-XL", "Normal ECG", Decision.PRESENT, 0.9, miss_rate=0.1)])[:70]
    'Of ten-second records like those learnt from, at most 10 % with a diag'
    """
    rate = percent(max(one.miss_rate or 0.0 for one in diagnoses))
    missed, made_up = (
        f"at most {rate} with a diagnosis are called without it",
        f"at most {rate} without it called with it",
    )
    return f"Of ten-second records like those learnt from, {missed}, and {made_up}; of others more."


def diagnosis_section(report: Report, shown: Sequence[Picture]) -> str:
    """Return the section of the page; empty where no model was asked."""
    named, faint, absent = parted(report)
    rest = faint + absent
    if not (named or rest):
        return ""
    duration_s = report.record.duration_s
    said = escaped(sureness(named + rest))
    table = finding_table(named, shown, duration_s, f"Calibrated probability of each diagnosis. {said}")
    if not named:
        table = f'<p class="soft">None is present or probable. {said}</p>'
    if rest:
        parts = (
            f"{len(absent)} absent" if absent else "",
            f"{len(faint)} improbable, but not excluded" if faint else "",
        )
        more = finding_table(rest, shown, duration_s, f"Improbable: unsure, with a probability below {WORTH_NAMING:g}.")
        table += f"<details><summary>{', '.join(filter(None, parts))}</summary>{more}</details>"
    return f'<section aria-labelledby="diagnoses"><h2 id="diagnoses">Diagnoses</h2>{table}</section>'
