"""What moved the answer whether an ECG is abnormal, in words and on paper."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from ..diagnosis.explain import STEP_S
from ..diagnosis.independent import INDEPENDENT
from ..images.paper import Shade, draw
from ..images.svg import svg
from ..images.words import clock, escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..analysis import Report
    from ..diagnosis.explain import Explanation
    from ..images.sheet import Sheet

_MOST_PLACES = 3
_THROUGHOUT = 0.6  # share of the time beyond which no seconds are named
_LEVELS = 3  # of shading


def moved_by(explanation: Explanation) -> str:
    """Say which leads and seconds spoke most for the answer; empty where none did.

    Examples
    --------
    >>> import numpy as np
    >>> from einthoven.diagnosis.explain import Explanation
    >>> change = np.zeros((8, 20))
    >>> change[2:5, 6:8] = 1.0
    >>> moved_by(Explanation(INDEPENDENT, 0.0, change, 2.0))
    'V1–V3, 3.0–4.0 s'
    """
    most = explanation.most
    if not most:
        return ""
    leads = ", ".join(_runs(most[0].leads))
    if sum(part.stop_s - part.start_s for part in most) >= _THROUGHOUT * (explanation.stop_s - explanation.start_s):
        return f"{leads}, throughout"
    shown = sorted(most[:_MOST_PLACES], key=lambda part: part.start_s)
    *others, last = (_seconds(part.start_s, part.stop_s) for part in shown)
    return f"{leads}, {', '.join(others)} and {last}" if others else f"{leads}, {last}"


def _seconds(start_s: float, stop_s: float) -> str:
    if stop_s < 60:
        return f"{max(0.0, start_s):.1f}–{stop_s:.1f} s"
    return f"{clock(start_s, decimals=1)}–{clock(stop_s, decimals=1)}"


def _runs(leads: Sequence[str]) -> Iterator[str]:
    """Yield names of leads, neighbours on the chest as one: V1, V2, V3 as V1–V3."""
    for _, run in groupby(enumerate(leads), key=lambda one: INDEPENDENT.index(one[1]) - one[0]):
        names = [name for _, name in run]
        together = len(names) > 1 and names[0].startswith("V")
        yield from [f"{names[0]}–{names[-1]}"] if together else names


def answer_words(explanation: Explanation) -> str:
    """Return what the network leant to."""
    return "abnormal" if explanation.log_odds >= 0 else "normal"


def explanation_section(report: Report) -> str:
    """Return the part of the page that shows what moved the answer; empty where nobody asked."""
    found = report.explanation
    if found is None:
        return ""
    moved = moved_by(found)
    said = f"What spoke most for “{answer_words(found)}”: <b>{escaped(moved)}</b>." if moved else ""
    said = said or "No half second of a single lead moved the answer by itself."
    about = (
        "Each half second of each lead was drawn as a straight line instead, and the network asked again. The darker "
        "the ground, the more the answer lost by it. I and II stand for all limb leads. This is what moved the "
        "network, which need not be what a physician would look at."
    )
    drawn = svg(shaded(report, found), inline=True) if moved else ""
    label = f"ECG shaded by what moved the answer: {escaped(moved)}"
    figure = f'<figure><div class="scroll" tabindex="0" role="region" aria-label="{label}">{drawn}</div></figure>'
    return (
        '<section aria-labelledby="why"><h2 id="why">What moved the answer</h2>'
        f'<p>{said}</p>{figure if drawn else ""}<p class="soft about">{about}</p></section>'
    )


def shaded(report: Report, explanation: Explanation) -> Sheet:
    """Draw the leads the network looked at, the ground the darker the more they moved its answer."""
    record = report.record
    start_s = max(0.0, explanation.start_s)
    return draw(
        record.pick([lead for lead in explanation.leads if lead in record]),
        shades=tuple(_shades(explanation)),
        layout="12x1",
        start_s=start_s,
        seconds=explanation.stop_s - start_s,
        bare=True,
    )


def _shades(explanation: Explanation) -> Iterator[Shade]:
    toward = explanation.toward
    level = (toward * (_LEVELS + 1) / toward.max()).astype(int).clip(0, _LEVELS)
    for row, lead in enumerate(explanation.leads):
        at = 0
        for step, run in groupby(level[row].tolist()):
            first, at = at, at + len(list(run))
            if step:
                start_s, stop_s = (explanation.start_s + edge * STEP_S for edge in (first, at))
                yield Shade(lead, start_s, stop_s, f"moved-{step}")


def explanation_json(explanation: Explanation | None) -> dict[str, Any] | None:
    """Return an explanation as values JSON can hold."""
    if explanation is None:
        return None
    return {
        "answer": answer_words(explanation),
        "log_odds": round(explanation.log_odds, 4),
        "leads": list(explanation.leads),
        "start_s": round(explanation.start_s, 4),
        "step_s": STEP_S,
        "change": explanation.change.round(4).tolist(),
        "most": [
            {"start_s": round(part.start_s, 4), "stop_s": round(part.stop_s, 4), "leads": list(part.leads)}
            for part in explanation.most
        ],
    }
