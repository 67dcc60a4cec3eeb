"""Draw how well normal is told from abnormal, and what doubt is worth: from the out-of-fold scores of finished runs.

    python benchmarks/draw_twelve_leads.py [RECIPE ...] [--runs DIR] [--why FILE]

Writes ``docs/images/twelve-leads.png``: ROC curves with the operating points, how often records of a stated probability
are abnormal, and the accuracy of what is left when the least sure records are deferred. The first recipe is ours, whose
rules were fitted inside the training folds; the others stand beside it. Every score is of networks that did not learn
from the record. Nothing is chosen by it.

With ``--why``, an ECG file, it writes ``docs/images/twelve-leads-why.png`` instead: the leads that the shipped model
looks at, shaded by what moved its answer.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from PIL import Image

from einthoven.analysis import analyze
from einthoven.evaluation.record_figures import record_metrics
from einthoven.formats import read
from einthoven.images.paper import save
from einthoven.learn.judge_records import crossed_of, judged
from einthoven.learn.recipe import load_recipe
from einthoven.learn.runs import Run, run_folder
from einthoven.report.explained import in_short, shaded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from einthoven.evaluation.record_figures import Decided

    Array = NDArray[np.float64]

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
INK, SOFT, LINE = "#15171c", "#565d69", "#dfe2e7"
COLOURS: Final = ("#c2410c", "#0b57a4", "#0b6b3a", "#86195a", "#64748b")
SHOWN: Final = ["cpic2019", "cpic2019-plain", "cpic2019-conv1d"]
BINS = 10
DRAWS = 1000
DPI, PALETTE = 130, 128  # small files: a repository keeps them for ever


def main() -> None:
    """Read the runs, draw them, say the figures that are in the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", default=SHOWN, metavar="RECIPE")
    parser.add_argument("--runs", type=Path, default=ROOT / "runs")
    parser.add_argument("--why", type=Path, metavar="FILE", help="draw what moved the answer for this record instead")
    parser.add_argument("--bundle", default="cpic2019", help="the model to ask why")
    options = parser.parse_args()
    if options.why:
        why(options.why, options.bundle)
        return
    said = {name: repeats_of(name, options.runs) for name in options.recipes}
    path = IMAGES / "twelve-leads.png"
    picture(said).savefig(path, dpi=DPI)
    shrink(path)
    for name, repeats in said.items():
        figures = [record_metrics(one) for one in repeats]
        accuracy, area = (np.mean([one[key] for one in figures]) for key in ("accuracy", "auc"))
        print(f"{name:20} {len(repeats)} repeats, accuracy {accuracy:.3f}, AUC {area:.3f}")


def shrink(path: Path) -> None:
    """Make a picture small, and say how small."""
    Image.open(path).convert("RGB").quantize(PALETTE).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")


def why(file: Path, bundle: str) -> None:
    """Draw what moved the answer for a record, and say it."""
    report = analyze(read(file), diagnosis=bundle, explain=True)
    if report.explanation is None:
        raise SystemExit(f"{file}: {'; '.join(report.warnings)}")
    path = save(shaded(report, report.explanation), IMAGES / "twelve-leads-why.png", dpi=95)
    shrink(path)
    print(report.findings[0], in_short(report.explanation), sep="\n")


def repeats_of(name: str, runs: Path) -> list[Decided]:
    """Read what was said of every record in each repeat of a recipe."""
    recipe = load_recipe(name)
    folders = [run_folder(runs, recipe, repeat, 0) for repeat in range(recipe.evaluation.repeats)]
    least = recipe.least
    return [judged(crossed_of(Run.read(folder)), recipe.card.miss_rate, least) for folder in folders]


def picture(said: dict[str, list[Decided]]) -> Figure:
    """Draw three panels side by side."""
    figure = Figure(figsize=(12.4, 4.5), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.12, wspace=0.04)
    left, middle, right = figure.subplots(1, 3)
    ours = next(iter(said))
    for colour, (name, repeats) in zip(COLOURS, said.items(), strict=False):
        roc(left, repeats, colour, name, points=name == ours)
        deferral(right, repeats, colour, name)
    calibration(middle, said[ours], COLOURS[0])
    framed(left, "Normal or abnormal", "normal called abnormal", "abnormal called abnormal")
    framed(middle, f"What a probability is worth: {ours}", "probability stated", "share that is abnormal")
    framed(right, "When the least sure are deferred", "share deferred", "accuracy of the others")
    left.set(xlim=(0, 0.5), ylim=(0.5, 1.005))
    middle.set(xlim=(0, 1), ylim=(0, 1.02))
    right.set(xlim=(0, 0.5))
    left.legend(loc="lower right", frameon=False, fontsize=9, labelcolor=INK)
    right.legend(loc="lower right", frameon=False, fontsize=9, labelcolor=INK)
    return figure


