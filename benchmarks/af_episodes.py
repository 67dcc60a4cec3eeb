"""Fit and judge the finding of atrial fibrillation on the 48 records of MIT-BIH, by patient, and on PTB-XL.

    python benchmarks/af_episodes.py [--data DIR] [--no-detected]

The seven patients with fibrillation or flutter make seven folds; the others are dealt out to them. Weights and bias are
fitted without the fold they are judged on; nothing else is chosen by the folds. Which signs are asked, over how many
beats, and what a change costs was settled while looking at the pooled folds: the figures are that much too good. Prints
the numbers for `einthoven.beats.fibrillation`, fitted on all folds, and writes ``results/af-episodes.json``.

Seven patients are few: the folds 1 to 9 of PTB-XL are learnt from as well, everywhere, with `STATED_WEIGHT` of the
weight of MIT-BIH's beats. The bias is that of MIT-BIH alone, where fibrillation is as frequent as among patients who
are recorded for hours. Fold 10 is what the numbers that ship are tried on outside MIT-BIH. As EC57 has it, ventricular
flutter is not scored.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from einthoven.beats.atrial import FEATURES, atrial_evidence
from einthoven.beats.episodes import episodes
from einthoven.beats.fast import fast_detect
from einthoven.beats.fibrillation import CHANGE, MOST, SILENT, SURE, found_in, mostly_paced, states
from einthoven.codes import AAMI_OF_SYMBOL
from einthoven.datasets import mitdb, ptbxl
from einthoven.datasets.annotated import fingerprint
from einthoven.evaluation.intervals import Figure, how_often
from einthoven.evaluation.provenance import commit, versions
from einthoven.evaluation.stretches import StretchCounts, add_up, count_stretches
from einthoven.learn.judge import write_result
from einthoven.record import Beats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from einthoven.datasets.annotated import Annotated

RESULTS = Path(__file__).parents[1] / "results"
EVERY = 4  # neighbouring beats share their windows: one in four teaches what all do
STATED_WEIGHT = 0.3
STATED_LEADS = ("II", "V1")
TEST_FOLD = 10
NO_TEACHER = frozenset({"PACE", "PVC", "BIGU", "TRIGU"})  # statements of beats that nothing has classified here
DRAWS = 1000
FIRST_OF = ("vt", "idioventricular", "bigeminy", "trigeminy")  # rhythms that an annotation names before fibrillation


@dataclass(frozen=True, eq=False)
class Heart:
    """A record, ready to learn from and to be judged on; arrays by beat."""

    record: str
    patient: str
    evidence: NDArray[np.float64]
    tells: NDArray[np.bool_]
    paced: NDArray[np.bool_]
    covered: NDArray[np.bool_]
    rhythm: NDArray[np.str_]
    seconds: NDArray[np.float64]

    @property
    def af(self) -> NDArray[np.bool_]:
        """Beats in fibrillation or flutter."""
        return np.isin(self.rhythm, ["(AFIB", "(AFL"])


@dataclass(frozen=True, eq=False)
class Fitted:
    """What was learnt: a line to log-odds."""

    weights: NDArray[np.float64]
    bias: float

    def odds(self, heart: Heart) -> NDArray[np.float64]:
        """Return the log-odds of fibrillation by beat."""
        odds = np.clip(heart.evidence @ self.weights + self.bias, -MOST, MOST)
        odds[heart.paced] = -MOST
        return odds

    def found(self, heart: Heart) -> NDArray[np.bool_]:
        """Tell the beats said to be in fibrillation, as an annotation has it."""
        return states(self.odds(heart), CHANGE) & ~heart.covered


@dataclass(frozen=True, eq=False)
class Taught:
    """Beats of recordings of ten seconds, to learn from."""

    evidence: NDArray[np.float64]
    af: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Strip:
    """A recording of ten seconds to be judged on; no evidence where its beats are too few."""

    patient: str
    af: bool
    evidence: NDArray[np.float64] | None
    time_s: NDArray[np.float64]


def main() -> None:
    """Fit, judge, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the databases; EINTHOVEN_DATA without it")
    parser.add_argument("--no-detected", action="store_true", help="leave out the beats that analyze() finds")
    options = parser.parse_args()
    began = time.perf_counter()
    items = list(mitdb.load(options.data))
    known = [heart_of(item, reference(item)) for item in items]
    folds = folds_of(known)
    taught, strips = stated(options.data)
    learnt = [fit([heart for other in folds if other is not fold for heart in other], taught) for fold in folds]
    protocols = judge("reference beats", folds, learnt)
    if not options.no_detected:
        found = {heart.record: heart for heart in (heart_of(item, analyzed(item)) for item in items)}
        protocols |= judge("detected beats", [[found[heart.record] for heart in fold] for fold in folds], learnt)
    shipped = fit(known, taught)
    protocols["af-ptbxl-fold-10"] = outside(strips, shipped)
    print("WEIGHTS: Final = (")
    for weight, name in zip(shipped.weights, FEATURES, strict=True):
        print(f"    {weight:.4f},  # {name}")
    print(f")\nBIAS: Final = {shipped.bias:.4f}")
    write(protocols, time.perf_counter() - began, items)


