"""What moved the answer whether an ECG is abnormal, in words and on paper."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from ..codes import CHEST_LEADS
from ..diagnosis.explain import STEP_S
from ..diagnosis.independent import INDEPENDENT
from ..images.paper import Shade, draw
from ..images.svg import svg
from ..images.words import clock, escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..analysis import Report
    from ..diagnosis.explain import Explanation, Measured
    from ..images.sheet import Sheet

_MOST_PLACES = 3
_THROUGHOUT = 0.6  # share of the time beyond which no seconds are named
_LEVELS = 3  # of shading
_ABOUT_MEASURES = (
    "Each group of measures was left out, and the model asked again: the longer its bar, the more changed."
)
_ABOUT_SIGNAL = (
    "Each half second of each lead was drawn as a straight line instead: the darker the ground, the more the answer "
    "lost by it. I and II stand for all limb leads."
)
_MOST_MEASURED, _MOST_ROWS = 3, 6
_WORTH_NAMING = 0.2  # of what spoke most
_LEAST_CHANGE = 0.02  # of log-odds; half a percent of probability at most


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
    if not most or explanation.toward.max() < _LEAST_CHANGE:
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
    for (chest, _), run in groupby(
        enumerate(leads), key=lambda one: (one[1] in CHEST_LEADS, INDEPENDENT.index(one[1]) - one[0])
    ):
        names = [name for _, name in run]
        together = len(names) > 1 and chest
        yield from [f"{names[0]}–{names[-1]}"] if together else names


def measured_words(explanation: Explanation) -> str:
    """Say which measures spoke most for the answer; empty where none did.

    Examples
    --------
    >>> import numpy as np
    >>> from einthoven.diagnosis.explain import Explanation, Measured
    >>> told = (Measured("QRS", "148 ms", 1.9), Measured("ST", "", 1.0), Measured("QT", "QTc 410 ms", -0.1))
    >>> measured_words(Explanation(INDEPENDENT, 0.0, np.zeros((8, 20)), 2.0, told))
    'QRS (148 ms), ST'
    """
    most = _telling(explanation)[:_MOST_MEASURED]
    return ", ".join(one.group + (f" ({one.detail})" if one.detail else "") for one in most)


def _telling(explanation: Explanation) -> list[Measured]:
    """Return what was measured that spoke for the answer, at least a fifth as much as what spoke most."""
    sign = 1 if explanation.log_odds >= 0 else -1
    least = _WORTH_NAMING * max((sign * one.change for one in explanation.measured), default=0.0)
    return [one for one in explanation.measured if sign * one.change >= max(least, _LEAST_CHANGE)]


def answer_words(explanation: Explanation) -> str:
    """Return what the network leant to."""
    return "abnormal" if explanation.log_odds >= 0 else "normal"


def in_short(explanation: Explanation) -> str:
    """Return all that spoke for the answer in one phrase.

    Examples
    --------
    >>> import numpy as np
    >>> from einthoven.diagnosis.explain import Explanation
    >>> in_short(Explanation(INDEPENDENT, 0.0, np.zeros((8, 20)), -2.0))
    'nothing by itself spoke for “normal”'
    """
    said = [measured_words(explanation), moved_by(explanation)]
    if not any(said):
        return f"nothing by itself spoke for “{answer_words(explanation)}”"
    return f"what spoke most for “{answer_words(explanation)}”: {'; '.join(filter(None, said))}"


def explanation_section(report: Report) -> str:
    """Return the part of the page that shows what moved the answer; empty where nobody asked."""
    found = report.explanation
    if found is None:
        return ""
    said = escaped(in_short(found))
    moved = moved_by(found)
    about = "This is what moved the model, which need not be what a physician would look at."
    if moved:
        about = f"{_ABOUT_SIGNAL} {about}"
    if found.measured:
        about = f"{_ABOUT_MEASURES} {about}"
    drawn = svg(shaded(report, found), inline=True) if moved else ""
    label = f"ECG shaded by what moved the answer: {escaped(moved)}"
    figure = f'<figure><div class="scroll" tabindex="0" role="region" aria-label="{label}">{drawn}</div></figure>'
    return (
        '<section aria-labelledby="why"><h2 id="why">What moved the answer</h2>'
        f"<p>{said[:1].upper()}{said[1:]}.</p>{_measured_table(found)}{figure if drawn else ''}"
        f'<p class="soft about">{about}</p></section>'
    )


def _measured_table(explanation: Explanation) -> str:
    shown = [one for one in explanation.measured if abs(one.change) >= _LEAST_CHANGE][:_MOST_ROWS]
    if not shown:
        return ""
    largest = max(abs(one.change) for one in shown)
    rows = "".join(
        f'<tr><th scope="row">{escaped(one.group[:1].upper() + one.group[1:])}</th><td>{escaped(one.detail)}</td>'
        f'<td><span class="bar {"present" if one.change > 0 else ""}" aria-hidden="true">'
        f'<i style="width:{100 * abs(one.change) / largest:.0f}%"></i></span>'
        f"{'abnormal' if one.change > 0 else 'normal'}</td></tr>"
        for one in shown
    )
    head = '<tr><th scope="col">Measured</th><th scope="col">Values</th><th scope="col">Spoke for</th></tr>'
    return f'<table class="findings"><thead>{head}</thead><tbody>{rows}</tbody></table>'


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
        "measured": [
            {"group": one.group, "detail": one.detail, "change": round(one.change, 4)} for one in explanation.measured
        ],
        "most": [
            {"start_s": round(part.start_s, 4), "stop_s": round(part.stop_s, 4), "leads": list(part.leads)}
            for part in explanation.most
        ],
    }
