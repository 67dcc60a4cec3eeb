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
    assert "● A present, p 0.50 at −0:02, 0:03" in text
    assert "· B absent, p 0.50\n" in text
    assert "? C unsure, p 0.50 at" in text


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
