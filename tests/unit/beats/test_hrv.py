"""Heart rate variability against values worked by hand, hearts made of known waves, and scipy's periodogram."""

from __future__ import annotations

import time
from dataclasses import astuple

import numpy as np
import pytest
from scipy.signal import lombscargle

from einthoven.beats.hrv import hrv, triangle_base
from einthoven.beats.hrv_spectrum import band_powers, bridged, periodogram
from einthoven.beats.intervals import nn_intervals
from einthoven.findings import Interval
from einthoven.record import Beats

FS_HZ = 1000


def heart(*rr_ms: float, symbols: str = "") -> Beats:
    """Beats that begin at 0, with these intervals."""
    sample = np.concatenate([[0], np.cumsum(np.round(rr_ms).astype(np.int64))])
    return Beats(sample, np.array(list(symbols)) if symbols else np.full(len(sample), "N"))


def swinging(duration_s: float, **power_ms2: float) -> Beats:
    """A heart of 850 ms whose intervals swing as sines of these powers, keys such as ``hz0.1``."""
    times, now_s = [], 0.0
    while now_s < duration_s:
        times.append(now_s)
        now_s += 0.85 + sum(
            np.sqrt(2 * power) / 1000 * np.sin(2 * np.pi * float(key[2:]) * now_s) for key, power in power_ms2.items()
        )
    return Beats.unlabelled(np.round(np.array(times) * FS_HZ).astype(np.int64))


def measured(beats: Beats, **more: object):
    return hrv(nn_intervals(beats, FS_HZ, **more))


def test_time_domain_worked_by_hand() -> None:
    found = measured(heart(*[800, 860, 800, 740] * 100))
    assert found.n_intervals == 400
    assert found.mean_nn_ms == pytest.approx(800)
    assert found.sdnn_ms == pytest.approx(np.sqrt(60**2 * 200 / 399))
    assert found.rmssd_ms == pytest.approx(60)
    assert found.nn50 == 399
    assert found.pnn50_percent == pytest.approx(100 * 399 / 400)


def test_differences_of_fifty_are_not_more_than_fifty() -> None:
    assert measured(heart(*[800, 850] * 200)).nn50 == 0
    assert measured(heart(*[800, 851] * 200)).nn50 == 399


def test_differences_are_not_taken_across_a_beat_that_is_not_normal() -> None:
    quiet = [800] * 10
    beats = heart(*[*quiet, 500, 1100, *[900] * 10] * 20, symbols="N" + ("N" * 10 + "V" + "N" * 11) * 20)
    nn = nn_intervals(beats, FS_HZ)
    assert set(np.round(1000 * nn.nn_s)) == {800, 900}
    found = hrv(nn)
    # Only where one stretch of 900 meets the next of 800 do normal intervals change: 19 times in 400.
    assert found.nn50 == 19
    assert found.rmssd_ms == pytest.approx(100 * np.sqrt(19 / (20 * 9 + 20 * 9 + 19)))


def test_five_minute_measures_worked_by_hand() -> None:
    beats = heart(*np.repeat([750.0, 1000.0] * 3, [400, 300] * 3))
    found = measured(beats)
    assert found.sdann_ms == pytest.approx(np.std([750, 1000] * 3, ddof=1))
    assert found.sdnn_index_ms == pytest.approx(0, abs=1e-6)
    assert found.sdnn_ms > 100


def test_a_triangle_has_the_base_it_was_drawn_with() -> None:
    # 128 intervals a second long, fewer to both sides until none is left four bins away.
    counts = [40, 80, 120, 160, 120, 80, 40]
    bins_s = 0.75 + np.arange(-3, 4) / 128
    rr_s = np.concatenate([np.repeat(bins_s, counts)] * 3)
    beats = Beats.unlabelled(np.round(np.concatenate([[0], np.cumsum(rr_s)]) * 128).astype(np.int64))
    found = hrv(nn_intervals(beats, 128))
    assert found.triangular_index == pytest.approx(sum(counts) / 160)
    assert found.tinn_ms == pytest.approx(8 * 1000 / 128)


