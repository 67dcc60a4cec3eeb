"""``einthoven digitize`` writes what a page shows, and says what it assumed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven import read
from einthoven.images.paper import draw, save
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Ran

    Run = Callable[..., Ran]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return save(draw(simulate(seed=1, duration_s=10).record), tmp_path / "page.pdf")


@pytest.mark.parametrize("name", ["out.hea", "out.mat", "out.csv", "out.npz"])
def test_a_page_becomes_a_record(run: Run, page: Path, name: str) -> None:
    ran = run("digitize", page, "-o", page.with_name(name))
    assert (ran.code, ran.err) == (0, "")
    assert f"{name}" in ran.out
    assert "12 leads, 10.00 s at 500 Hz" in ran.out
    assert "read off paper at 25 mm/s, 10 mm/mV" in ran.out
    assert read(page.with_name(name)).n_samples == 5000


def test_edf_takes_pages_on_which_every_lead_is_whole(run: Run, page: Path) -> None:
    ran = run("digitize", page, "-o", page.with_name("out.edf"))
    assert (ran.code, page.with_name("out.edf").exists()) == (2, False)
    assert "missing" in ran.err
    save(draw(simulate(seed=1, duration_s=10).record, layout="12x1"), page)
    assert run("digitize", page, "-o", page.with_name("out.edf")).code == 0
    assert read(page.with_name("out.edf")).leads[11] == "V6"


def test_without_output_nothing_is_written(run: Run, page: Path) -> None:
    ran = run("digitize", page)
    assert ran.code == 0
    assert "II 10.00 s" in ran.out
    assert [file.name for file in page.parent.iterdir()] == ["page.pdf"]


def test_json_says_all(run: Run, page: Path) -> None:
    facts = json.loads(run("digitize", page, "-o", page.with_name("out.npz"), "--json", "--rate", 250).out)
    assert (facts["fs_hz"], facts["n_samples"]) == (250, 2500)
    assert facts["seconds"]["V6"] == pytest.approx(2.5, abs=0.01)
    assert facts["files"] == [str(page.with_name("out.npz"))]
    assert facts["notes"][0].startswith("read off paper")


def test_options_reach_the_reading(run: Run, page: Path) -> None:
    assert run("digitize", page, "-o", page.with_name("out.npz"), "--speed", 50, "--gain", 20).code == 0
    assert read(page.with_name("out.npz")).duration_s == pytest.approx(5, abs=0.01)
    assert run("digitize", page, "--layout", "3x4", "--page", 1).code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--layout", "4x3"), "layout '4x3' is not known"),
        (("--gain", "0"), "gain is 0 mm/mV"),
        (("--page", "9"), "no page 9"),
        (("--leads", "I,II"), "2 names for 4 rows"),
        (("-o", "out.xyz"), "cannot write files that end in '.xyz'"),
        (("-o", "PAGE"), "cannot write files that end in '.pdf'"),
    ],
)
def test_a_refusal_is_one_line_and_writes_nothing(run: Run, page: Path, words: tuple[str, ...], message: str) -> None:
    words = tuple(str(page) if word == "PAGE" else word for word in words)
    before = page.read_bytes()
    ran = run("digitize", page, "-o", page.with_name("out.hea"), *words)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert ran.err.count("\n") == 1
    assert [file.name for file in page.parent.iterdir()] == ["page.pdf"]
    assert page.read_bytes() == before


def test_a_page_without_a_name_is_refused(run: Run) -> None:
    ran = run("digitize", "")
    assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1)
    assert "the name of the file is empty" in ran.err


def test_a_format_without_a_file_to_write_is_refused(run: Run, page: Path) -> None:
    ran = run("digitize", page, "--to", "csv")
    assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1)
    assert "--to csv is the format of a record to write; name its file with -o" in ran.err


def test_a_picture_that_is_no_page_writes_nothing(run: Run, tmp_path: Path) -> None:
    from PIL import Image

    noise = np.random.default_rng(0).integers(120, 255, (800, 1100, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "photo.png")
    ran = run("digitize", tmp_path / "photo.png", "-o", tmp_path / "out.hea")
    assert ran.code == 2
    assert ran.err.startswith(f"einthoven: {tmp_path / 'photo.png'}: ")
    assert not (tmp_path / "out.hea").exists()
