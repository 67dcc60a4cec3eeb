"""One beat a canvas, all of it in its box, at a place that the seed draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.errors import OptionError
from einthoven.images.beat_pictures import PX_PER_MV, SIDE_PX, SPAN_S, WIDE_PX, beat_picture
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from einthoven.images.picture import Picture

HEART = simulate(duration_s=12, seed=1, fs_hz=360, pvc=0.2)
LEAD = HEART.record["II"]


def of(peak: int, seed: int = 0, signal: np.ndarray = LEAD, **more: int) -> Picture:
    return beat_picture(signal, 360, peak, np.random.default_rng(seed), **more)  # type: ignore[arg-type]


def ink_box(picture: Picture) -> list[int]:
    """Return left, top, right and bottom of all that is black."""
    black = picture.pixels[..., 0] < 100
    rows, columns = np.flatnonzero(black.any(axis=1)), np.flatnonzero(black.any(axis=0))
    return [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]


@pytest.mark.parametrize("peak", HEART.beats.sample.tolist())
def test_the_box_is_that_of_the_ink(peak: int) -> None:
    picture = of(peak, peak)
    np.testing.assert_allclose(picture.boxes_xyxy[0], ink_box(picture), atol=1.01)


@pytest.mark.parametrize("side_px", [64, 300, 600])
def test_smaller_canvases_show_the_same(side_px: int) -> None:
    picture = of(1000, side_px=side_px)
    assert picture.pixels.shape == (side_px, side_px, 3)
    np.testing.assert_allclose(picture.boxes_xyxy[0], ink_box(picture), atol=1.51)


def test_the_same_seed_is_the_same_picture_and_another_another_place() -> None:
    first, again, other = of(1000, 5), of(1000, 5), of(1000, 6)
    np.testing.assert_array_equal(first.pixels, again.pixels)
    np.testing.assert_array_equal(first.boxes_xyxy, again.boxes_xyxy)
    assert np.abs(first.boxes_xyxy - other.boxes_xyxy).max() > 1


def test_a_millivolt_is_always_as_tall() -> None:
    spike = np.zeros(720, np.float32)
    spike[360] = 1.0
    box = of(360, signal=spike).boxes_xyxy[0]
    assert box[3] - box[1] == pytest.approx(PX_PER_MV + 7)
    giant = of(360, signal=spike * 50).boxes_xyxy[0]
    assert giant[3] - giant[1] == pytest.approx(WIDE_PX + 7)


def test_offset_does_not_move_the_beat() -> None:
    np.testing.assert_array_equal(of(1000).pixels[0], of(1000, signal=LEAD + 2).pixels[0])


def test_a_flat_lead_is_a_bar_as_high_as_the_pen() -> None:
    picture = of(360, signal=np.full(720, 3.0, np.float32))
    left, top, right, bottom = picture.boxes_xyxy[0]
    assert (bottom - top, right - left) == pytest.approx((7, WIDE_PX + 7), abs=3)


@pytest.mark.parametrize("peak", [0, len(LEAD) - 1])
def test_a_peak_at_the_first_or_last_sample_shows_half_a_beat(peak: int) -> None:
    picture = of(peak)
    box = picture.boxes_xyxy[0]
    assert box[2] - box[0] == pytest.approx(WIDE_PX / 2 + 7, abs=3)
    np.testing.assert_allclose(box, ink_box(picture), atol=1.01)


def test_one_sample_is_a_dot() -> None:
    picture = of(0, signal=np.ones(1, np.float32))
    box = picture.boxes_xyxy[0]
    assert (box[2] - box[0], box[3] - box[1]) == (7, 7)
    np.testing.assert_allclose(box, ink_box(picture), atol=1.01)


def test_nan_gaps_stay_open() -> None:
    signal = LEAD.copy()
    signal[1010:1050] = np.nan
    whole, gap = of(1000), of(1000, signal=signal)
    px_per_sample = WIDE_PX / (SPAN_S * 360)
    left = gap.boxes_xyxy[0, 0] + 3.5 + (1009 - 880) * px_per_sample
    between = gap.pixels[:, int(left + 6) : int(left + 41 * px_per_sample - 6), 0]
    assert between.min() > 200
    np.testing.assert_allclose(whole.boxes_xyxy[0, ::2], gap.boxes_xyxy[0, ::2])


def test_a_beat_that_was_not_recorded_is_bare_ground_without_a_box() -> None:
    picture = of(360, signal=np.full(720, np.nan, np.float32))
    assert picture.pixels.min() >= 255 - 16
    assert picture.labels == ()


def test_noise_is_as_bright_as_told_and_may_be_none() -> None:
    assert of(1000, noise=0).pixels[0].min() == 255
    ground = of(1000, noise=40).pixels[:2]
    assert ground.min() < 230
    assert ground.min() >= 215


def test_beats_stay_on_the_canvas() -> None:
    for seed in range(30):
        box = of(1000, seed).boxes_xyxy[0]
        assert box.min() >= 0
        assert box.max() <= SIDE_PX


@pytest.mark.parametrize(
    ("peak", "noise", "message"),
    [(-1, 16, "beat at sample -1"), (10**6, 16, "of a signal of"), (0, 300, "noise is 300")],
)
def test_what_cannot_be_drawn_is_said(peak: int, noise: int, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        of(peak, noise=noise)