@pytest.mark.parametrize(("fs_hz", "told"), [(50, False), (125, False), (128, True), (1000, True)])
def test_a_histogram_finer_than_the_samples_is_not_told(fs_hz: int, told: bool) -> None:
    rr_s = np.random.default_rng(5).normal(0.8, 0.04, 2000)
    beats = Beats.unlabelled(np.round(np.cumsum(rr_s) * fs_hz).astype(np.int64))
    found = hrv(nn_intervals(beats, fs_hz))
    assert (found.triangular_index is not None) == (found.tinn_ms is not None) == told
    assert found.sdnn_ms == pytest.approx(40, rel=0.1)


def test_a_few_strays_far_out_do_not_widen_the_triangle() -> None:
    body = np.array([40, 80, 120, 160, 120, 80, 40])
    assert triangle_base(np.concatenate([body, np.zeros(40, np.int64), [2]])) == triangle_base(body) == 8


@pytest.mark.parametrize(("lf", "hf"), [(800.0, 400.0), (200.0, 900.0), (2000.0, 100.0)])
def test_power_is_found_in_the_band_it_was_put_in(lf: float, hf: float) -> None:
    found = measured(swinging(1800, **{"hz0.1": lf, "hz0.25": hf}))
    assert found.lf_ms2 == pytest.approx(lf, rel=0.02)
    assert found.hf_ms2 == pytest.approx(hf, rel=0.08)  # a heart that beats faster now is asked more often now
    assert found.total_ms2 == pytest.approx(lf + hf, rel=0.03)
    assert found.lf_hf == pytest.approx(lf / hf, rel=0.08)
    assert found.lf_nu + found.hf_nu == pytest.approx(100)


def test_total_power_is_the_variance() -> None:
    found = measured(swinging(600, **{"hz0.08": 700, "hz0.31": 300}))
    assert found.total_ms2 == pytest.approx(found.sdnn_ms**2, rel=0.05)


def test_a_drift_is_no_variability() -> None:
    found = measured(heart(*np.linspace(700, 1000, 400)))
    assert found.sdnn_ms > 80
    assert found.total_ms2 < found.sdnn_ms**2 / 1000


def test_power_survives_frequent_ectopic_beats() -> None:
    beats = swinging(1800, **{"hz0.1": 800, "hz0.25": 400})
    symbol = beats.symbol.copy()
    symbol[7::25] = "V"
    found = measured(Beats(beats.sample, symbol))
    assert found.lf_ms2 == pytest.approx(800, rel=0.1)
    assert found.hf_ms2 == pytest.approx(400, rel=0.15)


@pytest.mark.parametrize(("share", "within"), [(0.02, 0.06), (0.04, 0.1), (0.08, 0.2)])
def test_beats_left_out_cost_little_power_and_add_none(share: float, within: float) -> None:
    beats = swinging(3600, **{"hz0.1": 800, "hz0.25": 200})
    ectopic = np.random.default_rng(2).random(len(beats)) < share
    nn = nn_intervals(Beats(beats.sample, np.where(ectopic, "V", "N")), FS_HZ)
    power = band_powers(nn, 0.5)
    assert power is not None
    assert 200 * (1 - within) < power["hf"] <= 206
    assert power["lf"] == pytest.approx(800, rel=0.03)


def test_a_bridge_spans_beats_but_no_lost_minute() -> None:
    stop_s = np.array([1.0, 2.0, 4.5, 5.5, 66.0, 67.0])
    time_s, value_s = bridged(stop_s, np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0]))
    assert time_s.tolist() == [1, 2, 2.75, 3.5, 4.5, 5.5, 66, 67]
    assert value_s == pytest.approx(1)


