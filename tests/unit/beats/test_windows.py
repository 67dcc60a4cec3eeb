from __future__ import annotations

import numpy as np
import pytest

from einthoven.beats.windows import standardized, windows_around
from einthoven.errors import OptionError

SIGNAL = np.stack([np.arange(100), -np.arange(100)]).astype(np.float32)


def test_a_window_holds_the_peak_at_its_place_in_every_lead() -> None:
    windows = windows_around(SIGNAL, np.array([20, 50]), before=3, after=5)
    assert windows.signal.shape == windows.shape == (2, 2, 8)
    assert windows.signal.dtype == np.float32
    assert windows.signal[:, 0, 3].tolist() == [20, 50]
    assert windows.signal[1, 1].tolist() == [-47, -48, -49, -50, -51, -52, -53, -54]


def test_chosen_windows_are_those_of_all() -> None:
    windows = windows_around(SIGNAL, np.arange(0, 100, 7), before=9, after=9)
    chosen = np.array([11, 2, 2])
    np.testing.assert_array_equal(windows[chosen], windows.signal[chosen])


def test_a_window_beyond_the_end_repeats_the_last_sample_and_is_not_complete() -> None:
    windows = windows_around(SIGNAL, np.array([1, 3, 95, 96]), before=3, after=5)
    assert windows.complete.tolist() == [False, True, True, False]
    assert windows.signal[0, 0].tolist() == [0, 0, 0, 1, 2, 3, 4, 5]
    assert windows.signal[3, 0].tolist() == [93, 94, 95, 96, 97, 98, 99, 99]


def test_no_beats_give_no_windows() -> None:
    assert windows_around(SIGNAL, np.array([], np.int64), before=3, after=5).signal.shape == (0, 2, 8)


def test_one_sample_is_a_signal() -> None:
    assert windows_around(np.ones((1, 1), np.float32), np.array([0]), before=2, after=2).signal.tolist() == [[[1] * 4]]


@pytest.mark.parametrize("signal", [np.zeros(10, np.float32), np.zeros((1, 0), np.float32)])
def test_what_is_no_signal_is_refused(signal: np.ndarray) -> None:
    with pytest.raises(OptionError, match=r"must be \(lead, sample\)"):
        windows_around(signal, np.array([0]), before=1, after=1)


def test_a_window_without_length_is_refused() -> None:
    with pytest.raises(OptionError, match="allowed"):
        windows_around(SIGNAL, np.array([5]), before=2, after=0)


def test_standardizing_forgets_gain_and_offset(rng: np.random.Generator) -> None:
    signal = rng.normal(size=(2, 1000)).astype(np.float32)
    np.testing.assert_allclose(standardized(signal * 7 + 3), standardized(signal), atol=1e-5)
    np.testing.assert_allclose(standardized(signal).std(axis=1), 1, atol=1e-6)


def test_flat_and_missing_leads_become_zero() -> None:
    signal = np.stack([np.full(50, 1e6), np.full(50, np.nan)]).astype(np.float32)
    assert not standardized(signal).any()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
