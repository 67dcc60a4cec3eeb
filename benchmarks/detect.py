"""How many pictures a second shipped detectors of boxes look at, and how fast they find the beats of a record.

    python benchmarks/detect.py [--runs N] [--write] [BUNDLE...]

Pictures are drawn before; looking is shrinking them, the network on two threads, and what becomes of its answers. The
network alone is told apart. A record is drawn strip after strip, looked at and joined: ten minutes of one.
`--write` puts ``results/detect-boxes.json``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from einthoven.bundles.boxes import find_boxes, record_beats, sight_of
from einthoven.bundles.bundle import Bundle
from einthoven.evaluation.provenance import commit, versions
from einthoven.images.beat_pictures import beat_picture
from einthoven.images.strips import Lead, strip_picture
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Callable

RESULTS = Path(__file__).parents[1] / "results"
PICTURES, THREADS, RECORD_S = 128, 2, 600.0


def main() -> None:
    """Time each bundle, say what it took, and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundles", nargs="*", default=["boxes-21", "boxes-ds2"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="write results/detect-boxes.json")
    options = parser.parse_args()
    protocols: dict[str, Any] = {}
    for name in options.bundles:
        model = Bundle.load(name, threads=THREADS)
        size = sight_of(model).size
        metrics = timed(model, options.runs)
        print(f"{name:12} {size[1]} x {size[0]}", metrics)
        n = {"pictures": PICTURES, "rows of one": size[0], "columns of one": size[1], "runs": options.runs}
        protocols[f"detect-speed-{name}"] = {"n": n, "metrics": metrics}
    if options.write:
        keep(protocols)


def timed(model: Bundle, runs: int) -> dict[str, dict[str, float]]:
    """Return pictures a second, and where the detector is shown strips, seconds for a record."""
    sight = sight_of(model)
    pictures = strips() if sight.px_per_mm else beats()
    seen = np.random.default_rng(0).random((16, 1, *sight.size), np.float32)

    def network() -> int:
        for _ in range(0, PICTURES, len(seen)):
            model.session.run(None, {"picture": seen})
        return PICTURES

    kinds: dict[str, Callable[[], int]] = {
        "network_per_second": network,
        "pictures_per_second": lambda: len(list(find_boxes(model, pictures))),
    }
    if sight.px_per_mm:
        record = simulate(duration_s=RECORD_S, fs_hz=360, leads=("II",), pvc=0.1, seed=1).record
        kinds["signal_s_per_second"] = lambda: int(RECORD_S * bool(len(record_beats(model, record))))
    found: dict[str, list[float]] = {name: [] for name in kinds}
    for run in range(runs + 1):
        for name, work in kinds.items():
            began = time.perf_counter()
            done = work()
            if run:  # the first warms up
                found[name].append(done / (time.perf_counter() - began))
    return {
        name: {"value": round(statistics.median(v), 1), "low": round(min(v), 1), "high": round(max(v), 1)}
        for name, v in found.items()
    }


def strips() -> list[Any]:
    """Draw strips of a simulated heart."""
    heart = simulate(duration_s=10.0 * PICTURES, fs_hz=360, leads=("II",), pvc=0.1, seed=0)
    lead = Lead(heart.record["II"], 360.0, heart.beats.sample, heart.beats.symbol.tolist())
    return [strip_picture(lead, 10.0 * number).pixels for number in range(PICTURES)]


def beats() -> list[Any]:
    """Draw beats of a simulated heart on canvases of 600 x 600."""
    heart = simulate(duration_s=2.0 * PICTURES, fs_hz=360, leads=("II",), pvc=0.1, seed=0)
    signal, rng = heart.record["II"], np.random.default_rng(0)
    return [beat_picture(signal, 360.0, int(peak), rng).pixels for peak in heart.beats.sample[1 : PICTURES + 1]]


def keep(protocols: dict[str, Any]) -> None:
    """Write the result file; the interval is from the lowest to the highest of the runs."""
    from einthoven.learn.judge import write_result

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    content = {
        "recipe": "detect-boxes",
        "title": "detectors of boxes",
        "commit": commit(),
        "versions": versions("numpy", "pillow", "onnxruntime"),
        "machine": f"{cores} processor cores",
        "seeds": [],
        "protocols": protocols,
    }
    write_result(content, RESULTS)


if __name__ == "__main__":
    main()
