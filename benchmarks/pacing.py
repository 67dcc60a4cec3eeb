"""Count in how many recordings a pacemaker is seen: MIT-BIH (tape, 360 Hz) and PhysioNet/CinC 2020, quiet and in noise.

    python benchmarks/pacing.py [--data DIR]

Writes ``results/pacing.json``. The thresholds were set while looking at these records, so this is no blind test.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from einthoven.beats.fast import fast_detect
from einthoven.beats.pacing import LOWEST_HZ, find_pacing
from einthoven.datasets import mitdb, nstdb
from einthoven.datasets.catalogue import dataset
from einthoven.evaluation.noise import add_noise
from einthoven.evaluation.provenance import commit, versions
from einthoven.formats import read
from einthoven.learn.judge import write_result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from einthoven.record import Beats, Record

RESULTS = Path(__file__).parents[1] / "results"
PACING_RHYTHM = "10370003"
LEVELS_DB = (6, 0)
FEWEST_BEATS = 3


@dataclass(frozen=True)
class Heart:
    """A recording, its beats, and whether it has a pacemaker."""

    record: Record
    beats: Beats
    paced: bool


def main() -> None:
    """Count and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the databases; EINTHOVEN_DATA without it")
    root = dataset("mitdb").path(parser.parse_args().data).parent
    noises = [None, *((noise, level) for noise in nstdb.load(root) for level in LEVELS_DB)]
    protocols = {}
    for name, load in (("mitdb", tapes), ("cinc2020", strips)):
        hearts = list(load(root))
        for noise in noises:
            quiet = noise is None
            key = f"pacing-{name}" if quiet else f"pacing-{name}-{noise[0].id}-{noise[1]}db"
            protocols[key] = counted(hearts if quiet else [noisy(heart, *noise) for heart in hearts])
            print(key, protocols[key]["decisions"], flush=True)
    content = {
        "recipe": "pacing",
        "title": "Pacemakers by their spikes (`einthoven.beats.pacing`)",
        "commit": commit(),
        "versions": versions("numpy", "scipy"),
        "protocols": protocols,
    }
    write_result(content, RESULTS)


def tapes(root: Path) -> Iterator[Heart]:
    """Read the records of MIT-BIH, five minutes of each, with their reference beats."""
    for item in mitdb.load(root):
        record = item.record.crop(0, 300)
        inside = item.beats.sample < record.n_samples
        beats = replace(item.beats, sample=item.beats.sample[inside], symbol=item.beats.symbol[inside])
        yield Heart(record, beats, item.record.id in mitdb.PACED)


def strips(root: Path) -> Iterator[Heart]:
    """Read the records of CinC 2020 that are fast enough and have some beats."""
    for file in sorted(dataset("cinc2020").path(root).rglob("*.hea")):
        record = read(file)
        beats = fast_detect(record)
        if record.fs_hz >= LOWEST_HZ and len(beats) >= FEWEST_BEATS and np.isfinite(record.signal).all():
            yield Heart(record, beats, PACING_RHYTHM in record.diagnoses)


def noisy(heart: Heart, noise: Record, level_db: float) -> Heart:
    """Put noise into all of a recording; leads that are flat are left out."""
    alive = [lead for lead in heart.record.leads if np.ptp(heart.record[lead]) > 0]
    record = add_noise(heart.record.pick(alive), noise, level_db, heart.beats, start_s=0, segment_s=math.inf)
    return replace(heart, record=record)


def counted(hearts: list[Heart]) -> dict:
    """Count decisions, of those with a pacemaker and of those without."""
    decisions = [(heart.paced, str(find_pacing(heart.record, heart.beats).decision)) for heart in hearts]
    return {
        "n": {"records": len(hearts), "paced": sum(paced for paced, _ in decisions)},
        "metrics": {},
        "decisions": {
            kind: dict(Counter(said for paced, said in decisions if paced == wanted))
            for kind, wanted in (("with", True), ("without", False))
        },
    }


if __name__ == "__main__":
    main()