def reference(item: Annotated) -> Beats:
    """Return the beats of the annotation with AAMI classes."""
    return Beats(item.beats.sample, np.array([AAMI_OF_SYMBOL[symbol] for symbol in item.beats.symbol.tolist()]))


def analyzed(item: Annotated) -> Beats:
    """Return the beats that `einthoven.analyze` finds and classifies."""
    from einthoven import analyze

    return analyze(item.record).beats


def heart_of(item: Annotated, beats: Beats) -> Heart:
    """Measure what there is to learn from, with the true rhythm of each beat."""
    record = item.record
    silent = np.isin(beats.symbol, SILENT)
    evidence = atrial_evidence(record.signal, record.fs_hz, beats.sample, silent)
    tells = ~silent
    if evidence is None:
        evidence, tells = np.zeros((len(beats), len(FEATURES))), np.zeros(len(beats), np.bool_)
    covered = np.zeros(len(beats), np.bool_)
    for one in episodes(beats, record.fs_hz):
        if one.kind in FIRST_OF:
            first, stop = np.searchsorted(beats.sample / record.fs_hz, [one.start_s, one.stop_s])
            covered[first:stop] = True
    last = np.clip(np.searchsorted(item.beats.sample, beats.sample, side="right") - 1, 0, None)
    seconds = seconds_of(item, beats.sample / record.fs_hz)
    rhythm = np.array(item.rhythm)[last]
    return Heart(record.id, item.patient, evidence, tells, mostly_paced(beats.symbol == "Q"), covered, rhythm, seconds)


