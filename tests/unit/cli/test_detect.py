"""``einthoven detect`` boxes beats in pictures and records, and says in one line what it cannot look at."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from einthoven import Record
from einthoven.formats import write
from einthoven.images.strips import Lead, StripLook, strip_picture
from einthoven.signal.simulate import Simulation, simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Ran

    Run = Callable[..., Ran]

START_S = 5.0
BLUE = StripLook(paper=(250, 252, 255), grid=(215, 225, 250), grid_5=(160, 180, 240))


@pytest.fixture(scope="module")
def heart() -> Simulation:
    return simulate(duration_s=30, fs_hz=360, leads=("II", "V1"), pvc=0.2, seed=3)


@pytest.fixture(scope="module")
def true_s(heart: Simulation) -> np.ndarray:
    """Times of R on the strip, but for beats that its ends cut in two."""
    time_s = heart.beats.sample / 360 - START_S
    return np.asarray(time_s[(time_s > 0.3) & (time_s < 9.5)])


@pytest.fixture
def record(heart: Simulation, tmp_path: Path) -> Path:
    write(heart.record, tmp_path / "heart.hea")
    return tmp_path / "heart.hea"


@pytest.fixture
def picture(heart: Simulation, tmp_path: Path) -> Path:
    drawn(heart).save(tmp_path / "strip.png")
    return tmp_path / "strip.png"


def drawn(heart: Simulation, look: StripLook | None = None) -> Image.Image:
    lead = Lead(heart.record["II"], 360, heart.beats.sample, heart.beats.symbol.tolist())
    return Image.fromarray(strip_picture(lead, START_S, look or StripLook()).pixels)


def pixels(file: Path) -> np.ndarray:
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB"))


def told(run: Run, *words: object) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    ran = run("detect", *words, "--json")
    assert (ran.code, ran.err) == (0, "")
    content: dict[str, Any] = json.loads(ran.out, parse_constant=refuse)
    return content


def nearest_s(true_s: np.ndarray, found_s: list[float]) -> np.ndarray:
    return np.abs(np.asarray(found_s)[None] - true_s[:, None]).min(axis=1)


def test_boxes_on_a_strip_lie_where_the_beats_are(run: Run, picture: Path, true_s: np.ndarray) -> None:
    content = told(run, picture)
    boxes = content["boxes"]
    assert (content["width"], content["height"], content["bundle"]) == (800, 128, "boxes-ds2")
    assert nearest_s(true_s, [box["time_s"] for box in boxes]).max() < 0.04
    assert len(true_s) <= len(boxes) <= len(true_s) + 2  # those that the ends cut
    assert [box["score"] for box in boxes] == sorted((box["score"] for box in boxes), reverse=True)
    for box in boxes:
        assert 0 <= box["left"] < box["left"] + 10 < box["right"] <= 800
        assert 0 <= box["top"] < box["bottom"] <= 128
        assert box["left"] / 80 <= box["time_s"] <= box["right"] / 80
        assert box["class"] == max(box["probability"], key=box["probability"].__getitem__)
        assert sum(box["probability"].values()) == pytest.approx(box["score"], abs=0.01)


def test_resolution_colour_and_file_format_move_no_beat(
    run: Run, heart: Simulation, tmp_path: Path, true_s: np.ndarray
) -> None:
    plain = drawn(heart)
    ways: dict[str, tuple[Image.Image, dict[str, Any]]] = {
        "twice.png": (drawn(heart, StripLook(1600, 256, 6.4, 3.2)), {}),
        "half.png": (drawn(heart, StripLook(400, 64, 1.6, 0.8)), {}),
        "grey.png": (plain.convert("L"), {}),
        "palette.png": (plain.convert("P"), {}),
        "clear.png": (plain.convert("RGBA"), {}),
        "16.png": (Image.fromarray(np.asarray(plain.convert("L"), np.uint16) * 257), {}),
        "blue.png": (drawn(heart, BLUE), {}),
        "coarse.jpg": (plain, {"quality": 50}),
        "cmyk.jpg": (plain.convert("CMYK"), {"quality": 90}),
        "strip.bmp": (plain, {}),
        "strip.webp": (plain, {"lossless": True}),
        "strip.tif": (plain, {}),
    }
    for name, (image, options) in ways.items():
        image.save(tmp_path / name, **options)
        content = told(run, tmp_path / name)
        assert (content["width"], content["height"]) == image.size
        assert nearest_s(true_s, [box["time_s"] for box in content["boxes"]]).max() < 0.04, name


def test_a_picture_that_says_how_it_is_turned_is_seen_upright(run: Run, picture: Path, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x112] = 6
    lying = Image.fromarray(pixels(picture)).transpose(Image.Transpose.ROTATE_90)
    lying.save(tmp_path / "lying.png", exif=exif)
    assert told(run, tmp_path / "lying.png")["boxes"] == told(run, picture)["boxes"]


def test_the_picture_written_is_the_one_read_with_boxes_on_it(run: Run, picture: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "bö xes.png"
    ran = run("detect", picture, "-o", target)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{picture}: ")
    assert ran.out.splitlines()[-1] == "For research; not a medical device"
    before, after = pixels(picture), pixels(target)
    assert before.shape == after.shape
    assert 0 < (before != after).any(axis=2).mean() < 0.3


def test_the_terminal_lists_beats_in_order_of_time(run: Run, picture: Path, record: Path) -> None:
    for file, n_words in ((picture, 9), (record, 4)):
        lines = run("detect", file).out.splitlines()
        assert re.search(rf": {len(lines) - 2} beats: N × \d+", lines[0])
        times = [float(line.split()[0]) for line in lines[1:-1]]
        assert times == sorted(times)
        assert {len(line.split()) for line in lines[1:-1]} == {n_words}


def test_beats_of_a_record_are_those_there_are(run: Run, record: Path, heart: Simulation) -> None:
    content = told(run, record)
    found = np.array([beat["sample"] for beat in content["beats"]])
    assert (content["record"], content["lead"], content["fs_hz"], content["duration_s"]) == ("heart", "II", 360, 30)
    assert (np.diff(found) > 0).all()
    inner = heart.beats.sample[(heart.beats.sample > 110) & (heart.beats.sample < 30 * 360 - 180)]
    assert np.abs(found[None] - inner[:, None]).min(axis=1).max() <= 0.04 * 360
    for beat in content["beats"]:
        assert beat["time_s"] == pytest.approx(beat["sample"] / 360, abs=0.001)
        assert sum(beat["probability"].values()) == pytest.approx(1, abs=0.001)
    assert "boxes" not in content


def test_boxes_on_the_strip_of_a_record_are_placed_in_its_time(run: Run, record: Path, tmp_path: Path) -> None:
    content = told(run, record, "--start", 12, "-o", tmp_path / "strip.png")
    times = [box["time_s"] for box in content["boxes"]]
    beats = np.array([beat["time_s"] for beat in content["beats"]])
    beats = beats[(beats > 12.3) & (beats < 21.5)]
    assert content["start_s"] == 12
    assert nearest_s(beats, times).max() < 0.04
    assert all(12 <= time_s < 22 for time_s in times)
    assert pixels(tmp_path / "strip.png").shape == (128, 800, 3)


def test_a_lead_is_drawn_by_its_name_in_any_spelling(run: Run, record: Path) -> None:
    assert told(run, record, "--lead", "v1")["lead"] == "V1"
    ran = run("detect", record, "--lead", "V9")
    assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1)
    assert "no lead 'V9'; it has II, V1" in ran.err


@pytest.mark.parametrize(
    ("signal", "fs_hz"),
    [
        (np.zeros((1, 1)), 360),
        (np.ones((1, 5000)), 250),
        (np.full((1, 5000), np.nan), 250),
        (np.full((1, 20), np.nan), 50),
    ],
)
def test_where_nothing_beats_nothing_is_found(run: Run, tmp_path: Path, signal: np.ndarray, fs_hz: float) -> None:
    write(Record(signal, fs_hz, ("V5",), id="still"), tmp_path / "still.npz")
    content = told(run, tmp_path / "still.npz", "-o", tmp_path / "still.png")
    assert (content["beats"], content["boxes"], content["lead"]) == ([], [], "V5")
    assert run("detect", tmp_path / "still.npz").out.splitlines()[0].endswith("0 beats: none")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--least", "nan"), "--least is nan; it must be between 0 and 1"),
        (("--least", "1"), "--least is 1; it must be between 0 and 1"),
        (("--start", "nan"), "start is nan s; it must be from 0 to the record's 30 s"),
        (("--start", "-1"), "start is -1 s"),
        (("--start", "30"), "start is 30 s; it must be from 0 to the record's 30 s"),
        (("--bundle", "mitdb-aami"), "finding boxes needs strip-picture or beat-picture"),
        (("--bundle", "nothing"), "none of that name is shipped"),
        (("-o", "boxes.jpg"), "cannot draw to '.jpg'; the suffix must be .png"),
        (("-o", "RECORD"), "cannot draw to '.hea'"),
    ],
)
def test_a_bad_option_is_one_line_and_leaves_no_file(
    run: Run, record: Path, words: tuple[str, ...], message: str
) -> None:
    before = sorted(record.parent.iterdir())
    ran = run(
        "detect", record, "-o", record.with_name("out.png"), *(str(record) if one == "RECORD" else one for one in words)
    )
    assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1)
    assert message in ran.err
    assert sorted(record.parent.iterdir()) == before


def test_what_would_change_nothing_is_refused(run: Run, record: Path, picture: Path) -> None:
    for words in (("--lead", "II"), ("--start", "0"), ("--rate", "500"), ("--leads", "II"), ("--repair",)):
        ran = run("detect", picture, *words)
        assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1)
        assert "is a picture; --lead, --start and how to read are for records" in ran.err
    ran = run("detect", record, "--start", "3")
    assert (ran.code, len(ran.errors)) == (2, 1)
    assert "--start 3 is of the picture to write; name its file with -o" in ran.err


def test_the_picture_itself_is_never_replaced(run: Run, picture: Path) -> None:
    link = picture.with_name("link.png")
    link.symlink_to(picture.name)
    before = picture.read_bytes()
    for source, target in ((picture, picture), (picture, link), (link, picture)):
        ran = run("detect", source, "-o", target)
        assert (ran.code, len(ran.errors)) == (2, 1)
        assert "would replace the picture itself" in ran.err
    assert picture.read_bytes() == before
    assert link.is_symlink()


def test_what_cannot_be_looked_at_is_named_in_one_line(run: Run, picture: Path, record: Path, tmp_path: Path) -> None:
    whole = picture.read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.png").write_bytes(record.read_bytes())
    (tmp_path / "picture.hea").write_bytes(whole)
    (tmp_path / "folder.png").mkdir()
    Image.new("RGB", (1, 1)).save(tmp_path / "dot.png")
    Image.new("RGB", (300, 300)).save(tmp_path / "square.png")
    write(Record(np.zeros((1, 60)), 20, ("II",), id="slow"), tmp_path / "slow.npz")
    for name, message in (
        ("cut.png", "the picture is damaged"),
        ("text.png", "is no picture that can be read"),
        ("picture.hea", "line 1 is"),
        ("folder.png", "cannot be read (Is a directory)"),
        ("absent.png", "cannot be read (No such file or directory)"),
        ("absent.hea", "no such file"),
        ("dot.png", "has 1 by 1 pixels"),
        ("square.png", "picture of 300 x 300 pixels; this detector knows pictures about 6.25 times as wide as high"),
        ("slow.npz", "sampled at 20 Hz; finding beats needs 50 Hz or more"),
    ):
        ran = run("detect", tmp_path / name, "-o", tmp_path / "out" / "boxes.png")
        assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1), name
        assert message in ran.err
        assert not (tmp_path / "out").exists()
