"""Noise is as strong as asked for, where it is asked for, and nowhere else."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from einthoven.errors import OptionError, SignalError
from einthoven.evaluation.noise import add_noise, noise_rms, qrs_height
from einthoven.record import Beats, Record

FS_HZ = 250.0
SECONDS = 1000


@pytest.fixture(scope="module")
def heart() -> tuple[Record, Beats]:
    """Beats of 2 mV from peak to peak in the first lead and 0.5 in the second, one a second, every tenth a huge V."""
    sample = np.arange(125, SECONDS * 250, 250)
    symbol = np.where(np.arange(len(sample)) % 10 == 9, "V", "N")
    signal = np.zeros((2, SECONDS * 250))
    for shift, height in ((0, 1.5), (5, -0.5)):
        signal[0, sample + shift] = height
        signal[1, sample + shift] = height / 4
    signal[:, sample[symbol == "V"]] = 20
    return Record(signal, FS_HZ, ("II", "V1"), id="100"), Beats(sample, symbol)


@pytest.fixture(scope="module")
def hum() -> Record:
    rows = np.random.default_rng(0).normal(size=(2, SECONDS * 250)) * [[3.0], [0.2]]
    return Record(rows, FS_HZ, ("a", "b"), id="em")


def added(noisy: Record, clean: Record) -> np.ndarray:
    return noisy.signal.astype(float) - clean.signal


def test_the_height_is_of_the_usual_beats_and_not_of_ventricular_ones(heart: tuple[Record, Beats]) -> None:
    assert qrs_height(*heart) == pytest.approx([2.0, 0.5])


def test_a_few_giant_beats_do_not_change_the_height(heart: tuple[Record, Beats]) -> None:
    record, beats = heart
    some = np.where(np.arange(len(beats)) % 40 == 39, "N", beats.symbol)  # one in forty of those counted is a giant
    assert qrs_height(record, Beats(beats.sample, some)) == pytest.approx([2.0, 0.5])


@pytest.mark.parametrize("snr_db", [24, 6, 0, -6])
def test_noise_has_the_power_asked_for_beside_a_sine_as_high_as_the_qrs(
    heart: tuple[Record, Beats], hum: Record, snr_db: float
) -> None:
    record, beats = heart
    rms = added(add_noise(record, hum, snr_db, beats, start_s=0, segment_s=math.inf), record).std(axis=1)
    assert 20 * np.log10(np.array([2.0, 0.5]) / math.sqrt(8) / rms) == pytest.approx([snr_db] * 2, abs=0.1)


def test_after_five_clean_minutes_two_noisy_and_two_clean_ones_take_turns(
    heart: tuple[Record, Beats], hum: Record
) -> None:
    record, beats = heart
    lead = added(add_noise(record, hum, 0, beats), record)[0].reshape(-1, 250)  # a row a second
    noisy = np.ptp(lead, axis=1) > 0.01
    assert np.flatnonzero(np.diff(noisy.astype(int))).tolist() == [299, 419, 539, 659, 779, 899]
    assert not noisy[0]


def test_noise_comes_and_goes_without_a_step(heart: tuple[Record, Beats]) -> None:
    record, beats = heart
    wander = Record(5 + np.sin(np.arange(record.n_samples) / 200)[None], FS_HZ, ("a",), id="bw")
    assert np.abs(np.diff(added(add_noise(record, wander, -6, beats), record))).max() < 0.05


def test_noise_of_one_lead_goes_to_all_and_short_noise_is_repeated(heart: tuple[Record, Beats], hum: Record) -> None:
    record, beats = heart
    short = hum.pick(["a"]).crop(0, 40)
    noise = added(add_noise(record, short, 0, beats, start_s=0, segment_s=math.inf), record)
    assert noise[0] == pytest.approx(4 * noise[1], abs=1e-5)
    first, again = np.diff(noise[0, :10_000]), np.diff(noise[0, 10_000:20_000])
    assert first == pytest.approx(again, abs=1e-5)


def test_noise_of_another_rate_lasts_as_long(heart: tuple[Record, Beats], hum: Record) -> None:
    record, beats = heart
    faster = replace(hum, fs_hz=500.0)
    assert add_noise(record, faster, 6, beats).signal.shape == record.signal.shape


def test_the_record_says_what_was_done_to_it(heart: tuple[Record, Beats], hum: Record) -> None:
    assert add_noise(heart[0], hum, 6, heart[1]).notes == ("noise of em added at 6 dB",)


def test_amplitudes_are_those_sigamp_gives_for_a_second_by_hand() -> None:
    rows = np.tile([[1.0, -1.0, 3.0, -3.0]], 3)  # three seconds at 4 Hz
    assert noise_rms(rows, 4) == pytest.approx([math.sqrt(5)])


@pytest.mark.parametrize("options", [{"snr_db": math.nan}, {"start_s": -1}, {"segment_s": 0}, {"start_s": math.inf}])
def test_what_is_no_ratio_or_time_is_refused(
    heart: tuple[Record, Beats], hum: Record, options: dict[str, float]
) -> None:
    record, beats = heart
    with pytest.raises(OptionError, match="must be finite"):
        add_noise(record, hum, options.pop("snr_db", 6), beats, **options)


@pytest.mark.parametrize(
    ("noise", "says"),
    [(np.zeros((1, 5000)), "em: the noise of lead 1"), (np.full((1, 5000), np.nan), "missing samples")],
)
def test_silence_and_holes_are_no_noise(heart: tuple[Record, Beats], noise: np.ndarray, says: str) -> None:
    with pytest.raises(SignalError, match=says):
        add_noise(heart[0], Record(noise, FS_HZ, ("a",), id="em"), 6, heart[1])


def test_a_record_without_usual_beats_has_no_ratio(heart: tuple[Record, Beats], hum: Record) -> None:
    with pytest.raises(SignalError, match="100: the QRS of lead 1 has no height"):
        add_noise(heart[0], hum, 6, Beats(np.array([300]), np.array(["V"])))
