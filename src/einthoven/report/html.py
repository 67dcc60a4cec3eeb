"""A report as one page that needs nothing else: no script, no request, light and dark, readable on paper and phone."""

from __future__ import annotations

from importlib.resources import files
from pathlib import PurePath
from typing import TYPE_CHECKING

from ..codes import symbol_name
from ..findings import percent
from ..images.sheet import BEAT_COLOURS
from ..images.svg import style_rules, svg
from ..images.words import DISCLAIMER, counted, escaped, facts, length, seen_text
from .beatlist import beat_section
from .charts import quality_band, rate_trend, rhythm_bands, rr_plot
from .diagnosed import diagnosis_section, is_diagnosis
from .explained import explanation_section
from .pictures import Picture, pictures
from .rhythms import episode_section, hrv_section
from .rows import finding_table
from .summary import Summary, is_abnormal, probability_range, summarize, verdict_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..analysis import Report

_BAND_WORDS = {
    "af": "atrial fibrillation or flutter",
    "supraventricular": "supraventricular rhythm",
    "ventricular": "ventricular rhythm",
}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_LOGO = '<svg viewBox="0 0 34 15" aria-hidden="true"><path d="M1 10h8l2-3 2 3h3l3-9 3 13 2-4h9"/></svg>'


def to_html(report: Report) -> str:
    """Return `report` as an HTML document; all text that came from a file is escaped."""
    summary, shown = summarize(report.beats), pictures(report)
    name = escaped(report.record.id or "ECG")
    body = [
        _header(report, name),
        _tiles(report, summary),
        _warnings(report.warnings),
        diagnosis_section(report, shown),
        _findings(report, shown),
        explanation_section(report),
        episode_section(report, shown),
        _ecg(report, shown, summary),
        _trend(report),
        '<div class="columns">' + _intervals(report) + beat_section(report, summary) + "</div>",
        hrv_section(report),
        _quality(report),
        _made(report),
        f"<footer>{DISCLAIMER}. Made by einthoven {escaped(report.version)}.</footer>",
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{name} – ECG report</title><style>{_style()}</style></head>\n"
        "<body><main>\n" + "\n".join(filter(None, body)) + "\n</main></body></html>\n"
    )


def _style() -> str:
    page = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    dark = f"@media screen and (prefers-color-scheme: dark) {{{style_rules(dark=True)}{_symbol_rules(1)}}}"
    return f"\n{page}{style_rules()}{_symbol_rules(0)}\n{dark}\n"


def _symbol_rules(ground: int) -> str:
    colours = {kind: pair[ground] for kind, pair in BEAT_COLOURS.items()}
    return "".join(f".symbol.{k}{{color:{c};box-shadow:inset 0 0 0 1px {c}66}}" for k, c in colours.items())


def _header(report: Report, name: str) -> str:
    record = report.record
    leads = ", ".join(seen_text(lead, 24) for lead in record.leads)
    what = (f"{length(record.duration_s)} at {record.fs_hz:g} Hz", leads, facts(record))
    source = f"<br>{escaped(PurePath(record.source).name)}" if record.source else ""
    codes = f"<br>Diagnoses in the file: {escaped(', '.join(record.diagnoses))}" if record.diagnoses else ""
    return (
        f'<header><div class="brand"><span>{_LOGO}<b>einthoven</b> ECG report</span><span>{DISCLAIMER}</span></div>'
        f'<h1>{name}</h1><p class="facts">{escaped(" · ".join(filter(None, what)))}{source}{codes}</p></header>'
    )


def _tiles(report: Report, summary: Summary) -> str:
    heart, quality = report.rhythm, report.quality
    rate, span = "–", "not measurable"
    if heart.mean_rate_bpm is not None:
        rate = f"{heart.mean_rate_bpm:.0f} <small>bpm</small>"
        span = "" if heart.slowest_bpm is None else f"from {heart.slowest_bpm:.0f} to {heart.fastest_bpm:.0f}"
    share, sure, warm = "–", "not classified", ""
    if summary.abnormal_share is not None:
        share = percent(summary.abnormal_share).replace("<", "&lt;").replace(" %", " <small>%</small>")
        sure = probability_range(summary)
        warm = "warm" if summary.surely_share else ""
    verdicts = [str(verdict) for verdict in quality.lead_verdict.values()]
    leads = f"{verdicts.count('good')} of {counted(len(verdicts), 'lead')} good"
    counts = ", ".join(f"{n:,} {symbol}" for symbol, n in summary.counts.items()) or "none found"
    tiles = (
        ("Mean heart rate", rate, span, ""),
        ("Beats", f"{summary.n_beats:,}", counts, ""),
        ("Abnormal beats", share, sure, warm),
        ("Signal quality", str(quality.verdict), leads, str(quality.verdict)),
    )
    boxes = (
        f'<div class="tile {kind}"><dt>{label}</dt><dd class="figure">{figure}</dd>'
        f'<dd class="soft">{escaped(more)}</dd></div>'
        for label, figure, more, kind in tiles
    )
    return f'<dl class="tiles">{"".join(boxes)}</dl>'


