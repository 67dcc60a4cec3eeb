"""What befalls recordings, and what it does to the answers: gain, polarity, lost leads, rate, noise.

    python benchmarks/robustness.py [--bundle NAME] [--detector NAME] [--data DIR] [--write]

The test records of de Chazal's split, whole, as they are and changed: beats are found and classified end to end, and
judged by EC57 against the experts. "unchanged" is the share of beats, found both with and without the change, whose
class stays. Nothing is chosen by these figures.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from einthoven.analysis import DETECTORS, analyze
from einthoven.beats.match import TOLERANCE_S, match
from einthoven.bundles.bundle import Bundle
from einthoven.datasets import mitdb, nstdb
from einthoven.evaluation.beat_figures import class_protocol, detection_protocol
from einthoven.evaluation.ec57 import compare
from einthoven.evaluation.noise import add_noise
from einthoven.evaluation.provenance import commit, versions
from einthoven.learn.judge import write_result
from einthoven.signal.resample import resample_record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from einthoven.datasets.annotated import Annotated
    from einthoven.record import Beats, Record

    Change = Callable[[Annotated], Record]
    Find = Callable[[Record], Beats]

RESULTS = Path(__file__).parents[1] / "results"
METRICS = ("gross_f1", "accuracy", "S_f1", "V_f1")
AS_IT_IS = "as it is"


def main() -> None:
    """Ask under each condition, and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", default="mitdb-aami")
    parser.add_argument("--detector", default=DETECTORS[0], choices=DETECTORS)
    parser.add_argument("--data", help="folder of the databases; EINTHOVEN_DATA without it")
    parser.add_argument("--records", default=",".join(mitdb.DS2), help="comma-separated")
    parser.add_argument("--write", action="store_true", help="write results/robustness.json")
    options = parser.parse_args()
    model, began = Bundle.load(options.bundle), time.perf_counter()

    def find(record: Record) -> Beats:
        return analyze(record, detector=options.detector, bundle=model).beats

    items = list(mitdb.load(options.data, options.records.split(",")))
    em = next(noise for noise in nstdb.load(options.data) if noise.id == "em")
    usual = [find(item.record) for item in items]
    protocols = {}
    for name, change in conditions(em).items():
        found = usual if name == AS_IT_IS else [at_own_rate(item, change(item), find) for item in items]
        protocols[f"robustness-{name.replace(' ', '-')}"] = entry = judged(items, found, usual)
        print(f"{name:26}", {key: one["value"] for key, one in entry["metrics"].items()}, flush=True)
    if options.write:
        keep(protocols, model, options.detector, time.perf_counter() - began)


def conditions(em: Record) -> dict[str, Change]:
    """Name the changes, each from a record with its beats to a record; `em` is electrode motion noise."""

    def times(*factors: float) -> Change:
        return lambda item: replace(item.record, signal=item.record.signal * np.float32(factors)[:, None])

    def rows(*which: int) -> Change:
        return lambda item: replace(item.record, signal=item.record.signal[list(which)])

    def only(row: int) -> Change:
        return lambda item: item.record.pick([item.record.leads[row]])

    def at(to_hz: float) -> Change:
        return lambda item: resample_record(item.record, to_hz)

    def noisy(snr_db: float) -> Change:
        return lambda item: add_noise(item.record, em, snr_db, item.beats, start_s=0.0, segment_s=inf)

    return {
        AS_IT_IS: lambda item: item.record,
        "gain 0.1": times(0.1, 0.1),
        "gain 10": times(10, 10),
        "first lead inverted": times(-1, 1),
        "both leads inverted": times(-1, -1),
        "leads interchanged": rows(1, 0),
        "first lead alone": only(0),
        "second lead alone": only(1),
        "first lead twice": rows(0, 0),
        "first lead lost half-way": lost_half_way,
        "128 Hz": at(128),
        "250 Hz": at(250),
        "1000 Hz": at(1000),
        "white noise of 0.1 mV": hissing,
        "electrode motion 12 dB": noisy(12),
        "electrode motion 6 dB": noisy(6),
    }


def lost_half_way(item: Annotated) -> Record:
    """Take the first lead away for the second half of the record."""
    signal = item.record.signal.copy()
    signal[0, item.record.n_samples // 2 :] = np.nan
    return replace(item.record, signal=signal)


def hissing(item: Annotated) -> Record:
    """Add white noise of 0.1 mV to each lead."""
    noise = np.random.default_rng(0).standard_normal(item.record.signal.shape, np.float32)
    return replace(item.record, signal=item.record.signal + np.float32(0.1) * noise)


def at_own_rate(item: Annotated, changed: Record, find: Find) -> Beats:
    """Find the beats of a changed record; their places are told at the rate of the item."""
    beats = find(changed)
    sample = np.rint(beats.sample * item.record.fs_hz / changed.fs_hz).astype(np.int64)
    return replace(beats, sample=np.minimum(sample, item.record.n_samples - 1))


def judged(items: Sequence[Annotated], found: Sequence[Beats], usual: Sequence[Beats]) -> dict:
    """Return the entry of a result file: how beats were found and classified, and what stayed as it was."""
    comparisons = [compare(item, beats) for item, beats in zip(items, found, strict=True)]
    beats, classes = detection_protocol(comparisons), class_protocol(comparisons)
    metrics = {key: one for key, one in (beats["metrics"] | classes["metrics"]).items() if key in METRICS}
    kept, of = 0, 0
    for item, now, before in zip(items, found, usual, strict=True):
        pairs = match(before.sample, now.sample, TOLERANCE_S * item.record.fs_hz)
        kept += int((before.symbol[pairs.reference_idx] == now.symbol[pairs.found_idx]).sum())
        of += len(pairs.found_idx)
    metrics["unchanged"] = {"value": kept / of if of else None, "low": None, "high": None}
    return {"n": beats["n"], "metrics": metrics}


def keep(protocols: dict, model: Bundle, detector: str, wall_s: float) -> None:
    """Write ``results/robustness.json``."""
    content = {
        "recipe": "robustness",
        "title": f"{model.card.name} on beats found by '{detector}', end to end, under changes of the record",
        "commit": commit(),
        "versions": versions("numpy", "scipy", "onnxruntime"),
        "data": {},
        "wall_s": round(wall_s, 1),
        "seeds": [],
        "protocols": protocols,
    }
    write_result(content, RESULTS)


if __name__ == "__main__":
    main()
