"""What a page says of itself is so, to part of a pixel."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.codes import STANDARD_12
from einthoven.errors import OptionError
from einthoven.images.arrangement import arrange
from einthoven.images.colours import looks
from einthoven.images.extents import beat_extents
from einthoven.images.paper import draw, draw_arranged
from einthoven.images.raster import raster
from einthoven.images.truth import Page, page_picture
from einthoven.record import Beats, Record
from einthoven.signal.simulate import Noise, simulate

HEART = simulate(duration_s=12, seed=3, pvc=0.2, noise=Noise(muscle_mv=0.02))
LAYOUTS = ("3x4", "6x2", "12x1", "strip")
_RED = looks(grid="none", trace="#ff0000")
RED = {**_RED, "tick": _RED["text"]}  # so that ink of traces is told from all else


def page_of(record: Record = HEART.record, beats: Beats | None = HEART.beats, **more: object) -> Page:
    return page_picture(record, **{"beats": beats, "looks": RED, **more})  # type: ignore[arg-type]


def redness(page: Page) -> np.ndarray:
    """Return how red pixels are, 0 to 255: int, shape (row, column)."""
    return page.picture.pixels[..., 0].astype(int) - page.picture.pixels[..., 1]


def crossed(line: np.ndarray, first_x: float, last_x: float) -> tuple[float, float] | None:
    """Return the lowest and highest y of a line between two places."""
    x, y = line[:, 0], line[:, 1]
    if x[-1] <= first_x or x[0] >= last_x:
        return None
    first, last = np.searchsorted(x, (first_x, last_x))
    ends = np.interp((max(first_x, x[0]), min(last_x, x[-1])), x, y)
    within = y[first:last]
    return min(ends.min(), within.min(initial=np.inf)), max(ends.max(), within.max(initial=-np.inf))


def check_ink(page: Page) -> int:
    """Check the darkest ink of each column of each panel against its line; return how many columns there were."""
    red, checked = redness(page), 0
    for panel in page.panels:
        left, top, right, bottom = panel.box_xyxy.tolist()
        names = slice(max(0, int(top) - 1), int(np.ceil(bottom)) + 1)
        for column in range(int(left) + 2, int(right) - 2):
            spans = [span for line in panel.lines if (span := crossed(line, column - 0.5, column + 1.5)) is not None]
            ink = red[names, column]
            if len(spans) != 1 or ink.max() < 100:
                continue
            low, high = spans[0]
            darkest = np.flatnonzero(ink == ink.max()) + names.start + 0.5
            inside = darkest[(darkest > low - 0.5 - 1e-6) & (darkest < high + 0.5 + 1e-6)]
            assert len(inside), (panel.lead, column, darkest, spans)
            checked += 1
    return checked


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("gain", "dpi"), [(10, 100), (5, 150), (20, 72)])
def test_the_darkest_ink_of_every_column_lies_on_the_line(layout: str, gain: float, dpi: float) -> None:
    page = page_of(layout=layout, gain_mm_mv=gain, dpi=dpi)
    assert check_ink(page) > 3000 * dpi / 100


@pytest.mark.parametrize("layout", LAYOUTS)
def test_all_ink_lies_in_the_boxes_of_leads(layout: str) -> None:
    page = page_of(layout=layout)
    red = redness(page) > 60
    for left, top, right, bottom in page.lead_boxes_xyxy:
        red[int(top) : int(np.ceil(bottom)), int(left) : int(np.ceil(right))] = False
    assert not red.any()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dpi", [72, 150])
def test_a_lead_box_is_no_larger_than_its_ink(layout: str, dpi: float) -> None:
    page = page_of(layout=layout, dpi=dpi)
    red = redness(page) > 0
    for left, top, right, bottom in page.lead_boxes_xyxy:
        part = red[int(top) : int(np.ceil(bottom)), int(left) : int(np.ceil(right))]
        rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
        assert rows[0] <= 1
        assert part.shape[0] - rows[-1] <= 2
        assert columns[0] <= 1
        assert part.shape[1] - columns[-1] <= 2


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("start_s", [0.0, 1.37])
def test_a_line_gives_the_recording_back(layout: str, start_s: float) -> None:
    page = page_of(layout=layout, start_s=start_s, dpi=137)
    assert set(page.leads) == set(STANDARD_12)
    record = HEART.record
    for panel in page.panels:
        (line,) = panel.lines
        time_s = panel.start_s + (line[:, 0] - panel.left_px) / page.px_per_s
        value_mv = panel.baseline_mv + (panel.baseline_px - line[:, 1]) / page.px_per_mv
        sample = np.rint(time_s * record.fs_hz).astype(int)
        np.testing.assert_allclose(time_s, sample / record.fs_hz, atol=1e-6)
        np.testing.assert_allclose(value_mv, record[panel.lead][sample], atol=1e-4)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_panel_has_a_box_for_each_beat_whose_peak_it_shows(layout: str) -> None:
    page = page_of(layout=layout)
    peak_s = HEART.beats.sample / HEART.record.fs_hz
    for number, panel in enumerate(page.panels):
        shown = (peak_s >= panel.start_s) & (peak_s < panel.start_s + panel.seconds)
        assert page.beat_of[page.panel_of == number].tolist() == np.flatnonzero(shown).tolist()
    assert page.picture.labels == tuple(HEART.beats.symbol[page.beat_of])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_beat_box_holds_all_ink_of_its_panel_between_its_sides(layout: str) -> None:
    page = page_of(layout=layout)
    red = redness(page) > 30
    for (left, top, right, bottom), number in zip(page.picture.boxes_xyxy, page.panel_of, strict=True):
        first, upper, last, lower = page.panels[number].box_xyxy
        columns = slice(int(np.ceil(max(left, first + 2))), int(min(right, last - 2)))  # beside is the next panel's ink
        ink = red[int(upper) : int(np.ceil(lower)), columns].any(axis=1)
        rows = np.flatnonzero(ink) + int(upper)
        assert rows[0] >= np.floor(top)
        assert rows[-1] <= np.ceil(bottom)
        if first + 2 < left < right < last - 2:
            assert rows[0] - top < 6
            assert bottom - rows[-1] < 6


def test_a_beat_box_reaches_as_far_as_its_beat_and_is_marked_where_its_panel_ends() -> None:
    page = page_of(layout="3x4")
    start_s, stop_s = beat_extents(HEART.beats.sample / HEART.record.fs_hz)
    cut = np.asarray(page.picture.cut)
    assert cut.any()
    for box, beat, number, is_cut in zip(page.picture.boxes_xyxy, page.beat_of, page.panel_of, cut, strict=True):
        panel = page.panels[number]
        left, right = panel.start_s + (box[::2] - panel.left_px) / page.px_per_s
        assert left == pytest.approx(max(start_s[beat], panel.start_s), abs=1e-3)
        assert right == pytest.approx(min(stop_s[beat], panel.start_s + panel.seconds), abs=1e-3)
        assert is_cut == (start_s[beat] < panel.start_s or stop_s[beat] > panel.start_s + panel.seconds)


def test_pixels_are_those_of_the_page_without_beats_unless_told() -> None:
    page = page_of(dpi=60)
    np.testing.assert_array_equal(page.picture.pixels, raster(draw(HEART.record), dpi=60, looks=RED))
    marked = page_of(dpi=60, mark_beats=True)
    np.testing.assert_array_equal(
        marked.picture.pixels, raster(draw(HEART.record, beats=HEART.beats), dpi=60, looks=RED)
    )
    np.testing.assert_array_equal(marked.picture.boxes_xyxy, page.picture.boxes_xyxy)


def test_a_page_arranged_first_is_the_same_page() -> None:
    arranged = arrange(HEART.record, "6x2", 1.0, 8.0, 5.0)
    first = draw_arranged(HEART.record, arranged)
    second = draw(HEART.record, layout="6x2", start_s=1.0, seconds=8.0, gain_mm_mv=5.0)
    np.testing.assert_array_equal(raster(first, dpi=50), raster(second, dpi=50))


def test_gaps_are_open_and_beats_in_them_have_no_box() -> None:
    signal = HEART.record.signal.copy()
    signal[:, 1000:3000] = np.nan
    gone = Record(signal, HEART.record.fs_hz, HEART.record.leads)
    page = page_of(gone, layout="12x1")
    assert {len(panel.lines) for panel in page.panels} == {2}
    assert check_ink(page) > 3000
    time_s = HEART.beats.sample[page.beat_of] / 500
    assert not np.any((time_s > 2.4) & (time_s < 5.8))


def test_a_lead_not_recorded_is_not_among_the_panels() -> None:
    signal = HEART.record.signal.copy()
    signal[3] = np.nan
    part = Record(signal[:11], HEART.record.fs_hz, STANDARD_12[:11])
    page = page_of(part, layout="3x4")
    assert set(page.leads) == set(STANDARD_12) - {"V6", STANDARD_12[3]}


def test_nothing_recorded_is_a_page_without_panels() -> None:
    page = page_of(Record(np.full((1, 500), np.nan), 500, ("II",)), Beats(np.array([100]), np.array(["N"])))
    assert (page.panels, page.picture.labels, page.lead_boxes_xyxy.shape) == ((), (), (0, 4))


def test_a_spike_that_is_cut_is_cut_in_the_line_too() -> None:
    signal = HEART.record.signal[1:2].copy()
    signal[0, 2500] = 1e6
    page = page_of(Record(signal, 500, ("II",)), looks={**RED, "alarm": RED["small"], "clipped": RED["small"]})
    assert page.panels[0].box_xyxy[1] >= 0
    assert check_ink(page) > 900


def test_one_sample_is_a_page_and_a_flat_lead_a_line() -> None:
    assert len(page_of(Record([[1.0]], 360, ("II",)), None).panels) == 1
    flat = page_of(Record(np.full((1, 3600), 2.0), 360, ("II",)), None)
    _left, top, _right, bottom = flat.panels[0].box_xyxy
    assert bottom - top == pytest.approx(0.28 * flat.px_per_mm, abs=1e-3)
    assert check_ink(flat) > 900


def test_slow_paper_has_its_thinner_pen() -> None:
    long = Record(np.tile(HEART.record.signal[1], 20)[None], 500, ("II",))
    page = page_of(long, None, layout="strip", seconds=240, dpi=150)
    assert len(page.panels) > 1
    assert check_ink(page) > 500


def test_labels_may_be_given() -> None:
    page = page_of(labels=["beat"] * len(HEART.beats))
    assert set(page.picture.labels) == {"beat"}
    with pytest.raises(OptionError, match="beats with 1 labels; give one label each"):
        page_of(labels=["beat"])
