"""A drawn page measures what it shows: a ruler laid on it gives the recording back."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from einthoven.codes import STANDARD_12
from einthoven.errors import OptionError, OutputError
from einthoven.images.canvas import figure
from einthoven.images.paper import Shade, draw, save
from einthoven.images.sheet import LOOKS, Box, Curve, Label, Sheet
from einthoven.images.svg import svg
from einthoven.record import Beats, Record
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"


def heart(leads: tuple[str, ...] = STANDARD_12, seconds: float = 10, fs_hz: float = 500, **more: Any) -> Record:
    time_s = np.arange(round(seconds * fs_hz)) / fs_hz
    spikes = np.exp(-(((time_s % 0.8) - 0.4) ** 2) / 2e-4)
    size = np.linspace(-0.9, 1.4, len(leads))
    return Record(size[:, None] * spikes + 0.05 * np.sin(7 * time_s), fs_hz, leads, id="heart", **more)


def curves(sheet: Sheet, role: str) -> list[Curve]:
    return [mark for mark in sheet.marks if isinstance(mark, Curve) and mark.role == role]


def labels(sheet: Sheet, role: str = "") -> list[str]:
    return [mark.text for mark in sheet.marks if isinstance(mark, Label) and mark.role.startswith(role)]


def boxes(sheet: Sheet, role: str) -> list[Box]:
    return [mark for mark in sheet.marks if isinstance(mark, Box) and mark.role == role]


def pulse(sheet: Sheet) -> np.ndarray:
    return next(curve for curve in curves(sheet, "tick") if curve.lead == "calibration").lines[0]


def test_a_twelve_lead_ecg_fills_a4_across() -> None:
    page = draw(heart())
    assert (page.width_mm, page.height_mm) == (297, 210)
    assert set(labels(page, "lead")) == set(STANDARD_12)


def test_seconds_are_tinted_where_their_lead_shows_them() -> None:
    shades = [Shade("V5", 6.0, 8.0, "moved-2"), Shade("V5", 1.0, 2.0, "moved-2"), Shade("V9", 1.0, 2.0, "moved-1")]
    page = draw(heart(), shades=shades)  # in three rows of four, V5 is shown from 7.5 s on
    (tint,) = boxes(page, "moved-2")
    assert tint.width_mm == pytest.approx(0.5 * 25)
    rows = draw(heart(), shades=shades, layout="12x1")
    assert [round(tint.width_mm, 3) for tint in boxes(rows, "moved-2")] == [50, 25]
    assert boxes(page, "moved-1") == boxes(rows, "moved-1") == []


def test_one_millivolt_is_ten_millimetres_high_and_its_pulse_five_wide() -> None:
    outline = pulse(draw(heart()))
    assert np.ptp(outline[:, 1]) == pytest.approx(10)
    top = outline[outline[:, 1] == outline[:, 1].min()]
    assert np.ptp(top[:, 0]) == pytest.approx(5)


@pytest.mark.parametrize("layout", ["3x4", "6x2", "12x1", "strip"])
def test_a_ruler_gives_the_signal_back(layout: str) -> None:
    record = heart()
    drawn = curves(draw(record, layout=layout, bare=True), "trace")
    assert {curve.lead for curve in drawn} == set(STANDARD_12)
    for curve in drawn:
        (line,) = curve.lines
        millivolt, second = -line[:, 1] / 10, line[:, 0] / 25
        at = np.arange(len(line)) / record.fs_hz
        np.testing.assert_allclose(second - second[0], at, atol=1e-9)
        signal = record[curve.lead].astype(float)
        starts = [i for i in range(0, len(signal), 1250) if len(signal) - i >= len(line)]
        offsets = [np.ptp(signal[i : i + len(line)] - millivolt) for i in starts]
        assert min(offsets) < 1e-5


def test_gaps_stay_open() -> None:
    signal = heart(("II",)).signal.copy()
    signal[0, 1000:2000] = np.nan
    (curve,) = curves(draw(Record(signal, 500, ("II",))), "trace")
    assert [len(line) for line in curve.lines] == [1000, 3000]


def test_missing_leads_are_named_and_left_blank() -> None:
    page = draw(heart(STANDARD_12[:9]), layout="3x4")
    assert labels(page, "small").count("not recorded") == 3
    assert {curve.lead for curve in curves(page, "trace")} == set(STANDARD_12[:9])


def test_a_lead_without_signal_says_so_and_a_flat_one_is_a_line() -> None:
    signal = heart(("I", "II")).signal.copy()
    signal[0], signal[1] = np.nan, 0.4
    page = draw(Record(signal, 500, ("I", "II")))
    assert "no signal" in labels(page, "small")
    (curve,) = curves(page, "trace")
    assert np.ptp(curve.lines[0][:, 1]) == 0


def test_beats_are_marked_where_they_are_with_letter_and_colour() -> None:
    beats = Beats(np.array([500, 1500, 2500]), np.array(["N", "Q", "V"]))
    page = draw(heart(("II",)), beats=beats, bare=True)
    letters = {mark.text: mark.x_mm for mark in page.marks if isinstance(mark, Label) and "letter" in mark.role}
    assert letters == pytest.approx({"N": 15 + 25, "Q": 15 + 75, "V": 15 + 125})
    assert [len(curves(page, f"beat-{symbol}")) for symbol in "NQVS"] == [1, 1, 1, 0]
    assert len(boxes(page, "band-Q")) == len(boxes(page, "band-V")) == 1
    assert not boxes(page, "band-N")


def test_the_ground_of_neighbouring_beats_never_overlaps() -> None:
    beats = Beats(np.arange(200, 4800, 150), np.full(31, "Q"))
    ground = sorted(
        (box.left_mm, box.left_mm + box.width_mm) for box in boxes(draw(heart(("II",)), beats=beats), "band-Q")
    )
    assert all(stop <= start + 1e-9 for (_, stop), (start, _) in pairwise(ground))


def test_poor_seconds_are_shaded_in_their_own_lead() -> None:
    usable = np.ones((2, 10), bool)
    usable[1, 4:6] = False
    page = draw(heart(("II", "V1")), quality=SimpleNamespace(leads=("II", "V1"), usable=usable), bare=True)  # type: ignore[arg-type]
    (box,) = boxes(page, "poor")
    assert (box.left_mm, box.width_mm) == pytest.approx((15 + 100, 50))


def test_tall_leads_halve_the_gain_and_the_page_says_so() -> None:
    page = draw(Record(heart(("II",)).signal * 8, 500, ("II",)))
    assert "25 mm/s · 5 mm/mV" in labels(page)
    assert np.ptp(pulse(page)[:, 1]) == pytest.approx(5)


def test_one_wild_lead_is_cut_and_does_not_flatten_the_others() -> None:
    signal = heart().signal.copy()
    signal[6] *= 1e6
    page = draw(Record(signal, 500, STANDARD_12))
    assert "25 mm/s · 10 mm/mV" in labels(page)
    assert any(text.startswith("off scale: up to") for text in labels(page, "alarm"))
    assert page.height_mm < 400
    heights = np.concatenate([line[:, 1] for curve in curves(page, "trace") for line in curve.lines])
    assert heights.min() > 0
    assert heights.max() < page.height_mm


def test_a_single_spike_is_cut() -> None:
    signal = heart(("II",)).signal.copy()
    signal[0, 2500] = 1e6
    page = draw(Record(signal, 500, ("II",)))
    assert page.height_mm < 120
    assert len(curves(page, "clipped")) == 1


@pytest.mark.parametrize("value", [0.0, 1e6, np.nan])
def test_one_sample_is_a_page(value: float, tmp_path: Path) -> None:
    page = draw(Record([[value]], 360, ("II",)))
    for suffix in (".png", ".pdf", ".svg"):
        assert save(page, tmp_path / f"one{suffix}", dpi=50).stat().st_size > 500


def test_a_day_stays_light() -> None:
    day = Record(np.tile(heart(("II", "V1"), 60, 100).signal, (1, 1440)), 100, ("II", "V1"))
    page = draw(day, seconds=86_400)
    assert page.height_mm < 5000
    assert len(svg(page)) < 3_000_000


def test_a_view_counts_time_from_the_start_of_the_record() -> None:
    record = heart(("II",), 60)
    part = draw(record, start_s=20, seconds=5, bare=True)
    np.testing.assert_allclose(
        curves(part, "trace")[0].lines[0], curves(draw(record.crop(20, 25), bare=True), "trace")[0].lines[0], atol=1e-6
    )
    assert "0:20" in labels(part, "small")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start_s": -1}, "start is -1 s; it must be from 0 to the record's 10 s"),
        ({"start_s": 10}, "start is 10 s"),
        ({"start_s": float("nan")}, "start is nan s"),
        ({"seconds": 0}, "length is 0 s; it must be a positive number"),
        ({"seconds": float("inf")}, "length is inf s"),
        ({"gain_mm_mv": -10}, "gain is -10 mm/mV; it must be from 0.1 to 100"),
        ({"gain_mm_mv": float("nan")}, "gain is nan mm/mV"),
        ({"layout": "4x3"}, "layout '4x3' is not known: choose from auto, 3x4"),
    ],
)
def test_what_cannot_be_drawn_is_said(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=re.escape(message)):
        draw(heart(), **options)


def test_svg_has_true_size_and_the_same_geometry() -> None:
    root = ET.fromstring(svg(draw(heart())))
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("297mm", "210mm", "0 0 29700 21000")
    path = next(e for e in root.iter(f"{SVG}path") if e.get("data-lead") == "calibration")
    steps = [int(step) for step in re.findall(r"-?\d+", path.get("d", "").split("l")[1])]
    assert steps == [150, 0, 0, -1000, 500, 0, 0, 1000, 150, 0]


def test_svg_lines_end_where_the_sheet_says() -> None:
    page = draw(heart())
    root = ET.fromstring(svg(page))
    drawn = {e.get("data-lead"): e.get("d", "") for e in root.iter(f"{SVG}path") if e.get("class") == "trace"}
    for curve in curves(page, "trace"):
        numbers = [int(n) for n in re.findall(r"-?\d+", drawn[curve.lead])]
        points = np.cumsum(np.reshape(numbers, (-1, 2)), axis=0)
        if curve.lead != "II":  # drawn twice
            np.testing.assert_allclose(points[-1] / 100, curve.lines[0][-1], atol=0.006)
            assert points[:, 1].min() / 100 == pytest.approx(curve.lines[0][:, 1].min(), abs=0.006)


def test_svg_names_only_roles_that_have_a_look_and_escapes_text() -> None:
    record = Record(heart(("II",)).signal, 500, ("<script>",), id='"><script>alert(1)</script>\x00')
    text = svg(draw(record))
    assert "<script" not in text
    assert "\x00" not in text
    used = {name for e in ET.fromstring(text).iter() for name in e.get("class", "").split()}
    assert used - {"ecg", "halo"} <= set(LOOKS)


def test_a_figure_counts_in_millimetres() -> None:
    picture = figure(draw(heart()), dpi=100)
    assert picture.get_size_inches() * 25.4 == pytest.approx((297, 210))
    (axes,) = picture.axes
    assert (axes.get_xlim(), axes.get_ylim()) == ((0, 297), (210, 0))


def test_a_pdf_page_has_true_size(tmp_path: Path) -> None:
    data = save(draw(heart()), tmp_path / "page.pdf").read_bytes()
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+) ?\]", data)
    assert box is not None
    assert [float(side) / 72 * 25.4 for side in box.groups()] == pytest.approx([297, 210], abs=0.01)


def test_a_png_has_the_size_its_resolution_asks_for(tmp_path: Path) -> None:
    data = save(draw(heart()), tmp_path / "page.png", dpi=50.8).read_bytes()
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == (594, 420)


@pytest.mark.parametrize("suffix", [".png", ".pdf", ".svg"])
def test_the_same_record_gives_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    first, second = (save(draw(heart()), tmp_path / f"{i}{suffix}", dpi=60).read_bytes() for i in range(2))
    assert first == second


def test_a_bad_target_leaves_nothing_behind(tmp_path: Path) -> None:
    page = draw(heart(("II",)))
    with pytest.raises(
        OptionError, match=r"cannot draw to '\.gif'; the suffix must be \.png, \.jpg, \.jpeg, \.pdf, \.svg"
    ):
        save(page, tmp_path / "page.gif")
    with pytest.raises(OptionError, match="must be from 20 to 1200"):
        save(page, tmp_path / "page.png", dpi=0)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        save(page, tmp_path / "file" / "page.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_names_no_font_has_still_draw(tmp_path: Path) -> None:
    record = Record(heart(("II",)).signal, 500, ("导联$x^2$",), id="心电图 $a_b$ \U0001f493")
    assert save(draw(record), tmp_path / "page.png", dpi=60).exists()
    assert save(draw(record), tmp_path / "page.pdf").exists()


def test_a_beat_the_model_was_unsure_of_has_a_question_mark():
    heart = simulate(duration_s=10, seed=1)
    probability = np.full((len(heart.beats), 1), 0.05, np.float32)
    probability[3] = 0.45
    beats = Beats(heart.beats.sample, heart.beats.symbol, probability, ("abnormal",))
    letters = [mark.text for mark in draw(heart.record, beats=beats).marks if getattr(mark, "role", "") == "letter-N"]
    assert letters.count("N?") == 1
    assert letters.count("N") == len(beats) - 1
