from __future__ import annotations

import json
from pathlib import Path

import pytest

from einthoven.errors import DataError
from einthoven.evaluation.tables import main, renewed, stale

RESULT = {
    "recipe": "small",
    "published": {"accuracy": 0.819},
    "protocols": {
        "patients": {
            "n": {"records": 12, "positive": 8425},
            "metrics": {
                "accuracy": {"value": 0.81234, "low": 0.7, "high": 0.9},
                "auc": {"value": None, "low": None, "high": None},
            },
        }
    },
}
PAGE = "Before.\n\n<!-- results:patients -->\nold\n<!-- /results -->\n\nAfter.\n"
TABLE = """| system | accuracy | AUC | counted |
| --- | ---: | ---: | --- |
| `small` | 0.812 (0.700–0.900), published 0.819 | – | 12 records, 8,425 positive |
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "small.json").write_text(json.dumps(RESULT))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "figures.md").write_text(PAGE)
    (tmp_path / "README.md").write_text("No figures here.\n")
    return tmp_path


def test_a_table_is_made_of_the_result_file_and_nothing_else_changes() -> None:
    assert renewed(PAGE, [RESULT]) == PAGE.replace("old\n", TABLE)


def test_renewing_twice_changes_nothing() -> None:
    once = renewed(PAGE, [RESULT])
    assert renewed(once, [RESULT]) == once


def test_checking_tells_of_a_stale_table_and_leaves_it(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", "--root", str(checkout)]) == 1
    assert "figures.md: stale" in capsys.readouterr().out
    assert (checkout / "docs" / "figures.md").read_text() == PAGE
    assert main(["--root", str(checkout)]) == 0
    assert main(["--check", "--root", str(checkout)]) == 0


def test_a_protocol_without_result_is_an_error(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / "README.md").write_text("<!-- results:moon -->\n<!-- /results -->")
    assert main(["--root", str(checkout)]) == 2
    assert "no result file has protocol 'moon'" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["{", "[]", '{"recipe": "x"}'])
def test_a_damaged_result_file_is_an_error(checkout: Path, text: str) -> None:
    (checkout / "results" / "bad.json").write_text(text)
    with pytest.raises(DataError, match=r"bad\.json"):
        stale(checkout)


def test_tables_in_this_checkout_are_those_of_its_results() -> None:
    assert list(stale(Path(__file__).parents[3])) == []