def test_slow_waves_show_over_a_day_alone() -> None:
    day = swinging(86_400, **{"hz0.001": 2500, "hz0.1": 300})
    begun = time.process_time()
    found = measured(day)
    assert time.process_time() - begun < 2
    assert found.ulf_ms2 == pytest.approx(2500, rel=0.03)
    assert found.lf_ms2 == pytest.approx(300, rel=0.03)
    assert found.day_total_ms2 == pytest.approx(2800, rel=0.03)
    assert found.total_ms2 == pytest.approx(300, rel=0.05)  # of five minutes, in which slow waves do not show
    assert measured(swinging(7200, **{"hz0.001": 2500})).ulf_ms2 is None
    assert measured(swinging(7200, **{"hz0.001": 2500})).day_total_ms2 is None


def test_the_periodogram_is_scipys() -> None:
    rng = np.random.default_rng(3)
    at_s = np.sort(rng.uniform(0, 300, 350))
    value = rng.normal(size=350)
    value -= value.mean()
    omega = 2 * np.pi * np.arange(1, 121) / 300
    np.testing.assert_allclose(periodogram(at_s, value, 1 / 300, 120), lombscargle(at_s, value, omega), rtol=1e-6)


def test_of_evenly_spaced_points_the_sine_that_is_nowhere_explains_nothing() -> None:
    power = periodogram(np.arange(100.0), np.cos(np.pi * np.arange(100)), 0.5, 1)
    assert power == pytest.approx([50])


@pytest.mark.parametrize(
    ("minutes", "geometric", "by_segment"),
    [(3.9, None, None), (4.1, False, False), (20.5, True, False), (31, True, True)],
)
def test_each_measure_waits_for_enough_of_a_record(minutes: float, geometric: bool, by_segment: bool) -> None:
    found = measured(swinging(60 * minutes, **{"hz0.1": 500}))
    if geometric is None:
        assert astuple(found)[2:] == (None,) * 18
        return
    assert found.sdnn_ms is not None
    assert (found.tinn_ms is not None) == (found.triangular_index is not None) == geometric
    assert (found.sdann_ms is not None) == (found.sdnn_index_ms is not None) == by_segment
    assert found.lf_ms2 is not None


def test_enough_time_but_too_few_normal_beats() -> None:
    beats = swinging(3600, **{"hz0.1": 500})
    symbol = np.where(np.arange(len(beats)) % 3 == 0, "V", "N")
    found = measured(Beats(beats.sample, symbol))
    assert found.covered_s == pytest.approx(1200, abs=2)
    assert found.sdnn_ms is not None
    assert found.lf_ms2 is found.sdann_ms is None


@pytest.mark.parametrize("n_beats", [0, 1, 2])
def test_of_few_beats_nothing_is_said(n_beats: int) -> None:
    found = measured(Beats.unlabelled(np.arange(n_beats) * 800))
    assert (found.n_intervals, found.sdnn_ms) == (max(0, n_beats - 1), None)


def test_a_heart_like_a_clock_has_no_variability_and_no_ratio() -> None:
    found = measured(heart(*[800] * 2000))
    assert found.sdnn_ms == pytest.approx(0, abs=1e-9)
    assert (found.nn50, found.triangular_index) == (0, 1)
    assert found.total_ms2 == pytest.approx(0, abs=1e-12)
    assert found.lf_hf is found.lf_nu is found.hf_nu is None


def test_an_interval_counts_only_where_all_of_it_is_normal_and_seen() -> None:
    rr_ms = [800] * 20
    beats = heart(*rr_ms)
    lost = np.zeros(20, bool)
    lost[5] = True
    assert len(nn_intervals(beats, FS_HZ, lost)) == 20 - 2  # those that touch second 5
    assert len(nn_intervals(beats, FS_HZ, other_rhythm=[Interval(4.1, 6.2)])) == 20 - 3
    for odd_ms in (290, 2000, 1600, 400):
        assert len(nn_intervals(heart(*rr_ms, odd_ms, *rr_ms), FS_HZ)) == 40
    for usual_ms in (560, 1150):
        assert len(nn_intervals(heart(*rr_ms, usual_ms, *rr_ms), FS_HZ)) == 41
