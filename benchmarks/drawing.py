"""Time of drawing: pages of twelve leads, beats on canvases of their own, and strips, from samples to pixels.

    python benchmarks/drawing.py [--runs N] [--write]

Each kind of picture is drawn of all simulated hearts in a row, in turn with the other kinds, in one thread, and nothing
is written to disk; what is told is the median time of a picture, and of the runs their median, lowest and highest. A
page is drawn from the record on: arranged, laid out as marks, and painted; by `page_picture` that includes the boxes of
all beats. matplotlib paints the same marks in the same run. `--write` puts ``results/drawing*.json``.
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
from matplotlib.backends.backend_agg import FigureCanvasAgg

from einthoven.evaluation.provenance import commit, versions
from einthoven.images.beat_pictures import beat_picture
from einthoven.images.canvas import figure
from einthoven.images.paper import draw
from einthoven.images.raster import raster
from einthoven.images.scan import scanned
from einthoven.images.strips import Lead, strip_picture
from einthoven.images.truth import page_picture
from einthoven.learn.judge import write_result
from einthoven.signal.simulate import Simulation, simulate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from einthoven.images.picture import Picture

    Draw = Callable[[Simulation], object]

RESULTS = Path(__file__).parents[1] / "results"
HEARTS = 10
SECONDS = 10.0
FS_HZ = 500.0


def main() -> None:
    """Time all in turn, say what it took, and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="write results/drawing*.json")
    options = parser.parse_args()
    hearts = [simulate(duration_s=SECONDS, fs_hz=FS_HZ, pvc=0.1, seed=seed) for seed in range(HEARTS)]
    ours: dict[str, Draw] = {
        "drawing-page-100-dpi": partial(page, dpi=100),
        "drawing-page-200-dpi": partial(page, dpi=200),
        "drawing-page-with-truth-100-dpi": partial(page_with_truth, dpi=100),
        "drawing-scan-100-dpi": scan,
        "drawing-beat": beat,
        "drawing-strip": strip,
    }
    theirs: dict[str, Draw] = {
        "drawing-page-100-dpi": partial(page_by_matplotlib, dpi=100),
        "drawing-page-200-dpi": partial(page_by_matplotlib, dpi=200),
    }
    n = {"hearts": HEARTS, "leads": 12, "seconds of one": SECONDS, "runs": options.runs}
    took = in_turn(hearts, [*ours.values(), *theirs.values()], options.runs)
    for recipe, title, draws in (
        ("drawing", "`einthoven.images`", ours),
        ("drawing-matplotlib", "the same marks by matplotlib", theirs),
    ):
        figures = [took.pop(0) for _ in draws]
        for protocol, figure_ms in zip(draws, figures, strict=True):
            print(f"{protocol:32} {title:30} {figure_ms}")
        if options.write:
            told = zip(draws, figures, strict=True)
            keep(recipe, title, {name: {"n": n, "metrics": {"one_ms": figure_ms}} for name, figure_ms in told})


def page(heart: Simulation, dpi: float) -> object:
    """Draw a page, with its beats marked."""
    return raster(draw(heart.record, beats=heart.beats), dpi=dpi)


def page_by_matplotlib(heart: Simulation, dpi: float) -> object:
    """Draw the same page with the slower painter."""
    canvas = FigureCanvasAgg(figure(draw(heart.record, beats=heart.beats), dpi=dpi))
    canvas.draw()
    return canvas.buffer_rgba()


def page_with_truth(heart: Simulation, dpi: float) -> object:
    """Draw a page, and the boxes of all its beats."""
    return page_picture(heart.record, beats=heart.beats, dpi=dpi)


PAGES: dict[str, Picture] = {}


def scan(heart: Simulation) -> object:
    """Fold, turn and scan a page that is there."""
    if heart.record.id not in PAGES:
        PAGES[heart.record.id] = page_picture(heart.record, beats=heart.beats, dpi=100).picture
    return scanned(PAGES[heart.record.id], np.random.default_rng(0))


def beat(heart: Simulation) -> object:
    """Draw a beat on a canvas of its own."""
    return beat_picture(heart.record["II"], FS_HZ, int(heart.beats.sample[3]), np.random.default_rng(0))


def strip(heart: Simulation) -> object:
    """Draw ten seconds of one lead, and the boxes of its beats."""
    return strip_picture(Lead(heart.record["II"], FS_HZ, heart.beats.sample, heart.beats.symbol.tolist()), 0)


def in_turn(hearts: Sequence[Simulation], draws: Sequence[Draw], runs: int) -> list[dict[str, float]]:
    """Return for each way to draw the median time of a picture in ms: median, lowest and highest of the runs."""
    medians: list[list[float]] = [[] for _ in draws]
    for heart in hearts:
        for one in draws:
            one(heart)
    for _ in range(runs):
        times: list[list[float]] = [[] for _ in draws]
        for one, took in zip(draws, times, strict=True):
            one(hearts[0])  # a sheet of megabytes drawn just before leaves a small picture nothing in the cache
            for heart in hearts:
                began = time.perf_counter()
                one(heart)
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
        "versions": versions("numpy", "pillow", "matplotlib"),
        "machine": f"{cores} processor cores, one of them used",
        "seeds": [],
        "protocols": protocols,
    }
    write_result(content, RESULTS)


if __name__ == "__main__":
    main()
