"""``einthoven render`` draws any file it can read, or says in one line why not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from einthoven import analysis, cli
from einthoven.errors import OptionError
from einthoven.formats import write
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write(simulate(duration_s=12, seed=1).record, tmp_path / "heart.hea")
    return tmp_path / "heart.hea"


def run(*words: object) -> Any:
    return CliRunner().invoke(cli.app, ["render", *map(str, words)], catch_exceptions=False)


@pytest.mark.parametrize(
    ("suffix", "start"), [(".png", b"\x89PNG"), (".jpg", b"\xff\xd8"), (".pdf", b"%PDF"), (".svg", b"<svg ")]
)
def test_a_file_becomes_a_picture(file: Path, suffix: str, start: bytes) -> None:
    target = file.with_name(f"out{suffix}")
    result = run(file, "-o", target, "--no-beats", "--dpi", 60)
    assert result.exit_code == 0
    assert result.output.strip() == str(target)
    assert target.read_bytes().startswith(start)


def test_options_reach_the_drawing(file: Path) -> None:
    target = file.with_name("out.svg")
    run(
        file,
        "-o",
        target,
        "--no-beats",
        "--layout",
        "strip",
        "--leads",
        "V1,II",
        "--start",
        3,
        "--seconds",
        5,
        "--gain",
        5,
    )
    text = target.read_text()
    assert "V1, II · 0:03–0:08 of 12 s at 500 Hz" in text
    assert "25 mm/s · 5 mm/mV" in text


def test_beats_are_marked_unless_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heart = simulate(duration_s=12, seed=1)
    quality = SimpleNamespace(leads=heart.record.leads, usable=np.ones((12, 12), bool))
    monkeypatch.setattr(analysis, "analyze", lambda record: SimpleNamespace(beats=heart.beats, quality=quality))
    target = file.with_name("out.svg")
    run(file, "-o", target)
    inside = int((heart.beats.sample < 10 * heart.record.fs_hz).sum())
    assert target.read_text().count('class="letter-N halo"') == inside
    run(file, "-o", target, "--no-beats")
    assert 'class="letter-N halo"' not in target.read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--layout", "4x4"), "layout '4x4' is not known: choose from auto"),
        (("--start", "99"), "start is 99 s; it must be from 0 to the record's 12 s"),
        (("--seconds", "-1"), "length is -1 s"),
        (("--grid", "pink"), "grid colour 'pink' is not known: choose from red, orange"),
        (("--trace", "none"), "trace colour 'none' is not known: choose from black"),
        (("--scan", "-3"), "--scan -3; the seed must be 0 or above"),
        (("--scan", "3", "--dpi", "1200"), "scan would have 14031 by 9921 pixels; up to 45,000,000 are drawn"),
    ],
)
def test_a_bad_option_is_one_line_and_leaves_no_file(file: Path, words: tuple[str, ...], message: str) -> None:
    target = file.with_name("out.png")
    with pytest.raises(OptionError, match=message.replace(".", r"\.")):
        run(file, "-o", target, "--no-beats", *words)
    assert not target.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--layout", "4x4"), "layout '4x4' is not known"),
        (("--start", "nan"), "start is nan s"),
        (("--gain", "0"), "gain is 0 mm/mV"),
        (("--dpi", "nan"), "nan dots per inch"),
        (("-o", "page.gif"), "cannot draw to '.gif'"),
    ],
)
def test_what_cannot_be_drawn_is_told_before_beats_are_sought(
    file: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], message: str
) -> None:
    sought: list[object] = []
    monkeypatch.setattr(analysis, "analyze", sought.append)
    with pytest.raises(OptionError, match=message):
        run(file, "-o", file.with_name("out.png"), *words)
    assert not sought


@pytest.mark.parametrize("suffix", [".svg", ".pdf", ".png", ".jpg"])
def test_colours_reach_every_format(file: Path, suffix: str) -> None:
    plain, coloured = (file.with_name(f"{name}{suffix}") for name in ("plain", "coloured"))
    for target, words in ((plain, ()), (coloured, ("--grid", "green", "--trace", "#0000ff"))):
        assert run(file, "-o", target, "--no-beats", "--dpi", 60, *words).exit_code == 0
    assert plain.read_bytes() != coloured.read_bytes()
    if suffix == ".svg":
        assert "stroke:#0000ff" in coloured.read_text()


def test_a_scan_is_one_of_its_seed(file: Path) -> None:
    targets = [file.with_name(f"{number}.png") for number in range(4)]
    for target, words in zip(targets, (("--scan", 1), ("--scan", 1), ("--scan", 2), ()), strict=True):
        run(file, "-o", target, "--no-beats", "--dpi", 60, *words)
    first, again, other, clean = (np.asarray(Image.open(target).convert("RGB")).astype(int) for target in targets)
    assert (first == again).all()
    assert first.shape == other.shape == clean.shape
    assert np.abs(first - other).mean() > 1
    assert np.abs(first - clean).mean() > 3


@pytest.mark.parametrize("suffix", [".svg", ".pdf"])
def test_what_has_no_pixels_is_not_scanned(file: Path, suffix: str) -> None:
    with pytest.raises(OptionError, match=r"--scan 1; the seed must be 0 or above, and the picture \.png"):
        run(file, "-o", file.with_name(f"out{suffix}"), "--no-beats", "--scan", 1)
    assert not file.with_name(f"out{suffix}").exists()
