"""A report for programs: plain values under keys that stay."""

from __future__ import annotations

import json
from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from ..beats.classify import abnormal_probability, unsure
from ..beats.episode import tally
from ..images.words import DISCLAIMER
from .explained import explanation_json
from .rhythms import usable_s
from .summary import in_time_order, summarize

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..analysis import Report
    from ..beats.episode import Episode
    from ..findings import Finding, Interval
    from ..record import Record

SCHEMA: Final = "einthoven.report/1"
MOST_PLACES: Final = 1000
_SHARE_PLACES = 9  # one beat of a year is not rounded to none


def to_json(report: Report) -> dict[str, Any]:
    """Return `report` as values JSON can hold: no NaN, no infinity, what is not known is None.

    Keys of schema ``einthoven.report/1``; a later version may add keys, and counts up when one changes its meaning:

    - ``schema``, ``version`` (of the package), ``disclaimer``
    - ``record``: ``id``, ``source``, ``start`` (ISO 8601), ``fs_hz``, ``n_samples``, ``duration_s``, ``leads``,
      ``patient`` (``age_years``, ``sex``), ``diagnoses``, ``notes``
    - ``summary``: ``n_beats``, ``counts`` (by symbol), ``abnormal_share``, ``abnormal_share_surely``,
      ``abnormal_share_possibly``, ``mean_rate_bpm``, ``slowest_bpm``, ``fastest_bpm``, ``quality`` (good, fair, poor)
    - ``findings``: list of ``code``, ``system``, ``name``, ``decision`` (present, absent, unsure), ``probability``,
      ``detail``, ``n_places`` (all there are), ``where`` (the first `MOST_PLACES` of them in order of time: list of
      ``start_s``, ``stop_s``, ``leads``; no leads: all), ``miss_rate`` (None where none is stated: the share of records
      with it that are called absent, and of those without it that are called present, at most)
    - ``beats``: lists of equal length ``sample``, ``time_s``, ``symbol``, ``p_abnormal`` (None without a model),
      ``unsure``; a paced beat has symbol Q and no ``p_abnormal``
    - ``rhythm``: ``pauses`` (as ``where``, but all), and ``rr_s`` and ``rate_bpm``, one shorter than ``beats``
    - ``episodes``: list of ``kind`` (a key of `einthoven.beats.episode.KINDS`), ``start_s``, ``stop_s``, ``beats``,
      ``rate_bpm``, ``probability`` (None where counted); ``tallies``: by kind ``count``, ``beats``, ``total_s``,
      ``burden`` (share of the usable time), ``longest_s``, ``longest_at_s``, ``fastest_bpm``, ``slowest_bpm``
    - ``hrv``: the fields of `einthoven.beats.hrv.HRV`, None where the record is too short for one; None
      altogether where it is too short for any
    - ``explanation``: what moved the answer whether the ECG is abnormal, None where nobody asked: ``answer`` (normal,
      abnormal), ``log_odds`` of abnormal, ``leads``, ``start_s``, ``step_s``, ``change`` (a list a lead: by how much
      the log-odds fall without each step), ``most`` (as ``where``: what spoke most for the answer, the first most),
      ``measured`` (list of ``group``, ``detail``, ``change``: the same for groups of measures)
    - ``quality``: by lead ``verdict``, ``usable_share``, ``missing_s``, ``flat_s``, ``clipped_s``
    - ``warnings``, ``limits``: sentences
    - ``models``: list of ``name``, ``version``, ``sha256``, ``purpose``; ``detector``; ``leads`` (those by
      which beats were classified), ``lead`` (the first of them)
    """
    return {
        "schema": SCHEMA,
        "version": report.version,
        "disclaimer": f"{DISCLAIMER}.",
        "record": _record(report.record),
        "summary": _summary(report),
        "findings": [_finding(finding) for finding in report.findings],
        "beats": _beats(report),
        "rhythm": {
            "pauses": _where(report.rhythm.pauses),
            "rr_s": _numbers(report.rhythm.rr_s, 4),
            "rate_bpm": _numbers(report.rhythm.rate_bpm, 1),
        },
        "episodes": [_episode(one) for one in report.episodes],
        "tallies": _tallies(report),
        "hrv": _hrv(report),
        "explanation": explanation_json(report.explanation),
        "quality": _quality(report),
        "warnings": list(report.warnings),
        "models": [
            {"name": m.name, "version": m.version, "sha256": m.sha256, "purpose": m.purpose} for m in report.models
        ],
        "detector": report.detector,
        "lead": report.leads[0],
        "leads": list(report.leads),
        "limits": list(report.limits),
    }


