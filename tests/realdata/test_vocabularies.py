"""The vocabulary of statements is that of PTB-XL's own table."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from einthoven.codes import STATEMENTS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realdata


def test_statements_are_those_of_the_publisher_in_its_order(data_dir: Path) -> None:
    with (data_dir / "ptb-xl" / "scp_statements.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [(row[""], row["diagnostic_class"]) for row in rows] == [
        (code, statement.superclass) for code, statement in STATEMENTS.items()
    ]
    named = {row[""]: row["description"] for row in rows}
    assert {code: statement.name for code, statement in STATEMENTS.items()} == named | {
        "WPW": "Wolff-Parkinson-White syndrome"
    }
