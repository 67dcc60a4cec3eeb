"""Records a second that the bundles of diagnoses answer, with all processor cores.

    python benchmarks/diagnose.py [--data DIR] [--runs N] [--write]

Records are those of the 2020 challenge's other hospitals that are ten seconds long or less. For each bundle three times
are taken: of its network, whose inputs lie ready in memory; of records in memory, from millivolts to probabilities; and
of files, all that `einthoven predict cinc2020` does, from the header to the file of answers. The first two are asked in
batches by processes that have begun and hold the records; with files, the start of processes counts. Of the runs, the
median, lowest and highest are told. `--write` puts ``results/diagnose*.json``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einthoven.bundles.beats import beat_net
from einthoven.bundles.bundle import Bundle
from einthoven.bundles.diagnoses import record_log_odds, shown
from einthoven.cli.inputs import Loader
from einthoven.cli.predict import answer_files
from einthoven.cli.record_files import in_batches
from einthoven.datasets.catalogue import dataset
from einthoven.evaluation.provenance import commit, versions
from einthoven.formats import read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RESULTS = Path(__file__).parents[1] / "results"
BUNDLES = {
    "diagnose-fast": ("cinc2020-fast", "a network of the signal"),
    "diagnose": ("cinc2020", "a network and trees, with beats and measures"),
}
TOGETHER = 32
TIMES = 40  # each record is answered so often where there are to be many
LENGTH_S = 10.0
HELD: dict[str, Any] = {}
"""What a process holds: the bundle, what finds beats, records, and their inputs."""


def main() -> None:
    """Time all in turn, say what they took, and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the databases; EINTHOVEN_DATA without it")
    parser.add_argument("--bundle", action="append", help="other bundles than the shipped ones, in their order")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="write results/diagnose*.json")
    options = parser.parse_args()
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # as the command does, for its processes
    found = sorted((dataset("cinc2020").path(options.data) / "records").glob("*.hea"))
    files = [file for file in found if read(file).duration_s <= LENGTH_S]
    for place, (recipe, (shipped, what)) in enumerate(BUNDLES.items()):
        bundle = options.bundle[place] if options.bundle and place < len(options.bundle) else shipped
        metrics = held_per_second(bundle, files, options.runs)
        metrics["files_per_second"] = spread([files_per_second(bundle, files * TIMES) for _ in range(options.runs)])
        print(f"{recipe:14} {', '.join(f'{key} {one}' for key, one in metrics.items())}")
        if options.write:
            keep(recipe, f"`{shipped}`: {what}", metrics, len(files) * TIMES, options.runs)


def held_per_second(bundle: str, files: Sequence[Path], runs: int) -> dict[str, dict[str, float]]:
    """Return how many records a second are answered of those that processes hold: by inputs, and by millivolts."""
    found: dict[str, list[float]] = {"network_per_second": [], "memory_per_second": []}
    with ProcessPoolExecutor(cores(), get_context("spawn"), initializer=hold, initargs=(bundle, files)) as pool:
        parts = [slice(first, first + TOGETHER) for first in range(0, len(files), TOGETHER)]
        steps: dict[str, Callable[[slice], int]] = {"network_per_second": of_inputs, "memory_per_second": of_records}
        for step in steps.values():
            list(pool.map(step, parts * 2))  # until all processes have begun
        for _ in range(runs):
            for name, step in steps.items():
                began = time.perf_counter()
                answered = sum(pool.map(step, parts * TIMES))
                found[name].append(answered / (time.perf_counter() - began))
    return {name: spread(values) for name, values in found.items()}


def hold(bundle: str, files: Sequence[Path]) -> None:
    """Read records and make their inputs, once for a process."""
    model, net = Bundle.load(bundle), beat_net(Bundle.load("beat-detector"))
    records = [read(file) for file in files]
    HELD.update(model=model, net=net, records=records, inputs=[shown(record, model, net) for record in records])


def of_inputs(part: slice) -> int:
    """Answer records by inputs that are ready, and tell how many."""
    return len(record_log_odds(HELD["inputs"][part], HELD["model"]))


def of_records(part: slice) -> int:
    """Answer records by their millivolts, and tell how many."""
    model = HELD["model"]
    return len(record_log_odds([shown(record, model, HELD["net"]) for record in HELD["records"][part]], model))


def files_per_second(bundle: str, files: Sequence[Path]) -> float:
    """Return how many files are answered in a second, files of answers written."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        for _ in in_batches(files, partial(answer_files, Loader(), bundle, Path(folder))):
            pass
        return len(files) / (time.perf_counter() - began)


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return median, lowest and highest of the runs."""
    return {
        "value": round(statistics.median(values), 1),
        "low": round(min(values), 1),
        "high": round(max(values), 1),
    }


def keep(recipe: str, title: str, metrics: dict[str, dict[str, float]], records: int, runs: int) -> None:
    """Write a result file; the interval is from the lowest to the highest of the runs."""
    from einthoven.learn.judge import write_result

    content = {
        "recipe": recipe,
        "title": title,
        "commit": commit(),
        "versions": versions("numpy", "scipy", "onnxruntime"),
        "machine": f"{cores()} processor cores",
        "seeds": [],
        "protocols": {"diagnose-speed": {"n": {"records": records, "runs": runs}, "metrics": metrics}},
    }
    write_result(content, RESULTS)


def cores() -> int:
    """Return how many processor cores there are for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    main()
