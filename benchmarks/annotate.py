"""Time and score `einthoven annotate` on the 48 records of MIT-BIH, beside sleepecg alone, in one run.

    python benchmarks/annotate.py [--data DIR]

Writes ``results/detector-fast.json`` and ``results/detector-sleepecg.json``. Neither detector is trained. The few
constants of ours were set by reasoning and then adjusted while looking at these records, so its figures are no blind
test, and the intervals do not know that.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sleepecg import detect_heartbeats
from wfdb import rdann

from einthoven.atomic import replacing
from einthoven.beats.match import TOLERANCE_S, match
from einthoven.datasets import mitdb
from einthoven.datasets.annotated import fingerprint
from einthoven.datasets.catalogue import dataset
from einthoven.evaluation.detection import detection_figures
from einthoven.evaluation.provenance import commit, versions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np

    from einthoven.datasets.annotated import Annotated

RESULTS = Path(__file__).parents[1] / "results"


def main() -> None:
    """Annotate, time, score, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the databases; EINTHOVEN_DATA without it")
    folder = dataset("mitdb").path(parser.parse_args().data)
    items = list(mitdb.load(folder.parent))
    ours, wall_s = timed(lambda: annotated(folder))
    theirs, peer_s = timed(lambda: {i.record.id: detect_heartbeats(i.record.signal[0] * 1.0, 360) for i in items})
    both = "Two classical detectors on every lead, agreeing (`--detector fast`)"
    write("detector-fast", both, wall_s, score(items, ours), items)
    write("detector-sleepecg", "sleepecg on the first lead, for comparison", peer_s, score(items, theirs), items)
    print(f"annotate, all of it: {wall_s:.1f} s for 48 half hours; sleepecg, finding alone: {peer_s:.1f} s")


def timed(work: Callable[[], dict[str, np.ndarray]]) -> tuple[dict[str, np.ndarray], float]:
    """Return what `work` gives, and the seconds it took."""
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def annotated(folder: Path) -> dict[str, np.ndarray]:
    """Let the command find the beats of all records, and read what it wrote."""
    files = [folder / f"{name}.hea" for name in mitdb.RECORDS]
    with tempfile.TemporaryDirectory() as out:
        subprocess.run([sys.executable, "-m", "einthoven", "annotate", *files, "-o", out], check=True)
        return {name: rdann(str(Path(out) / name), "qrs").sample for name in mitdb.RECORDS}


def score(items: Sequence[Annotated], found: Mapping[str, np.ndarray]) -> dict:
    """Judge beats by EC57's rule, without its exclusion of ventricular flutter."""
    pairs = [match(item.beats.sample, found[item.record.id], TOLERANCE_S * item.record.fs_hz) for item in items]
    return {
        "n": {"records": len(pairs), "beats": sum(pair.n_reference for pair in pairs)},
        "metrics": {name: figure.as_json() for name, figure in detection_figures(pairs).items()},
    }


def write(recipe: str, title: str, wall_s: float, judged: dict, items: Sequence[Annotated]) -> None:
    """Write a result file and say what is in it."""
    prints = "\n".join(fingerprint(item) for item in items)
    content = {
        "recipe": recipe,
        "title": title,
        "commit": commit(),
        "versions": versions("numpy", "scipy", "sleepecg"),
        "data": {"mitdb": hashlib.sha256(prints.encode()).hexdigest()},
        "wall_s": round(wall_s, 1),
        "seeds": [],
        "protocols": {"ec57-detection": judged},
    }
    with replacing(RESULTS / f"{recipe}.json") as draft:
        draft.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    print(recipe, {name: figure["value"] for name, figure in judged["metrics"].items()})


if __name__ == "__main__":
    main()
