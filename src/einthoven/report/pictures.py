"""The pieces of ECG a page shows: all of a short record, the telling moments of a long one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..images.layouts import default_layout, rhythm_leads
from ..images.paper import draw
from ..images.words import clock, scaling, seen_text
from .moments import Moment, moments, most_abnormal, typical

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..analysis import Report
    from ..images.sheet import Sheet

PAGE_S: Final = 10.5
WHOLE_STRIP_S: Final = 60.5
STRIP_LEADS: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A drawn part of the record; `anchor` is its id on the page, `reasons` say why it is there."""

    anchor: str
    moment: Moment
    leads: Sequence[str]
    sheet: Sheet

    def holds(self, start_s: float, stop_s: float) -> bool:
        """Tell whether a part of the record is in this picture."""
        return self.moment.holds(start_s, stop_s)

    def caption(self, duration_s: float) -> str:
        """Return what is shown: leads, time and scale."""
        names = (
            ", ".join(seen_text(lead, 14) for lead in self.leads)
            if len(self.leads) <= 4
            else f"{len(self.leads)} leads"
        )
        start_s, stop_s = self.moment.start_s, self.moment.start_s + self.moment.seconds
        time = f"{clock(start_s, duration_s)}–{clock(stop_s, duration_s)}"
        return f"{names}, {time}, {scaling(self.sheet.speed_mm_s, self.sheet.gain_mm_mv)}"


def pictures(report: Report) -> tuple[Picture, ...]:
    """Draw what a reader should see.

    A record of many leads begins with pages of ten seconds: the whole, or a typical one and the one with the most
    abnormal beats. The rest, where there is more, is drawn as strips of up to three leads: whole up to a minute,
    beyond that the moments of `einthoven.report.moments` that are not on a page.
    """
    drawn = [
        Picture(f"ecg-{i}", moment, leads, _draw(report, moment, leads, layout))
        for i, (moment, leads, layout) in enumerate(_wanted(report), 1)
    ]
    return tuple(drawn)


def _wanted(report: Report) -> Iterator[tuple[Moment, Sequence[str], str]]:
    record = report.record
    layout = default_layout(record.leads)
    whole = Moment(0.0, record.duration_s, ("the whole record",))
    leads = record.leads
    telling = {one.start_s: one for one in moments(report)} if record.duration_s > WHOLE_STRIP_S else {}
    if layout != "strip":
        if record.duration_s <= PAGE_S:
            yield whole, leads, layout
            return
        pages = {page.start_s: page for page in (most_abnormal(report), typical(report)) if page}
        for page in reversed(pages.values()):
            yield telling.pop(page.start_s, page), leads, layout  # with all the reasons there are to show it
        leads = rhythm_leads(leads, 1 if record.duration_s <= WHOLE_STRIP_S else STRIP_LEADS)
    for moment in telling.values() if record.duration_s > WHOLE_STRIP_S else [whole]:
        yield moment, leads, "strip"


def _draw(report: Report, moment: Moment, leads: Sequence[str], layout: str) -> Sheet:
    record = report.record
    shown = record if layout != "strip" or tuple(leads) == record.leads else record.pick(leads)
    return draw(
        shown,
        beats=report.beats,
        quality=report.quality,
        layout=layout,
        start_s=moment.start_s,
        seconds=moment.seconds,
        bare=True,
    )
