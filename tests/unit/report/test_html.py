"""The page stands alone, is safe to open, and can be read by all."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote

import numpy as np
import pytest

from einthoven.findings import Decision, Finding, Interval
from einthoven.images.sheet import LOOKS
from einthoven.record import Beats, Patient, Record
from einthoven.report import render
from einthoven.report.html import to_html
from einthoven.signal.quality import Quality
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Callable

    from einthoven.analysis import Report

EVIL = """<script>alert("1")</script>'"&<b onclick="x">"""
VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """Every element with its attributes and text; fails on a page that is not well nested."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def page(long: Report) -> Page:
    return Page(render(long, "html"))


def test_the_page_asks_nothing_of_the_world(short: Report, long: Report) -> None:
    for report in (short, long):
        text = render(report, "html")
        assert not re.search(r"https?:|//\w|@import|url\(|src=", text)
        found = Page(text)
        assert not found.all("script")
        assert not found.all("link")
        assert all(link["href"].startswith(("#", "data:text/csv,")) for link in found.all("a"))
        policy = next(meta["content"] for meta in found.all("meta") if "http-equiv" in meta)
        assert policy.startswith("default-src 'none';")


def test_the_headline_is_the_reports(page: Page, long: Report) -> None:
    assert f"{long.rhythm.mean_rate_bpm:.0f} bpm" in page.text
    assert f"{len(long.beats):,}" in page.text
    assert re.search(r"surely [\d.]+ %, possibly [\d.]+ %", page.text)
    assert "For research; not a medical device" in page.text
    assert long.models[0].sha256 in page.text
    assert all(limit in page.text for limit in long.limits)
    assert "V5 is lost for a while." in page.text


def test_links_lead_somewhere(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {link["href"][1:] for link in page.all("a") if link["href"].startswith("#")}
    assert targets
    assert targets <= set(ids)
    assert {attributes["aria-labelledby"] for attributes in page.all("section")} <= set(ids)


def test_the_page_can_be_read_without_eyes(page: Page) -> None:
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("h1")) == 1
    assert len(page.all("table")) == len(page.all("caption")) >= 3
    assert all("scope" in head for head in page.all("th"))
    for drawing in page.all("svg"):
        assert drawing.get("aria-hidden") == "true" or (drawing["role"] == "img" and drawing["aria-label"])
    assert all(region.get("aria-label") for region in page.all("div") if region.get("role") == "region")


def test_every_picture_says_why_it_is_shown(page: Page) -> None:
    assert len(page.all("figure")) == len(page.all("figcaption")) >= 4
    for reason in ("typical", "longest pause", "most abnormal beats", "fastest rate", "slowest rate", "poorest signal"):
        assert reason in page.text


def test_every_class_of_the_drawing_has_a_look_in_light_and_dark(page: Page, long: Report) -> None:
    style = re.search(r"<style>(.*?)</style>", render(long, "html"), re.DOTALL)
    assert style is not None
    light, dark = style[1].split("@media screen and (prefers-color-scheme: dark) {.ecg", 1)
    for role in LOOKS:
        assert f".ecg .{role}{{" in light
        assert f" .{role}{{" in dark


def test_text_from_files_stays_text(report_of: Callable[..., Report]) -> None:
    heart = simulate(duration_s=20, leads=("I", "II"), pvc=0.3, seed=5)
    record = Record(
        heart.record.signal,
        heart.record.fs_hz,
        (EVIL, "II"),
        id=EVIL,
        source=EVIL,
        patient=Patient(50, "female"),
        diagnoses=(EVIL,),
        notes=(EVIL,),
    )
    finding = Finding(EVIL, EVIL, EVIL, Decision.UNSURE, 0.5, EVIL, (Interval(-3, 2, (EVIL,)),))
    beats = Beats(heart.beats.sample, np.full(len(heart.beats), "<"))
    report = report_of(
        record, beats, findings=(finding,), warnings=(EVIL,), detector=EVIL, version=EVIL, limits=(EVIL,)
    )
    text = render(report, "html")
    assert "<script" not in text
    assert "<b onclick" not in text
    found = Page(text)
    assert EVIL in found.text
    assert not any(name.startswith("on") for _, attributes in found.elements for name in attributes)
    assert found.all("meta")[0]["charset"] == "utf-8"


def test_unsure_is_said_and_drawn_unlike_present(short: Report) -> None:
    findings = (
        Finding("a", "x", "Sure", Decision.PRESENT, 0.97, "d", (Interval(1, 2),)),
        Finding("b", "x", "Not sure", Decision.UNSURE, 0.42, "d", (Interval(-3, -2),)),
        Finding("c", "x", "Measured", Decision.ABSENT, None, "d", (Interval(1, 2),)),
    )
    text = to_html(replace(short, findings=findings))
    assert '<span class="badge unsure">unsure</span>' in text
    assert '<span class="bar unsure" aria-hidden="true"><i style="width:42%">' in text
    assert "−0:03" in text
    assert text.count('href="#ecg-1"') == 1


def cells(report: Report, finding: Finding) -> str:
    """Return the row of one finding as text."""
    row = re.search(r"<tbody>(<tr>.*?</tr>)</tbody>", to_html(replace(report, findings=(finding,))))
    assert row is not None
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", row[1])).split())


def test_places_stand_in_order_of_time_and_all_are_counted(long: Report) -> None:
    where = tuple(Interval(at, at + 0.5) for at in range(1195, 5, -10))
    row = cells(long, Finding("a", "x", "Odd", Decision.PRESENT, where=where))
    shown = [60 * int(minute) + int(second) for minute, second in re.findall(r"(\d+):(\d\d)", row)]
    assert len(shown) == 3
    assert shown == sorted(shown)
    assert row.endswith(f", {len(where) - 3} more")
    assert "those that are drawn below come first" in Page(to_html(long)).text


def test_the_whole_record_is_no_place_but_its_leads_are_named(long: Report) -> None:
    whole = Interval(0, long.record.duration_s, ("II", "V5"))
    row = cells(long, Finding("a", "x", "Odd", Decision.PRESENT, detail="so", where=(whole,)))
    assert row == "Odd x a present measured so II, V5"


def test_notes_on_the_file_have_their_own_place(long: Report) -> None:
    page = Page(to_html(replace(long, warnings=("Mind this.",))))
    assert "Keep in mind Mind this." in page.text
    assert "Notes on the file V5 is lost for a while." in page.text
    assert page.text.count("V5 is lost for a while.") == 1


def test_all_beats_can_be_taken_away(long: Report) -> None:
    link = next(link["href"] for link in Page(to_html(long)).all("a") if link["href"].startswith("data:"))
    rows = [line.split(",") for line in unquote(link.removeprefix("data:text/csv,")).splitlines()]
    assert rows[0] == ["sample", "time_s", "symbol", "p_abnormal"]
    assert [int(row[0]) for row in rows[1:]] == long.beats.sample.tolist()
    assert [row[2] for row in rows[1:]] == long.beats.symbol.tolist()


@pytest.mark.parametrize("n_beats", [0, 1, 2, 3])
def test_few_beats_are_no_error(n_beats: int, report_of: Callable[..., Report]) -> None:
    record = Record(np.zeros((1, 3600)), 360, ("II",))
    assert "RR intervals" in Page(to_html(report_of(record, Beats.unlabelled(np.arange(n_beats) * 400)))).text


@pytest.mark.parametrize("value", [0.0, np.nan, 1e6])
@pytest.mark.parametrize("n_samples", [1, 2, 360, 36_000])
def test_odd_records_are_no_error(value: float, n_samples: int, report_of: Callable[..., Report]) -> None:
    record = Record(np.full((2, n_samples), value), 360, ("II", "V1"), id="x" * 1000)
    assert len(to_html(report_of(record, Beats.unlabelled(np.empty(0, np.int64))))) > 5000


def test_one_dead_lead_among_twelve_is_said(report_of: Callable[..., Report]) -> None:
    heart = simulate(duration_s=10, seed=2)
    signal = heart.record.signal.copy()
    signal[3] = np.nan
    text = Page(to_html(report_of(replace(heart.record, signal=signal), heart.beats))).text
    assert "no signal" in text
    assert "poor in aVR" in text


def test_a_page_needs_no_plotting_library() -> None:
    code = "import sys, einthoven.report, einthoven.images.paper; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_twelve_lead_page_is_small(short: Report) -> None:
    assert len(to_html(short).encode()) < 700_000


def test_a_day_is_one_light_page_made_in_seconds(report_of: Callable[..., Report]) -> None:
    n_seconds, fs_hz = 86_400, 128
    minute = simulate(duration_s=60, fs_hz=fs_hz, leads=("II", "V5"), seed=6).record.signal
    record = Record(np.tile(minute, (1, 1440)), fs_hz, ("II", "V5"), id="day")
    rng = np.random.default_rng(1)
    beats = Beats(np.sort(rng.choice(n_seconds * fs_hz, 110_000, replace=False)), rng.choice(["N", "N", "Q"], 110_000))
    lost = rng.random((2, n_seconds)) < 0.05
    level = np.zeros((2, n_seconds), np.float32)
    quality = Quality(record.leads, lost, lost & False, lost & False, level, level, level, level + 1)
    report = replace(report_of(record.crop(0, 10), Beats.unlabelled(np.empty(0, np.int64))), record=record)
    report = replace(report, beats=beats, quality=quality, rhythm=_rhythm(beats, fs_hz))
    begun = time.perf_counter()
    text = to_html(report)
    assert time.perf_counter() - begun < 10
    assert len(text.encode()) < 3_000_000
    assert Page(text).all("figure")


def _rhythm(beats: Beats, fs_hz: float) -> object:
    from einthoven.beats.rhythm import rhythm

    return rhythm(beats, fs_hz)
