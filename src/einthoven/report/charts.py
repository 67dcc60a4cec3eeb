"""Small charts of a whole record as SVG: rate trend, RR plot, signal quality over time.

Colours are classes that the page's style sheet names, so that a chart follows light and dark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..findings import percent
from ..images.words import clock, counted, escaped, seen_text
from .summary import is_abnormal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from ..analysis import Report

    Array = NDArray[np.float64]

WIDTH = 1000
_LEFT, _RIGHT = 48, 16
_PLOT = WIDTH - _LEFT - _RIGHT
_BINS = 468  # two units each
_TIME_STEPS_S: Final = (
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    10_800,
    14_400,
    21_600,
    43_200,
    86_400,
)
BANDS: Final = {
    "af": ("af",),
    "supraventricular": ("svt", "atrial-bigeminy"),
    "ventricular": ("vt", "idioventricular", "bigeminy", "trigeminy"),
}
"""Kinds of episodes drawn under the trend, by the class they are drawn with, the last on top."""

_MOST_DOTS = 1200
_RR_CELLS = 60
_RR_SIZE, _RR_LEFT = 360, 60


def rate_trend(report: Report) -> str:
    """Return heart rate over time, below it lanes of abnormal beats and of rhythms; grey where no lead is usable."""
    heart, duration_s = report.rhythm, report.record.duration_s
    top, bottom, lane = 12, 172, 206
    known = heart.rate_bpm[np.isfinite(heart.rate_bpm)]
    if not len(known):
        return ""
    ticks = _ticks(min(40.0, float(known.min())), max(120.0, float(known.max())))
    low, high = ticks[0], ticks[-1]

    def y(bpm: Array) -> Array:
        return bottom - (bpm - low) / (high - low) * (bottom - top)

    marks = [_unusable(report, top, bottom)]
    marks += [f'<path class="rule" d="M{_LEFT} {y(np.array(t)):.0f}h{_PLOT}"/>' for t in ticks]
    marks += [_label(_LEFT - 8, float(y(np.array(t))) + 4, f"{t:g}", "end") for t in ticks]
    marks += [_label(_LEFT - 8, lane - 3, "abn.", "end"), f'<path class="rule" d="M{_LEFT} {lane}h{_PLOT}"/>']
    marks += [_rate_line(heart.time_s[1:], y(heart.rate_bpm), duration_s), _abnormal_lane(report, lane)]
    marks += [
        f'<path class="pause" d="M{_x(p.start_s, duration_s) - 4:.1f} {top - 9}h8l-4 8z"/>' for p in heart.pauses[:200]
    ]
    if bands := rhythm_bands(report):
        lane += 18
        marks += [
            _label(_LEFT - 4, lane - 2, "rhythm", "end"),
            *(_band(kind, there, lane) for kind, there in bands.items()),
        ]
    marks += _time_axis(report, top, lane)
    said = f"Heart rate over time, from {known.min():.0f} to {known.max():.0f} beats a minute"
    return _svg(WIDTH, lane + 24, said, marks)


def _rate_line(time_s: Array, y: Array, duration_s: float) -> str:
    """Draw the trend; where several beats fall on one column, the band from lowest to highest."""
    if len(y) <= 2 * _BINS:
        return f'<path class="rate" d="{_path(_x(time_s, duration_s), y)}"/>'
    column = np.minimum((time_s / duration_s * _BINS).astype(int), _BINS - 1)
    seen = np.isfinite(y)
    low, high = np.full(_BINS, np.inf), np.full(_BINS, -np.inf)
    np.minimum.at(low, column[seen], y[seen])
    np.maximum.at(high, column[seen], y[seen])
    filled = np.flatnonzero(np.isfinite(low))
    mean = np.full(_BINS, np.nan)
    mean[filled] = (np.bincount(column[seen], y[seen], _BINS) / np.maximum(1, np.bincount(column[seen], None, _BINS)))[
        filled
    ]
    x = _LEFT + (np.arange(_BINS) + 0.5) * _PLOT / _BINS
    bars = "".join(f"M{x[i]:.0f} {low[i]:.1f}V{high[i]:.1f}" for i in filled.tolist())
    return f'<path class="rate band" d="{bars}"/><path class="rate" d="{_path(x, mean)}"/>'


def _abnormal_lane(report: Report, base: int) -> str:
    """Draw a bar where abnormal beats are, the higher the more of the beats there are abnormal."""
    time_s, duration_s = report.rhythm.time_s, report.record.duration_s
    bad = is_abnormal(report.beats)
    edges = np.linspace(0, duration_s, _BINS + 1)
    share = np.histogram(time_s[bad], edges)[0] / np.maximum(1, np.histogram(time_s, edges)[0])
    filled = np.flatnonzero(share)
    bars = "".join(f"M{_LEFT + (i + 0.5) * _PLOT / _BINS:.0f} {base}v-{3 + 11 * share[i]:.0f}" for i in filled.tolist())
    return f'<path class="lane" d="{bars}"/>'


def rhythm_bands(report: Report) -> dict[str, NDArray[np.bool_]]:
    """Tell in which columns of the trend there is a rhythm that is not normal: class, one of `BANDS`, to columns."""
    bands = {}
    for name, kinds in BANDS.items():
        parts_s = [(one.start_s, one.stop_s) for one in report.episodes if one.kind in kinds]
        if parts_s:
            columns = (np.array(parts_s) / report.record.duration_s * _BINS).astype(np.int64)
            begun, ended = np.clip(columns, 0, _BINS - 1).T
            steps = np.bincount(begun, minlength=_BINS + 1) - np.bincount(ended + 1, minlength=_BINS + 1)
            bands[name] = np.cumsum(steps)[:_BINS] > 0
    return bands


def _band(kind: str, there: NDArray[np.bool_], base: int) -> str:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], there, [False])))).reshape(-1, 2)
    x = _LEFT + edges * _PLOT / _BINS
    bars = "".join(f"M{a:.0f} {base - 11}H{b:.0f}V{base}H{a:.0f}z" for a, b in x.tolist())
    return f'<path class="rhythm {kind}" d="{bars}"/>'


def _unusable(report: Report, top: int, bottom: int) -> str:
    lost = ~report.quality.usable.any(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], lost, [False])))).reshape(-1, 2)
    if len(edges) > _BINS:
        edges = edges[np.argsort(edges[:, 0] - edges[:, 1], kind="stable")[:_BINS]]
    duration_s = report.record.duration_s
    x = _x(np.minimum(edges, duration_s), duration_s)
    return "".join(
        f'<rect class="lost" x="{a:.1f}" y="{top}" width="{max(b - a, 1):.1f}" height="{bottom - top}"/>'
        for a, b in x.tolist()
    )


def rr_plot(report: Report) -> str:
    """Return each RR interval against the next (Poincaré plot); many are shown as density."""
    rr_ms = report.rhythm.rr_s * 1000
    x, y = rr_ms[:-1], rr_ms[1:]
    if not len(x):
        return ""
    bad = is_abnormal(report.beats)[1:-1]
    ticks = _ticks(200.0, min(3000.0, max(1200.0, float(np.percentile(rr_ms, 99.5)))))
    low, high = ticks[0], ticks[-1]
    left, size = _RR_LEFT, _RR_SIZE - _RR_LEFT - 20
    inside = (x >= low) & (x <= high) & (y >= low) & (y <= high)
    across, down = ((v - low) / (high - low) * size for v in (x, y))
    marks = [f'<path class="rule" d="M{left} {10 + size}L{left + size} 10"/>']
    for t in ticks:
        at = (t - low) / (high - low) * size
        marks.append(f'<path class="rule" d="M{left} {10 + size - at:.0f}h{size}M{left + at:.0f} 10v{size}"/>')
        marks.append(
            _label(left - 8, 14 + size - at, f"{t:g}", "end") + _label(left + at, size + 28, f"{t:g}", "middle")
        )
    for kind, which in (("normal", ~bad), ("abnormal", bad)):
        which = which & inside
        marks.append(_dots(left + across[which], 10 + size - down[which], kind, dense=len(x) > _MOST_DOTS))
    marks.append(_label(left + size / 2, size + 46, "RR interval, ms", "middle"))
    marks.append(
        f'<text class="label" transform="translate(13 {10 + size / 2:.0f}) rotate(-90)" text-anchor="middle">'
        "next RR, ms</text>"
    )
    pairs = counted(len(x), "pair")
    said = f"Each RR interval against the next, {pairs}, {int(bad.sum())} of them around an abnormal beat"
    return _svg(_RR_SIZE, size + 54, said, marks)


def _dots(x: Array, y: Array, kind: str, *, dense: bool) -> str:
    if not dense:
        dots = "".join(f"M{a:.1f} {b:.1f}h0" for a, b in zip(x.tolist(), y.tolist(), strict=True))
        return f'<path class="dot {kind}" d="{dots}"/>'
    cell = _RR_SIZE / _RR_CELLS / 2
    places, counts = np.unique(np.floor(np.stack((x, y)) / cell).astype(int), axis=1, return_counts=True)
    if not len(counts):
        return ""
    level = np.ceil(4 * np.log1p(counts) / np.log1p(counts.max())).astype(int)
    return "".join(
        f'<path class="cell {kind} level-{step}" d="'
        + "".join(
            f"M{a * cell:g} {b * cell:g}h{cell:g}v{cell:g}h-{cell:g}z" for a, b in places[:, level == step].T.tolist()
        )
        + '"/>'
        for step in np.unique(level).tolist()
    )


def quality_band(report: Report) -> str:
    """Return a lane a lead: plain where usable, marked where part or all of the time is not."""
    quality, duration_s = report.quality, report.record.duration_s
    n_seconds = quality.usable.shape[1]
    n_bins = min(_BINS, n_seconds)
    starts = (np.arange(n_bins) * n_seconds / n_bins).astype(int)
    seconds = np.diff(np.append(starts, n_seconds))
    marks, height = [], 18
    for row, lead in enumerate(quality.leads):
        top = 6 + row * height
        marks.append(_label(_LEFT - 8, top + 11, seen_text(lead, 6), "end"))
        marks.append(f'<rect class="good" x="{_LEFT}" y="{top}" width="{_PLOT}" height="{height - 5}"/>')
        poor = np.add.reduceat((~quality.usable[row]).astype(int), starts) / seconds
        gone = np.add.reduceat(quality.missing[row].astype(int), starts) / seconds
        level = np.where(gone > 0.5, 3, np.where(poor > 0.5, 2, np.where(poor > 0, 1, 0)))
        edges = np.concatenate(([0], np.flatnonzero(np.diff(level)) + 1, [n_bins]))
        for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            if name := ("", "partly", "poor", "missing")[level[first]]:
                stop_s = float(starts[last]) if last < n_bins else duration_s
                a, b = _x(float(starts[first]), duration_s), _x(stop_s, duration_s)
                marks.append(f'<rect class="{name}" x="{a:.1f}" y="{top}" width="{b - a:.1f}" height="{height - 5}"/>')
    low = 6 + height * len(quality.leads)
    marks += _time_axis(report, 6, low)
    shares = ", ".join(
        f"{lead} {percent(float(share))}"
        for lead, share in zip(quality.leads, quality.usable.mean(axis=1), strict=True)
    )
    return _svg(WIDTH, low + 24, f"Usable share of the signal by lead: {shares}", marks)


def _time_axis(report: Report, top: float, bottom: float) -> list[str]:
    duration_s = report.record.duration_s
    step_s = next((step for step in _TIME_STEPS_S if duration_s / step <= 12), duration_s / 10)
    marks = []
    for at_s in np.arange(0, duration_s + 1e-9, step_s).tolist():
        x = float(_x(at_s, duration_s))
        anchor = "end" if x > WIDTH - 30 else "middle"
        marks.append(
            f'<path class="rule" d="M{x:.0f} {bottom:g}v5"/>' + _label(x, bottom + 18, clock(at_s, duration_s), anchor)
        )
    return marks


def _x(time_s: Array | float, duration_s: float) -> Array:
    return np.asarray(_LEFT + np.asarray(time_s) / duration_s * _PLOT, dtype=np.float64)


def _path(x: Array, y: Array) -> str:
    """Join points by lines, broken where y is NaN."""
    parts, pen = [], "M"
    for a, b in zip(x.tolist(), y.tolist(), strict=True):
        if b != b:  # NaN
            pen = "M"
            continue
        parts.append(f"{pen}{a:.1f} {b:.1f}")
        pen = "L"
    return "".join(parts)


def _ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round numbers, about so many, that enclose `low` and `high`."""
    raw = (high - low) / about
    size = 10.0 ** np.floor(np.log10(raw))
    step = float(next(size * n for n in (1, 2, 5, 10) if size * n >= raw))
    return [float(t) for t in np.arange(np.floor(low / step), np.ceil(high / step) + 1) * step]


def _label(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text class="label" x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escaped(text)}</text>'


def _svg(width: float, height: float, said: str, marks: Iterable[str] | Sequence[str]) -> str:
    head = f'<svg class="chart" role="img" aria-label="{escaped(said)}" viewBox="0 0 {width:g} {height:g}">'
    return head + "".join(marks) + "</svg>"
