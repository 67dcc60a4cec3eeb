"""How well pages drawn by this package are read back: every 25th record of the 2020 challenge's sources that is here.

    python benchmarks/digitize.py [--data DIR] [--write]

The first ten seconds of each are drawn as 3x4 at 10 mm/mV, with beats marked, as PDF and as PNG of several resolutions,
read back, and each lead compared with what was drawn. `--write` puts ``results/digitize-*.json``; intervals are
bootstraps over records.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from einthoven import analyze, read
from einthoven.datasets.catalogue import dataset
from einthoven.digitize.page import digitize
from einthoven.evaluation.intervals import Figure, how_often
from einthoven.evaluation.provenance import commit, versions
from einthoven.images.paper import draw, save

if TYPE_CHECKING:
    from einthoven.record import Record

RESULTS = Path(__file__).parents[1] / "results"
EVERY = 25
PAGES = {"pdf": (".pdf", 200), "png-300-dpi": (".png", 300), "png-200-dpi": (".png", 200), "png-150-dpi": (".png", 150)}


def main() -> None:
    """Draw, read back, compare, and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=None, help="data root; without it EINTHOVEN_DATA")
    parser.add_argument("--write", action="store_true", help="write results/digitize-*.json")
    options = parser.parse_args()
    files = sorted((dataset("cinc2020").path(options.data) / "records").glob("*.hea"))[::EVERY]
    records = [record.crop(0, min(10, record.duration_s)) for record in map(read, files)]
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in PAGES}
    with tempfile.TemporaryDirectory() as folder:
        for record in records:
            beats = analyze(record, diagnosis=()).beats
            sheet = draw(record, beats=beats, layout="3x4", gain_mm_mv=10)
            for name, (suffix, dpi) in PAGES.items():
                page = save(sheet, Path(folder) / f"page{suffix}", dpi=dpi)
                found[name].append(compared(record, digitize(page)))
    for name, of in found.items():
        entry = judged(np.array(of), len(records))
        print(f"digitize-{name:16}", {key: metric["value"] for key, metric in entry["metrics"].items()})
        if options.write:
            keep(f"digitize-{name}", entry)


def compared(drawn: Record, again: Record) -> tuple[float, float, float]:
    """Return mean and lowest correlation of all leads with what was drawn, and the RMS of what is wrong in mV."""
    correlations, wrong = [], []
    for lead in again.leads:
        there = np.isfinite(again[lead])
        at_s = np.flatnonzero(there) / again.fs_hz
        truth = np.interp(at_s, np.arange(drawn.n_samples) / drawn.fs_hz, drawn[lead].astype(np.float64))
        said = again[lead][there]
        if len(truth) < 2 or not truth.std():
            continue
        correlations.append(float(np.corrcoef(truth, said)[0, 1]))
        off = said - truth
        wrong.append(float(np.std(off)))  # each lead is drawn level with its median
    return float(np.mean(correlations)), min(correlations), float(np.mean(wrong))


def judged(of: Any, records: int) -> dict[str, Any]:
    """Return the entry of a protocol."""
    often = how_often(len(of), 1000, 0)
    means = often @ of[:, (0, 2)] / often.sum(axis=1, keepdims=True)
    lowest = np.array([of[weight > 0, 1].min() for weight in often])
    drawn = {"correlation": means[:, 0], "lowest_correlation": lowest, "off_mv": means[:, 1]}
    return {
        "n": {"records": records, "leads of each": 12},
        "metrics": {name: Figure.of_draws(values).as_json() for name, values in drawn.items()},
    }


def keep(recipe: str, entry: dict[str, Any]) -> None:
    """Write a result file."""
    from einthoven.learn.judge import write_result

    content = {
        "recipe": recipe,
        "title": "pages read back",
        "commit": commit(),
        "versions": versions("numpy", "pillow", "pypdf", "matplotlib"),
        "seeds": [],
        "protocols": {"digitize": entry},
    }
    write_result(content, RESULTS)


if __name__ == "__main__":
    main()
