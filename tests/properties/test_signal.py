"""What must hold for any gain, offset, rate, order of leads and seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.codes import LIMB_LEADS, STANDARD_12
from einthoven.record import Record
from einthoven.signal.leads import check_laws, derive_leads
from einthoven.signal.quality import assess
from einthoven.signal.resample import resample, resample_positions
from einthoven.signal.simulate import RHYTHMS, Noise, simulate

HEART = simulate(noise=Noise(0.05, 0.005, 0.005), seed=8)
BROKEN = replace(HEART.record, signal=HEART.record.signal * np.where(np.arange(12) == 3, -1, 1)[:, None])
QUICK = settings(max_examples=25, deadline=None)
SLOW = settings(max_examples=8, deadline=None)


@QUICK
@given(gain=st.floats(0.2, 20), offset=st.lists(st.floats(-3, 3), min_size=12, max_size=12), flip=st.booleans())
def test_gain_and_offset_do_not_move_the_lead_laws(gain: float, offset: list[float], flip: bool) -> None:
    gain = -gain if flip else gain
    for record, explanation in ((HEART.record, ""), (BROKEN, "aVR inverted")):
        moved = gain * record.signal + np.array(offset)[:, None]
        assert check_laws(replace(record, signal=moved)).explanation == explanation


@QUICK
@given(order=st.permutations(STANDARD_12))
def test_order_of_leads_does_not_matter(order: list[str]) -> None:
    assert check_laws(BROKEN.pick(order)).explanation == "aVR inverted"


@QUICK
@given(to_hz=st.floats(60, 1500))
def test_resampling_does_not_move_the_lead_laws(to_hz: float) -> None:
    for record, explanation in ((HEART.record, ""), (BROKEN, "aVR inverted")):
        moved = Record(resample(record.signal[:6], 500, to_hz), to_hz, LIMB_LEADS)
        assert check_laws(moved).explanation == explanation


@QUICK
@given(pair=st.lists(st.sampled_from(LIMB_LEADS), min_size=2, max_size=6, unique=True))
def test_derived_leads_obey_the_laws(pair: list[str]) -> None:
    derived = derive_leads(HEART.record.pick(pair))
    assert check_laws(derived).explanation == ""
    np.testing.assert_allclose(derived.pick(LIMB_LEADS).signal, HEART.record.signal[:6], atol=1e-5)


@QUICK
@given(fs_hz=st.floats(80, 1000), to_hz=st.floats(80, 1000))
def test_resampling_keeps_peaks_under_their_beats(fs_hz: float, to_hz: float) -> None:
    heart = simulate(fs_hz=fs_hz, duration_s=5, leads=("V5",), seed=8)
    moved = resample(heart.record["V5"], fs_hz, to_hz)
    at = resample_positions(heart.beats.sample, fs_hz, to_hz)
    margin = int(np.ceil(0.03 * to_hz)) + 1
    for beat in at[(at >= margin) & (at < len(moved) - margin)]:
        peak = beat - margin + int(np.argmax(moved[beat - margin : beat + margin + 1]))
        assert abs(peak - beat) <= 0.006 * to_hz + 1.5


@SLOW
@given(offset=st.floats(-3, 3), flip=st.booleans(), order=st.permutations(STANDARD_12))
def test_offset_polarity_and_order_do_not_move_quality(offset: float, flip: bool, order: list[str]) -> None:
    moved = HEART.record.pick(order)
    moved = replace(moved, signal=(-1 if flip else 1) * moved.signal + np.float32(offset))
    before, after = assess(HEART.record), assess(moved)
    row = [HEART.record.leads.index(name) for name in order]
    np.testing.assert_allclose(after.muscle_mv, before.muscle_mv[row], atol=2e-4)
    np.testing.assert_allclose(after.mains_mv, before.mains_mv[row], atol=2e-4)
    np.testing.assert_allclose(after.wander_mv, before.wander_mv[row], atol=1e-3)
    assert after.verdict == before.verdict


@QUICK
@given(
    seed=st.integers(0, 2**62),
    rhythm=st.sampled_from(sorted(RHYTHMS)),
    rate_bpm=st.floats(20, 250),
    pvc=st.floats(0, 1),
    pac=st.floats(0, 1),
    block=st.sampled_from([None, "lbbb", "rbbb"]),
    fs_hz=st.floats(50, 600),
    duration_s=st.floats(0.1, 12),
)
def test_any_heart_is_finite_lawful_and_has_its_beats_inside(
    seed: int, rhythm: str, rate_bpm: float, pvc: float, pac: float, block: str | None, fs_hz: float, duration_s: float
) -> None:
    heart = simulate(
        seed=seed, rhythm=rhythm, rate_bpm=rate_bpm, pvc=pvc, pac=pac, block=block, fs_hz=fs_hz, duration_s=duration_s
    )
    signal, beats = heart.record.signal, heart.beats.sample
    assert np.isfinite(signal).all()
    assert np.abs(signal).max() < 5
    np.testing.assert_array_equal(signal[0] + signal[2], signal[1])
    assert np.all(np.diff(heart.time_s) > 0.12)
    assert np.all((beats >= 0) & (beats < heart.record.n_samples))
