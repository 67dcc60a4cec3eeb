"""What moved an answer is said in few words and drawn where it lies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.diagnosis.explain import Explanation, Measured
from einthoven.diagnosis.independent import INDEPENDENT
from einthoven.images.sheet import Box
from einthoven.report import render
from einthoven.report.explained import in_short, moved_by, shaded
from einthoven.report.json import to_json

if TYPE_CHECKING:
    from einthoven.analysis import Report


def made(*cells: tuple[str, float, float], log_odds: float = 2.0, start_s: float = 0.0) -> Explanation:
    """Ten seconds in which each (lead, second, change) stands out."""
    change = np.zeros((8, 20))
    for lead, at_s, size in cells:
        change[INDEPENDENT.index(lead), int((at_s - start_s) * 2)] = size
    return Explanation(INDEPENDENT, start_s, change, log_odds)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (made(("V2", 3.0, 1)), "V2, 3.0–3.5 s"),
        (made(("V1", 3.0, 1), ("V2", 3.5, 1), ("V3", 3.0, 1)), "V1–V3, 3.0–4.0 s"),
        (made(("I", 1.0, 1), ("II", 1.0, 1), ("V6", 1.0, 1)), "I, II, V6, 1.0–1.5 s"),
        (made(("V4", 8.0, 2), ("V4", 1.0, 2), ("V4", 5.0, 2)), "V4, 1.0–1.5 s, 5.0–5.5 s and 8.0–8.5 s"),
        (made(("V4", 8.0, 2), ("V1", 1.0, 0.1)), "V4, 8.0–8.5 s"),
        (made(("II", 3.0, 1), ("V1", 3.0, 1), ("V2", 3.0, 1)), "II, V1–V2, 3.0–3.5 s"),
        (made(*[("V5", k / 2, 1) for k in range(15)]), "V5, throughout"),
        (made(("V2", 3.0, -1), log_odds=-2.0), "V2, 3.0–3.5 s"),
        (made(("V2", 3.0, -1), log_odds=2.0), ""),
        (made(("V2", 126.5, 1), start_s=120.0), "V2, 2:06.5–2:07.0"),
        (made(), ""),
    ],
)
def test_leads_and_seconds_are_said_in_few_words(found: Explanation, words: str) -> None:
    assert moved_by(found) == words


def test_the_ground_is_the_darker_the_more_it_moved_the_answer(short: Report) -> None:
    found = made(("V2", 3.0, 1.0), ("V2", 6.0, 0.5), ("V6", 9.5, 0.3), ("I", 2.0, 0.1), ("II", 5.0, -3.0))
    boxes = [one for one in shaded(short, found).marks if isinstance(one, Box) and one.role.startswith("moved")]
    assert sorted(one.role for one in boxes) == ["moved-1", "moved-2", "moved-3"]
    assert [one.width_mm for one in boxes] == pytest.approx([12.5] * 3)  # half a second
    by_role = {one.role: one for one in boxes}
    assert by_role["moved-2"].left_mm - by_role["moved-3"].left_mm == pytest.approx(75)  # three seconds
    assert by_role["moved-2"].top_mm == by_role["moved-3"].top_mm < by_role["moved-1"].top_mm


def test_all_reports_say_it_and_none_does_where_nobody_asked(short: Report) -> None:
    told = replace(short, explanation=made(("V2", 3.0, 1)))
    assert "Why        what spoke most for “abnormal”: V2, 3.0–3.5 s" in render(told, "text")
    assert "What spoke most for “abnormal”: V2, 3.0–3.5 s." in render(told, "html")
    assert 'class="moved-3"' in render(told, "html")
    value = to_json(told)["explanation"]
    assert value["most"] == [{"start_s": 3.0, "stop_s": 3.5, "leads": ["V2"]}]
    assert np.shape(value["change"]) == (len(value["leads"]), 20)
    assert to_json(short)["explanation"] is None
    assert "What moved" not in render(short, "html")
    assert "Why " not in render(short, "text")


def test_where_nothing_moved_it_no_ground_is_drawn(short: Report) -> None:
    told = replace(short, explanation=made(log_odds=-3.0))
    page = render(told, "html")
    assert "Nothing by itself spoke for “normal”." in page
    assert 'class="moved' not in page
    assert "nothing by itself spoke for “normal”" in render(told, "text")


def test_measures_that_spoke_for_the_answer_are_named_before_the_signal(short: Report) -> None:
    measured = (Measured("QRS", "148 ms", 1.5), Measured("axes", "QRS −40°", -0.9), Measured("ST", "", 0.7))
    found = replace(made(("V2", 3.0, 1)), measured=(*measured, Measured("QT", "QT 400 ms", 0.1)))
    assert in_short(found) == "what spoke most for “abnormal”: QRS (148 ms), ST; V2, 3.0–3.5 s"
    page = render(replace(short, explanation=found), "html")
    assert page.index("148 ms</td>") < page.index("QRS −40°</td>")
    assert to_json(replace(short, explanation=found))["explanation"]["measured"][0] == {
        "group": "QRS",
        "detail": "148 ms",
        "change": 1.5,
    }


def test_measures_alone_can_have_moved_it() -> None:
    found = replace(made(log_odds=-2.0), measured=(Measured("QRS", "90 ms", -1.5),))
    assert in_short(found) == "what spoke most for “normal”: QRS (90 ms)"


def test_leads_that_were_computed_are_not_drawn(short: Report) -> None:
    part = replace(short, record=short.record.pick(["III", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]))
    sheet = shaded(part, made(("I", 3.0, 1), ("V2", 3.0, 1)))
    assert sum(isinstance(one, Box) and one.role == "moved-3" for one in sheet.marks) == 1
