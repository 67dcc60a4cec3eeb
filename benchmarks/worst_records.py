"""Draw where a system goes most wrong: the worst ten seconds of its worst records, on paper, as marked and as found.

    python benchmarks/worst_records.py mitdb-aami [--protocol ds1-ds2-detected] [--most 4] [--data DIR]

Reads ``results/RECIPE.json`` for the worst records, lets the shipped models analyse them and writes one
``docs/images/worst-RECORD.png`` each. Under a protocol of finding alone (``ec57-detection``) classes do not matter, and
the pictures are called ``worst-found-RECORD.png``. Nothing is chosen by it.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from einthoven.analysis import analyze
from einthoven.beats.match import TOLERANCE_S, match
from einthoven.codes import AAMI_CLASSES
from einthoven.datasets import mitdb
from einthoven.evaluation.ec57 import aami
from einthoven.evaluation.markdown import extra, missed, wrong
from einthoven.images.paper import draw, save
from einthoven.images.sheet import Curve, Label
from einthoven.record import Beats

if TYPE_CHECKING:
    from einthoven.datasets.annotated import Annotated
    from einthoven.images.sheet import Mark, Sheet

ROOT = Path(__file__).parents[1]
SHOWN_S = 10.0
DPI, COLOURS = 90, 128  # small files: a repository keeps them for ever


def main() -> None:
    """Find the worst records and draw them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--protocol", default="ds1-ds2-detected")
    parser.add_argument("--bundle", default="mitdb-aami", help="the model to ask for classes")
    parser.add_argument("--most", type=int, default=4)
    parser.add_argument("--data", help="folder of the databases; EINTHOVEN_DATA without it")
    options = parser.parse_args()
    result = json.loads((ROOT / "results" / f"{options.recipe}.json").read_text(encoding="utf-8"))
    records = result["protocols"][options.protocol]["records"]
    finding = options.protocol.startswith("ec57-detection")
    badness = (lambda cells: missed(cells) + extra(cells)) if finding else wrong
    worst = sorted(records, key=lambda name: -badness(records[name]))[: options.most]
    for item in mitdb.load(options.data, worst):
        found = analyze(item.record, bundle=options.bundle).beats
        if finding:
            item, found = replace(item, beats=plain(item.beats)), plain(found)
        start_s, n_wrong = worst_seconds(item, found)
        path = ROOT / "docs" / "images" / f"worst-{'found-' if finding else ''}{item.record.id}.png"
        save(pictured(item, found, start_s), path, dpi=DPI)
        Image.open(path).convert("RGB").quantize(COLOURS).save(path, optimize=True)
        print(f"{path.name}: {n_wrong} of its beats wrong from {start_s:.0f} s on, {path.stat().st_size / 1000:.0f} kB")


def plain(beats: Beats) -> Beats:
    """Forget the classes."""
    return Beats.unlabelled(beats.sample)


def worst_seconds(item: Annotated, found: Beats) -> tuple[float, int]:
    """Return the start of the ten seconds with most beats missed, extra or of another class, and their number."""
    pairs = match(item.beats.sample, found.sample, TOLERANCE_S * item.record.fs_hz)
    other = aami(item.beats)[pairs.reference_idx] != aami(found)[pairs.found_idx]
    lost = np.delete(item.beats.sample, pairs.reference_idx)
    false = np.delete(found.sample, pairs.found_idx)
    at_s = np.sort(np.concatenate([item.beats.sample[pairs.reference_idx[other]], lost, false])) / item.record.fs_hz
    if not len(at_s):
        return 0.0, 0
    within = np.searchsorted(at_s, at_s + SHOWN_S - 1) - np.arange(len(at_s))
    first = int(within.argmax())
    return max(0.0, min(float(at_s[first]) - 0.5, item.record.duration_s - SHOWN_S)), int(within[first])


def pictured(item: Annotated, found: Beats, start_s: float) -> Sheet:
    """Draw all leads with the expert's beats, and under them the first lead with the beats as found."""
    marked = Beats(item.beats.sample, np.array(AAMI_CLASSES)[aami(item.beats)])
    options = {"start_s": start_s, "seconds": SHOWN_S, "layout": "12x1", "bare": True}
    upper = draw(item.record, beats=marked, **options)
    lower = draw(item.record.pick(item.record.leads[:1]), beats=found, **options)
    words = [
        Label("text", 2, top_mm + 3.3, text, halo=True)
        for top_mm, text in ((0, "marked by experts"), (upper.height_mm, "found"))
    ]
    moved = [lowered(mark, upper.height_mm) for mark in lower.marks]
    return replace(upper, height_mm=upper.height_mm + lower.height_mm, marks=(*upper.marks, *moved, *words))


def lowered(mark: Mark, by_mm: float) -> Mark:
    """Move a mark down the page."""
    if isinstance(mark, Curve):
        return replace(mark, lines=tuple(line + np.array([0, by_mm]) for line in mark.lines))
    if isinstance(mark, Label):
        return replace(mark, y_mm=mark.y_mm + by_mm)
    return replace(mark, top_mm=mark.top_mm + by_mm)


if __name__ == "__main__":
    main()
