from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.beats.detect import FRAME, LATENCY_S, BeatStream, detect, frames_of_beats
from einthoven.beats.match import TOLERANCE_S, match
from einthoven.bundles.beats import beat_net
from einthoven.bundles.bundle import Bundle
from einthoven.codes import STANDARD_12
from einthoven.errors import BundleError, OptionError
from einthoven.record import Record
from einthoven.signal.simulate import Noise, simulate


@pytest.fixture(scope="module")
def net():
    return beat_net(Bundle.load("beat-detector"))


def f1(heart, found, tolerance_s=TOLERANCE_S):
    return match(heart.beats.sample, found.sample, tolerance_s * heart.record.fs_hz).f1


@pytest.mark.parametrize("rhythm", ["sinus", "af", "bigeminy"])
@pytest.mark.parametrize("fs_hz", [50, 100, 128, 257.3, 360, 1000])
def test_every_beat_of_every_rhythm_is_found_at_every_rate(net, rhythm, fs_hz):
    heart = simulate(duration_s=60, rhythm=rhythm, fs_hz=fs_hz, seed=2, noise=Noise(wander_mv=0.1, muscle_mv=0.02))
    assert f1(heart, detect(heart.record, net)) >= 0.99


@pytest.mark.parametrize("leads", [("II",), ("V1",), ("II", "V1"), STANDARD_12], ids="-".join)
@pytest.mark.parametrize("rate_bpm", [20, 30, 120, 180, 220])
def test_slow_and_fast_hearts_are_counted_in_one_lead_or_twelve(net, rate_bpm, leads):
    heart = simulate(duration_s=60, rate_bpm=rate_bpm, seed=5, leads=leads)
    assert f1(heart, detect(heart.record, net)) >= 0.98


@pytest.mark.parametrize("block", ["lbbb", "rbbb"])
def test_wide_beats_early_beats_and_pauses_are_no_trouble(net, block):
    heart = simulate(duration_s=120, block=block, pvc=0.2, pac=0.2, pauses=3, seed=3, leads=("II", "V5"))
    assert f1(heart, detect(heart.record, net)) >= 0.99


def test_positions_are_r_peaks_of_the_lead_asked_for(net):
    heart = simulate(duration_s=60, seed=3)
    assert f1(heart, detect(heart.record, net, placed_on="V5"), tolerance_s=0.01) == 1
    heart = simulate(duration_s=60, seed=3, block="lbbb")  # its R peaks are 50 ms apart, from lead to lead
    for lead in ("I", "II", "V6"):
        found, wave = detect(heart.record, net, placed_on=lead).sample, heart.record[lead]
        highest = [at - 40 + wave[at - 40 : at + 41].argmax() for at in found[1:-1]]
        assert np.abs(highest - found[1:-1]).max() <= 5


