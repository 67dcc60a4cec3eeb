"""A program reads the report: stable keys, plain values, nothing JSON cannot hold."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.beats.classify import label
from einthoven.errors import OptionError
from einthoven.findings import Decision, Finding, Interval
from einthoven.record import Beats, Record
from einthoven.report import RENDERERS, render
from einthoven.report.json import MOST_PLACES, to_json
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Callable

    from einthoven.analysis import Report


def test_keys_of_the_schema_stay(short: Report) -> None:
    value = to_json(short)
    assert value["schema"] == "einthoven.report/1"
    assert set(value) == {
        *("schema", "version", "disclaimer", "record", "summary", "findings", "beats", "rhythm", "quality"),
        *("episodes", "tallies", "hrv", "explanation", "warnings", "models", "detector", "lead", "leads", "limits"),
    }
    assert set(value["summary"]) == {
        *("n_beats", "counts", "abnormal_share", "abnormal_share_surely", "abnormal_share_possibly"),
        *("mean_rate_bpm", "slowest_bpm", "fastest_bpm", "quality"),
    }
    assert set(value["findings"][0]) == {
        "code",
        "system",
        "name",
        "decision",
        "probability",
        "detail",
        "n_places",
        "where",
        "miss_rate",
    }


def test_what_is_written_is_what_was_found(long: Report) -> None:
    value = json.loads(render(long, "json"))
    assert value["beats"]["sample"] == long.beats.sample.tolist()
    assert value["beats"]["symbol"] == long.beats.symbol.tolist()
    np.testing.assert_allclose(value["beats"]["time_s"], long.beats.sample / 250, atol=1e-4)
    assert long.beats.probability is not None
    np.testing.assert_allclose(value["beats"]["p_abnormal"], long.beats.probability[:, 0], atol=1e-4)
    assert len(value["rhythm"]["rr_s"]) == len(long.beats) - 1
    assert value["summary"]["counts"] == {"N": (long.beats.symbol == "N").sum(), "Q": (long.beats.symbol == "Q").sum()}
    assert value["quality"]["V5"]["missing_s"] == 40
    assert value["models"][0]["sha256"] == long.models[0].sha256


def test_shares_are_in_order(long: Report) -> None:
    summary = to_json(long)["summary"]
    assert 0 < summary["abnormal_share_surely"] <= summary["abnormal_share"] <= summary["abnormal_share_possibly"] <= 1


def test_nan_becomes_null(short: Report) -> None:
    odd = Finding("x", "s", "n", Decision.UNSURE, where=(Interval(0, float("inf")),))
    heart = replace(short.rhythm, mean_rate_bpm=float("nan"), rate_bpm=np.full(len(short.beats) - 1, np.nan))
    value = json.loads(render(replace(short, rhythm=heart, findings=(odd,)), "json"))
    assert value["summary"]["mean_rate_bpm"] is None
    assert set(value["rhythm"]["rate_bpm"]) == {None}
    assert value["findings"][0]["where"] == [{"start_s": 0, "stop_s": None, "leads": []}]


def test_the_first_places_are_listed_and_all_are_counted(short: Report) -> None:
    where = tuple(Interval(at, at + 0.5) for at in range(MOST_PLACES + 7, 0, -1))
    (value,) = to_json(replace(short, findings=(Finding("x", "s", "n", Decision.PRESENT, where=where),)))["findings"]
    assert value["n_places"] == MOST_PLACES + 7
    assert [part["start_s"] for part in value["where"]] == list(range(1, MOST_PLACES + 1))


def test_a_small_share_is_not_rounded_to_none(report_of: Callable[..., Report]) -> None:
    record = Record(np.zeros((1, 400_000)), 250, ("II",))
    beats = label(Beats.unlabelled(np.arange(200_000)), np.eye(1, 200_000, dtype=np.float32)[0], 0.5)
    assert to_json(report_of(record, beats))["summary"]["abnormal_share"] == 5e-6


def test_notes_on_the_file_are_the_records(long: Report) -> None:
    value = to_json(replace(long, warnings=("Mind this.",)))
    assert value["record"]["notes"] == ["V5 is lost for a while."]
    assert value["warnings"] == ["Mind this."]


def test_a_record_without_beats_is_no_error(report_of: Callable[..., Report]) -> None:
    record = Record(np.full((1, 1), np.nan), 360, ("II",))
    value = json.loads(render(report_of(record, Beats.unlabelled(np.empty(0, np.int64))), "json"))
    assert value["beats"] == {"sample": [], "time_s": [], "symbol": [], "p_abnormal": None, "unsure": []}
    assert value["summary"]["mean_rate_bpm"] is None
    assert value["summary"]["abnormal_share"] is None


def test_an_unknown_kind_lists_the_known(short: Report) -> None:
    with pytest.raises(OptionError, match="report 'pdf' is not known: choose from text, json, html"):
        render(short, "pdf")


@pytest.mark.parametrize("kind", RENDERERS)
def test_the_same_report_reads_the_same(kind: str, long: Report) -> None:
    assert render(long, kind) == render(long, kind)


def test_what_is_paced_is_neither_normal_nor_abnormal(report_of: Callable[..., Report]) -> None:
    heart = simulate(duration_s=60, leads=("II",), seed=1)
    n = len(heart.beats)
    paced = np.arange(n) < n // 2
    beats = label(heart.beats, np.full(n, 0.03, np.float32), 0.5)
    for mask, normal in ((paced, n - n // 2), (np.ones(n, bool), 0)):
        marked = replace(beats, symbol=np.where(mask, "Q", "N"), paced=mask)
        told = to_json(report_of(heart.record, marked))
        shares = [told["summary"][key] for key in told["summary"] if key.startswith("abnormal")]
        assert shares == ([0, 0, 0] if normal else [None, None, None])
        assert told["beats"]["p_abnormal"] == [None if one else 0.03 for one in mask.tolist()]
        assert not any(told["beats"]["unsure"])
        assert [finding["decision"] for finding in told["findings"] if finding["code"] == "abnormal-beats"] == (
            ["absent"] if normal else []
        )
        assert "nan" not in render(report_of(heart.record, marked), "html").split("base64")[0]
