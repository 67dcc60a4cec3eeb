"""``einthoven simulate`` writes a record with its true beats beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import wfdb

from einthoven.cli import main
from einthoven.formats import read
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from pathlib import Path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr("sys.argv", ["einthoven", "simulate", *map(str, arguments)])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_record_and_beats_are_those_of_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "heart.hea"
    assert run(monkeypatch, "-o", target, "--rhythm", "bigeminy", "--rate", 360, "--duration", 20, "--seed", 3) == 0
    heart = simulate(rhythm="bigeminy", fs_hz=360, duration_s=20, seed=3)
    record = read(target)
    assert record.leads == heart.record.leads
    np.testing.assert_allclose(record.signal, heart.record.signal, atol=1e-3)
    truth = wfdb.rdann(str(tmp_path / "heart"), "atr")
    np.testing.assert_array_equal(truth.sample, heart.beats.sample)
    assert truth.symbol == list(heart.beats.symbol)


def test_json_lists_the_beats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "-o", tmp_path / "a.hea", "--leads", "MLII,V5", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["leads"] == ["MLII", "V5"]
    assert told["beats"]["sample"] == simulate().beats.sample.tolist()


@pytest.mark.parametrize("options", [("--rhythm", "vt"), ("--block", "x"), ("--heart-rate", 0), ("--leads", "V9")])
def test_a_bad_option_writes_nothing(
    options: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "-o", tmp_path / "a.hea", *options) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_an_unknown_suffix_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "-o", tmp_path / "a.xyz") == 2
    assert not list(tmp_path.iterdir())
