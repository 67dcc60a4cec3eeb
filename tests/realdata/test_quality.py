"""The verdict on real recordings: worse with real noise added, worse where cardiologists saw trouble."""

from __future__ import annotations

import csv
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.formats import read
from einthoven.signal.quality import Quality, Verdict, assess

if TYPE_CHECKING:
    from pathlib import Path

    from einthoven.record import Record

pytestmark = pytest.mark.realdata
WORSE = {Verdict.GOOD: 0, Verdict.FAIR: 1, Verdict.POOR: 2}


def noisy(clean: Record, noise: Record, snr_db: float) -> Record:
    """Noise added as the Noise Stress Test Database does: signal power is QRS peak to peak, squared, over eight."""
    signal = clean.signal.copy()
    for lead, added in zip(signal, noise.signal, strict=True):
        beats = lead[: len(lead) // 360 * 360].reshape(-1, 360)
        power = np.median(np.ptp(beats, axis=1)) ** 2 / 8
        lead += np.sqrt(power / added.var() / 10 ** (snr_db / 10)) * added[: len(lead)]
    return replace(clean, signal=signal)


@pytest.mark.parametrize(("name", "verdict"), [("100", Verdict.GOOD), ("119", Verdict.FAIR)])  # PVCs divide detectors
@pytest.mark.parametrize("kind", ["em", "ma", "bw"])
def test_the_louder_the_noise_the_worse_the_verdict(name: str, verdict: Verdict, kind: str, data_dir: Path) -> None:
    clean = read(data_dir / f"mitdb/{name}.hea").crop(0, 300)
    noise = read(data_dir / f"nstdb/{kind}.hea").crop(0, 300)
    qualities = [assess(clean), *(assess(noisy(clean, noise, snr_db)) for snr_db in (24, 18, 12, 6, 0, -6))]
    verdicts = [WORSE[quality.verdict] for quality in qualities]
    assert verdicts == sorted(verdicts)
    assert (verdicts[0], verdicts[-1]) == (WORSE[verdict], 2)
    share = [float(quality.clean.mean()) for quality in qualities]
    assert all(louder <= softer + 0.03 for softer, louder in pairwise(share))


def area(score: np.ndarray, flagged: np.ndarray) -> float:
    """Area under the ROC curve: chance that a flagged record scores higher than another, ties counting half."""
    bad, fine = score[flagged][:, None], score[~flagged][None]
    return float(np.mean((bad > fine) + 0.5 * (bad == fine)))


@pytest.mark.slow
def test_records_that_cardiologists_flagged_are_worse(data_dir: Path) -> None:
    with (data_dir / "ptb-xl/ptbxl_database.csv").open(newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["amplitude_normalised"] == "False"][::4]
    qualities: list[Quality] = [assess(read(data_dir / "ptb-xl" / f"{row['filename_lr']}.hea")) for row in rows]
    verdict = np.array([WORSE[quality.verdict] for quality in qualities])
    dirty = np.array([1 - quality.clean.mean() for quality in qualities])
    flagged = {
        kind: np.array([bool(row[kind].strip()) for row in rows])
        for kind in ("baseline_drift", "static_noise", "burst_noise", "electrodes_problems")
    }
    any_of_them = np.logical_or.reduce(list(flagged.values()))
    assert area(verdict, any_of_them) > 0.6
    assert area(dirty, any_of_them) > 0.65
    wander = np.array([np.nanmax(quality.wander_mv.mean(axis=1)) for quality in qualities])
    muscle = np.array([np.nanmax(quality.muscle_mv.mean(axis=1)) for quality in qualities])
    assert area(wander, flagged["baseline_drift"]) > 0.75
    assert area(muscle, flagged["static_noise"]) > 0.75
