"""Findings as rows of a table of the page, each with its decision, its probability and where it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..findings import Decision
from ..images.words import escaped
from .summary import in_time_order, is_whole, place, probability

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..findings import Finding, Interval
    from .pictures import Picture

PLACES_SHOWN: Final = 3
_COLUMNS: Final = ("Finding", "Decision", "Probability", "Detail", "Where")


def finding_table(findings: Iterable[Finding], shown: Sequence[Picture], duration_s: float, caption: str) -> str:
    """Return a table of findings.

    Parameters
    ----------
    findings
        One a row, in their order.
    shown
        The pictures of the page, to which places are linked.
    duration_s
        Length of the record.
    caption
        What the table says, as HTML.
    """
    rows = "".join(_row(finding, shown, duration_s) for finding in findings)
    head = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    inside = f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    return f'<table class="findings">{inside}</table>'


def _row(finding: Finding, shown: Sequence[Picture], duration_s: float) -> str:
    decision = str(finding.decision)
    sure = '<span class="soft">measured</span>'
    if finding.probability is not None:
        width = f"width:{100 * finding.probability:.0f}%"
        sure = f'<span class="bar {decision}" aria-hidden="true"><i style="{width}"></i></span>'
        sure += escaped(probability(finding.probability))
    where = "" if finding.decision is Decision.ABSENT else _places(finding.where, shown, duration_s)
    code = (
        f"<br><small>{escaped(finding.system)} {escaped(finding.code)}</small>" if finding.system != "einthoven" else ""
    )
    return (
        f'<tr><th scope="row">{escaped(finding.name)}{code}</th>'
        f'<td><span class="badge {decision}">{decision}</span></td>'
        f"<td>{sure}</td><td>{escaped(finding.detail)}</td><td>{where}</td></tr>"
    )


def _places(where: Sequence[Interval], shown: Sequence[Picture], duration_s: float) -> str:
    """Give a few places in order of time, rather those that are drawn, which are linked, one a picture."""
    drawn: dict[str, Interval] = {}
    others: dict[str, Interval] = {}
    ordered = in_time_order(where)
    timed = [part for part in ordered if not is_whole(part, duration_s)]
    for part in timed:
        picture = next((one for one in shown if one.holds(part.start_s, part.stop_s)), None)
        if picture:
            drawn.setdefault(picture.anchor, part)
        else:
            others.setdefault(place(part, duration_s), part)
    chosen = [(part, anchor) for anchor, part in drawn.items()] + [(part, "") for part in others.values()]
    chosen = chosen[:PLACES_SHOWN]
    said = [escaped(place(part, duration_s)) for part in ordered if is_whole(part, duration_s) and part.leads]
    for part, anchor in sorted(chosen, key=lambda one: one[0].start_s):
        text = escaped(place(part, duration_s))
        said.append(f'<a href="#{anchor}">{text}</a>' if anchor else text)
    more = [f"{len(timed) - len(chosen):,} more"] if len(timed) > len(chosen) else []
    return ", ".join([*said, *more])