def seconds_of(item: Annotated, at_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the time from each beat to the next, less what of it is ventricular flutter."""
    stop_s = np.append(at_s[1:], item.record.duration_s)
    lost_s = [np.clip(np.minimum(stop_s, f.stop_s) - np.maximum(at_s, f.start_s), 0, None) for f in item.flutter]
    return stop_s - at_s - np.sum(lost_s, axis=0)


def stated(root: str | None) -> tuple[Taught, list[Strip]]:
    """Read PTB-XL: what there is to learn, and the fold to try it on."""
    lines, targets, strips = [], [], []
    for item in ptbxl.load(root):
        af = bool(item.statements & {"AFIB", "AFLT"})
        tested = item.fold == TEST_FOLD
        if not tested and item.statements & NO_TEACHER:
            continue
        record = item.record.pick(STATED_LEADS)
        sample = fast_detect(record).sample
        evidence = atrial_evidence(record.signal, record.fs_hz, sample, np.zeros(len(sample), np.bool_))
        if tested:
            strips.append(Strip(item.patient, af, evidence, sample / record.fs_hz))
        elif evidence is not None:
            lines.append(evidence)
            targets.append(np.full(len(evidence), af))
    return Taught(np.concatenate(lines), np.concatenate(targets)), strips


def outside(strips: Sequence[Strip], line: Fitted) -> dict:
    """Make the entry of recordings that are judged as a whole; of too few beats the probability is 0."""
    said, true = np.zeros(len(strips)), np.array([strip.af for strip in strips])
    for i, strip in enumerate(strips):
        if strip.evidence is not None:
            none = np.zeros(len(strip.time_s), np.bool_)
            odds = strip.evidence @ line.weights + line.bias
            said[i] = found_in(odds, strip.time_s, none, none).probability
    names = [strip.patient for strip in strips]
    known = sorted(set(names))
    place = np.searchsorted(known, names)
    drawn: dict[str, list[float]] = {}
    for often in how_often(len(known), DRAWS, 0)[:, place]:
        figures = {
            "auc": float(roc_auc_score(true, said, sample_weight=often)),
            "sensitivity_not_absent": float(often[true & (said >= 1 - SURE)].sum() / often[true].sum()),
            "sensitivity_present": float(often[true & (said >= SURE)].sum() / often[true].sum()),
            "specificity_not_absent": float(often[~true & (said < 1 - SURE)].sum() / often[~true].sum()),
            "specificity_present": float(often[~true & (said < SURE)].sum() / often[~true].sum()),
        }
        for name, value in figures.items():
            drawn.setdefault(name, []).append(value)
    entry = {
        "n": {"records": len(true), "patients": len(known), "with fibrillation": int(true.sum())},
        "metrics": {name: Figure.of_draws(np.array(values)).as_json() for name, values in drawn.items()},
    }
    print("PTB-XL fold 10", json.dumps(entry), flush=True)
    return entry


def folds_of(hearts: Sequence[Heart]) -> list[list[Heart]]:
    """Make a fold of each patient with fibrillation, and deal out the others."""
    ill = sorted({heart.patient for heart in hearts if heart.af.any()})
    others = sorted({heart.patient for heart in hearts} - set(ill))
    place = {patient: i for i, patient in enumerate(ill)} | {p: i % len(ill) for i, p in enumerate(others)}
    return [[heart for heart in hearts if place[heart.patient] == i] for i in range(len(ill))]


def fit(hearts: Sequence[Heart], taught: Taught) -> Fitted:
    """Fit the line on beats that tell something."""
    parts = [np.flatnonzero(heart.tells & ~heart.paced)[::EVERY] for heart in hearts]
    evidence = np.concatenate([heart.evidence[part] for heart, part in zip(hearts, parts, strict=True)])
    target = np.concatenate([heart.af[part] for heart, part in zip(hearts, parts, strict=True)])
    share = STATED_WEIGHT * len(target) / len(taught.af)
    weight = np.concatenate([np.ones(len(target)), np.full(len(taught.af), share)])
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(
        np.concatenate([evidence, taught.evidence]),
        np.concatenate([target, taught.af]),
        logisticregression__sample_weight=weight,
    )
    weights = model[1].coef_[0] / model[0].scale_
    return Fitted(weights, brentq(lambda bias: np.sum(expit(evidence @ weights + bias) - target), -50, 50))


def judge(beats: str, folds: Sequence[Sequence[Heart]], learnt: Sequence[Fitted]) -> dict[str, dict]:
    """Score each fold with what was learnt without it: flutter counted in, and counted as false."""
    protocols = {}
    said = [(heart, one.found(heart)) for fold, one in zip(folds, learnt, strict=True) for heart in fold]
    for name, rhythms in (("af", ("(AFIB", "(AFL")), ("af-without-flutter", ("(AFIB",))):
        counts = [count_stretches(np.isin(heart.rhythm, rhythms), found, heart.seconds) for heart, found in said]
        key = f"{name}-{beats.split()[0]}"
        protocols[key] = protocol([heart for heart, _ in said], counts)
        if name == "af":
            protocols[key]["called_af_s"] = by_rhythm(said, called=True)
            protocols[key]["missed_s"] = by_rhythm(said, called=False)
        shown = {figure: one["value"] for figure, one in protocols[key]["metrics"].items()}
        print(key, json.dumps(shown), json.dumps(protocols[key].get("called_af_s", "")), flush=True)
    return protocols


def by_rhythm(said: Sequence[tuple[Heart, NDArray[np.bool_]]], *, called: bool) -> dict[str, float]:
    """Return the time wrongly called fibrillation, or wrongly not, by the rhythm it truly is."""
    total: dict[str, float] = {}
    for heart, found in said:
        wrong = found & ~heart.af if called else heart.af & ~found
        for name in np.unique(heart.rhythm[wrong]).tolist():
            total[name] = total.get(name, 0.0) + float(heart.seconds[wrong & (heart.rhythm == name)].sum())
    return {name: round(seconds) for name, seconds in sorted(total.items(), key=lambda pair: -pair[1])}


def protocol(hearts: Sequence[Heart], counts: list[StretchCounts]) -> dict:
    """Make the entry of a result file: gross figures, and averages over the records that have something to count."""
    names = sorted({heart.patient for heart in hearts})
    place = [names.index(heart.patient) for heart in hearts]
    alone = [one.figures() for one in counts]
    table = {name: np.array([one[name] for one in alone]) for name in alone[0]}
    drawn: dict[str, list[float]] = {}
    for often in how_often(len(names), DRAWS, 0)[:, place]:
        figures = {f"gross_{name}": value for name, value in add_up(counts, often).figures().items()}
        for name, values in table.items():
            weight = often * np.isfinite(values)
            mean = float(weight @ np.nan_to_num(values) / weight.sum()) if weight.any() else float("nan")
            figures[f"average_{name}"] = mean
        for name, value in figures.items():
            drawn.setdefault(name, []).append(value)
    total = add_up(counts, np.ones(len(counts)))
    return {
        "n": {"records": len(hearts), "patients": len(names), "episodes": int(total.true_episodes)},
        "seconds": {"true": round(total.true_s), "found": round(total.found_s), "common": round(total.common_s)},
        "metrics": {name: Figure.of_draws(np.array(values)).as_json() for name, values in drawn.items()},
    }


def write(protocols: dict[str, dict], wall_s: float, items: Sequence[Annotated]) -> None:
    """Write the result file."""
    content = {
        "recipe": "af-episodes",
        "title": "Atrial fibrillation from beats",
        "commit": commit(),
        "versions": versions("numpy", "scipy", "scikit-learn"),
        "data": {"mitdb": hashlib.sha256("\n".join(fingerprint(item) for item in items).encode()).hexdigest()},
        "wall_s": round(wall_s, 1),
        "seeds": [],
        "protocols": protocols,
    }
    write_result(content, RESULTS)


if __name__ == "__main__":
    main()