def to_json_text(report: Report) -> str:
    """Return what `to_json` gives, as one line of text."""
    return json.dumps(to_json(report), ensure_ascii=False, allow_nan=False)


def _record(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "source": record.source,
        "start": None if record.start is None else record.start.isoformat(),
        "fs_hz": record.fs_hz,
        "n_samples": record.n_samples,
        "duration_s": record.duration_s,
        "leads": list(record.leads),
        "patient": {"age_years": _number(record.patient.age_years), "sex": record.patient.sex},
        "diagnoses": list(record.diagnoses),
        "notes": list(record.notes),
    }


def _summary(report: Report) -> dict[str, Any]:
    summary = summarize(report.beats)
    return {
        "n_beats": summary.n_beats,
        "counts": summary.counts,
        "abnormal_share": _number(summary.abnormal_share, _SHARE_PLACES),
        "abnormal_share_surely": _number(summary.surely_share, _SHARE_PLACES),
        "abnormal_share_possibly": _number(summary.possibly_share, _SHARE_PLACES),
        "mean_rate_bpm": _number(report.rhythm.mean_rate_bpm, 1),
        "slowest_bpm": _number(report.rhythm.slowest_bpm, 1),
        "fastest_bpm": _number(report.rhythm.fastest_bpm, 1),
        "quality": str(report.quality.verdict),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "system": finding.system,
        "name": finding.name,
        "decision": str(finding.decision),
        "probability": _number(finding.probability),
        "detail": finding.detail,
        "n_places": len(finding.where),
        "where": _where(in_time_order(finding.where)[:MOST_PLACES]),
        "miss_rate": _number(finding.miss_rate),
    }


def _beats(report: Report) -> dict[str, Any]:
    beats = report.beats
    probability = abnormal_probability(beats)
    return {
        "sample": beats.sample.tolist(),
        "time_s": _numbers(beats.sample / report.record.fs_hz, 4),
        "symbol": beats.symbol.tolist(),
        "p_abnormal": None if probability is None else _numbers(probability, 4),
        "unsure": unsure(beats).tolist(),
    }


def _quality(report: Report) -> dict[str, Any]:
    quality = report.quality
    return {
        lead: {
            "verdict": str(quality.lead_verdict[lead]),
            "usable_share": _number(float(quality.usable[i].mean()), _SHARE_PLACES),
            "missing_s": int(quality.missing[i].sum()),
            "flat_s": int(quality.flat[i].sum()),
            "clipped_s": int(quality.clipped[i].sum()),
        }
        for i, lead in enumerate(quality.leads)
    }


def _episode(one: Episode) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "start_s": _number(one.start_s),
        "stop_s": _number(one.stop_s),
        "beats": one.beats,
        "rate_bpm": _number(one.rate_bpm, 1),
        "probability": _number(one.probability),
    }


def _tallies(report: Report) -> dict[str, Any]:
    return {
        one.kind: {
            "count": one.count,
            "beats": one.beats,
            "total_s": _number(one.total_s, 3),
            "burden": _number(one.burden, _SHARE_PLACES),
            "longest_s": _number(one.longest.duration_s, 3),
            "longest_at_s": _number(one.longest.start_s, 3),
            "fastest_bpm": None if one.fastest is None else _number(one.fastest.rate_bpm, 1),
            "slowest_bpm": None if one.slowest is None else _number(one.slowest.rate_bpm, 1),
        }
        for one in tally(report.episodes, usable_s(report))
    }


def _hrv(report: Report) -> dict[str, Any] | None:
    if report.hrv is None or report.hrv.mean_nn_ms is None:
        return None
    return {key: _number(value) for key, value in asdict(report.hrv).items()}


def _where(parts: Iterable[Interval]) -> list[dict[str, Any]]:
    return [{"start_s": _number(p.start_s), "stop_s": _number(p.stop_s), "leads": list(p.leads)} for p in parts]


def _number(value: float | None, places: int = 4) -> float | None:
    if value is None or not isfinite(value):
        return None
    return value if isinstance(value, int) else round(float(value), places)


def _numbers(values: Iterable[float], places: int) -> list[float | None]:
    return [_number(value, places) for value in values]
