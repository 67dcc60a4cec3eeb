"""Time of `einthoven predict cpic2019`, from file to answer, beside the plainest that could be done, in one run.

    python benchmarks/predict.py [--data DIR] [--bundle NAME|DIR] [--runs N] [--write]

The files are the 600 training records of the China ECG competition. Ours reads each, finds its beats, checks its leads,
measures it and asks the networks. The other reads it with `scipy.io.loadmat`, scales it as published and asks the
published network once, in torch; its weights are random here, which changes nothing in its speed. Both are timed one
record at a time, and many at once with all processor cores, the start of processes included. `--write` puts
``results/predict*.json``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from einthoven.cli.inputs import Loader
from einthoven.cli.predict import ask_files
from einthoven.cli.record_files import in_batches, record_files
from einthoven.datasets.catalogue import dataset
from einthoven.evaluation.provenance import commit, versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

RESULTS = Path(__file__).parents[1] / "results"
TOGETHER = 32
TIMES = 5  # each file is read so often where there are to be many
ONE_AT_A_TIME = 200


def main() -> None:
    """Time both in turn, say what they took, and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the databases; EINTHOVEN_DATA without it")
    parser.add_argument("--bundle", default="cpic2019", help="the model to ask")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="write results/predict*.json")
    options = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, for its processes
    files = record_files([dataset("cpic2019").path(options.data) / "TRAIN"])
    start = partial(ask_files, Loader(), options.bundle)
    ours, theirs = start(), published()
    systems = {
        "predict": ("`einthoven predict cpic2019`, all of it", ours, lambda: in_batches(files * TIMES, start)),
        "predict-plain": ("`loadmat` and the published network alone", theirs, lambda: in_turn(files * TIMES, theirs)),
    }
    took: dict[str, dict[str, list[float]]] = {name: {"one_ms": [], "per_second": []} for name in systems}
    for _ in range(options.runs):
        for name, (_, ask, batch) in systems.items():
            took[name]["one_ms"].append(one_ms(files[:ONE_AT_A_TIME], ask))
            took[name]["per_second"].append(per_second(len(files) * TIMES, batch))
    for name, metrics in took.items():
        figures = {key: spread(values) for key, values in metrics.items()}
        print(f"{name:14} {', '.join(f'{key} {one}' for key, one in figures.items())}")
        if options.write:
            keep(name, systems[name][0], figures, len(files) * TIMES, options.runs)


def published() -> Callable[[Sequence[Path]], object]:
    """Return what reads files and asks the published network, as a plain script would."""
    import scipy.io  # all here, so that the processes that answer do not load it
    import torch

    from einthoven.learn.models.conv1d import Conv1d

    torch.set_num_threads(cores())
    net = Conv1d({"signal": (12, 5000)}, 2).eval()

    @torch.inference_mode()
    def ask(files: Sequence[Path]) -> object:
        signal = np.stack([scipy.io.loadmat(file)["data"] for file in files]).astype(np.float32)
        scaled = (signal - signal.mean(axis=2, keepdims=True)) / (signal.max(axis=2, keepdims=True) + 2e-12)
        return net(torch.from_numpy(scaled)).argmax(dim=1).tolist()

    return ask


def in_turn(files: Sequence[Path], ask: Callable[[Sequence[Path]], object]) -> Iterable[object]:
    """Ask about some files at a time."""
    return (ask(files[first : first + TOGETHER]) for first in range(0, len(files), TOGETHER))


def one_ms(files: Sequence[Path], ask: Callable[[Sequence[Path]], object]) -> float:
    """Return the median time of one record at a time."""
    times = []
    for file in files:
        began = time.perf_counter()
        ask([file])
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times)


def per_second(records: int, batch: Callable[[], Iterable[object]]) -> float:
    """Return how many records are answered in a second when there are many."""
    began = time.perf_counter()
    for _ in batch():
        pass
    return records / (time.perf_counter() - began)


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return median, lowest and highest of the runs."""
    return {
        "value": round(statistics.median(values), 2),
        "low": round(min(values), 2),
        "high": round(max(values), 2),
    }


def keep(recipe: str, title: str, metrics: dict[str, dict[str, float]], records: int, runs: int) -> None:
    """Write a result file; the interval is from the lowest to the highest of the runs."""
    from einthoven.learn.judge import write_result

    content = {
        "recipe": recipe,
        "title": title,
        "commit": commit(),
        "versions": versions("numpy", "scipy", "onnxruntime", "torch"),
        "machine": f"{cores()} processor cores",
        "seeds": [],
        "protocols": {"predict-speed": {"n": {"records": records, "runs": runs}, "metrics": metrics}},
    }
    write_result(content, RESULTS)


def cores() -> int:
    """Return how many processor cores there are for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    main()