def framed(axes: Axes, title: str, across: str, up: str) -> None:
    """Dress a panel as the reports are."""
    axes.set_title(title, loc="left", fontsize=11, color=INK, fontweight="bold")
    axes.set_xlabel(across, color=SOFT, fontsize=9.5)
    axes.set_ylabel(up, color=SOFT, fontsize=9.5)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
    axes.tick_params(colors=SOFT, labelsize=9, length=3)
    axes.grid(color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_color(LINE)


def roc(axes: Axes, repeats: Sequence[Decided], colour: str, name: str, *, points: bool) -> None:
    """Draw the mean curve over repeats with its range, and the operating points."""
    at = np.linspace(0, 1, 501)
    curves = np.array([interpolated_roc(one, at) for one in repeats])
    axes.fill_between(at, curves.min(axis=0), curves.max(axis=0), color=colour, alpha=0.15, linewidth=0)
    axes.plot(at, curves.mean(axis=0), color=colour, linewidth=1.8, label=name)
    if not points:
        return
    for mark, label, called in (
        ("o", "at probability 0.5", lambda one: one.probability >= 0.5),
        ("D", "few missed", lambda one: one.sensitive),
    ):
        false = np.mean([called(one)[~one.abnormal].mean() for one in repeats])
        true = np.mean([called(one)[one.abnormal].mean() for one in repeats])
        axes.plot([false], [true], mark, color=colour, markersize=7, markeredgecolor="white", label=f"{name}, {label}")


def interpolated_roc(said: Decided, at: Array) -> Array:
    """Return the share of the abnormal that is found where these shares of the normal are called abnormal."""
    order = np.argsort(-said.probability, kind="stable")
    ill = said.abnormal[order]
    true, false = np.cumsum(ill) / ill.sum(), np.cumsum(~ill) / (~ill).sum()
    return np.interp(at, np.concatenate(([0.0], false)), np.concatenate(([0.0], true)))


def calibration(axes: Axes, repeats: Sequence[Decided], colour: str) -> None:
    """Draw how often records of a stated probability are abnormal: tenths of the records, with 95% intervals."""
    probability = np.array([one.probability[np.argsort(one.name)] for one in repeats])
    ill = repeats[0].abnormal[np.argsort(repeats[0].name)]
    edges = np.quantile(probability, np.linspace(0, 1, BINS + 1))
    cell = np.clip(np.searchsorted(edges, probability, side="right") - 1, 0, BINS - 1)
    drawn = np.random.default_rng(0).integers(0, len(ill), (DRAWS, len(ill)))
    stated = [probability[cell == k].mean() for k in range(BINS)]
    share = [np.broadcast_to(ill, cell.shape)[cell == k].mean() for k in range(BINS)]
    again = np.array([shares(cell[:, records], ill[records]) for records in drawn])
    low, high = np.nanquantile(again, (0.025, 0.975), axis=0)
    axes.plot([0, 1], [0, 1], color=SOFT, linewidth=1, linestyle=(0, (4, 3)))
    axes.vlines(stated, low, high, color=colour, linewidth=1.6, alpha=0.55)
    axes.plot(stated, share, "o", color=colour, markersize=6, markeredgecolor="white")


def shares(cell: Array, ill: Array) -> list[float]:
    """Return the share of abnormal records in each cell."""
    every = np.broadcast_to(ill, cell.shape)
    return [float(every[cell == k].mean()) if (cell == k).any() else np.nan for k in range(BINS)]


def deferral(axes: Axes, repeats: Sequence[Decided], colour: str, name: str) -> None:
    """Draw the accuracy of the records that are left when the least sure ones are given up."""
    curves = []
    for one in repeats:
        surest = np.argsort(-np.abs(one.probability - 0.5), kind="stable")
        right = ((one.probability >= 0.5) == one.abnormal)[surest]
        curves.append(np.cumsum(right)[::-1] / np.arange(len(right), 0, -1))
    curve, deferred = np.array(curves), np.arange(len(curves[0])) / len(curves[0])
    shown = deferred <= 0.5
    low, high = curve.min(axis=0)[shown], curve.max(axis=0)[shown]
    axes.fill_between(deferred[shown], low, high, color=colour, alpha=0.15, linewidth=0)
    axes.plot(deferred[shown], curve.mean(axis=0)[shown], color=colour, linewidth=1.8, label=name)


if __name__ == "__main__":
    main()
