"""``einthoven info``: what a file holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .inputs import AsJson, Files, Loader, each_file, reads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..record import Record


@reads
def info(load: Loader, files: Files, as_json: AsJson = False) -> None:
    """Show what each FILE holds: leads, rate, length, patient, amplitudes, and what had to be mended."""
    from ..formats import reader_for

    def work(file: Path) -> tuple[dict[str, Any], str]:
        facts = describe(load(file), reader_for(file, load.format).title)
        return facts, "\n".join(_lines(facts)) + ("\n" if len(files) > 1 else "")

    each_file(files, work, as_json=as_json)


def describe(record: Record, title: str) -> dict[str, Any]:
    """Return the facts of a record as values JSON can hold; None where the file is silent or a lead has no sample."""
    from ..signal.leads import check_leads

    return {
        "id": record.id,
        "source": record.source,
        "format": title,
        "leads": list(record.leads),
        "fs_hz": record.fs_hz,
        "n_samples": record.n_samples,
        "duration_s": record.duration_s,
        "start": record.start.isoformat() if record.start else None,
        "patient": {"age_years": record.patient.age_years, "sex": record.patient.sex},
        "diagnoses": list(record.diagnoses),
        "amplitude": _amplitudes(record),
        "findings": [
            {"code": one.code, "name": one.name, "decision": one.decision, "detail": one.detail}
            for one in check_leads(record)
        ],
        "notes": list(record.notes),
    }


def _amplitudes(record: Record) -> dict[str, dict[str, float | None]]:
    import numpy as np

    table: dict[str, dict[str, float | None]] = {}
    for lead in record.leads:
        known = record[lead][np.isfinite(record[lead])]
        table[lead] = {
            "lowest_mv": round(float(known.min()), 6) if known.size else None,
            "highest_mv": round(float(known.max()), 6) if known.size else None,
            "missing_share": 1 - known.size / record.n_samples,
        }
    return table


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    patient = facts["patient"]
    age = f"{patient['age_years']:g} years" if patient["age_years"] is not None else None
    minutes, seconds = divmod(facts["duration_s"], 60)
    length = f"{minutes:.0f} min {seconds:.1f} s" if minutes else f"{seconds:g} s"
    yield f"{facts['id']}  {facts['source']}"
    yield f"  format     {facts['format']}"
    yield f"  leads      {len(facts['leads'])}: {' '.join(facts['leads'])}"
    yield f"  length     {length}, {facts['n_samples']} samples at {facts['fs_hz']:g} Hz"
    yield f"  start      {facts['start'] or 'not stated'}"
    yield f"  patient    {', '.join(filter(None, (age, patient['sex']))) or 'not stated'}"
    yield f"  diagnoses  {', '.join(facts['diagnoses']) or 'none in the file'}"
    width = max(map(len, facts["leads"]))
    for lead, one in facts["amplitude"].items():
        span = "no sample" if one["lowest_mv"] is None else f"{one['lowest_mv']:8.3f} to {one['highest_mv']:.3f} mV"
        missing = f", {one['missing_share']:.1%} missing" if one["missing_share"] else ""
        yield f"  {'amplitude' if lead == facts['leads'][0] else '':9}  {lead:{width}} {span}{missing}"
    for one in facts["findings"]:
        yield f"  finding    {one['name']}: {one['decision']}{', ' if one['detail'] else ''}{one['detail']}"
    for note in facts["notes"]:
        yield f"  note       {note}"
