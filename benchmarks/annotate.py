"""Time and score `einthoven annotate` on the 48 records of MIT-BIH, beside sleepecg alone, in one run.

    python benchmarks/annotate.py [--data DIR]

Writes ``results/detector-fast.json``. The detector has no trained part; its few constants were set by reasoning, then
looked at on these records as a whole, so the figures are not those of a blind test.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sleepecg import detect_heartbeats
from wfdb import rdann

from einthoven.atomic import replacing
from einthoven.beats.match import TOLERANCE_S, match
from einthoven.datasets import mitdb
from einthoven.datasets.annotated import fingerprint
from einthoven.datasets.catalogue import dataset
from einthoven.evaluation.detection import detection_figures
from einthoven.evaluation.provenance import commit, versions

RESULTS = Path(__file__).parents[1] / "results"


def main() -> None:
    """Annotate, time, score, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder of the databases; EINTHOVEN_DATA without it")
    folder = dataset("mitdb").path(parser.parse_args().data)
    files = [folder / f"{name}.hea" for name in mitdb.RECORDS]
    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "einthoven", "annotate", *files, "-o", out], check=True)
        wall_s = time.perf_counter() - began
        ours = {name: rdann(str(Path(out) / name), "qrs").sample for name in mitdb.RECORDS}
    items = list(mitdb.load(folder.parent))
    began = time.perf_counter()
    theirs = {i.record.id: detect_heartbeats(i.record.signal[0].astype(np.float64), i.record.fs_hz) for i in items}
    peer_s = time.perf_counter() - began
    tolerance = TOLERANCE_S * 360
    protocols = {}
    for name, found in (("ec57-detection", ours), ("ec57-detection-sleepecg", theirs)):
        pairs = [match(item.beats.sample, found[item.record.id], tolerance) for item in items]
        protocols[name] = {
            "n": {"records": len(pairs), "beats": sum(p.n_reference for p in pairs)},
            "metrics": {key: figure.as_json() for key, figure in detection_figures(pairs).items()},
        }
    content = {
        "recipe": "detector-fast",
        "title": "Beats found by two classical detectors on every lead",
        "commit": commit(),
        "versions": versions(),
        "data": {"mitdb": fingerprint_of(items)},
        "wall_s": round(wall_s, 2),
        "peer_wall_s": round(peer_s, 2),
        "seeds": [],
        "protocols": protocols,
    }
    with replacing(RESULTS / "detector-fast.json") as draft:
        draft.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"annotate, all of it: {wall_s:.1f} s for 48 half hours; sleepecg, finding alone: {peer_s:.1f} s")
    for name, part in protocols.items():
        print(name, {key: figure["value"] for key, figure in part["metrics"].items()})


def fingerprint_of(items: list) -> str:
    """Identify the records scored."""
    import hashlib

    return hashlib.sha256("\n".join(fingerprint(item) for item in items).encode()).hexdigest()


if __name__ == "__main__":
    main()
