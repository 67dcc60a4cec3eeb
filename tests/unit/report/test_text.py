"""The terminal shows the report in one screen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from einthoven.findings import Decision, Finding, Interval
from einthoven.record import Beats, Record
from einthoven.report import render

if TYPE_CHECKING:
    from collections.abc import Callable

    from einthoven.analysis import Report


def test_a_report_fits_a_screen(long: Report) -> None:
    lines = render(long, "text").splitlines()
    assert len(lines) <= 25
    assert max(map(len, lines)) <= 100


def test_the_figures_are_those_of_the_report(long: Report) -> None:
    text = render(long, "text")
    assert f"{long.rhythm.mean_rate_bpm:.0f} bpm" in text
    assert f"Beats      {len(long.beats)}: " in text
    assert "20 min at 250 Hz" in text
    assert "V5 is lost for a while." in text
    assert long.models[0].sha256[:12] in text
    assert text.endswith("For research; not a medical device.")


def test_decisions_are_told_apart_by_sign_and_word(short: Report) -> None:
    findings = tuple(
        Finding(f"f{i}", "einthoven", name, decision, 0.5, where=(Interval(-2, 1), Interval(3, 4)))
        for i, (name, decision) in enumerate(zip("ABC", Decision, strict=True))
    )
    text = render(replace(short, findings=findings), "text")
    assert "Findings   ● present  A, p 0.50; at −0:02, 0:03\n" in text
    assert "           · absent   B, p 0.50\n" in text
    assert "           ? unsure   C, p 0.50; at" in text


def test_a_finding_reads_as_a_sentence_on_one_or_more_lines(short: Report) -> None:
    words = "aVR inverted: aVR misses -I/2 - II/2 by 0.312 mV rms, aVL misses I - II/2 by 0.123 mV rms"
    whole = Interval(0, short.record.duration_s, ("aVR", "aVL"))
    law = Finding("lead-law", "einthoven", "Limb leads break the lead laws", Decision.PRESENT, None, words, (whole,))
    lines = render(replace(short, findings=(law,)), "text").splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("Findings"))
    assert lines[first].startswith("Findings   ● present  Limb leads break the lead laws: aVR inverted:")
    assert lines[first + 1].startswith(" " * 22 + "mV rms")
    assert lines[first + 1].endswith("; in aVR, aVL")


def test_places_stand_in_order_of_time_and_all_are_counted(long: Report) -> None:
    where = tuple(Interval(at, at + 0.5) for at in range(1195, 5, -10))
    text = render(replace(long, findings=(Finding("a", "x", "Odd", Decision.PRESENT, where=where),)), "text")
    assert f"Odd; at 0:15, 0:25, 0:35 and {len(where) - 3} more" in text


def test_a_second_is_named_once_however_many_places_it_has(long: Report) -> None:
    where = (Interval(6.1, 6.2), Interval(6.3, 6.4), Interval(9, 10))
    text = render(replace(long, findings=(Finding("a", "x", "Odd", Decision.PRESENT, where=where),)), "text")
    assert "Odd; at 0:06, 0:09 and 1 more\n" in text


def test_the_whole_record_is_no_place(short: Report) -> None:
    whole = Interval(0, short.record.duration_s)
    text = render(replace(short, findings=(Finding("a", "x", "Odd", Decision.PRESENT, where=(whole,)),)), "text")
    assert "● present  Odd\n" in text


def test_notes_on_the_file_are_no_warnings(long: Report) -> None:
    text = render(replace(long, warnings=("Mind this.",)), "text")
    assert "\nWarnings   Mind this.\n" in text
    assert "\nNotes      V5 is lost for a while.\n" in text


def test_an_empty_record_says_what_is_not_there(report_of: Callable[..., Report]) -> None:
    record = Record(np.full((1, 1), np.nan), 360, ("II",), id="x" * 400)
    text = render(report_of(record, Beats.unlabelled(np.empty(0, np.int64))), "text")
    assert "not measurable" in text
    assert "none found" in text
    assert "none could be made" in text
    assert max(map(len, text.splitlines())) <= 100


def test_one_beat_has_no_rate(report_of: Callable[..., Report]) -> None:
    record = Record(np.zeros((1, 3600)), 360, ("II",))
    assert "not measurable" in render(report_of(record, Beats.unlabelled(np.array([720]))), "text")


def test_text_from_files_cannot_steer_the_terminal(report_of: Callable[..., Report]) -> None:
    record = Record(np.zeros((1, 3600)), 360, ("II",), id="a\x1b[2Jb", notes=("line\nbreak \x07",))
    text = render(report_of(record, Beats.unlabelled(np.empty(0, np.int64))), "text")
    assert "a\N{REPLACEMENT CHARACTER}[2Jb" in text
    assert all(sign.isprintable() or sign == "\n" for sign in text)
