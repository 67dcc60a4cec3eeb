from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from einthoven.datasets.mitdb import PACED, RECORDS, load
from einthoven.datasets.splits import abnormal_share, split
from einthoven.learn.examples import Examples, examples
from einthoven.learn.recipe import load_recipe

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realdata

PUBLISHED_TEST = {"107", "113", "114", "117", "119", "124", "201", "208", "209", "210", "213", "231"}


@pytest.fixture(scope="module")
def all_beats(data_dir: Path) -> Examples:
    return examples(load_recipe("mitdb-normal-cnn"), data_dir)


def test_the_records_are_those_of_the_publisher(data_dir: Path) -> None:
    assert tuple((data_dir / "mitdb" / "RECORDS").read_text().split()) == RECORDS


def test_paced_records_hold_paced_beats_and_no_others_do(data_dir: Path) -> None:
    near = ("100", "102", "104", "107", "207", "217")
    paced = {item.record.id for item in load(data_dir, near) if "/" in item.beats.symbol}
    assert paced == PACED


def test_beats_with_three_seconds_to_both_sides_are_learnt_from(all_beats: Examples) -> None:
    assert len(all_beats) == 109_132  # of 109,494
    assert int(all_beats.target.sum()) == 34_337
    assert all_beats.shapes == {"window": (1, 2160)}


def test_the_published_split_is_got_again(all_beats: Examples) -> None:
    sides = split("patients-75-25", abnormal_share(all_beats.group, all_beats.target[:, 0] > 0), 42)
    assert set(sides.test) == PUBLISHED_TEST
    assert len(all_beats.of_groups(sides.test)) == 26_259
