"""Time and memory of `einthoven analyze` on a day of ECG, beside programs that find peaks alone, in one run.

    python benchmarks/holter.py [--data DIR] [--days D] [--rate HZ] [--runs N] [--neurokit PYTHON] [--write]

The file is the 48 records of MIT-BIH end to end, 24 hours of two leads at 360 Hz and 110,000 beats; where they are not
on this machine, a simulated heart. Every program is a process of its own that begins by reading the file; they run in
turn, and what the operating system counted for each process is told: seconds, processor seconds and peak memory, as
median, lowest and highest. `einthoven` reads, finds and classifies beats, measures rhythm and quality, and writes JSON
and HTML; the others find R peaks in the first lead. neurokit2 needs packages of its own and runs where it is installed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from einthoven.datasets import mitdb
from einthoven.datasets.catalogue import dataset
from einthoven.errors import DataError
from einthoven.evaluation.provenance import commit, versions
from einthoven.formats import write
from einthoven.learn.judge import write_result
from einthoven.record import Record
from einthoven.signal.resample import resample_record
from einthoven.signal.simulate import Noise, simulate

RESULTS = Path(__file__).parents[1] / "results"
DAY_S = 86_400

_READ = "import sys, wfdb; r = wfdb.rdrecord(sys.argv[1], channels=[0]); x, hz = r.p_signal[:, 0], r.fs; "
PEERS = {
    "sleepecg": _READ + "from sleepecg import detect_heartbeats as d; print(len(d(x, hz)))",
    "xqrs": _READ + "from wfdb.processing import xqrs_detect as d; print(len(d(x, hz, verbose=False)))",
    "neurokit2": _READ + "import neurokit2 as n; print(len(n.ecg_peaks(x, hz)[1]['ECG_R_Peaks']))",
}
"""Programs that find the beats of the first lead of a WFDB record and print how many."""


@dataclass(frozen=True)
class Run:
    """What one process took."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    beats: int


def main() -> None:
    """Make the file, run everything in turn, say what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the databases; EINTHOVEN_DATA without it")
    parser.add_argument("--days", type=float, default=1.0, help="of more than one, einthoven alone is run")
    parser.add_argument("--rate", type=float, default=360.0, metavar="HZ")
    parser.add_argument("--runs", type=int, default=5, help="of einthoven and sleepecg; the slow peers run once")
    parser.add_argument("--neurokit", metavar="PYTHON", help="an interpreter that has neurokit2 and wfdb")
    parser.add_argument("--write", action="store_true", help="write results/holter*.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "holter.hea")
        with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:  # a child's peak memory counts its parent's
            facts = elsewhere.submit(make, file, options.data, options.days, options.rate).result()
        print(", ".join(f"{value:g} {name}" for name, value in facts.items()), "on", _cores())
        runs = in_turn(file, options.runs, peers=options.days <= 1, neurokit=options.neurokit)
    for name, took in runs.items():
        print(f"{name:10} {', '.join(f'{key} {text}' for key, text in told(took).items())}")
        if options.write:
            keep(name, took, facts, "holter" if options.days <= 1 else f"holter-{options.days:g}-days")


def make(file: Path, root: str | None, days: float, fs_hz: float) -> dict[str, float]:
    """Write the record, and say what it is."""
    record = long_record(root, days, fs_hz)
    write(record, file)
    return {"hours": round(record.duration_s / 3600, 2), "leads": len(record.leads), "Hz": round(record.fs_hz)}


def long_record(root: str | None, days: float, fs_hz: float) -> Record:
    """Return the records of MIT-BIH end to end, again and again for more than a day; without them a simulated heart."""
    try:
        dataset("mitdb").path(root)
    except DataError:
        noise = Noise(wander_mv=0.1, muscle_mv=0.02)
        return simulate(
            duration_s=days * DAY_S, fs_hz=fs_hz, pvc=0.05, pac=0.05, noise=noise, leads=["MLII", "V5"]
        ).record
    signals = [resample_record(item.record, fs_hz).signal for item in mitdb.load(root)]
    times = int(np.ceil(days))
    signal = np.concatenate(signals * times, axis=1)[:, : round(days * DAY_S * fs_hz)]
    return Record(signal, fs_hz, ("MLII", "V5"), id="mitdb end to end")


def in_turn(file: Path, n: int, *, peers: bool, neurokit: str | None) -> dict[str, list[Run]]:
    """Run what is run often once to warm up the disk cache, then all in turn."""
    page, record = file.with_suffix(".html"), str(file.with_suffix(""))
    ours = [sys.executable, "-m", "einthoven", "analyze", str(file), "--json", "--html", str(page)]
    often, once = {"einthoven": ours}, {}
    if peers:
        often["sleepecg"] = [sys.executable, "-c", PEERS["sleepecg"], record]
        once["xqrs"] = [sys.executable, "-c", PEERS["xqrs"], record]
    if peers and neurokit:
        once["neurokit2"] = [neurokit, "-c", PEERS["neurokit2"], record]
    for command in often.values():
        measured(command)
    runs: dict[str, list[Run]] = {name: [] for name in (*often, *once)}
    for _ in range(n):
        for name, command in often.items():
            runs[name].append(measured(command))
    for name, command in once.items():
        runs[name].append(measured(command))
    print(f"page of {page.stat().st_size / 1e6:.2f} MB")
    return runs


def measured(command: list[str]) -> Run:
    """Run a process to its end."""
    with tempfile.TemporaryFile() as out:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE)
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{' '.join(command[:4])}: {process.stderr.read().decode()[-2000:] if process.stderr else ''}")
        if process.stderr:
            process.stderr.close()
        out.seek(0)
        said = json.load(out)
    beats = said if isinstance(said, int) else said["summary"]["n_beats"]
    return Run(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, beats)


def told(runs: list[Run]) -> dict[str, str]:
    """Put what several runs took in words."""
    figures = {key: figure(runs, key) for key in ("wall_s", "cpu_s", "peak_mb")}
    words = {key: f"{one['value']:.1f} ({one['low']:.1f} to {one['high']:.1f})" for key, one in figures.items()}
    return words | {"beats": str(runs[0].beats), "runs": str(len(runs))}


def figure(runs: list[Run], key: str) -> dict[str, float]:
    """Return median, lowest and highest of a figure."""
    values = [getattr(run, key) for run in runs]
    return {"value": round(statistics.median(values), 2), "low": round(min(values), 2), "high": round(max(values), 2)}


def keep(name: str, runs: list[Run], facts: dict[str, float], protocol: str) -> None:
    """Write a result file; of several runs, the interval is from the lowest to the highest."""
    recipe = protocol if name == "einthoven" else f"{protocol}-{name}"
    content = {
        "recipe": recipe,
        "title": "einthoven analyze, everything" if name == "einthoven" else f"{name}, R peaks of the first lead alone",
        "commit": commit(),
        "versions": versions("numpy", "scipy", "sleepecg", "wfdb", "onnxruntime"),
        "machine": _cores(),
        "wall_s": round(sum(run.wall_s for run in runs), 1),
        "seeds": [],
        "protocols": {
            protocol: {
                "n": facts | {"beats": runs[0].beats, "runs": len(runs)},
                "metrics": {key: figure(runs, key) for key in ("wall_s", "cpu_s", "peak_mb")},
            }
        },
    }
    write_result(content, RESULTS)


def _cores() -> str:
    return f"{len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()} processor cores"


if __name__ == "__main__":
    main()
