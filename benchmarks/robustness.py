"""How far the answers of a beat model hang on the detector, on gain, polarity and length of the record.

    python benchmarks/robustness.py [BUNDLE] [--data DIR]

Prints accuracy on the records of mitdb that the bundle was tested on, one line a condition. Nothing is chosen by it.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

import numpy as np

from einthoven.beats.fast import fast_detect
from einthoven.beats.inputs import input_kind
from einthoven.beats.match import TOLERANCE_S, match
from einthoven.bundles.beats import classify
from einthoven.bundles.bundle import Bundle
from einthoven.datasets import mitdb
from einthoven.learn.examples import abnormal
from einthoven.record import Beats

if TYPE_CHECKING:
    from collections.abc import Callable

    from einthoven.datasets.annotated import Annotated

STRIP_S = 10
EDGE_S = 3.0


def main() -> None:
    """Ask under each condition, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", nargs="?", default="mitdb-normal")
    parser.add_argument("--data", help="folder of the databases; EINTHOVEN_DATA without it")
    options = parser.parse_args()
    model = Bundle.load(options.bundle)
    items = list(mitdb.load(options.data, [str(name) for name in model.card.training["test"]]))
    conditions: dict[str, Callable[[Annotated], np.ndarray]] = {
        "as it is": lambda item: said(item.record.signal[0], item.beats, model),
        "gain x 0.1": lambda item: said(item.record.signal[0] * np.float32(0.1), item.beats, model),
        "gain x 10": lambda item: said(item.record.signal[0] * np.float32(10), item.beats, model),
        "upside down": lambda item: said(-item.record.signal[0], item.beats, model),
        "second lead": lambda item: said(item.record.signal[1], item.beats, model),
        "strips of 10 s": lambda item: in_strips(item, model),
        "detected beats": lambda item: with_detector(item, model),
    }
    for name, ask in conditions.items():
        right = []
        for item in items:
            answer, inner = ask(item), judged(item)
            right.append((answer == abnormal(item.beats.symbol)[:, 0])[inner & ~np.isnan(answer)])
        pooled = np.concatenate(right)
        mean = np.mean([part.mean() for part in right])
        print(f"{name:16} accuracy {pooled.mean():.4f}, mean of records {mean:.4f}, {len(pooled):,} beats")
    speed(items, model)


def judged(item: Annotated) -> np.ndarray:
    """Beats three seconds from either end, as the protocol judges them."""
    edge = round(EDGE_S * item.record.fs_hz)
    return (item.beats.sample >= edge) & (item.beats.sample + edge <= item.record.n_samples)


def said(signal: np.ndarray, beats: Beats, model: Bundle) -> np.ndarray:
    """1 for a beat that is called abnormal, 0 for another."""
    return (classify(beats, signal, 360.0, model).symbol != "N").astype(float)


def in_strips(item: Annotated, model: Bundle) -> np.ndarray:
    """The same, where nothing is known of the record but ten seconds."""
    answer = np.full(len(item.beats), np.nan)
    length = STRIP_S * 360
    strip = item.beats.sample // length
    for number in np.unique(strip):
        here = np.flatnonzero(strip == number)
        first = int(number) * length
        beats = Beats.unlabelled(item.beats.sample[here] - first)
        answer[here] = said(item.record.signal[0, first : first + length], beats, model)
    return answer


def with_detector(item: Annotated, model: Bundle) -> np.ndarray:
    """The same for the detected beat that is matched to each reference beat; NaN where none is."""
    found = fast_detect(item.record, placed_on=item.record.leads[0])
    pairs = match(item.beats.sample, found.sample, TOLERANCE_S * item.record.fs_hz)
    answer = np.full(len(item.beats), np.nan)
    answer[pairs.reference_idx] = said(item.record.signal[0], found, model)[pairs.found_idx]
    return answer


def speed(items: list[Annotated], model: Bundle) -> None:
    """Time inputs and network by themselves."""
    make = input_kind(model.card.preprocessing["kind"])
    began = time.perf_counter()
    made = [make(i.record.signal[0], 360.0, i.beats.sample, **model.card.preprocessing["options"]) for i in items]
    rows = [{name: array[np.arange(len(array))] for name, array in one.arrays.items()} for one in made]
    middle = time.perf_counter()
    n_beats = sum(len(model.run(one).values) for one in rows)
    ended = time.perf_counter()
    print(f"inputs {n_beats / (middle - began):,.0f} beats/s, network {n_beats / (ended - middle):,.0f} beats/s")


if __name__ == "__main__":
    main()
