"""What a detector is shown of pictures, where its answers lie in them, and how strips of a lead are joined."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.errors import OptionError
from einthoven.images.boxes import Found
from einthoven.images.outlines import class_colour, outlined
from einthoven.images.seen import darkness
from einthoven.images.sight import Sight
from einthoven.images.strip_beats import beats_in_strips, strip_starts
from einthoven.images.strips import STRIP_LOOK, Lead, strip_picture
from einthoven.signal.simulate import simulate

SIGHT = Sight((40, 80), ((2, 4),), (((10.0, 10.0),),))


def at_once(place: int, number: int = 8):
    """A network that is sure of one default box of every picture, and of its place."""

    def net(pictures):
        answers = np.zeros((len(pictures), number, 2 + 4), np.float32)
        answers[:, place, 1] = 0.9
        return answers

    return net


def inked(rows: int, columns: int, shade: int = 255) -> np.ndarray:
    """A picture of one shade with a corner in black and one in white."""
    picture = np.full((rows, columns, 3), shade, np.uint8)
    picture[:4, :4], picture[:4, -4:] = 0, 255
    return picture


def test_an_empty_picture_shows_nothing_whatever_a_network_says_of_it():
    noise = 255 - np.random.default_rng(0).integers(0, 17, (40, 80, 3)).astype(np.uint8)
    empty = [np.full((40, 80, 3), 255, np.uint8), np.zeros((40, 80, 3), np.uint8), noise.astype(np.uint8)]
    assert [len(one) for one in SIGHT.find(at_once(5), [*empty, inked(40, 80)], least=0.5)] == [0, 0, 0, 1]


def test_darkness_is_one_less_brightness_at_the_size_asked_for():
    pixels = np.random.default_rng(0).integers(0, 256, (40, 80, 3)).astype(np.uint8)
    seen = darkness(pixels, (20, 40))
    grey = 1 - (pixels @ np.array([0.299, 0.587, 0.114])) / 255
    halved = grey.reshape(20, 2, 40, 2).mean(axis=(1, 3))
    assert seen.shape == (1, 20, 40)
    assert seen.dtype == np.float32
    np.testing.assert_allclose(seen[0], halved, atol=0.006)
    assert darkness(pixels, (80, 160)).shape == (1, 80, 160)


def test_boxes_are_in_the_pixels_of_each_picture():
    sizes = ((40, 80), (80, 160), (44, 80))
    pictures = [inked(*size) for size in sizes]
    found = list(SIGHT.find(at_once(5), pictures, least=0.5))
    for (rows, columns), one in zip(sizes, found, strict=True):
        scale = np.array([columns / 80, rows / 40] * 2)
        np.testing.assert_allclose(one.boxes_xyxy, [np.array([25, 25, 35, 35]) * scale], rtol=1e-6)
        assert one.class_id.tolist() == [1]
    assert list(SIGHT.find(at_once(5), [], least=0.5)) == []
    assert [len(one) for one in SIGHT.find(at_once(5), pictures, least=0.95)] == [0, 0, 0]


def test_more_pictures_than_fit_at_once_come_in_their_order():
    shades = np.linspace(0, 255, 40).astype(np.uint8)

    def net(pictures):
        answers = np.zeros((len(pictures), 8, 6), np.float32)
        answers[:, 0, 0] = pictures.mean(axis=(1, 2, 3))
        return answers

    pictures = [inked(40, 80, shade) for shade in shades]
    score = [float(one.score[0]) if len(one) else 0.0 for one in SIGHT.find(net, pictures, least=1e-3)]
    np.testing.assert_allclose(score, [darkness(one, (40, 80)).mean() for one in pictures], atol=0.01)
    assert score == sorted(score, reverse=True)


def test_a_picture_of_quite_another_shape_is_refused():
    with pytest.raises(OptionError, match="picture of 80 x 80 pixels; this detector knows pictures about 2 times"):
        list(SIGHT.find(at_once(0), [np.zeros((80, 80, 3), np.uint8)], least=0.5))
    with pytest.raises(OptionError, match="not at strips"):
        _ = SIGHT.look


def perfect(lead: Lead, starts: list[float]):
    """A detector that knows all boxes, whatever it is shown."""

    def find(pictures):
        for start_s, pixels in zip(starts, pictures, strict=True):
            truth = strip_picture(lead, start_s)
            np.testing.assert_array_equal(pixels, truth.pixels)
            share = np.array([[0.9, 0.0] if label == "N" else [0.0, 0.9] for label in truth.labels], np.float32)
            yield Found(truth.boxes_xyxy, share.reshape(-1, 2))

    return find


@pytest.mark.parametrize("duration_s", [7.0, 10.0, 18.0, 31.4])
def test_beats_of_strips_are_each_found_once(duration_s):
    heart = simulate(duration_s=duration_s, fs_hz=250, leads=("II",), pvc=0.2, seed=4)
    lead = Lead(heart.record["II"], 250.0, heart.beats.sample, heart.beats.symbol.tolist(), "heart")
    find = perfect(lead, strip_starts(duration_s, STRIP_LOOK.seconds))
    seen = beats_in_strips(heart.record["II"], 250.0, STRIP_LOOK, find, 2)
    assert len(seen.peak_s) == len(heart.beats)
    inner = (seen.peak_s > 1) & (seen.peak_s < duration_s - 1)
    np.testing.assert_allclose(seen.peak_s[inner], (heart.beats.sample / 250)[inner], atol=0.06)
    assert np.where(seen.probability[:, 1] > 0, "V", "N").tolist() == heart.beats.symbol.tolist()


def test_strips_cover_all_of_a_lead():
    for duration_s in (0.5, 10.0, 10.1, 17.9, 26.0, 1805.5):
        starts = strip_starts(duration_s, 10.0)
        assert starts[0] == 0
        assert starts[-1] == max(duration_s - 10, 0)
        assert all(0 < step <= 8 for step in np.diff(starts))


def test_outlines_change_only_what_they_are_drawn_on():
    white = np.full((60, 90, 3), 255, np.uint8)
    boxes = np.array([[10, 10, 50, 40]], np.float32)
    drawn = outlined(white, boxes, ["V 0.98"], [class_colour("V")])
    assert (white == 255).all()
    changed = (drawn != 255).any(axis=2)
    assert changed[10, 10:50].all()
    assert changed[39, 10:50].all()
    assert not changed[:9].any()
    assert not changed[:, 60:].any()
    assert outlined(white, boxes[:0], [], []).tolist() == white.tolist()
