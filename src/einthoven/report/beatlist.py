"""The beats of a record as a table, a list to look through, and a file to take away."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np

from ..beats.classify import abnormal_probability
from ..codes import AAMI_CLASSES, symbol_name
from ..findings import percent
from ..images.marks import beat_class
from ..images.words import clock, counted, escaped, seen_text
from .summary import is_abnormal, probability

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..analysis import Report
    from .summary import Summary

MOST_LISTED = 200
MOST_IN_FILE = 20_000


def beat_section(report: Report, summary: Summary) -> str:
    """Return the section on beats: counts by symbol, a list, and all of them as a file inside the page."""
    if not len(report.beats):
        return (
            '<section aria-labelledby="beats"><h2 id="beats">Beats</h2><p class="soft">None were found.</p></section>'
        )
    order = sorted(summary.counts, key=lambda symbol: (AAMI_CLASSES.index(beat_class(symbol)), symbol))
    rows = "".join(
        f'<tr><th scope="row"><span class="symbol {beat_class(symbol)}">{escaped(symbol)}</span></th>'
        f'<td>{symbol_name(symbol)}</td><td class="number">{summary.counts[symbol]:,}</td>'
        f'<td class="number">{escaped(percent(summary.counts[symbol] / summary.n_beats))}</td></tr>'
        for symbol in order
    )
    head = '<th scope="col">Symbol</th><th scope="col">Meaning</th><th scope="col" class="number">Beats</th>'
    head += '<th scope="col" class="number">Share</th>'
    table = f"<table><caption>Beats by symbol</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<section aria-labelledby="beats"><h2 id="beats">Beats</h2>{table}{_list(report)}{_file(report)}</section>'


def _list(report: Report) -> str:
    """List abnormal beats, the most probable first where there are too many; of few beats, all."""
    beats = report.beats
    p_abnormal = abnormal_probability(beats)
    which = np.arange(len(beats)) if len(beats) <= MOST_LISTED else np.flatnonzero(is_abnormal(beats))
    what = "all beats" if len(beats) <= MOST_LISTED else counted(len(which), "abnormal beat")
    if not len(which):
        return ""
    if len(which) > MOST_LISTED:
        what = f"the {MOST_LISTED} most abnormal of {what}"
        if p_abnormal is not None:
            which = which[np.argsort(-p_abnormal[which], kind="stable")]
        which = np.sort(which[:MOST_LISTED])
    rows = "".join(_row(report, int(i), p_abnormal) for i in which)
    head = '<th scope="col">Time</th><th scope="col">Symbol</th><th scope="col" class="number">Abnormal</th>'
    return (
        f'<details><summary>List {what}</summary><div class="list" tabindex="0" role="region" aria-label="Beats">'
        f"<table><caption>Time from the start, symbol, probability of being abnormal</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _row(report: Report, i: int, p_abnormal: NDArray[np.float32] | None) -> str:
    time_s, symbol = float(report.rhythm.time_s[i]), str(report.beats.symbol[i])
    sure = "" if p_abnormal is None or np.isnan(p_abnormal[i]) else escaped(probability(float(p_abnormal[i])))
    return (
        f"<tr><td>{clock(time_s, report.record.duration_s, decimals=2)}</td>"
        f'<td><span class="symbol {beat_class(symbol)}">{escaped(symbol)}</span></td>'
        f'<td class="number">{sure}</td></tr>'
    )


def _file(report: Report) -> str:
    """Link a CSV file that stands in the page itself; of very many beats only the abnormal ones."""
    beats = report.beats
    which = np.arange(len(beats))
    what = "All beats"
    if len(which) > MOST_IN_FILE:
        which, what = np.flatnonzero(is_abnormal(beats)), "All abnormal beats"
    if len(which) > MOST_IN_FILE:
        return '<p class="soft">Too many to list here: --json gives every beat.</p>'
    p_abnormal = abnormal_probability(beats)
    lines = ["sample,time_s,symbol,p_abnormal"]
    for i in which.tolist():
        sure = "" if p_abnormal is None or np.isnan(p_abnormal[i]) else f"{p_abnormal[i]:.3f}"
        lines.append(f"{beats.sample[i]},{report.rhythm.time_s[i]:.3f},{beats.symbol[i]},{sure}")
    name = "".join(c if c.isalnum() or c in "-_." else "_" for c in seen_text(report.record.id or "ecg", 40))
    data = quote("\n".join(lines) + "\n", safe=",.")
    return f'<p class="soft"><a download="{name}-beats.csv" href="data:text/csv,{data}">{what} as CSV</a></p>'
