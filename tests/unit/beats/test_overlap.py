"""Sequences that overlap give every beat one answer, that of a sequence with enough beats around it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.beats import overlap
from einthoven.beats.overlap import first_beats, in_sequences, run_in_sequences

LENGTH, EDGE = 32, 5


def around(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Mean of each beat and those up to five beats off that are there: what a network with that reach may say."""
    x, there = arrays["x"][..., 0], arrays["x"][..., 1]
    kernel = np.ones(2 * EDGE + 1)
    total = np.stack([np.convolve(row, kernel, "same") for row in x * there])
    number = np.stack([np.convolve(row, kernel, "same") for row in there])
    return (total / np.maximum(number, 1))[..., None].astype(np.float32)


def rows(n_beats: int) -> dict[str, np.ndarray]:
    x = np.random.default_rng(n_beats).normal(size=n_beats)
    return {"x": np.stack([x, np.ones(n_beats)], axis=1).astype(np.float32)}


@given(n_beats=st.integers(1, 400))
def test_a_network_with_a_short_reach_answers_as_over_the_whole_record(n_beats: int) -> None:
    whole = around({"x": rows(n_beats)["x"][None]})[0] if n_beats >= 2 * EDGE + 1 else None
    said = run_in_sequences(around, rows(n_beats), length=LENGTH, edge=EDGE)
    assert said.shape == (n_beats, 1)
    if whole is not None:
        np.testing.assert_allclose(said, whole, atol=1e-5)


@given(n_beats=st.integers(0, 500))
def test_every_beat_is_answered_once_with_its_context(n_beats: int) -> None:
    start = first_beats(n_beats, LENGTH, EDGE)
    assert start[0] == 0
    assert (np.diff(start) == LENGTH - 2 * EDGE).all()
    assert start[-1] + LENGTH >= n_beats, "the last sequence reaches the end"
    if len(start) > 1:
        assert n_beats - start[-1] > 2 * EDGE, "the last sequence has something to answer"


def test_what_fills_up_a_sequence_is_zeros() -> None:
    cut = in_sequences(rows(10)["x"], np.array([0]), LENGTH, 10)
    assert cut.shape == (1, LENGTH, 2)
    assert cut[0, :10, 1].all()
    assert not cut[0, 10:].any()


def test_no_beats_have_no_answers() -> None:
    assert run_in_sequences(around, rows(0), length=LENGTH, edge=EDGE).shape == (0, 1)


@pytest.mark.parametrize("side_by_side", [1, 3])
def test_few_sequences_are_run_at_once_however_long_the_record(
    monkeypatch: pytest.MonkeyPatch, side_by_side: int
) -> None:
    monkeypatch.setattr(overlap, "SEQUENCES_AT_ONCE", 3)
    sizes = []

    def net(arrays: dict[str, np.ndarray]) -> np.ndarray:
        sizes.append(len(arrays["x"]))
        return around(arrays)

    said = run_in_sequences(net, rows(400), length=LENGTH, edge=EDGE, side_by_side=side_by_side)
    assert max(sizes) == 3
    np.testing.assert_allclose(said, around({"x": rows(400)["x"][None]})[0], atol=1e-5)


@given(n_beats=st.integers(1, 300), more=st.integers(1, 100))
def test_what_a_causal_network_says_of_a_beat_does_not_change_when_the_record_goes_on(n_beats: int, more: int) -> None:
    def so_far(arrays: dict[str, np.ndarray]) -> np.ndarray:
        return np.cumsum(arrays["x"][..., :1], axis=1)

    x = rows(n_beats + more)["x"]
    whole = run_in_sequences(so_far, {"x": x}, length=LENGTH, edge=EDGE, causal=True)
    begun = run_in_sequences(so_far, {"x": x[:n_beats]}, length=LENGTH, edge=EDGE, causal=True)
    np.testing.assert_array_equal(begun, whole[:n_beats])
    fewest = np.where(np.arange(n_beats) < LENGTH, np.arange(n_beats) + 1, 2 * EDGE + 1)
    ones = run_in_sequences(so_far, {"x": np.ones((n_beats, 2), np.float32)}, length=LENGTH, edge=EDGE, causal=True)
    assert (ones[:, 0] >= fewest).all(), "every answer rests on the beats before it, or on enough of them"
