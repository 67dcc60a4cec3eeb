"""A scanned page shows the same, a little worse, and boxes go where things go."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.errors import OptionError
from einthoven.images.picture import Picture, brightness
from einthoven.images.scan import (
    MOST_DEGREES,
    STRENGTHS,
    scanned,
    scanned_page,
    turned,
    turned_points,
)
from einthoven.images.truth import page_picture
from einthoven.signal.simulate import simulate

HEART = simulate(duration_s=10, seed=1)
PAGE = page_picture(HEART.record, beats=HEART.beats, dpi=100)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def only(name: str, strength: float = 1.0) -> dict[str, float]:
    return dict.fromkeys(STRENGTHS, 0.0) | {name: strength}


@pytest.mark.parametrize("name", STRENGTHS)
def test_each_effect_alone_changes_the_picture_and_none_changes_nothing(name: str) -> None:
    assert np.abs(scanned(PAGE.picture, rng(1), **only(name)).pixels.astype(int) - PAGE.picture.pixels).mean() > 0.2
    np.testing.assert_array_equal(scanned(PAGE.picture, rng(), **only(name, 0)).pixels, PAGE.picture.pixels)


@pytest.mark.parametrize("name", STRENGTHS)
def test_a_stronger_effect_changes_more(name: str) -> None:
    weak, strong = (scanned(PAGE.picture, rng(3), **only(name, most)).pixels.astype(int) for most in (0.3, 1.0))
    assert np.abs(strong - PAGE.picture.pixels).sum() > np.abs(weak - PAGE.picture.pixels).sum() > 0


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", [name for name in STRENGTHS if name != "turn"])
def test_the_trace_can_still_be_seen(name: str, seed: int) -> None:
    before = brightness(PAGE.picture.pixels)
    after = brightness(scanned(PAGE.picture, rng(seed), **only(name)).pixels)
    black, white = before < 60, before > 240
    assert np.median(after[white]) - np.median(after[black]) > 60


def test_the_same_seed_is_the_same_scan_and_another_another() -> None:
    first, again, other = (scanned(PAGE.picture, rng(seed)) for seed in (4, 4, 5))
    np.testing.assert_array_equal(first.pixels, again.pixels)
    np.testing.assert_array_equal(first.boxes_xyxy, again.boxes_xyxy)
    assert np.abs(first.pixels.astype(int) - other.pixels).mean() > 1


def test_the_page_itself_is_left_as_it_was() -> None:
    before = PAGE.picture.pixels.copy()
    scanned(PAGE.picture, rng(), 1.0)
    np.testing.assert_array_equal(before, PAGE.picture.pixels)


@pytest.mark.parametrize("degrees", [-3, -0.4, 1.7, 3])
def test_what_was_in_a_box_is_in_the_turned_one(degrees: float) -> None:
    pixels = np.full((300, 400, 3), 255, np.uint8)
    pixels[40:70, 300:360] = 0
    picture = turned(Picture(pixels, np.array([[300, 40, 360, 70]]), ("beat",)), degrees)
    rows, columns = np.nonzero(picture.pixels[..., 0] < 100)
    left, top, right, bottom = picture.boxes_xyxy[0]
    assert (columns.min(), rows.min()) >= (left - 0.75, top - 0.75)
    np.testing.assert_allclose(
        (left, top, right, bottom), (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1), atol=1.5
    )


@pytest.mark.parametrize("degrees", [-2.5, 1.3])
def test_points_go_where_pixels_go(degrees: float) -> None:
    for x, y in ((20, 30), (350, 40), (200, 280)):
        pixels = np.full((300, 400, 3), 255, np.uint8)
        pixels[y - 2 : y + 2, x - 2 : x + 2] = 0
        ink = 255.0 - turned(Picture(pixels), degrees).pixels[..., 0]
        ink[ink < 60] = 0  # the lid
        rows, columns = np.nonzero(ink)
        weights = ink[rows, columns]
        middle = ((columns + 0.5) @ weights / weights.sum(), (rows + 0.5) @ weights / weights.sum())
        moved = turned_points(np.array([[x, y]], float), degrees, 400, 300)[0]
        np.testing.assert_allclose(middle, moved, atol=0.1)


def test_turning_there_and_back_is_none() -> None:
    points = rng().uniform(0, 300, (50, 2))
    there = turned_points(points, 2.2, 400, 300)
    np.testing.assert_allclose(turned_points(there, -2.2, 400, 300), points)


def test_boxes_that_leave_the_sheet_are_cut_or_gone() -> None:
    boxes = np.array([[0, 0, 40, 4], [180, 140, 220, 160], [396, 0, 400, 2]], np.float32)
    picture = turned(Picture(np.zeros((300, 400, 3), np.uint8), boxes, ("corner", "middle", "gone")), 10)
    assert picture.labels == ("corner", "middle") or picture.labels == ("middle", "gone")
    cut = dict(zip(picture.labels, np.asarray(picture.cut).tolist(), strict=True))
    assert not cut.pop("middle")
    assert list(cut.values()) == [True]


def test_a_scanned_page_still_knows_where_all_is() -> None:
    for seed in range(3):
        scan = scanned_page(PAGE, rng(seed), 0.5, fold=0, blur=0, noise=0.2)
        assert 0 < abs(scan.degrees) <= MOST_DEGREES
        dark = 255 - brightness(scan.picture.pixels)
        for panel in scan.panels:
            points = np.concatenate(panel.lines)
            column, row = np.floor(points).astype(int).T
            around = [dark[np.clip(row + step, 0, len(dark) - 1), column] for step in (-1, 0, 1)]
            beside = np.median([dark[np.clip(row + step, 0, len(dark) - 1), column] for step in (-9, 9)])
            assert np.percentile(np.max(around, axis=0), 5) > beside + 60
            left, top, right, bottom = panel.box_xyxy
            assert points[:, 0].min() >= left
            assert points[:, 0].max() <= right
            assert points[:, 1].min() >= top
            assert points[:, 1].max() <= bottom
        assert len(scan.beat_of) == len(scan.panel_of) == len(scan.picture.labels)


def test_an_upright_scan_moves_no_box() -> None:
    scan = scanned_page(PAGE, rng(), turn=0)
    np.testing.assert_array_equal(scan.picture.boxes_xyxy, PAGE.picture.boxes_xyxy)
    assert scan.degrees == 0


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 900, 3), (700, 3, 3)])
def test_pictures_of_any_shape_are_scanned(shape: tuple[int, int, int]) -> None:
    assert scanned(Picture(np.full(shape, 255, np.uint8)), rng(), 1.0).pixels.shape == shape


def test_strengths_out_of_range_and_effects_not_known_are_said() -> None:
    with pytest.raises(OptionError, match=r"strength of blur is 1\.5; it must be from 0 to 1"):
        scanned(PAGE.picture, rng(), blur=1.5)
    with pytest.raises(OptionError, match="strength of fold is -1"):
        scanned(PAGE.picture, rng(), -1)
    with pytest.raises(OptionError, match="effect 'coffee' is not known: choose from fold, light, turn"):
        scanned(PAGE.picture, rng(), coffee=1.0)
