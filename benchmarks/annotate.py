"""Time and score `--detector fast` on the 48 records of MIT-BIH, beside sleepecg, in one run.

    python benchmarks/annotate.py [--data DIR]

Writes ``results/detector-fast.json`` and ``results/detector-sleepecg.json``; what noise does to both is measured beside
the learned detector, by `einthoven evaluate beat-detector`. Neither detector is trained. The few constants of ours
were set by reasoning and then adjusted while looking at these records, so its figures are no blind test, and the
intervals do not know that.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sleepecg import detect_heartbeats

from einthoven.beats.fast import fast_detect
from einthoven.datasets import mitdb
from einthoven.datasets.annotated import fingerprint
from einthoven.datasets.catalogue import dataset
from einthoven.evaluation.detection import quiet_protocols
from einthoven.evaluation.provenance import commit, versions
from einthoven.learn.judge import write_result
from einthoven.record import Beats

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from einthoven.datasets.annotated import Annotated
    from einthoven.record import Record

RESULTS = Path(__file__).parents[1] / "results"


def main() -> None:
    """Annotate, time, score, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the databases; EINTHOVEN_DATA without it")
    folder = dataset("mitdb").path(parser.parse_args().data)
    items = list(mitdb.load(folder.parent))
    ours, wall_s = timed(lambda: {item.record.id: fast_detect(item.record) for item in items})
    theirs, peer_s = timed(lambda: {item.record.id: peer(item.record) for item in items})
    both = "Two classical detectors on every lead, agreeing (`--detector fast`)"
    write("detector-fast", both, wall_s, quiet_protocols(items, ours), items)
    write(
        "detector-sleepecg", "sleepecg on the first lead, for comparison", peer_s, quiet_protocols(items, theirs), items
    )
    print(f"finding the beats of 48 half hours: {wall_s:.1f} s, sleepecg {peer_s:.1f} s")


def timed(work: Callable[[], dict[str, Beats]]) -> tuple[dict[str, Beats], float]:
    """Return what `work` gives, and the seconds it took."""
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def peer(record: Record) -> Beats:
    """Let sleepecg find the beats of the first lead."""
    return Beats.unlabelled(detect_heartbeats(record.signal[0] * 1.0, record.fs_hz))


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
        "protocols": judged,
    }
    write_result(content, RESULTS)
    for protocol, one in judged.items():
        print(f"{recipe:18} {protocol:44} F1 {one['metrics']['gross_f1']['value']:.4f}")


if __name__ == "__main__":
    main()
