"""Reports of simulated hearts whose beats and probabilities are known, without any model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from einthoven.analysis import ModelUse, Report
from einthoven.beats.classify import beat_findings, label
from einthoven.beats.rhythm import rhythm, rhythm_findings
from einthoven.record import Beats, Record
from einthoven.signal.quality import assess
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = ModelUse("mitdb-normal", "1.0", "0123456789abcdef" * 4, "beats: normal or abnormal")


def made_report(record: Record, beats: Beats, **more: Any) -> Report:
    quality = assess(record)
    heart = rhythm(beats, record.fs_hz, ~quality.usable.any(axis=0))
    facts: dict[str, Any] = {
        "findings": (*beat_findings(beats, record.fs_hz), *rhythm_findings(heart)),
        "warnings": (),
        "models": (MODEL,),
        "detector": "fast",
        "leads": record.leads[:1],
    }
    return Report(record=record, beats=beats, rhythm=heart, quality=quality, **{**facts, **more})


def with_probability(beats: Beats, seed: int = 0) -> Beats:
    noise = np.random.default_rng(seed).uniform(-0.25, 0.25, len(beats))
    bad = beats.symbol != "N"
    return label(beats, np.clip(np.where(bad, 0.8, 0.2) + noise, 0, 1).astype(np.float32), 0.5)


@pytest.fixture(scope="session")
def short() -> Report:
    """Ten seconds, twelve leads, two premature beats or so."""
    heart = simulate(duration_s=10, pvc=0.2, seed=3)
    return made_report(heart.record, with_probability(heart.beats))


@pytest.fixture(scope="session")
def long() -> Report:
    """Twenty minutes of two leads, with a pause and a stretch of lost signal."""
    heart = simulate(duration_s=1200, fs_hz=250, pvc=0.1, pauses=1, leads=("II", "V5"), seed=4)
    signal = heart.record.signal.copy()
    signal[1, 250 * 600 : 250 * 640] = np.nan
    record = Record(signal, 250, ("II", "V5"), id="holter", notes=("V5 is lost for a while.",))
    return made_report(record, with_probability(heart.beats))


@pytest.fixture(scope="session")
def report_of() -> Callable[..., Report]:
    """Function that makes a report of a record and beats."""
    return made_report
