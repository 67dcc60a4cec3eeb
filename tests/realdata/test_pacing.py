"""Pacemakers in real recordings: seen where sampling and filters let their pulse through, left open on tape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from einthoven.beats.fast import fast_detect
from einthoven.beats.pacing import find_pacing
from einthoven.datasets import mitdb
from einthoven.findings import Decision
from einthoven.formats import read

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realdata

PACED = ("HR12083", "JS23463", "Q0398")


def test_on_tape_a_pacemaker_is_not_ruled_out_and_none_is_invented(data_dir: Path) -> None:
    names = [*sorted(mitdb.PACED), *mitdb.DS1[:8:2]]
    said = {item.record.id: find_pacing(item.record, item.beats) for item in mitdb.load(data_dir, names)}
    assert {said[name].decision for name in mitdb.PACED} == {Decision.UNSURE}
    assert {said[name].decision for name in mitdb.DS1[:8:2]} <= {Decision.ABSENT, Decision.UNSURE}
    assert [name for name in mitdb.DS1[:8:2] if said[name].decision is Decision.UNSURE] in (["101"], [])


def test_of_three_digital_recordings_with_a_pacemaker_the_filtered_one_does_not_show_it(data_dir: Path) -> None:
    said = {}
    for name in PACED:
        record = read(data_dir / f"cinc2020/records/{name}.hea")
        assert "10370003" in record.diagnoses
        said[name] = find_pacing(record, fast_detect(record))
    assert [str(pacing.decision) for pacing in said.values()] == [
        "present",
        "present",
        "absent",
    ]
    assert said["HR12083"].paced.sum() >= 7
    assert said["JS23463"].paced.sum() >= 9


def test_a_digital_recording_without_pacemaker_shows_none(data_dir: Path) -> None:
    files = [file for file in sorted((data_dir / "cinc2020/records").glob("*.hea")) if file.stem not in PACED][::6]
    decisions = []
    for file in files:
        record = read(file)
        decisions.append(find_pacing(record, fast_detect(record)).decision)
    assert Decision.PRESENT not in decisions
    assert decisions.count(Decision.UNSURE) <= 0.12 * len(files)
