"""Time of `read`, from file to millivolts, beside the libraries that read the same files, in one run.

    python benchmarks/reading.py [--data DIR] [--runs N] [--write]

Each record is read by both in turn, in one thread and with the files in the cache of the system; what is told is the
median time of a record, and of the runs their median, lowest and highest. `wfdb` reads WFDB records and
`scipy.io.loadmat` those of the China competition. Both must give the same samples. Headers are copied without their
dates, which `wfdb` refuses in the form that the 2020 challenge has. `--write` puts ``results/reading*.json``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import scipy.io
import wfdb

from einthoven.datasets.catalogue import dataset
from einthoven.evaluation.provenance import commit, versions
from einthoven.formats import files_of, read
from einthoven.formats.wfdb_header import header_text, read_header
from einthoven.learn.judge import write_result

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Read = Callable[[Path], np.ndarray]

RESULTS = Path(__file__).parents[1] / "results"
AT_MOST = 100  # records of a database
FILES = {
    "reading-cinc2020": ("cinc2020", "records/*.hea", "format 16 in MATLAB 4"),
    "reading-ptb-xl": ("ptb-xl", "records100/*/*.hea", "format 516, FLAC"),
    "reading-mitdb-212": ("mitdb", "100.hea", "format 212"),
    "reading-mitdb-516": ("mitdb", "10[1-9].hea", "format 516, FLAC"),
    "reading-cpic2019": ("cpic2019", "TRAIN/*.mat", "MATLAB 5, compressed"),
}
"""Protocols: the database, its files, and how samples lie there."""


def main() -> None:
    """Time both in turn, say what they took, and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the databases; EINTHOVEN_DATA without it")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="write results/reading*.json")
    options = parser.parse_args()
    ours: dict[str, object] = {}
    theirs: dict[str, object] = {}
    for protocol, (database, pattern, what) in FILES.items():
        peer = by_scipy if database == "cpic2019" else by_wfdb
        found = sorted(dataset(database).path(options.data).glob(pattern))[:AT_MOST]
        with tempfile.TemporaryDirectory() as folder:
            paths = [undated(path, Path(folder)) for path in found]
            n = counted(paths, peer) | {"runs": options.runs}
            took = in_turn(paths, (by_einthoven, peer), options.runs)
        print(f"{protocol:18} {what:22} einthoven {took[0]}, {peer.__name__} {took[1]}, {n}")
        for protocols, figure in zip((ours, theirs), took, strict=True):
            protocols[protocol] = {"n": n, "metrics": {"one_ms": figure}}
    if options.write:
        keep("reading", "`einthoven.read`", ours)
        keep("reading-peers", "`wfdb.rdrecord`, and `scipy.io.loadmat` for cpic2019", theirs)


def undated(path: Path, folder: Path) -> Path:
    """Return the record as it lies in `folder`: links to its files, and its header without the date."""
    for file in files_of(path) - {path.with_suffix(".hea")}:
        (folder / file.name).symlink_to(file)
    if path.suffix == ".hea":
        text = header_text(replace(read_header(path), name=path.stem, start=None))
        (folder / path.name).write_text(text, encoding="utf-8")
    return folder / path.name


def by_einthoven(path: Path) -> np.ndarray:
    """Return millivolts, float32, shape (lead, sample)."""
    return read(path).signal


def by_wfdb(path: Path) -> np.ndarray:
    """Return the same, float64 and turned round."""
    return wfdb.rdrecord(str(path.with_suffix(""))).p_signal.T


def by_scipy(path: Path) -> np.ndarray:
    """Return the same, as the file has it."""
    return scipy.io.loadmat(path)["data"]


def counted(paths: Sequence[Path], peer: Read) -> dict[str, float]:
    """Read all for a first time, compare, and say how much it is."""
    for path in paths:
        if not np.array_equal(by_einthoven(path), peer(path).astype(np.float32), equal_nan=True):
            sys.exit(f"{path}: {peer.__name__} gives other samples")
    record = read(paths[len(paths) // 2])
    return {"records": len(paths), "leads": len(record.leads), "seconds of one": round(record.duration_s, 1)}


def in_turn(paths: Sequence[Path], readers: Sequence[Read], runs: int) -> list[dict[str, float]]:
    """Return for each reader the median time of a record in ms: median, lowest and highest of the runs."""
    medians: list[list[float]] = [[] for _ in readers]
    for _ in range(runs):
        times: list[list[float]] = [[] for _ in readers]
        for path in paths:
            for reader, took in zip(readers, times, strict=True):
                began = time.perf_counter()
                reader(path)
                took.append(time.perf_counter() - began)
        for all_runs, took in zip(medians, times, strict=True):
            all_runs.append(1000 * statistics.median(took))
    return [
        {"value": round(statistics.median(m), 2), "low": round(min(m), 2), "high": round(max(m), 2)} for m in medians
    ]


def keep(recipe: str, title: str, protocols: dict[str, object]) -> None:
    """Write a result file; the interval is from the lowest to the highest of the runs."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    content = {
        "recipe": recipe,
        "title": title,
        "commit": commit(),
        "versions": versions("numpy", "scipy", "wfdb", "soundfile"),
        "machine": f"{cores} processor cores, one of them used",
        "seeds": [],
        "protocols": protocols,
    }
    write_result(content, RESULTS)


if __name__ == "__main__":
    main()
