"""A long record is shown by its most telling seconds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from einthoven.beats.classify import label
from einthoven.findings import Decision, Finding, Interval
from einthoven.record import Beats, Record
from einthoven.report.moments import MOMENT_S, MOST_MOMENTS, moments
from einthoven.report.pictures import pictures
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Callable

    from einthoven.analysis import Report


def reasons(report: Report) -> dict[str, float]:
    return {reason: moment.start_s for moment in moments(report) for reason in moment.reasons}


def found(report: Report, word: str) -> float:
    return next(start for reason, start in reasons(report).items() if word in reason)


def test_moments_are_few_and_within_the_record(long: Report) -> None:
    chosen = moments(long)
    assert 4 <= len(chosen) <= MOST_MOMENTS
    assert all(0 <= moment.start_s <= long.record.duration_s - MOMENT_S for moment in chosen)


def test_the_pause_is_shown_whole(long: Report) -> None:
    pause = max(long.rhythm.pauses, key=lambda part: part.stop_s - part.start_s)
    start = found(long, "longest pause")
    assert start <= pause.start_s
    assert pause.stop_s <= start + MOMENT_S


def test_the_most_abnormal_ten_seconds_are_the_most_abnormal(long: Report) -> None:
    bad_s = long.rhythm.time_s[long.beats.symbol == "Q"]

    def number(start_s: float) -> int:
        return int(np.count_nonzero((bad_s >= start_s) & (bad_s <= start_s + MOMENT_S)))

    assert number(found(long, "most abnormal")) >= max(map(number, np.arange(0, 1190, 10.0)))


def test_the_fastest_and_slowest_rate_are_shown(long: Report) -> None:
    for word, place in (("fastest", np.nanargmax), ("slowest", np.nanargmin)):
        at = long.rhythm.time_s[1:][place(long.rhythm.rate_bpm)]
        assert found(long, word) <= at <= found(long, word) + MOMENT_S


def test_the_typical_moment_has_no_abnormal_beat_and_good_signal(long: Report) -> None:
    start = found(long, "typical")
    inside = (long.rhythm.time_s >= start) & (long.rhythm.time_s < start + MOMENT_S)
    assert set(long.beats.symbol[inside]) == {"N"}
    assert long.quality.usable[:, int(start) : int(start + MOMENT_S)].all()


def test_the_poorest_signal_is_where_it_was_lost(long: Report) -> None:
    assert 590 <= found(long, "poorest") <= 640


def test_every_finding_that_is_not_absent_gets_its_place(long: Report) -> None:
    findings = [
        Finding("af", "x", "Flutter", Decision.UNSURE, 0.5, where=(Interval(300, 420),)),
        Finding("vt", "x", "Not there", Decision.ABSENT, 0.1, where=(Interval(500, 501),)),
    ]
    told = reasons(replace(long, findings=tuple(findings)))
    assert 295 <= told["Flutter (unsure)"] <= 300
    assert not any("Not there" in reason for reason in told)


def test_a_finding_of_the_whole_record_asks_for_no_moment(long: Report) -> None:
    whole = Finding("x", "x", "Everywhere", Decision.PRESENT, where=(Interval(0, long.record.duration_s),))
    late = Finding("y", "x", "Twice", Decision.PRESENT, where=(Interval(800, 801), Interval(300, 301)))
    told = reasons(replace(long, findings=(whole, late)))
    assert not any("Everywhere" in reason for reason in told)
    assert 290 <= told["Twice (present)"] <= 300


def test_what_two_reasons_point_to_is_shown_once(long: Report) -> None:
    pause = long.rhythm.pauses[0]
    twin = Finding("p", "x", "Twin", Decision.PRESENT, where=(pause,))
    chosen = moments(replace(long, findings=(twin,)))
    assert any({"Twin (present)"} < set(moment.reasons) for moment in chosen)


def test_a_record_without_beats_still_shows_itself(report_of: Callable[..., Report]) -> None:
    record = Record(np.full((2, 360 * 90), np.nan), 360, ("MLII", "V5"))
    report = report_of(record, Beats.unlabelled(np.empty(0, np.int64)))
    assert len(pictures(report)) >= 1


def test_a_short_strip_is_shown_whole(report_of: Callable[..., Report]) -> None:
    heart = simulate(duration_s=40, leads=("II",), seed=1)
    (picture,) = pictures(report_of(heart.record, heart.beats))
    assert (picture.moment.start_s, picture.moment.seconds) == (0, 40)


def test_twelve_leads_begin_with_a_page(report_of: Callable[..., Report]) -> None:
    heart = simulate(duration_s=40, seed=1)
    page, strip = pictures(report_of(heart.record, heart.beats))
    assert (len(page.leads), page.moment.seconds) == (12, 10)
    assert (strip.leads, strip.moment.seconds) == (("II",), 40)


def test_twelve_leads_show_abnormal_beats_in_all_of_them(report_of: Callable[..., Report]) -> None:
    heart = simulate(duration_s=90, seed=1)
    symbol = np.full(len(heart.beats), "N")
    symbol[40] = "Q"
    typical, abnormal, *strips = pictures(report_of(heart.record, Beats(heart.beats.sample, symbol)))
    at_s = heart.beats.sample[40] / heart.record.fs_hz
    assert len(abnormal.leads) == len(typical.leads) == 12
    assert abnormal.holds(at_s, at_s)
    assert not typical.holds(at_s, at_s)
    assert {strip.leads for strip in strips} == {("II", "V1", "V5")}


def test_no_moment_is_drawn_twice(report_of: Callable[..., Report]) -> None:
    heart = simulate(duration_s=300, seed=1, pvc=0.1)
    report = report_of(heart.record, heart.beats)
    starts = [picture.moment.start_s for picture in pictures(report)]
    assert len(starts) == len(set(starts)) > 3
    told = {reason for picture in pictures(report) for reason in picture.moment.reasons}
    assert told >= set(reasons(report))


def test_a_place_is_found_in_the_picture_that_holds_it(long: Report) -> None:
    shown = pictures(long)
    pause = max(long.rhythm.pauses, key=lambda part: part.stop_s - part.start_s)
    assert any(picture.holds(pause.start_s, pause.stop_s) for picture in shown)
    assert not any(picture.holds(-5, -4) for picture in shown)


def test_doubt_is_shown_only_where_there_is_some(long: Report) -> None:
    assert found(long, "most doubtful") >= 0
    sure = label(long.beats, np.zeros(len(long.beats), np.float32), 0.5)
    assert not any("doubtful" in reason for reason in reasons(replace(long, beats=sure)))
