"""The simulated heart keeps the laws of leads and of clocks, and looks the way textbooks say."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.codes import STANDARD_12
from einthoven.errors import OptionError
from einthoven.signal.simulate import Noise, Simulation, simulate

NOISY = Noise(wander_mv=0.3, muscle_mv=0.05, mains_mv=0.1)


def around_beats(heart: Simulation, lead: str, symbol: str, start_s: float, stop_s: float) -> np.ndarray:
    """Samples of `lead` from `start_s` to `stop_s` about each beat of `symbol`, without the beats at the edges."""
    fs_hz, n = heart.record.fs_hz, heart.record.n_samples
    offset = np.arange(round(start_s * fs_hz), round(stop_s * fs_hz))
    at = heart.beats.sample[heart.beats.symbol == symbol]
    at = at[(at + offset[0] >= 0) & (at + offset[-1] < n)]
    assert len(at)
    return heart.record[lead][at[:, None] + offset]


@pytest.mark.parametrize("rhythm", ["sinus", "af", "bigeminy", "trigeminy"])
@pytest.mark.parametrize("block", [None, "lbbb", "rbbb"])
def test_limb_leads_obey_the_laws_to_the_last_bit_even_in_noise(rhythm: str, block: str | None) -> None:
    r = simulate(rhythm=rhythm, block=block, noise=NOISY, seed=7).record.pick(STANDARD_12)
    one, two, three, avr, avl, avf = r.signal[:6]
    np.testing.assert_array_equal(one + three, two)
    np.testing.assert_array_equal(avr, -(one + two) / 2)
    np.testing.assert_array_equal(avl, one - two / 2)
    np.testing.assert_array_equal(avf, two - one / 2)


@pytest.mark.parametrize("fs_hz", [128.0, 250.0, 360.0, 1000.0])
def test_the_same_seed_at_any_rate_is_the_same_heart(fs_hz: float) -> None:
    fine, coarse = simulate(fs_hz=4000, pvc=0.2, seed=5), simulate(fs_hz=fs_hz, pvc=0.2, seed=5)
    np.testing.assert_array_equal(fine.time_s, coarse.time_s)
    np.testing.assert_array_equal(fine.beats.symbol, coarse.beats.symbol)
    np.testing.assert_array_equal(coarse.beats.sample, np.round(fine.time_s * fs_hz))
    at = np.arange(coarse.record.n_samples) / fs_hz
    exact = np.arange(fine.record.n_samples) / 4000
    for lead in ("II", "V1"):
        expected = np.interp(at, exact, fine.record[lead])
        np.testing.assert_allclose(coarse.record[lead], expected, atol=2e-4)


def test_at_half_the_rate_every_second_sample_is_the_same() -> None:
    fine, coarse = simulate(fs_hz=1000, noise=Noise(0.2, 0, 0.1)), simulate(fs_hz=500, noise=Noise(0.2, 0, 0.1))
    np.testing.assert_allclose(fine.record.signal[:, ::2], coarse.record.signal, atol=2e-4)


def test_a_longer_record_begins_as_the_shorter_one() -> None:
    short, long = simulate(duration_s=10, pac=0.1, seed=3), simulate(duration_s=700, pac=0.1, seed=3)
    np.testing.assert_array_equal(short.time_s, long.time_s[: len(short.time_s)])
    np.testing.assert_allclose(short.record.signal, long.record.signal[:, :5000], atol=2e-4)


def test_chunks_leave_no_seam() -> None:
    heart = simulate(duration_s=601, fs_hz=250, leads=("II",), seed=2)
    seam = heart.record["II"][600 * 250 - 250 : 600 * 250 + 250]
    assert np.abs(np.diff(seam)).max() <= np.abs(np.diff(heart.record["II"])).max()
    again = simulate(duration_s=602, fs_hz=250, leads=("II",), seed=2).record["II"]
    np.testing.assert_allclose(again[: 601 * 250], heart.record["II"], atol=2e-4)


def test_leads_do_not_depend_on_which_others_are_asked_for() -> None:
    twelve, two = simulate(noise=NOISY).record, simulate(noise=NOISY, leads=("MLII", "V5")).record
    np.testing.assert_array_equal(two["MLII"], twelve["II"])
    np.testing.assert_array_equal(two["V5"], twelve["V5"])


def test_seeds_differ() -> None:
    assert not np.array_equal(simulate(seed=1).time_s, simulate(seed=2).time_s)


@pytest.mark.parametrize("rate_bpm", [30, 70, 150, 220])
def test_the_mean_rate_is_the_one_asked_for(rate_bpm: float) -> None:
    heart = simulate(duration_s=300, fs_hz=100, rate_bpm=rate_bpm, leads=("II",))
    assert 60 / heart.rr_s.mean() == pytest.approx(rate_bpm, rel=0.03)


def test_the_beat_is_where_the_qrs_stands_highest() -> None:
    heart = simulate(duration_s=30, fs_hz=1000)
    for lead in ("II", "V5"):
        qrs = around_beats(heart, lead, "N", -0.06, 0.06)
        assert np.abs(np.argmax(qrs, axis=1) - 60).max() <= 6


def test_waves_point_where_textbooks_say() -> None:
    heart = simulate(duration_s=30)
    for lead, sign in {"I": 1, "II": 1, "aVR": -1, "V6": 1}.items():
        p = around_beats(heart, lead, "N", -0.19, -0.10)
        t = around_beats(heart, lead, "N", 0.15, 0.40)
        assert np.all(sign * p[np.arange(len(p)), np.abs(p).argmax(1)] > 0.02)
        assert np.all(sign * t[np.arange(len(t)), np.abs(t).argmax(1)] > 0.05)
    r = [float(around_beats(heart, f"V{i}", "N", -0.05, 0.05).max()) for i in range(1, 7)]
    s = [float(-around_beats(heart, f"V{i}", "N", -0.05, 0.05).min()) for i in range(1, 7)]
    assert r[0] < r[1] < r[2] < r[3]
    assert s[0] > r[0]
    assert s[5] < 0.3 * r[5]
    assert 0.5 < max(r) < 2.5


def _width_s(heart: Simulation, symbol: str) -> float:
    """Duration of the QRS: how long its steepest lead moves by more than a twentieth of its fastest."""
    slopes = []
    for lead in STANDARD_12:
        qrs = around_beats(heart, lead, symbol, -0.12, 0.13).mean(axis=0)
        slopes.append(np.abs(np.gradient(qrs)))
    moving = np.flatnonzero(np.max(slopes, axis=0) > 0.05 * np.max(slopes))
    return float(np.ptp(moving)) / heart.record.fs_hz


def test_qrs_widths() -> None:
    def width_s(symbol: str, **options: object) -> float:
        return _width_s(simulate(duration_s=20, fs_hz=1000, rate_bpm=60, **options), symbol)  # type: ignore[arg-type]

    assert 0.06 < width_s("N") < 0.105
    assert width_s("L", block="lbbb") > 0.12
    assert width_s("R", block="rbbb") > 0.12
    assert width_s("V", rhythm="bigeminy") > 0.12


def test_right_bundle_branch_block_has_a_late_r_in_v1_and_a_slurred_s_in_v6() -> None:
    heart = simulate(block="rbbb", duration_s=20)
    v1 = around_beats(heart, "V1", "R", -0.05, 0.12).mean(axis=0)
    v6 = around_beats(heart, "V6", "R", 0.03, 0.12).mean(axis=0)
    assert v1.argmax() > round(0.08 * 500)
    assert v1.min() < -0.3
    assert v1[: v1.argmin()].max() > 0.1
    assert v6.min() < -0.2


def test_left_bundle_branch_block_is_broad_in_v6_and_a_deep_qs_in_v1() -> None:
    heart = simulate(block="lbbb", duration_s=20)
    v6 = around_beats(heart, "V6", "L", -0.1, 0.1).mean(axis=0)
    v1 = around_beats(heart, "V1", "L", -0.08, 0.08).mean(axis=0)
    assert v6.min() > -0.05
    assert v1.min() < -0.6
    assert v1.max() < 0.1
    peaks = (v6[1:-1] > v6[:-2]) & (v6[1:-1] >= v6[2:]) & (v6[1:-1] > 0.5)
    assert peaks.sum() == 2  # the notch


def test_ventricular_beats_come_early_without_p_then_a_full_compensatory_pause_and_opposite_t() -> None:
    for seed in range(6):
        heart = simulate(duration_s=120, pvc=0.1, seed=seed)
        symbols = "".join(heart.beats.symbol)
        at = np.array([i + 2 for i in range(len(symbols)) if symbols.startswith("NNVNN", i)])
        t = heart.time_s
        assert len(at) > 4
        assert np.all(t[at] - t[at - 1] < 0.75 * np.median(heart.rr_s))
        two_periods = t[at - 1] - t[at - 2] + t[at + 2] - t[at + 1]
        np.testing.assert_allclose(t[at + 1] - t[at - 1], two_periods, rtol=0.15)
        before = around_beats(heart, "II", "V", -0.17, -0.13)
        qrs = around_beats(heart, "II", "V", -0.03, 0.03).mean()
        after = around_beats(heart, "II", "V", 0.22, 0.32).mean()
        assert np.sign(qrs) == -np.sign(after)
        assert np.ptp(before, axis=1).mean() < 0.2 * abs(qrs)


def test_atrial_beats_come_early_with_another_p_and_no_compensatory_pause() -> None:
    heart = simulate(duration_s=120, pac=0.1, seed=4)
    at = np.flatnonzero(heart.beats.symbol == "A")
    at = at[(at > 1) & (at < len(heart.beats) - 2)]
    rr = np.median(heart.rr_s)
    t = heart.time_s
    assert np.all(t[at] - t[at - 1] < 0.8 * rr)
    assert np.all(t[at + 1] - t[at - 1] < 1.9 * rr)
    assert (
        around_beats(heart, "III", "A", -0.15, -0.10).mean() < 0 < around_beats(heart, "III", "N", -0.17, -0.12).mean()
    )
    n, a = (around_beats(heart, "V2", symbol, -0.03, 0.03).mean(axis=0) for symbol in "NA")
    np.testing.assert_allclose(a, n, atol=0.05)


def test_bigeminy_and_trigeminy_alternate() -> None:
    assert "NVNVNVNV" in "".join(simulate(duration_s=20, rhythm="bigeminy").beats.symbol)
    assert "NNVNNVNNV" in "".join(simulate(duration_s=20, rhythm="trigeminy").beats.symbol)


def test_two_ectopic_beats_never_follow_each_other() -> None:
    symbols = "".join(simulate(duration_s=200, fs_hz=50, pvc=0.9, pac=0.9, leads=("II",)).beats.symbol)
    assert not any(pair in symbols for pair in ("VV", "AA", "VA", "AV"))


def test_fibrillation_is_irregular_has_no_p_and_oscillates_between_4_and_9_hz() -> None:
    af, sinus = (simulate(duration_s=120, rhythm=name, rate_bpm=60, seed=1) for name in ("af", "sinus"))
    assert af.rr_s.std() / af.rr_s.mean() > 0.15 > 0.06 > sinus.rr_s.std() / sinus.rr_s.mean()
    successive = np.corrcoef(af.rr_s[:-1], af.rr_s[1:])[0, 1]
    assert abs(successive) < 0.3
    p = around_beats(af, "II", "N", -0.25, -0.06).mean(axis=0)
    assert np.ptp(p) < 0.5 * np.ptp(around_beats(sinus, "II", "N", -0.25, -0.06).mean(axis=0))
    long_rr = np.flatnonzero(af.rr_s > 1.1)
    quiet = [af.record["V1"][af.beats.sample[i] + 275 : af.beats.sample[i + 1] - 50] for i in long_rr]
    spectrum = sum(np.abs(np.fft.rfft(x - x.mean(), 4096)) ** 2 for x in quiet)
    assert 4 <= np.fft.rfftfreq(4096, 1 / 500)[np.argmax(spectrum)] <= 9


@pytest.mark.parametrize(
    ("territory", "up", "down"), [("anterior", "V2", ""), ("inferior", "III", "aVL"), ("lateral", "V6", "III")]
)
def test_st_moves_by_territory(territory: str, up: str, down: str) -> None:
    still = simulate(rate_bpm=60)
    moved, depressed = (simulate(rate_bpm=60, st=territory, st_mv=mv) for mv in (0.3, -0.3))

    def st_mv(heart: Simulation, lead: str) -> float:
        return float(
            around_beats(heart, lead, "N", 0.08, 0.12).mean() - around_beats(still, lead, "N", 0.08, 0.12).mean()
        )

    assert st_mv(moved, up) > 0.1
    assert st_mv(depressed, up) == pytest.approx(-st_mv(moved, up), abs=0.01)
    assert max(st_mv(moved, lead) for lead in STANDARD_12) == pytest.approx(0.3, abs=0.03)
    if down:
        assert st_mv(moved, down) < -0.05


@pytest.mark.parametrize("rhythm", ["sinus", "af", "bigeminy"])
@pytest.mark.parametrize("pauses", [1, 4])
def test_pauses_last_over_two_seconds_and_lie_inside(rhythm: str, pauses: int) -> None:
    for seed in range(8):
        heart = simulate(duration_s=60, fs_hz=100, rhythm=rhythm, pauses=pauses, leads=("II",), seed=seed)
        assert (heart.rr_s > 2.0).sum() == pauses


def test_t_comes_sooner_when_the_heart_is_faster() -> None:
    tops = []
    for rate_bpm in (50, 70, 100):
        t = around_beats(simulate(duration_s=20, rate_bpm=rate_bpm), "II", "N", 0.1, 0.45).mean(axis=0)
        tops.append(0.1 + t.argmax() / 500)
    assert 0.2 < tops[2] < tops[1] < tops[0] < 0.4


def test_noise_has_the_size_asked_for() -> None:
    quiet = simulate(duration_s=120).record["V3"]
    for noise in (Noise(wander_mv=0.2), Noise(muscle_mv=0.2), Noise(mains_mv=0.2), Noise(mains_mv=0.2, mains_hz=60)):
        added = simulate(duration_s=120, noise=noise).record["V3"] - quiet
        assert added.std() == pytest.approx(0.2 * np.sqrt(4 / 3), rel=0.35)  # V3 and a third of each limb electrode


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"rhythm": "vt"}, "sinus, af, bigeminy, trigeminy"),
        ({"block": "left"}, "lbbb, rbbb"),
        ({"st": "posterior"}, "anterior, inferior, lateral"),
        ({"leads": ("I", "V9")}, "no lead 'V9'"),
        ({"rate_bpm": 0}, "between 20 and 250"),
        ({"rate_bpm": float("nan")}, "between 20 and 250"),
        ({"pvc": 1.5}, "between 0 and 1"),
        ({"duration_s": 0}, "no sample"),
        ({"fs_hz": 0.1}, "fs_hz"),
        ({"seed": -1}, "seed"),
        ({"pauses": 3}, "do not fit"),
        ({"noise": Noise(wander_mv=-1)}, "wander_mv"),
    ],
)
def test_what_cannot_be_simulated_is_said_in_one_line(options: dict[str, object], says: str) -> None:
    with pytest.raises(OptionError, match=says) as error:
        simulate(**options)  # type: ignore[arg-type]
    assert "\n" not in str(error.value)


def test_one_sample_is_a_record() -> None:
    assert simulate(duration_s=0.002).record.signal.shape == (12, 1)
