"""Ten seconds of a lead: every beat in its box, and nothing of it outside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from einthoven.errors import OptionError
from einthoven.images.extents import beat_extents
from einthoven.images.strips import STRIP_LOOK, Lead, StripLook, fitting_gain, peaks_of, strip_picture
from einthoven.signal.simulate import simulate

PLAIN = StripLook(paper=(255, 255, 255), grid=None, grid_5=None, trace=(0, 0, 0))


def lead_of(seed: int = 1, seconds: float = 30, fs_hz: float = 360, name: str = "II", **more: float) -> Lead:
    heart = simulate(duration_s=seconds, fs_hz=fs_hz, seed=seed, **more)  # type: ignore[arg-type]
    beats = heart.beats
    return Lead(heart.record[name], fs_hz, beats.sample, beats.symbol.tolist(), record=f"heart-{seed}")


def ink_of(lead: Lead, start_s: float = 0, look: StripLook = PLAIN) -> np.ndarray:
    """Return where a strip is not white."""
    return strip_picture(lead, start_s, look).pixels[..., 0] < 255


@pytest.mark.parametrize("fs_hz", [100, 360, 1000])
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", ["II", "aVR", "V2"])
def test_a_box_holds_all_the_ink_between_its_sides(name: str, seed: int, fs_hz: float) -> None:
    lead = lead_of(seed, fs_hz=fs_hz, name=name, pvc=0.2)
    for start_s in (0.0, 7.3):
        picture, ink = strip_picture(lead, start_s, PLAIN), ink_of(lead, start_s)
        assert len(picture.labels) >= 8
        for left, top, right, bottom in picture.boxes_xyxy.tolist():
            rows = np.flatnonzero(ink[:, int(np.ceil(left)) : int(right)].any(axis=1))
            assert rows[0] >= np.floor(top)
            assert rows[-1] <= np.ceil(bottom)
            assert rows[0] - top < 3
            assert bottom - rows[-1] < 4


def test_a_box_reaches_as_far_as_its_beat() -> None:
    lead = lead_of()
    picture = strip_picture(lead, 10)
    start, stop = (side * STRIP_LOOK.px_per_s for side in beat_extents(lead.peak / lead.fs_hz))
    shown = (lead.peak >= 10 * lead.fs_hz) & (lead.peak < 20 * lead.fs_hz)
    offset = 10 * STRIP_LOOK.px_per_s
    np.testing.assert_allclose(picture.boxes_xyxy[:, 0], np.maximum(start[shown] - offset, 0), atol=1e-3)
    np.testing.assert_allclose(
        picture.boxes_xyxy[:, 2], np.minimum(stop[shown] - offset, STRIP_LOOK.width_px), atol=1e-3
    )


def test_the_same_strip_is_drawn_twice_alike() -> None:
    lead = lead_of()
    first, second = strip_picture(lead, 3.7), strip_picture(lead, 3.7)
    np.testing.assert_array_equal(first.pixels, second.pixels)
    np.testing.assert_array_equal(first.boxes_xyxy, second.boxes_xyxy)


def test_nan_gaps_stay_open_and_what_was_not_recorded_has_no_box() -> None:
    lead = lead_of()
    signal = lead.signal_mv.copy()
    signal[2 * 360 : 5 * 360] = np.nan
    gone = replace(lead, signal_mv=signal)
    ink = ink_of(gone)
    assert not ink[:, 162:398].any()
    boxes = strip_picture(gone, 0).boxes_xyxy
    assert not np.any((boxes[:, 0] > 160) & (boxes[:, 2] < 400))
    assert len(boxes) < len(strip_picture(lead, 0).boxes_xyxy)


def test_a_flat_lead_is_a_line_in_the_middle_with_boxes_as_high_as_the_pen() -> None:
    flat = Lead(np.full(3600, 7.5, np.float32), 360, np.array([720, 1440]), ["N", "V"])
    picture = strip_picture(flat, 0, PLAIN)
    assert np.flatnonzero((picture.pixels[..., 0] < 255).any(axis=1)).tolist() == [63, 64]
    np.testing.assert_allclose(np.diff(picture.boxes_xyxy[:, 1::2])[:, 0], PLAIN.pen_px, atol=1e-4)
    assert picture.labels == ("N", "V")


def test_a_lead_without_any_signal_is_bare_paper() -> None:
    nothing = Lead(np.full(3600, np.nan, np.float32), 360, np.array([720]), ["N"])
    picture = strip_picture(nothing, 0, PLAIN)
    assert (picture.pixels == 255).all()
    assert picture.labels == ()


def test_one_sample_is_a_strip() -> None:
    picture = strip_picture(Lead(np.ones(1, np.float32), 360, np.zeros(1, np.int64), ["N"]), 0, PLAIN)
    assert (picture.pixels < 255).any()
    assert picture.labels == ()  # less than a pixel of a beat


def test_a_lead_that_ends_in_mid_strip_ends_there_with_its_last_beat_cut() -> None:
    lead = lead_of()
    last = int(lead.peak[6]) + 30
    short = replace(lead, signal_mv=lead.signal_mv[:last])
    picture, ink = strip_picture(short, 0, PLAIN), ink_of(short)
    ends_px = (last - 1) / 360 * PLAIN.px_per_s
    assert not ink[:, int(ends_px + 2) :].any()
    assert len(picture.labels) == 7
    assert picture.boxes_xyxy[-1, 2] == pytest.approx(ends_px, abs=0.01)
    assert picture.cut is not None
    assert picture.cut[-1]
    assert not picture.cut[1:-1].any()


def test_beats_cut_by_either_edge_are_marked_cut() -> None:
    lead = lead_of()
    first, last = lead.peak[8] / 360 - 0.05, lead.peak[8] / 360 - PLAIN.seconds + 0.1
    at_left = strip_picture(lead, first, PLAIN)
    assert at_left.boxes_xyxy[0, 0] == 0
    assert np.asarray(at_left.cut)[0]
    at_right = strip_picture(lead, max(last, 0), PLAIN) if last > 0 else strip_picture(lead, lead.peak[20] / 360 - 9.9)
    assert at_right.boxes_xyxy[-1, 2] == PLAIN.width_px
    assert np.asarray(at_right.cut)[-1]
    for picture in (at_left, at_right):
        inside = (picture.boxes_xyxy[:, 0] > 0) & (picture.boxes_xyxy[:, 2] < PLAIN.width_px)
        np.testing.assert_array_equal(np.asarray(picture.cut), ~inside)


def test_peaks_at_the_first_and_the_last_sample_have_boxes() -> None:
    lead = Lead(np.sin(np.arange(3600) / 9).astype(np.float32), 360, np.array([0, 1800, 3599]), ["N", "V", "N"])
    picture = strip_picture(lead, 0)
    assert picture.labels == ("N", "V", "N")
    assert np.asarray(picture.cut).tolist() == [True, False, True]


def test_a_peak_beyond_the_signal_has_none() -> None:
    lead = Lead(np.zeros(1800, np.float32), 360, np.array([720, 1800, 2000]), ["N", "N", "N"])
    assert strip_picture(lead, 0).labels == ("N",)


def errors_s(lead: Lead, start_s: float) -> np.ndarray:
    """Return by how much the peaks of whole beats are missed."""
    picture = strip_picture(lead, start_s)
    shown = (lead.peak >= start_s * lead.fs_hz) & (lead.peak < start_s * lead.fs_hz + 10 * lead.fs_hz)
    told = peaks_of(picture.boxes_xyxy) + start_s
    return np.abs(told - lead.peak[shown][: len(told)] / lead.fs_hz)[~np.asarray(picture.cut)]


@pytest.mark.parametrize(("rate_bpm", "pac"), [(45, 0.2), (75, 0.2), (100, 0.1), (130, 0)])
@pytest.mark.parametrize("seed", [1, 2])
def test_boxes_lead_back_to_their_peaks(seed: int, rate_bpm: float, pac: float) -> None:
    lead = lead_of(seed, 40, rate_bpm=rate_bpm, pac=pac)
    for start_s in (0.0, 5.0, 18.2):
        assert errors_s(lead, start_s).max() < 0.015


@pytest.mark.parametrize("rate_bpm", [160, 190])
def test_in_fast_hearts_they_do_once_it_is_seen_how_fast(rate_bpm: float) -> None:
    lead = lead_of(1, 40, rate_bpm=rate_bpm)
    for start_s in (0.0, 5.0, 18.2):
        errors = errors_s(lead, start_s)
        assert errors[3:].max() < 0.015
        assert errors.max() < 0.05


def test_in_fast_hearts_with_premature_beats_they_do_so_nearly() -> None:
    lead = lead_of(1, 40, rate_bpm=150, pac=0.1)
    errors = np.concatenate([errors_s(lead, start_s) for start_s in (0.0, 5.0, 18.2)])
    assert np.median(errors) < 0.005
    assert errors.max() < 0.05


def test_cut_beats_lead_back_to_about_where_they_are() -> None:
    lead = lead_of(3, 40)
    for start_s in np.arange(1, 25, 0.37):
        picture = strip_picture(lead, float(start_s))
        shown = (lead.peak >= start_s * 360) & (lead.peak < (start_s + 10) * 360)
        wrong = np.abs(peaks_of(picture.boxes_xyxy) + start_s - lead.peak[shown][: len(picture.labels)] / 360)
        assert wrong.max() < 0.15


def test_the_order_of_boxes_moves_no_peak() -> None:
    boxes = strip_picture(lead_of(rate_bpm=170), 0).boxes_xyxy
    mixed = np.random.default_rng(0).permutation(len(boxes))
    np.testing.assert_allclose(peaks_of(boxes[mixed]), peaks_of(boxes)[mixed])
    assert len(peaks_of(boxes[:0])) == 0


def test_two_boxes_of_one_beat_have_one_peak() -> None:
    boxes = strip_picture(lead_of(), 0).boxes_xyxy
    twice = np.concatenate((boxes, boxes[3:4]))
    np.testing.assert_allclose(peaks_of(twice)[: len(boxes)], peaks_of(boxes), atol=1e-6)


def test_tall_leads_are_drawn_lower_and_all_of_them_shows() -> None:
    lead = lead_of()
    tall = replace(lead, signal_mv=lead.signal_mv * 9)
    ink = ink_of(tall)
    assert not ink[0].any()
    assert not ink[-1].any()
    assert fitting_gain(0.0) == 10


@pytest.mark.parametrize(
    ("start_s", "gain", "message"),
    [(-1.0, None, "strip from -1 s"), (30.0, None, "the lead lasts 30 s"), (0.0, 0.0, "gain is 0 mm/mV")],
)
def test_what_cannot_be_drawn_is_said(start_s: float, gain: float | None, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        strip_picture(lead_of(), start_s, gain_mm_mv=gain)


def test_a_lead_has_a_label_a_beat_and_a_look_has_a_size() -> None:
    with pytest.raises(OptionError, match="2 beats with 1 labels"):
        Lead(np.zeros(10, np.float32), 360, np.array([1, 2]), ["N"])
    with pytest.raises(OptionError, match="strip of 4 x 128 pixels"):
        StripLook(width_px=4)
    with pytest.raises(OptionError, match="0 pixels a mm"):
        StripLook(px_per_mm=0)
