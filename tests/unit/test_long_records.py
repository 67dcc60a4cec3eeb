"""A longer record takes hardly more memory than its own samples, and its beats are those of its parts."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.analysis import DETECTORS, analyze
from einthoven.record import Record
from einthoven.report import RENDERERS, render
from einthoven.signal import disturbance, qrs
from einthoven.signal.qrs import candidates
from einthoven.signal.quality import assess
from einthoven.signal.simulate import Noise, Simulation, simulate

if TYPE_CHECKING:
    from collections.abc import Callable

FS_HZ = 125.0
PART_S = 600


@pytest.fixture(scope="module")
def part() -> Simulation:
    """Ten minutes, to be repeated."""
    noise = Noise(muscle_mv=0.01, wander_mv=0.1)
    return simulate(duration_s=PART_S, fs_hz=FS_HZ, leads=["MLII", "V5"], pvc=0.02, noise=noise, seed=5)


def repeated(part: Simulation, times: int) -> Record:
    return Record(np.tile(part.record.signal, times), FS_HZ, part.record.leads)


def peak_bytes(work: Callable[[], object]) -> int:
    work()  # what is made once, such as imports
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("work", "share"), [(candidates, 0.25), (assess, 1.25)], ids=["candidates", "assess"])
def test_a_lead_is_looked_at_without_copies_in_double_precision(
    part: Simulation, work: Callable[[Record], object], share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qrs, "_PIECE_S", 300.0)  # so that hours are to it what days are
    monkeypatch.setattr(disturbance, "_CHUNK", 1 << 15)
    short, long = repeated(part, 3), repeated(part, 15)
    more = peak_bytes(lambda: work(long)) - peak_bytes(lambda: work(short))
    assert more < share * (long.signal.nbytes - short.signal.nbytes)


@pytest.mark.parametrize("detector", DETECTORS)
def test_the_beats_of_ninety_minutes_are_those_of_its_ten_minutes(part: Simulation, detector: str) -> None:
    times = 9
    report = analyze(repeated(part, times), detector=detector)
    sample = report.beats.sample
    by_part = np.bincount(sample // round(PART_S * FS_HZ), minlength=times)
    assert np.abs(by_part - len(part.beats)).max() <= 2  # the beats cut at the seams
    assert np.diff(sample).min() > 0.2 * FS_HZ
    assert len(render(report, "html")) < 2e6


@pytest.mark.slow
@pytest.mark.parametrize("detector", DETECTORS)
def test_a_week_goes_through(part: Simulation, detector: str) -> None:
    week = repeated(part, 7 * 144)
    report = analyze(week, detector=detector)
    assert len(report.beats) == pytest.approx(len(part.beats) * 7 * 144, rel=0.001)
    for kind in RENDERERS:
        assert render(report, kind)
    assert len(render(report, "html")) < 2e6