def _warnings(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    return f'<aside class="note" aria-label="Keep in mind"><b>Keep in mind</b>{_list(warnings)}</aside>'


def _findings(report: Report, shown: Sequence[Picture]) -> str:
    if not report.findings:
        return _section("Findings", '<p class="soft">None could be made.</p>')
    caption = "Calibrated probability where a model answered; “measured” where the signal did. "
    caption += "Of more places than are named, those that are drawn below come first."
    others = [one for one in report.findings if not is_diagnosis(one)]
    return _section("Findings", finding_table(others, shown, report.record.duration_s, caption))


def _ecg(report: Report, shown: Sequence[Picture], summary: Summary) -> str:
    duration_s = report.record.duration_s
    parts = []
    for picture in shown:
        caption = escaped(picture.caption(duration_s))
        why = escaped("; ".join(picture.moment.reasons))
        parts.append(
            f'<figure id="{picture.anchor}"><figcaption><b>{caption}</b> <span class="why">– {why}</span></figcaption>'
            f'<div class="scroll" tabindex="0" role="region" aria-label="ECG, {caption}">'
            f"{svg(picture.sheet, inline=True)}</div></figure>"
        )
    seen_s = sum(picture.moment.seconds for picture in shown)
    marks = [f"{escaped(symbol)} {symbol_name(symbol)}" for symbol in summary.counts]
    about = f"No filter; each lead level with its median. {', '.join([*marks, '? unsure'])}; grey: poor signal."
    if seen_s < duration_s:
        about += f" The most telling moments of {length(duration_s)}; each says why it is shown."
    about = f"On millimetre paper; the pulse before each lead is 1 mV for 200 ms. {about}"
    return _section("ECG", "".join(parts) + f'<p class="soft about">{about}</p>')


def _trend(report: Report) -> str:
    if not (chart := rate_trend(report)):
        return ""
    key = [("rate", "beats a minute, median of 8 intervals")]
    if is_abnormal(report.beats).any():
        key.append(("warm", "share of abnormal beats"))
    if report.rhythm.pauses:
        key.append(("poor", "pause"))
    key += [(f"band-{band}", _BAND_WORDS[band]) for band in rhythm_bands(report)]
    return _section("Heart rate", _wide("Heart rate over time", chart) + _key(key))


def _intervals(report: Report) -> str:
    if not (chart := rr_plot(report)):
        return _section("RR intervals", '<p class="soft">Fewer than three beats: nothing to compare.</p>')
    return _section("RR intervals", chart + _key([("rate", "normal beats"), ("warm", "around an abnormal beat")]))


def _quality(report: Report) -> str:
    words = {"good": "good-ground", "partly usable": "fair", "poor": "poor", "missing": "ink"}
    chart = _wide("Signal quality over time", quality_band(report))
    key = _key([(colour, word) for word, colour in words.items()])
    return _section(
        "Signal quality", f'<p class="soft">{escaped(_sentence(verdict_words(report.quality)))}.</p>{chart}{key}'
    )


def _made(report: Report) -> str:
    models = "".join(
        f'<tr><th scope="row">{escaped(m.name)} {escaped(m.version)}</th><td>{escaped(m.purpose)}</td>'
        f"<td><code>{escaped(m.sha256)}</code></td></tr>"
        for m in report.models
    )
    names = ("Model", "Asked for", "SHA-256 of its network")
    head = f"<thead>{_head_row(names)}</thead>"
    table = f"<table><caption>Models that took part</caption>{head}<tbody>{models}</tbody></table>" if models else ""
    rows = [
        ("Beats found by", f"detector “{escaped(report.detector)}”"),
        ("Classified on", escaped(", ".join(report.leads))),
        ("Software", f"einthoven {escaped(report.version)}"),
        ("Notes on the file", _list(report.record.notes) if report.record.notes else ""),
        ("Limits", _list(report.limits)),
    ]
    facts_list = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in rows if text)
    return _section("How this was made", f'{table}<dl class="made">{facts_list}</dl>')


def _section(title: str, inside: str) -> str:
    anchor = title.lower().replace(" ", "-")
    return f'<section aria-labelledby="{anchor}"><h2 id="{anchor}">{title}</h2>{inside}</section>'


def _head_row(names: Iterable[str]) -> str:
    return "<tr>" + "".join(f'<th scope="col">{name}</th>' for name in names) + "</tr>"


def _wide(name: str, chart: str) -> str:
    return f'<div class="scroll wide" tabindex="0" role="region" aria-label="{name}">{chart}</div>'


def _key(entries: Iterable[tuple[str, str]]) -> str:
    items = "".join(f'<li><i style="background:var(--{colour})"></i>{word}</li>' for colour, word in entries)
    return f'<ul class="key">{items}</ul>'


def _list(sentences: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escaped(_sentence(text))}</li>" for text in sentences) + "</ul>"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
