"""What a stream says of beats is what the whole recording would be told, however it is cut into parts."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from einthoven.beats.class_stream import ClassStream
from einthoven.beats.lead_stream import LeadStream
from einthoven.beats.overlap import run_in_sequences
from einthoven.beats.sequences import EDGE, SEQUENCE, conditioned, sequence_inputs, timing_features
from einthoven.beats.times_stream import TimesStream
from einthoven.errors import OptionError
from einthoven.record import Beats
from einthoven.signal.simulate import Simulation, simulate

CLASSES, THRESHOLDS = ("N", "S", "V"), {"N": 0.2, "S": 0.2, "V": 0.2}
MIX = np.random.default_rng(5)
OF_WAVES, OF_TIMING = MIX.normal(size=(2 * 4 * 128, 3)) / 30, MIX.normal(size=(21, 3))


def net(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Classes by all that is shown of a beat and, fading, of those before it in the sequence: nothing later."""
    waves, timing = arrays["waves"], arrays["timing"]
    logit = waves.reshape(*waves.shape[:2], -1) @ OF_WAVES + timing @ OF_TIMING
    for beat in range(1, logit.shape[1]):
        logit[:, beat] += 0.5 * logit[:, beat - 1]
    share = np.exp(logit - logit.max(axis=-1, keepdims=True))
    return (share / share.sum(axis=-1, keepdims=True)).astype(np.float32)


@cache
def heart(fs_hz: float = 360, seed: int = 3) -> Simulation:
    return simulate(duration_s=420, fs_hz=fs_hz, leads=("II", "V1"), pac=0.1, pvc=0.05, seed=seed)


def whole(signal: np.ndarray, fs_hz: float, sample: np.ndarray) -> np.ndarray:
    rows = sequence_inputs(signal, fs_hz, sample, causal=True).arrays
    return run_in_sequences(net, rows, length=SEQUENCE, edge=EDGE, causal=True)


def streamed(
    signal: np.ndarray, fs_hz: float, sample: np.ndarray, cuts: list[int], late: int = 0, latency_s: float = 40
) -> Beats:
    """Feed parts that end at the cuts, and each beat with the first part that ends `late` samples after it."""
    stream = ClassStream(len(signal), fs_hz, net, CLASSES, THRESHOLDS, latency_s=latency_s)
    told, start, given = [], 0, 0
    for cut in cuts:
        until = int(np.searchsorted(sample, cut - late))
        told.append(stream.feed(signal[:, start:cut], Beats.unlabelled(sample[given:until])))
        start, given = cut, max(given, until)
    told.append(stream.feed(signal[:, start:], Beats.unlabelled(sample[given:given])))
    told.append(stream.finish(Beats.unlabelled(sample[given:])))
    return Beats(
        np.concatenate([one.sample for one in told]),
        np.concatenate([one.symbol for one in told]),
        np.concatenate([one.probability for one in told]),
        CLASSES,
    )


@pytest.mark.parametrize(("fs_hz", "late_s"), [(360, 0), (128, 11), (1000, 6)])
def test_parts_of_any_size_are_told_what_the_whole_recording_is(fs_hz: float, late_s: float) -> None:
    signal, sample = heart(fs_hz).record.signal, heart(fs_hz).beats.sample
    cuts = np.cumsum(np.random.default_rng(1).integers(1, 20 * int(fs_hz), size=40))
    told = streamed(signal, fs_hz, sample, cuts[cuts < signal.shape[1]].tolist(), round(late_s * fs_hz))
    assert len(sample) > 2 * SEQUENCE
    np.testing.assert_array_equal(told.sample, sample)
    np.testing.assert_allclose(told.probability, whole(signal, fs_hz, sample), atol=1e-4)


def test_one_lead_is_told_what_it_is_told_as_a_whole() -> None:
    signal, sample = heart().record.signal[:1, :20_000], heart().beats.sample
    sample = sample[sample < 20_000]
    told = streamed(signal, 360, sample, [7_000, 7_001], latency_s=60)
    np.testing.assert_allclose(told.probability, whole(signal, 360, sample), atol=1e-4)


def test_after_more_beats_than_are_kept_the_same_is_said() -> None:
    rng = np.random.default_rng(2)
    sample = 100 + np.cumsum(rng.integers(40, 60, size=4_700))
    signal = rng.normal(scale=0.05, size=(2, sample[-1] + 100)).astype(np.float32)
    for shape, size in zip(rng.normal(size=(7, 2, 12)), rng.integers(0, 7, size=(7, 1)), strict=True):
        some = sample[int(size[0]) :: 7]
        for offset in range(12):
            signal[:, some + offset - 6] += shape[:, offset, None]
    told = streamed(signal, 100, sample, list(range(3_000, signal.shape[1], 3_000)))
    np.testing.assert_allclose(told.probability, whole(signal, 100, sample), atol=1e-4)


def test_gaps_hold_the_last_sample() -> None:
    signal, sample = heart().record.signal.copy(), heart().beats.sample
    signal[0, :300], signal[1, 50_000:52_000] = np.nan, np.nan
    told = streamed(signal, 360, sample, [200, 5_000, 50_500, 51_000, 51_500, 70_000], latency_s=300)
    np.testing.assert_allclose(told.probability, whole(signal, 360, sample), atol=1e-4)


