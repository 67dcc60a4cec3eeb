"""Episodes and heart rate variability, in words, as rows, and as sections of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..beats.episode import KINDS, extreme_rate, tally
from ..findings import percent
from ..images.words import clock, escaped, length
from .pictures import WHOLE_STRIP_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..analysis import Report
    from ..beats.episode import Tally
    from ..beats.hrv import HRV
    from .pictures import Picture

_TIME_DOMAIN: Final = (
    ("mean_nn_ms", "Mean NN", "ms", 0),
    ("sdnn_ms", "SDNN", "ms", 0),
    ("sdann_ms", "SDANN", "ms", 0),
    ("sdnn_index_ms", "SDNN index", "ms", 0),
    ("rmssd_ms", "RMSSD", "ms", 0),
    ("pnn50_percent", "pNN50", "%", 1),
    ("triangular_index", "Triangular index", "", 1),
    ("tinn_ms", "TINN", "ms", 0),
)
_FREQUENCY_DOMAIN: Final = (
    ("day_total_ms2", "Total power, 24 h", "ms²", 0),
    ("total_ms2", "Total power, 5 min", "ms²", 0),
    ("ulf_ms2", "ULF", "ms²", 0),
    ("vlf_ms2", "VLF", "ms²", 0),
    ("lf_ms2", "LF", "ms²", 0),
    ("hf_ms2", "HF", "ms²", 0),
    ("lf_nu", "LF, normalised", "%", 0),
    ("hf_nu", "HF, normalised", "%", 0),
    ("lf_hf", "LF/HF", "", 2),
)
_SHORT: Final = ("sdnn_ms", "rmssd_ms", "pnn50_percent", "lf_hf")


def tallies(report: Report) -> tuple[Tally, ...]:
    """Add up the episodes that are worth a line: none of a record of a minute, whose findings say it all."""
    if report.record.duration_s <= WHOLE_STRIP_S:
        return ()
    return tuple(one for one in tally(report.episodes, usable_s(report)) if one.kind != "normal")


def usable_s(report: Report) -> float:
    """Return the time in which any lead can be used."""
    lost_s = float((~report.quality.usable.any(axis=0)).sum())
    return max(0.0, report.record.duration_s - lost_s)


def in_words(one: Tally, duration_s: float) -> str:
    """Return what the episodes of one kind add up to, in a phrase.

    Examples
    --------
    >>> from einthoven.beats.episode import Episode
    >>> (runs,) = tally([Episode("vt", 10, 12, 5, 150.0), Episode("vt", 20, 23, 6, 120.0)], 100)
    >>> in_words(runs, 100)
    'Ventricular tachycardia: 2, longest 3 s at 0:20, fastest 150 bpm, 5.0 % of the time'
    """
    longest = f"longest {_lasted(one)} at {clock(one.longest.start_s, duration_s)}{extreme_rate(one, ', ')}"
    return f"{KINDS[one.kind].name}: {one.count:,}, {longest}, {percent(one.burden)} of the time"


def _lasted(one: Tally) -> str:
    return length(round(one.longest.duration_s, 1))


def hrv_in_words(hrv: HRV | None) -> str:
    """Return the usual measures of variability in a phrase; empty where there are none."""
    if hrv is None:
        return ""
    rows = _rows(hrv, _TIME_DOMAIN + _FREQUENCY_DOMAIN, _SHORT)
    return ", ".join(f"{name} {value}" for name, value in rows)


def episode_section(report: Report, shown: Sequence[Picture]) -> str:
    """Return the table of episodes; empty where there is none worth a line."""
    rows = "".join(_episode_row(one, shown, report.record.duration_s) for one in tallies(report))
    if not rows:
        return ""
    names = ("Rhythm", "Episodes", "Longest", "At", "Mean rate", "Share of time")
    number = ("", ' class="number"', ' class="number"', "", ' class="number"', ' class="number"')
    cells = zip(names, number, strict=True)
    head = "<tr>" + "".join(f'<th scope="col"{kind}>{name}</th>' for name, kind in cells) + "</tr>"
    caption = "Counted from the classified beats; fibrillation is predicted. Rhythms may be at one time."
    table = f"<table><caption>{caption}</caption><thead>{head}</thead><tbody>{rows}</tbody></table>"
    return f'<section aria-labelledby="episodes"><h2 id="episodes">Episodes</h2>{table}</section>'


def _episode_row(one: Tally, shown: Sequence[Picture], duration_s: float) -> str:
    what, longest = KINDS[one.kind], one.longest
    picture = next((p for p in shown if p.holds(longest.start_s, longest.stop_s)), None)
    at = clock(longest.start_s, duration_s)
    place = f'<a href="#{picture.anchor}">{at}</a>' if picture else at
    beats = "" if one.kind == "pause" else f", {longest.beats:,} beats"
    return (
        f'<tr><th scope="row">{escaped(what.name)}<br><small>from {escaped(what.least)}</small></th>'
        f'<td class="number">{one.count:,}</td><td class="number">{escaped(_lasted(one))}{beats}</td><td>{place}</td>'
        f'<td class="number">{extreme_rate(one)}</td><td class="number">{escaped(percent(one.burden))}</td></tr>'
    )


def hrv_section(report: Report) -> str:
    """Return the measures of variability; empty where the record is too short for any."""
    hrv = report.hrv
    if hrv is None or hrv.mean_nn_ms is None:
        return ""
    tables = "".join(
        _table(title, _rows(hrv, measures, None))
        for title, measures in (("Time domain", _TIME_DOMAIN), ("Frequency domain", _FREQUENCY_DOMAIN))
    )
    about = (
        f"From {hrv.n_intervals:,} intervals between normal beats, {length(hrv.covered_s)} together, as the Task Force "
        "of 1996 defines it. Power by Lomb-Scargle, beats left out bridged, the mean of five-minute segments; ULF and "
        "the total of 24 h are of the whole recording."
    )
    return (
        '<section aria-labelledby="variability"><h2 id="variability">Heart rate variability</h2>'
        f'<p class="soft">{about}</p><div class="twin">{tables}</div></section>'
    )


def _table(title: str, rows: Sequence[tuple[str, str]]) -> str:
    if not rows:
        return ""
    lines = "".join(f'<tr><th scope="row">{name}</th><td class="number">{value}</td></tr>' for name, value in rows)
    return f"<table><caption>{title}</caption><tbody>{lines}</tbody></table>"


def _rows(hrv: HRV, measures: Sequence[tuple[str, str, str, int]], only: Sequence[str] | None) -> list[tuple[str, str]]:
    """Return name and value with unit of each measure there is."""
    rows = []
    for key, name, unit, decimals in measures:
        value = getattr(hrv, key)
        if value is not None and (only is None or key in only):
            rows.append((name, f"{value:,.{decimals}f} {unit}".strip()))
    return rows
