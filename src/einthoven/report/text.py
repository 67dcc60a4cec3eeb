"""A report for the terminal: about a screen, most important first."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from ..findings import Decision, percent
from ..images.words import DISCLAIMER, facts, lead_list, length, printable, seen_text
from .diagnosed import diagnosis_words, is_diagnosis
from .explained import in_short
from .rhythms import hrv_in_words, in_words, tallies
from .summary import places, probability, probability_range, summarize, verdict_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..analysis import Report
    from ..findings import Finding

WIDTH = 100
_LABEL = 11
_SIGNS = {Decision.PRESENT: "●", Decision.UNSURE: "?", Decision.ABSENT: "·"}


def to_text(report: Report) -> str:
    """Return `report` as plain text, lines of up to 100 characters, without a last line break.

    A finding begins with its decision: ``● present``, ``? unsure`` or ``· absent``.
    """
    return "\n".join(line for part in _parts(report) for line in part)


def _parts(report: Report) -> Iterator[list[str]]:
    record = report.record
    title = " · ".join(filter(None, (seen_text(record.id or "ECG", 40), lead_list(record), facts(record))))
    yield [printable(title), "─" * min(len(title), WIDTH)]
    yield _line("Length", f"{length(record.duration_s)} at {record.fs_hz:g} Hz")
    yield _line("Rate", _rate(report))
    yield _line("Beats", _beats(report))
    yield _line("Signal", verdict_words(report.quality))
    for i, text in enumerate(report.warnings):
        yield _line("" if i else "Warnings", text)
    for i, (decision, text) in enumerate(diagnosis_words(report)):
        label = "" if i else "Diagnoses"
        sign = f"{_SIGNS[Decision(decision)]} {decision}" if decision else ""
        yield _line(f"{label:<{_LABEL}}{sign:<{_LABEL}}", text)
    for i, finding in enumerate(one for one in report.findings if not is_diagnosis(one)):
        label = "" if i else "Findings"
        decision = f"{_SIGNS[finding.decision]} {finding.decision}"
        yield _line(f"{label:<{_LABEL}}{decision:<{_LABEL}}", _finding(finding, record.duration_s))
    if not report.findings:
        yield _line("Findings", "none could be made")
    if report.explanation is not None:
        yield _line("Why", in_short(report.explanation))
    for i, one in enumerate(tallies(report)):
        yield _line("" if i else "Episodes", in_words(one, record.duration_s))
    if variability := hrv_in_words(report.hrv):
        yield _line("HRV", variability)
    for i, note in enumerate(record.notes):
        yield _line("" if i else "Notes", note)
    for i, model in enumerate(report.models):
        used = f"{model.name} {model.version} ({model.purpose}), sha256 {model.sha256[:12]}…"
        yield _line("" if i else "Models", used)
    yield _line(
        "Made by",
        f"einthoven {report.version}, beats found by '{report.detector}', classified on {', '.join(report.leads)}",
    )
    yield [f"{DISCLAIMER}."]


def _line(label: str, text: str) -> list[str]:
    text, label = " ".join(printable(text).split()), f"{label:<{_LABEL}}"
    return textwrap.wrap(text, WIDTH, initial_indent=label, subsequent_indent=" " * len(label)) or [label]


def _rate(report: Report) -> str:
    heart = report.rhythm
    if heart.mean_rate_bpm is None:
        return "not measurable"
    text = f"{heart.mean_rate_bpm:.0f} bpm"
    if heart.slowest_bpm is not None and heart.fastest_bpm is not None:
        text += f", from {heart.slowest_bpm:.0f} to {heart.fastest_bpm:.0f} (median of 8 intervals)"
    return text


def _beats(report: Report) -> str:
    summary = summarize(report.beats)
    if not summary.n_beats:
        return "none found"
    text = f"{summary.n_beats}: " + ", ".join(f"{n} {symbol}" for symbol, n in summary.counts.items())
    if summary.abnormal_share is not None:
        text += f"; abnormal {percent(summary.abnormal_share)} ({probability_range(summary)})"
    return text


def _finding(finding: Finding, duration_s: float) -> str:
    text = finding.name
    if finding.probability is not None:
        text += f", p {probability(finding.probability)}"
    if finding.detail:
        text += f": {finding.detail}"
    where = "" if finding.decision is Decision.ABSENT else places(finding.where, duration_s)
    return f"{text}; {where}" if where else text
