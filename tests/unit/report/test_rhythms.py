"""Episodes and variability in a report: short records are spared them, long ones show what they add up to."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.beats.episode import KINDS, Episode
from einthoven.beats.hrv import HRV
from einthoven.report import render
from einthoven.report.charts import rate_trend, rhythm_bands
from einthoven.report.rhythms import hrv_in_words, tallies

if TYPE_CHECKING:
    from einthoven.analysis import Report

RUNS = (
    Episode("normal", 0, 100, 130, 78.0),
    Episode("af", 100, 460, 500, 83.0, 0.97),
    Episode("vt", 300, 302, 5, 150.0),
    Episode("vt", 310, 314, 8, 120.0),
    Episode("pause", 700, 703, 2, 20.0),
)
MEASURED = HRV(1400, 1150.0, 800.0, 45.2, 30.6, 120, 8.57, lf_ms2=800.0, hf_ms2=400.0, lf_hf=2.0, total_ms2=1300.0)


@pytest.fixture(scope="module")
def told(long: Report) -> Report:
    return replace(long, episodes=RUNS, hrv=MEASURED)


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_page_tells_count_longest_fastest_and_share(told: Report) -> None:
    page = words(render(told, "html"))
    assert "from 3 ventricular beats on end, over 100 bpm 2 4 s, 8 beats 5:10 fastest 150 bpm 0.5 %" in page
    assert "30 %" in page  # 360 of 1200 s
    assert "No other rhythm" not in page


def test_the_text_tells_them_in_a_line_each(told: Report) -> None:
    lines = render(told, "text").splitlines()
    assert any("Ventricular tachycardia: 2, longest 4 s at 5:10, fastest 150 bpm, 0.5 %" in line for line in lines)
    assert any("Pause: 1, longest 3 s at 11:40, 0.2 %" in line for line in lines)
    assert "HRV        SDNN 45 ms, RMSSD 31 ms, pNN50 8.6 %, LF/HF 2.00" in lines


def test_of_a_slow_heart_the_slowest_stretch_is_told(told: Report) -> None:
    slow = replace(told, episodes=(Episode("slow", 0, 20, 11, 33.0), Episode("slow", 60, 80, 16, 48.0)))
    assert "Slow stretch: 2, longest 20 s at 0:00, slowest 33 bpm, 3.3 % of the time" in render(slow, "text")
    assert "from 8 beats below 50 bpm 2 20 s, 11 beats 0:00 slowest 33 bpm" in words(render(slow, "html"))
    assert json.loads(render(slow, "json"))["tallies"]["slow"]["slowest_bpm"] == 33


def test_json_has_every_episode_and_measure(told: Report) -> None:
    value = json.loads(render(told, "json"))
    assert [one["kind"] for one in value["episodes"]] == [one.kind for one in RUNS]
    assert value["episodes"][1] == {
        "kind": "af",
        "start_s": 100,
        "stop_s": 460,
        "beats": 500,
        "rate_bpm": 83,
        "probability": 0.97,
    }
    assert value["tallies"]["vt"]["count"] == 2
    assert value["tallies"]["vt"]["fastest_bpm"] == 150
    assert value["hrv"]["sdnn_ms"] == 45.2
    assert value["hrv"]["ulf_ms2"] is None
    for unknown in (None, HRV(10, 9.0)):
        assert json.loads(render(replace(told, hrv=unknown), "json"))["hrv"] is None


def test_json_counts_in_whole_numbers(told: Report) -> None:
    text = render(told, "json")
    assert '"nn50": 120,' in text
    assert '"n_intervals": 1400,' in text
    assert '"covered_s": 1150.0,' in text


def test_ten_seconds_are_spared_both(short: Report) -> None:
    told = replace(short, episodes=(Episode("vt", 1, 3, 5, 150.0),), hrv=HRV(10, 9.0))
    assert tallies(told) == ()
    for kind in ("text", "html"):
        assert "variability" not in render(told, kind)
        assert "HRV" not in render(told, kind)
        assert "Episodes" not in render(told, kind)


def test_where_variability_is_not_known_nothing_is_said(long: Report) -> None:
    assert hrv_in_words(None) == hrv_in_words(HRV(3, 2.0)) == ""
    assert "Heart rate variability" not in render(replace(long, hrv=HRV(3, 2.0)), "html")
    assert "Heart rate variability" in render(replace(long, hrv=MEASURED), "html")


def test_the_two_total_powers_are_told_apart(told: Report) -> None:
    page = words(render(replace(told, hrv=replace(MEASURED, ulf_ms2=4000.0, day_total_ms2=6500.0)), "html"))
    assert "Total power, 24 h 6,500 ms² Total power, 5 min 1,300 ms² ULF 4,000 ms²" in page
    assert "24 h 6,500" not in words(render(told, "html"))


def test_rhythms_are_drawn_where_they_are(told: Report) -> None:
    bands = rhythm_bands(told)
    assert set(bands) == {"af", "ventricular"}
    per_column_s = told.record.duration_s / len(bands["af"])
    there = np.flatnonzero(bands["af"]) * per_column_s
    assert (there.min(), there.max()) == (pytest.approx(100, abs=per_column_s), pytest.approx(460, abs=per_column_s))
    chart = rate_trend(told)
    assert chart.index('class="rhythm af"') < chart.index('class="rhythm ventricular"')
    assert "rhythm" not in rate_trend(replace(told, episodes=()))
    assert rhythm_bands(replace(told, episodes=(Episode("af", 1199, told.record.duration_s, 2),)))["af"].sum() == 1


def test_the_longest_is_linked_where_it_is_drawn(told: Report) -> None:
    pause = told.rhythm.pauses[0]
    page = render(replace(told, episodes=(Episode("pause", pause.start_s, pause.stop_s, 2, 20.0),)), "html")
    row = re.search(r"<h2 id=\"episodes\">.*?</section>", page, re.DOTALL)
    assert row is not None
    assert '<a href="#ecg-' in row[0]


def test_thousands_of_episodes_stay_light(told: Report) -> None:
    many = tuple(Episode(kind, i / 10, i / 10 + 1, 3, 120.0) for i in range(10_000) for kind in ("vt", "couplet", "af"))
    begun = time.process_time()
    page = render(replace(told, episodes=many), "html")
    assert time.process_time() - begun < 3
    assert len(page) < len(render(told, "html")) + 20_000


def test_every_kind_has_words(told: Report) -> None:
    page = words(render(replace(told, episodes=tuple(Episode(kind, 10, 20, 9, 60.0) for kind in KINDS)), "html"))
    assert all(what.name in page for key, what in KINDS.items() if key != "normal")