def test_pacing_spikes_are_neither_beats_nor_r_peaks(net):
    heart = simulate(duration_s=60, block="lbbb", seed=3, leads=("II", "V1"))
    without = detect(heart.record, net).sample
    for before_ms in (40, 80, 120):
        signal = heart.record.signal.copy()
        signal[:, heart.beats.sample - before_ms // 2] += 2
        paced = detect(replace(heart.record, signal=signal), net).sample
        assert match(without, paced, 0.02 * 500).f1 == 1


@settings(max_examples=10, deadline=None)
@given(
    gain=st.floats(0.1, 10), offset_mv=st.floats(-5, 5), order=st.permutations(range(3)), upside_down=st.integers(0, 2)
)
def test_neither_gain_offset_order_nor_polarity_of_leads_move_beats(net, gain, offset_mv, order, upside_down):
    heart = simulate(duration_s=30, seed=8, leads=("I", "II", "V5"), noise=Noise(muscle_mv=0.02))
    before = detect(heart.record, net, placed_on="II").sample
    signal = heart.record.signal * np.float32(gain) + np.float32(offset_mv)
    shuffled = Record(signal[list(order)], 500.0, tuple(heart.record.leads[row] for row in order))
    np.testing.assert_array_equal(detect(shuffled, net, placed_on="II").sample, before)
    signal[upside_down] *= -1
    after = detect(replace(heart.record, signal=signal), net, placed_on="II").sample
    assert match(before, after, TOLERANCE_S * 500).f1 == 1


def test_beats_stay_where_they_are_at_another_rate(net):
    slow, fast = (simulate(duration_s=60, fs_hz=fs_hz, seed=4, leads=("II",)) for fs_hz in (125, 1000))
    of_slow, of_fast = detect(slow.record, net).sample, detect(fast.record, net).sample
    assert match(of_slow / 125, of_fast / 1000, 0.02).f1 == 1


@settings(max_examples=5, deadline=None)
@given(data=st.data(), n_leads=st.integers(1, 2), fs_hz=st.sampled_from([100.0, 257.3, 360.0]))
def test_a_stream_finds_the_beats_of_the_whole_whatever_the_parts(net, data, n_leads, fs_hz):
    noise = Noise(wander_mv=0.3, muscle_mv=0.1)
    heart = simulate(duration_s=150, rhythm="af", pvc=0.1, fs_hz=fs_hz, leads=("II", "V1")[:n_leads], noise=noise)
    signal = heart.record.signal.copy()
    signal[0, 8_000:12_000] = np.nan
    cuts = sorted(data.draw(st.lists(st.integers(0, signal.shape[1]), max_size=30)))
    stream = BeatStream(n_leads, fs_hz, net)
    found = [stream.feed(part) for part in np.split(signal, cuts, axis=1)] + [stream.finish()]
    whole = detect(replace(heart.record, signal=signal), net)
    np.testing.assert_array_equal(np.concatenate([beats.sample for beats in found]), whole.sample)
    assert len(whole) > 100


def test_a_beat_is_told_within_the_stated_latency(net):
    heart = simulate(duration_s=60, fs_hz=100, leads=("II",))
    stream, now, told = BeatStream(1, 100.0, net), 0, 0
    for first in range(0, heart.record.n_samples, 10):
        beats = stream.feed(heart.record.signal[:, first : first + 10])
        now, told = first + 10, told + len(beats)
        assert all(now - beats.sample <= LATENCY_S * 100 + 10)
    assert told >= (heart.beats.sample < now - LATENCY_S * 100).sum()


def test_a_stream_of_single_samples_keeps_a_bounded_part_of_the_signal(net):
    stream = BeatStream(1, 50.0, net)
    for _ in range(6000):
        stream.feed(np.zeros((1, 1), np.float32))
    assert stream._kept.shape[1] + len(stream._waiting) < 50 * 60


def test_a_lead_lost_for_a_while_or_for_good_costs_nothing(net):
    heart = simulate(duration_s=120, seed=6, leads=("I", "II"))
    for lost in (np.nan, 0.7):
        signal = heart.record.signal.copy()
        signal[0, 15_000:40_000] = lost
        assert f1(heart, detect(replace(heart.record, signal=signal), net), tolerance_s=0.05) >= 0.99
        signal[0] = lost
        assert f1(heart, detect(replace(heart.record, signal=signal), net), tolerance_s=0.05) >= 0.99


def test_where_every_lead_is_lost_there_are_no_beats(net):
    heart = simulate(duration_s=120, seed=6, leads=("I", "II"))
    for lost in (np.nan, 0.0, 2.0):
        signal = heart.record.signal.copy()
        signal[:, 20_000:40_000] = lost
        found = detect(replace(heart.record, signal=signal), net).sample
        assert not ((found > 20_000 + 75) & (found < 40_000 - 75)).any()
        outside = heart.beats.sample[(heart.beats.sample < 19_500) | (heart.beats.sample > 40_500)]
        assert match(outside, found, 75).false_negatives <= 1


@pytest.mark.parametrize("n_samples", [1, 7, 100, 3600])
@pytest.mark.parametrize("value", [0.0, np.nan, np.inf, 3.0, 1e30])
@pytest.mark.parametrize("n_leads", [1, 12])
def test_nothing_recorded_has_no_beats(net, n_samples, value, n_leads):
    record = Record(np.full((n_leads, n_samples), value), 360, STANDARD_12[:n_leads])
    assert len(detect(record, net)) == 0


def test_strips_shorter_than_the_network_looks_have_their_beats(net):
    for duration_s in (2, 3, 5, 10):
        heart = simulate(duration_s=duration_s, seed=9)
        found, edge = detect(heart.record, net).sample, duration_s * 500 - 100
        beats = heart.beats.sample  # of a beat at the end, half is seen
        assert match(beats[beats < edge], found[found < edge], 75).f1 == 1


def test_only_the_leads_asked_for_are_looked_at(net):
    heart = simulate(duration_s=20, seed=1, leads=("I", "II"))
    signal = heart.record.signal.copy()
    signal[0] = np.random.default_rng(0).normal(size=signal.shape[1])
    found = detect(replace(heart.record, signal=signal), net, leads=["II"])
    np.testing.assert_array_equal(found.sample, detect(heart.record.pick(["II"]), net).sample)


def test_what_cannot_be_done_is_refused(net):
    with pytest.raises(OptionError, match="sampled at 40 Hz; finding beats needs 50 Hz or more"):
        detect(Record(np.zeros((1, 500)), 40, ("II",)), net)
    with pytest.raises(OptionError, match="no lead 'V9'"):
        detect(simulate(leads=("I",)).record, net, placed_on="V9")
    with pytest.raises(OptionError, match="beats placed on row 2 of 2 leads; rows count from 0"):
        BeatStream(2, 360.0, net, placed_on=2)
    with pytest.raises(OptionError, match="beats placed on row 'II' of 2 leads"):
        BeatStream(2, 360.0, net, placed_on="II")
    with pytest.raises(OptionError, match=r"beats placed on row 0 of 1\.5 leads"):
        BeatStream(1.5, 360.0, net)
    for wrong in (np.zeros(5), np.zeros((3, 5))):
        with pytest.raises(OptionError, match=r"fed samples of shape .*; it must be \(2, sample\)"):
            BeatStream(2, 360.0, net).feed(wrong)
    for wrong in ("abc", [["a"], ["b"]], [[1.0], [1.0, 2.0]], None):
        with pytest.raises(OptionError, match=r"^fed signal is"):
            BeatStream(2, 360.0, net).feed(wrong)
    for part_s in (0, 0.001, -5, 1.9, np.nan, np.inf, "2"):
        with pytest.raises(OptionError, match="a stream decides on 2 s or more at a time"):
            BeatStream(2, 360.0, net, part_s=part_s)
    for fs_hz in (np.inf, -np.inf, np.nan, "360"):
        with pytest.raises(OptionError, match="Hz"):
            BeatStream(2, fs_hz, net)
    with pytest.raises(BundleError, match="bundle mitdb-normal tells abnormal; finding beats needs 'beat'"):
        beat_net(Bundle.load("mitdb-normal"))


def test_a_stream_that_has_ended_takes_no_more(net):
    stream = BeatStream(1, 100.0, net)
    stream.feed(np.zeros((1, 500), np.float32))
    stream.finish()
    with pytest.raises(OptionError, match=r"fed samples after finish\(\); a new signal needs a new BeatStream"):
        stream.feed(np.zeros((1, 500), np.float32))
    assert len(stream.finish()) == 0


@pytest.mark.parametrize("value", [np.inf, 1e38, -1e38, 1e6])
def test_wild_samples_cost_no_beat_in_the_whole_or_in_parts(net, value):
    heart = simulate(duration_s=60, fs_hz=360, leads=("II",), seed=3)
    signal = heart.record.signal.copy()
    signal[0, [1000, 7200, 14_399, 15_000]] = value
    whole = detect(replace(heart.record, signal=signal), net)
    assert match(heart.beats.sample, whole.sample, 0.05 * 360).f1 == 1
    stream = BeatStream(1, 360.0, net)
    found = [stream.feed(signal[:, first : first + 700]) for first in range(0, signal.shape[1], 700)]
    np.testing.assert_array_equal(np.concatenate([part.sample for part in [*found, stream.finish()]]), whole.sample)


def test_of_two_tops_near_each_other_the_surer_is_a_beat():
    logit = np.full(60, -5.0, np.float32)
    logit[[10, 13, 40, 45]] = 1, 2, 1, 2
    np.testing.assert_array_equal(frames_of_beats(logit), [13, 40, 45])


def test_any_network_will_do():
    def bold(leads, /):
        steep = np.abs(np.diff(leads, axis=2, append=0)).max(axis=1)
        return 10 * (steep.reshape(len(leads), -1, FRAME).max(axis=2) - 0.6)

    heart = simulate(duration_s=30, seed=1, leads=("II",))
    assert f1(heart, detect(heart.record, bold)) >= 0.95
