"""The pages in docs point to what is there, with pictures small enough to load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
POINTERS = [(page, t) for page in PAGES for t in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text("utf-8"))]


@pytest.mark.parametrize(("page", "target"), POINTERS, ids=[f"{page.name} {target}" for page, target in POINTERS])
def test_what_a_page_points_to_is_there(page: Path, target: str) -> None:
    assert (page.parent / target).exists()


def test_pictures_of_records_are_small() -> None:
    sizes = {file.name: file.stat().st_size for file in ROOT.glob("docs/images/worst-*")}
    assert {name for name, size in sizes.items() if size > 150_000} == set()
