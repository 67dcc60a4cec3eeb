"""Many diagnoses take few lines: what is present or in doubt is named, and what is left is counted."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

import pytest

from einthoven.findings import Decision, Finding, Interval
from einthoven.report import render
from einthoven.report.json import to_json

if TYPE_CHECKING:
    from einthoven.analysis import Report

PRESENT, UNSURE, ABSENT = Decision.PRESENT, Decision.UNSURE, Decision.ABSENT


def diagnosis(name: str, decision: Decision, probability: float, detail: str = "", code: str = "") -> Finding:
    return Finding(code or name, "SNOMED CT", name, decision, probability, detail, miss_rate=0.05)


AF = diagnosis("Atrial fibrillation", PRESENT, 0.97, "by many", code="164889003")
AXIS = diagnosis("Left axis deviation", UNSURE, 0.31, "by many")
T_WAVE = diagnosis("T wave abnormal", UNSURE, 0.12)
FAINT = (diagnosis("Bradycardia", UNSURE, 0.001), diagnosis("Atrial flutter", UNSURE, 0.04))
EXCLUDED = (diagnosis("Sinus rhythm", ABSENT, 0.02), diagnosis("Hypertrophy", ABSENT, 0.001))
BEATS = Finding("427172004", "SNOMED CT", "Ventricular ectopic beats", ABSENT, 0.01, "0 of 9 beats")


@pytest.fixture
def told(short: Report) -> Report:
    return replace(short, findings=(AF, AXIS, T_WAVE, *FAINT, *EXCLUDED, BEATS))


def lines(report: Report) -> str:
    return " ".join(line.strip() for line in render(report, "text").splitlines())


def test_text_names_what_is_present_or_in_doubt_and_counts_the_rest(told: Report) -> None:
    assert (
        "Diagnoses  ● present  Atrial fibrillation, p 0.97 (SNOMED CT 164889003) "
        "? unsure   Left axis deviation, p 0.31; T wave abnormal, p 0.12; 2 others not excluded, each p < 0.05 "
        "· absent   2 others "
        "Of ten-second records like those learnt from, at most 5.0 % with a diagnosis are called without it, and at "
        "most 5.0 % without it called with it; of others more. "
        "Findings   · absent   Ventricular ectopic beats"
    ) in lines(told)


def test_a_healthy_heart_has_one_line_of_what_it_has_not(short: Report) -> None:
    text = lines(replace(short, findings=EXCLUDED))
    assert "Diagnoses  · absent   all 2 Of ten" in text
    assert "Hypertrophy" not in text


def test_one_that_is_unsure_for_a_reason_says_it_however_improbable(told: Report) -> None:
    denied = diagnosis("Pacing rhythm", UNSURE, 0.001, "by many; but “Pacemaker” is present")
    text = lines(replace(told, findings=(AF, denied, *FAINT)))
    assert "? unsure   Pacing rhythm, p < 0.01 (SNOMED CT Pacing rhythm): but “Pacemaker” is present" in text
    assert "? unsure   2 others not excluded, each p < 0.05" in text


def test_without_diagnoses_no_report_speaks_of_them(short: Report) -> None:
    assert "Diagnoses" not in render(replace(short, findings=(BEATS,)), "text")
    assert 'id="diagnoses"' not in render(replace(short, findings=(BEATS,)), "html")


def section(report: Report) -> str:
    found = re.search(r'<section aria-labelledby="diagnoses">.*?</section>', render(report, "html"))
    assert found is not None
    return found[0]


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_the_page_shows_codes_and_probabilities_and_folds_the_rest_away(told: Report) -> None:
    named, rest = section(told).split("<details>")
    assert "Atrial fibrillation SNOMED CT 164889003 present 0.97 by many" in words(named)
    assert "Left axis deviation SNOMED CT Left axis deviation unsure 0.31" in words(named)
    assert "at most 5.0 % with a diagnosis are called without it" in words(named)
    assert "Sinus rhythm" not in named
    assert words(rest).startswith("2 absent, 2 improbable, but not excluded")
    assert all(one.name in rest for one in (*FAINT, *EXCLUDED))
    assert "Ventricular ectopic beats" not in section(told)


def test_a_page_of_nothing_present_says_so(short: Report) -> None:
    assert "None is present or probable." in words(section(replace(short, findings=EXCLUDED)))


def test_what_a_name_holds_cannot_become_part_of_the_page(short: Report) -> None:
    evil = diagnosis("<b onclick=x>", PRESENT, 0.9, "<i>")
    assert "<b onclick" not in section(replace(short, findings=(evil,)))


def test_a_place_of_a_long_record_is_a_link_to_its_picture(long: Report) -> None:
    at = replace(AF, where=(Interval(600, 610),))
    found = render(replace(long, findings=(at,)), "html")
    assert "Atrial fibrillation (present)" in found
    assert "Atrial fibrillation, p 0.97 (SNOMED CT 164889003); at 10:00" in lines(replace(long, findings=(at,)))
    assert re.search(r'<a href="#ecg-\d+">10:00</a>', section(replace(long, findings=(at,))))


def test_json_has_all_of_them_with_the_rate_that_is_stated(told: Report) -> None:
    found = {one["name"]: one for one in to_json(told)["findings"]}
    assert len(found) == 8
    assert found["Atrial fibrillation"]["miss_rate"] == 0.05
    assert found["Ventricular ectopic beats"]["miss_rate"] is None
    assert [one["decision"] for one in found.values()].count("absent") == 3