def test_a_beat_is_told_when_the_next_one_is_known() -> None:
    signal, sample = heart().record.signal, heart().beats.sample
    stream = ClassStream(2, 360, net, CLASSES, THRESHOLDS)
    assert len(stream.feed(signal[:, : sample[3] + 400], Beats.unlabelled(sample[:3]))) == 2
    assert stream.feed(signal[:, :0], Beats.unlabelled(sample[3:4])).sample.tolist() == [sample[2]]


def test_memory_does_not_grow_in_silence() -> None:
    stream = ClassStream(2, 360, net, CLASSES, THRESHOLDS)
    stream.feed(np.zeros((2, 3600), np.float32), Beats.unlabelled(np.array([500])))
    for _ in range(60):
        stream.feed(np.zeros((2, 21_600), np.float32), Beats.unlabelled(np.array([], np.int64)))
    assert stream._signal.shape[1] < 20 * 100
    assert len(stream.finish(Beats.unlabelled(np.array([], np.int64)))) == 1


@pytest.mark.parametrize(("n_samples", "sample"), [(0, []), (1, []), (1, [0]), (50, [20]), (400, [0, 399])])
def test_tiny_signals_are_told_as_a_whole(n_samples: int, sample: list[int]) -> None:
    signal = np.random.default_rng(0).normal(size=(2, n_samples)).astype(np.float32)
    peak = np.array(sample, np.int64)
    stream = ClassStream(2, 360, net, CLASSES, THRESHOLDS)
    parts = [stream.feed(signal, Beats.unlabelled(peak)), stream.finish(Beats.unlabelled(peak[:0]))]
    assert sum(map(len, parts)) == len(sample)
    if len(sample):
        told = np.concatenate([part.probability for part in parts if part.probability is not None])
        np.testing.assert_allclose(told, whole(signal, 360, peak), atol=1e-4)


@pytest.mark.parametrize("fs_hz", [100.0, 128.0, 257.3, 360.0, 1000.0, 50.0])
def test_conditioned_bit_by_bit_leads_are_those_conditioned_as_a_whole(fs_hz: float) -> None:
    signal = np.random.default_rng(0).normal(size=(1, round(20 * fs_hz))).astype(np.float32) + 3
    stream = LeadStream(1, fs_hz)
    cuts = [0, 1, 2, 50, 51, round(7 * fs_hz), round(7.5 * fs_hz), signal.shape[1]]
    parts = [stream.feed(signal[:, a:b]) for a, b in pairwise(cuts)]
    joined = np.concatenate([*parts, stream.finish()], axis=1)
    np.testing.assert_allclose(joined[0], conditioned(signal[0], fs_hz, causal=True), atol=1e-5)
    assert joined.shape[1] - parts[-1].shape[1] > 0


def test_times_come_as_those_of_the_whole() -> None:
    time_s = np.cumsum(np.random.default_rng(4).uniform(0.3, 5, size=4_400))
    stream = TimesStream()
    rows = [stream.add(one, after)[0] for one, after in pairwise(time_s)]
    np.testing.assert_allclose(
        np.concatenate([*rows, stream.last()[0]]), timing_features(time_s, causal=True)[0], atol=1e-6
    )


def test_beats_that_cannot_be_are_refused() -> None:
    some = Beats.unlabelled(np.array([500]))
    stream = ClassStream(2, 360, net, CLASSES, THRESHOLDS)
    with pytest.raises(OptionError, match=r"shape \(1, 5\); it must be \(2, sample\)"):
        stream.feed(np.zeros((1, 5), np.float32), some)
    with pytest.raises(OptionError, match="a beat at sample 500; it must lie after -1, before 100"):
        stream.feed(np.zeros((2, 100), np.float32), some)
    stream.feed(np.zeros((2, 50_000), np.float32), Beats.unlabelled(np.array([], np.int64)))
    with pytest.raises(OptionError, match="whose signal is gone"):
        stream.feed(np.zeros((2, 1), np.float32), some)
    stream.finish(Beats.unlabelled(np.array([], np.int64)))
    with pytest.raises(OptionError, match="after finish"):
        stream.feed(np.zeros((2, 1), np.float32), some)


@pytest.mark.parametrize("n_leads", [0, 3, True, 2.0, "2"])
def test_other_numbers_of_leads_are_refused(n_leads: Any) -> None:
    with pytest.raises(OptionError, match="leads; there must be 1 to 2"):
        ClassStream(n_leads, 360, net, CLASSES, THRESHOLDS)


@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf"), "360", None])
def test_rates_and_latencies_that_are_none_are_refused(wrong: Any) -> None:
    with pytest.raises(OptionError, match="it must be 50 Hz or more"):
        ClassStream(2, wrong, net, CLASSES, THRESHOLDS)
    with pytest.raises(OptionError, match=r"latency_s is .*; it must be a number from 0 on"):
        ClassStream(2, 360, net, CLASSES, THRESHOLDS, latency_s=wrong)
