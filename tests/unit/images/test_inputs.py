"""Beats as pictures: what must not show, does not; what tells a beat apart, does."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.errors import OptionError
from einthoven.images.inputs import BEAT_PICTURES, Pictures, canvas_inputs, in_rhythm_inputs, on_canvas
from einthoven.signal.simulate import simulate

HEART = simulate(duration_s=30, seed=1)
PEAK, FS_HZ, LEADS = HEART.beats.sample, HEART.record.fs_hz, HEART.record.signal[:2]


def pictures(kind: str, signal: np.ndarray, fs_hz: float = FS_HZ, peak: np.ndarray = PEAK, **options: int) -> Pictures:
    rows = BEAT_PICTURES[kind](signal if kind == "beat-in-rhythm" else signal[0], fs_hz, peak, **options)
    made = rows.arrays["picture"]
    assert isinstance(made, Pictures)
    return made


@pytest.mark.parametrize("kind", BEAT_PICTURES)
def test_a_picture_is_paper_and_ink_and_the_same_whenever_it_is_drawn(kind: str) -> None:
    drawn = pictures(kind, LEADS)
    some = drawn[np.array([5, 3])]
    assert some.shape == (2, *drawn.shape[1:])
    assert some.min() == 0
    assert 0.99 < some.max() <= 1.0001
    np.testing.assert_array_equal(drawn[3], some[1:])
    np.testing.assert_array_equal(drawn[np.arange(len(PEAK))][5], some[0])


def test_gain_does_not_show_in_a_rhythm() -> None:
    one, ten = (pictures("beat-in-rhythm", LEADS * np.float32(gain))[np.arange(9)] for gain in (1, 10))
    np.testing.assert_allclose(one, ten, atol=1e-3)


def test_the_rate_of_the_recording_hardly_shows() -> None:
    heart = simulate(duration_s=30, seed=1, fs_hz=500)
    for kind in BEAT_PICTURES:
        one = pictures(kind, LEADS)[np.arange(3, 9)]
        other = pictures(kind, heart.record.signal[:2], 500, heart.beats.sample)[np.arange(3, 9)]
        assert np.abs(one - other).mean() < 0.02


def test_a_beat_like_the_usual_one_hides_it() -> None:
    close = pictures("beat-in-rhythm", LEADS)[np.arange(5, 10)][:, 0, :64]
    alone = close.copy()
    alone[(alone > 0.3) & (alone < 0.45)] = 0  # the grey of the usual beat
    assert np.abs(close - alone).mean() < 0.01


def test_the_second_lead_is_on_the_right_and_a_single_one_on_both_sides() -> None:
    both, single = pictures("beat-in-rhythm", LEADS)[5][0, 0], pictures("beat-in-rhythm", LEADS[:1])[5][0, 0]
    np.testing.assert_array_equal(both[:64, :64], single[:64, :64])
    np.testing.assert_array_equal(single[:64, :64], single[:64, 64:])
    assert np.abs(both[:64, 64:] - single[:64, 64:]).max() > 0.5


def test_a_premature_beat_stands_nearer_to_the_one_before() -> None:
    lead, peak = np.zeros(3600, np.float32), np.array([360, 720, 1080, 1260, 1800, 2160, 2520])
    for each in peak:
        lead[each - 8 : each + 8] = np.hanning(16)
    rhythm = pictures("beat-in-rhythm", lead[None], 360, peak)[np.array([2, 3])][:, 0, 64:80]
    columns = [np.flatnonzero(one[:8].max(axis=0) > 0.2) for one in rhythm]
    before = [64 - of[of < 58].max() for of in columns]
    assert before[0] == pytest.approx(128 / 6, abs=2)
    assert before[1] == pytest.approx(64 / 6, abs=2)


def test_the_canvas_is_that_of_the_publication() -> None:
    mv = np.zeros((1, 1, 240), np.float32)
    mv[0, 0, 120:] = 1
    drawn = on_canvas(mv, 600)[0, 0]
    rows, columns = np.flatnonzero(drawn.max(axis=1) > 0.5), np.flatnonzero(drawn.max(axis=0) > 0.5)
    assert rows[-1] - rows[0] == pytest.approx(150 + 7, abs=1)
    assert columns[-1] - columns[0] == pytest.approx(500 + 7, abs=1)
    assert rows[0] + rows[-1] == pytest.approx(599, abs=1)
    assert columns[0] + columns[-1] == pytest.approx(599, abs=1)
    assert (drawn[:, 100] > 0.5).sum() == pytest.approx(7, abs=1)


def test_a_beat_too_tall_for_the_canvas_is_made_to_fit() -> None:
    mv = np.linspace(-50, 50, 240, dtype=np.float32)[None, None]
    rows = np.flatnonzero(on_canvas(mv, 60)[0, 0].max(axis=1) > 0.5)
    assert 48 <= len(rows) <= 52


def test_beats_at_an_end_are_incomplete_on_a_canvas_and_level_in_a_rhythm() -> None:
    peak = np.array([10, 5000])
    assert canvas_inputs(LEADS[0], FS_HZ, peak).complete.tolist() == [False, True]
    assert in_rhythm_inputs(LEADS, FS_HZ, peak).complete.all()


@pytest.mark.parametrize("signal", [np.zeros((2, 3600)), np.full((2, 3600), np.nan), np.full((2, 3600), 1e6)])
def test_a_flat_or_missing_lead_is_a_level_line(signal: np.ndarray) -> None:
    for kind in BEAT_PICTURES:
        drawn = pictures(kind, signal.astype(np.float32), 360, np.array([1800]))[np.array([0])]
        assert np.isfinite(drawn).all()
        assert (drawn.max(axis=(0, 1, 2)) > 0.5).sum() >= 50  # columns with ink


@pytest.mark.parametrize("options", [{"width_px": 8}, {"close_px": 5000}, {"rhythm_px": 0}, {"pen_px": 0.0}])
def test_sizes_out_of_range_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(OptionError, match=r"must be"):
        in_rhythm_inputs(LEADS, FS_HZ, PEAK, **options)
    with pytest.raises(OptionError, match="side_px is 0"):
        canvas_inputs(LEADS[0], FS_HZ, PEAK, side_px=0)
