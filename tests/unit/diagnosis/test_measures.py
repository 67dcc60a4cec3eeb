"""What is measured in twelve leads is what the simulated heart was drawn with, whatever the recording makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.diagnosis.measures import MEASURES, measure
from einthoven.signal.simulate import Noise, simulate

if TYPE_CHECKING:
    from einthoven.record import Record


def told(record: Record, peak: np.ndarray) -> dict[str, float]:
    return dict(zip(MEASURES, measure(record, peak).tolist(), strict=True))


def told_of(**heart: object) -> dict[str, float]:
    simulated = simulate(**heart)  # type: ignore[arg-type]
    return told(simulated.record, simulated.beats.sample)


NORMAL = simulate()
USUAL = told(NORMAL.record, NORMAL.beats.sample)


def test_every_measure_of_a_whole_record_is_a_number() -> None:
    assert len(set(MEASURES)) == len(MEASURES)
    assert [name for name, value in USUAL.items() if not np.isfinite(value)] == []


def test_a_normal_heart_is_beyond_no_limit() -> None:
    assert USUAL["beyond_count"] == 0


@pytest.mark.parametrize("rate_bpm", [50, 75, 120])
def test_rate_and_qt_are_those_of_the_heart(rate_bpm: float) -> None:
    seen = told_of(rate_bpm=rate_bpm)
    assert seen["rate_bpm"] == pytest.approx(rate_bpm, rel=0.02)
    assert seen["qtc_ms"] == pytest.approx(
        400, abs=20
    )  # the simulator's QT is 0.40 s times the cube root of the period
    assert seen["qrs_ms"] == pytest.approx(85, abs=10)


@pytest.mark.parametrize("fs_hz", [100.0, 250.0, 360.0, 1000.0])
def test_the_rate_of_sampling_changes_no_measure_of_shape(fs_hz: float) -> None:
    seen = told_of(fs_hz=fs_hz)
    for name in ("pr_ms", "qrs_ms", "qt_ms"):
        assert seen[name] == pytest.approx(USUAL[name], abs=8)
    for name in ("r_v5_mv", "s_v1_mv", "t_v5_mv", "p_ii_mv", "st60_ii_mv"):
        assert seen[name] == pytest.approx(USUAL[name], abs=0.03)


def test_gain_scales_millivolts_and_nothing_else() -> None:
    seen = told(replace(NORMAL.record, signal=2 * NORMAL.record.signal), NORMAL.beats.sample)
    for name in ("r_v5_mv", "s_v1_mv", "t_ii_mv", "sokolow_lyon_mv", "limb_voltage_mv"):
        assert seen[name] == pytest.approx(2 * USUAL[name], rel=1e-3)
    for name in ("rate_bpm", "pr_ms", "qrs_ms", "qt_ms", "qrs_axis_deg", "qrs_t_angle_deg", "beat_correlation_least"):
        assert seen[name] == pytest.approx(USUAL[name], rel=1e-3)


def test_wrong_leads_avr_and_avl_play_no_part() -> None:
    signal = NORMAL.record.signal.copy()
    signal[3], signal[4] = -signal[3], signal[1] / 2  # as the files of the China competition have them
    seen = measure(replace(NORMAL.record, signal=signal), NORMAL.beats.sample)
    np.testing.assert_array_equal(seen, measure(NORMAL.record, NORMAL.beats.sample))


def test_wander_and_noise_leave_the_intervals() -> None:
    seen = told_of(noise=Noise(wander_mv=0.3, muscle_mv=0.02, mains_mv=0.05))
    for name in ("pr_ms", "qrs_ms", "qt_ms"):
        assert seen[name] == pytest.approx(USUAL[name], abs=16)
    assert seen["st60_v3_mv"] == pytest.approx(USUAL["st60_v3_mv"], abs=0.05)
    assert seen["wander_mv"] > 0.5 > 0.1 > USUAL["wander_mv"]


def test_a_spoilt_second_of_one_lead_leaves_its_waves() -> None:
    signal = NORMAL.record.signal.copy()
    signal[10, 1000:1500] += 3 * np.sin(np.arange(500) / 20).astype(np.float32)
    seen = told(replace(NORMAL.record, signal=signal), NORMAL.beats.sample)
    assert seen["t_v5_mv"] == pytest.approx(USUAL["t_v5_mv"], abs=0.05)
    assert seen["pr_ms"] == pytest.approx(USUAL["pr_ms"], abs=12)


def test_right_bundle_branch_block_is_late_and_upright_in_v1() -> None:
    seen = told_of(block="rbbb")
    assert seen["qrs_ms"] > 120 > 100 > USUAL["qrs_ms"]
    assert seen["r2_v1_mv"] > 0.3
    assert seen["late_v1_mv"] > 0.2 > 0 > USUAL["late_v1_mv"]
    assert seen["late_v6_mv"] < -0.1
    assert seen["beyond_count"] >= 2


def test_left_bundle_branch_block_is_wide_with_t_against_qrs() -> None:
    seen = told_of(block="lbbb")
    assert seen["qrs_ms"] > 130
    assert seen["qrs_t_angle_all_deg"] > 120 > USUAL["qrs_t_angle_all_deg"]
    assert seen["t_v5_mv"] < -0.1
    assert seen["beyond_count"] >= 4


@pytest.mark.parametrize(("territory", "lead"), [("anterior", "v2"), ("inferior", "iii"), ("lateral", "i")])
def test_raised_st_is_found_where_it_is(territory: str, lead: str) -> None:
    seen = told_of(st=territory, st_mv=0.3)
    assert seen[f"st60_{lead}_mv"] > USUAL[f"st60_{lead}_mv"] + 0.15
    assert seen["st60_highest_mv"] > USUAL["st60_highest_mv"] + 0.15


def test_fibrillation_has_no_p_and_no_rhythm() -> None:
    seen = told_of(rhythm="af", rate_bpm=90)
    assert seen["p_shared_best"] < 0.7 < 0.9 < USUAL["p_shared_best"]
    assert seen["p_correlation_median"] < 0.6 < USUAL["p_correlation_median"]
    assert seen["rr_change_least_ratio"] > 0.08 > USUAL["rr_change_least_ratio"]
    assert seen["rest_4_9_hz_v1_mv"] > 2 * USUAL["rest_4_9_hz_v1_mv"]


def test_ventricular_beats_are_early_and_wide() -> None:
    heart = simulate(rhythm="trigeminy", seed=1)
    seen = told(heart.record, heart.beats.sample)
    assert seen["beats_unlike_count"] == pytest.approx(np.sum(heart.beats.symbol == "V"), abs=1)
    assert seen["early_ratio"] < 0.85
    assert seen["early_and_wide"] > 10 * max(USUAL["early_and_wide"], 0.001)
    assert seen["beat_widest_ratio"] > 1.3
    assert seen["qrs_ms"] == pytest.approx(USUAL["qrs_ms"], abs=8)  # the usual beat is the narrow one


def test_atrial_beats_are_early_and_narrow_with_another_p() -> None:
    heart = simulate(pac=0.1, seed=3)
    assert "A" in heart.beats.symbol[1:]
    seen = told(heart.record, heart.beats.sample)
    assert seen["early_ratio"] < 0.85
    assert seen["early_and_narrow"] > 0.15 > USUAL["early_and_narrow"]
    assert seen["early_and_wide"] < 0.02
    assert seen["early_and_other_p"] > 3 * USUAL["early_and_other_p"]


def test_an_inverted_chest_lead_turns_over_and_moves_no_interval() -> None:
    signal = NORMAL.record.signal.copy()
    signal[10] *= -1
    seen = told(replace(NORMAL.record, signal=signal), NORMAL.beats.sample)
    assert seen["t_v5_mv"] == pytest.approx(-USUAL["t_v5_mv"], abs=0.01)
    for name in ("pr_ms", "qrs_ms", "qt_ms"):
        assert seen[name] == pytest.approx(USUAL[name], abs=8)


@pytest.mark.parametrize("nothing", [0.0, np.nan])
def test_of_a_lead_that_is_not_there_nothing_is_told(nothing: float) -> None:
    signal = NORMAL.record.signal.copy()
    signal[10] = nothing
    seen = told(replace(NORMAL.record, signal=signal), NORMAL.beats.sample)
    without = told(NORMAL.record.pick([lead for lead in NORMAL.record.leads if lead != "V5"]), NORMAL.beats.sample)
    np.testing.assert_array_equal(list(seen.values()), list(without.values()))
    assert np.isnan([seen["t_v5_mv"], seen["r_v5_mv"], seen["t_over_r_v5"]]).all()
    assert seen["leads_missing_count"] == 1
    assert seen["r_v6_mv"] == USUAL["r_v6_mv"]


def test_limb_leads_follow_from_any_two_of_them() -> None:
    seen = told(NORMAL.record.pick(["III", "aVF", "V1", "V6"]), NORMAL.beats.sample)
    assert seen["r_i_mv"] == pytest.approx(USUAL["r_i_mv"], abs=0.01)
    assert seen["qrs_axis_deg"] == pytest.approx(USUAL["qrs_axis_deg"], abs=1)
    assert np.isnan(seen["r_v3_mv"])


def test_one_limb_lead_tells_of_itself_alone() -> None:
    seen = told(NORMAL.record.pick(["II"]), NORMAL.beats.sample)
    assert seen["r_ii_mv"] == pytest.approx(USUAL["r_ii_mv"], abs=0.01)
    assert np.isnan([seen["r_i_mv"], seen["r_avf_mv"], seen["qrs_axis_deg"], seen["sokolow_lyon_mv"]]).all()


def test_one_beat_has_a_shape_and_no_rhythm() -> None:
    seen = told(NORMAL.record, NORMAL.beats.sample[4:5])
    assert seen["r_v5_mv"] == pytest.approx(USUAL["r_v5_mv"], abs=0.05)
    assert np.isnan([seen["rate_bpm"], seen["qtc_ms"], seen["rr_entropy"]]).all()


@pytest.mark.parametrize(
    "record",
    [
        NORMAL.record.pick(["I"]).crop(0, 1 / 500),
        NORMAL.record.crop(0, 0.1),
        replace(NORMAL.record, signal=np.zeros_like(NORMAL.record.signal)),
        replace(NORMAL.record, signal=np.full_like(NORMAL.record.signal, np.nan)),
    ],
    ids=["one sample", "a tenth of a second", "flat", "missing"],
)
def test_of_nothing_nothing_is_told(record: Record) -> None:
    assert np.isnan(measure(record, np.array([0, record.n_samples - 1]))).all()
    assert np.isnan(measure(record, np.array([], dtype=np.int64))).all()


@pytest.mark.parametrize("seed", range(6))
def test_no_measure_is_wild_whatever_the_samples(seed: int) -> None:
    rng = np.random.default_rng(seed)
    signal = (rng.normal(size=(12, 5000)) * 10.0 ** rng.integers(-4, 3)).cumsum(axis=seed % 2).astype(np.float32)
    signal[rng.integers(12), 100:3000] = np.nan
    peak = np.sort(rng.integers(0, 5000, rng.integers(1, 60)))
    values = measure(replace(NORMAL.record, signal=signal), peak)
    assert values.dtype == np.float32
    assert not np.isinf(values).any()
    milliseconds = np.array([name.endswith("_ms") and "mv" not in name for name in MEASURES])
    seen = values[milliseconds]
    assert (np.abs(seen[np.isfinite(seen)]) < 3000).all()


def test_two_minutes_are_measured_as_a_whole() -> None:
    long = simulate(duration_s=120, noise=Noise(muscle_mv=0.02))
    assert np.isfinite(measure(long.record, long.beats.sample)).all()


@pytest.mark.parametrize("value", [1e6, 1e30, 3e38])
def test_no_broken_sample_leads_to_a_wild_number(value: float) -> None:
    signal = NORMAL.record.signal.copy()
    signal[:, 2000:2020] = value
    signal[3, ::7] = -value
    values = measure(replace(NORMAL.record, signal=signal), NORMAL.beats.sample)
    assert np.nanmax(np.abs(values)) < 1e5
