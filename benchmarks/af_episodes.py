"""Fit and judge the finding of atrial fibrillation on the 48 records of MIT-BIH, by patient, and on PTB-XL.

    python benchmarks/af_episodes.py [--data DIR] [--no-detected]

The seven patients with fibrillation or flutter make seven folds; the others are dealt out to them. Weights, the cost
of a change and the shift of the bias are fitted and chosen without the fold they are judged on: the choice by leaving
out, one after the other, the folds that are left. Prints the numbers for `einthoven.beats.fibrillation`, fitted and
chosen in the same way on all of the folds, and writes ``results/af-episodes.json``.

Seven patients are few: recordings of the folds 1 to 9 of PTB-XL are learnt from as well, everywhere, all that state
fibrillation or flutter and one in four of the others, with `STATED_WEIGHT` of the weight of MIT-BIH's beats. Fold 10 is
what the numbers that ship are tried on outside MIT-BIH: a recording of ten seconds is fibrillation where its finding
is not absent.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from einthoven.atomic import replacing
from einthoven.beats.atrial import FEATURES, atrial_evidence
from einthoven.beats.episodes import episodes
from einthoven.beats.fast import fast_detect
from einthoven.beats.fibrillation import MOST, SILENT, SURE, fibrillation, mostly_paced, states
from einthoven.codes import AAMI_OF_SYMBOL
from einthoven.datasets import mitdb, ptbxl
from einthoven.datasets.annotated import fingerprint
from einthoven.evaluation.intervals import Figure, how_often
from einthoven.evaluation.provenance import commit, versions
from einthoven.evaluation.stretches import StretchCounts, add_up, count_stretches
from einthoven.record import Beats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from einthoven.datasets.annotated import Annotated

RESULTS = Path(__file__).parents[1] / "results"
EVERY = 4  # neighbouring beats share their windows: one in four teaches what all do
CHANGES, SHIFTS = (15.0, 30.0, 45.0), (0.0, 0.5, 1.0)
STATED_WEIGHT = 0.3
STATED_LEADS = ("II", "V1")
ONE_IN = 4
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
    """What was learnt: a line to log-odds, and what a change costs."""

    weights: NDArray[np.float64]
    bias: float
    change: float = 0.0

    def odds(self, heart: Heart) -> NDArray[np.float64]:
        """Return the log-odds of fibrillation by beat."""
        odds = np.clip(heart.evidence @ self.weights + self.bias, -MOST, MOST)
        odds[heart.paced] = -MOST
        return odds

    def found(self, heart: Heart) -> NDArray[np.bool_]:
        """Tell the beats said to be in fibrillation, as an annotation has it."""
        return states(self.odds(heart), self.change) & ~heart.covered


@dataclass(frozen=True, eq=False)
class Taught:
    """Beats of recordings of ten seconds, to learn from."""

    evidence: NDArray[np.float64]
    af: NDArray[np.bool_]


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
    taught, outside = stated(options.data)
    learnt = [choose([other for other in folds if other is not fold], taught) for fold in folds]
    protocols = judge("reference beats", folds, learnt)
    if not options.no_detected:
        found = {heart.record: heart for heart in (heart_of(item, analyzed(item)) for item in items)}
        protocols |= judge("detected beats", [[found[heart.record] for heart in fold] for fold in folds], learnt)
    protocols["af-ptbxl-fold-10"] = outside
    shipped = choose(folds, taught)
    print("WEIGHTS: Final = (")
    for weight, name in zip(shipped.weights, FEATURES, strict=True):
        print(f"    {weight:.4f},  # {name}")
    print(f")\nBIAS: Final = {shipped.bias:.4f}\nCHANGE: Final = {shipped.change:g}")
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
    seconds = np.diff(beats.sample, append=record.n_samples) / record.fs_hz
    rhythm = np.array(item.rhythm)[last]
    return Heart(record.id, item.patient, evidence, tells, mostly_paced(beats), covered, rhythm, seconds)


def stated(root: str | None) -> tuple[Taught, dict]:
    """Read PTB-XL: what there is to learn, and how the numbers that ship do on the fold that is not learnt from."""
    lines, targets, said, true, names = [], [], [], [], []
    passed = 0
    for item in ptbxl.load(root):
        af = bool(item.statements & {"AFIB", "AFLT"})
        record = item.record.pick(STATED_LEADS)
        if item.fold == TEST_FOLD:
            found = fibrillation(record.signal, record.fs_hz, fast_detect(record))
            said.append(0.0 if found.probability is None else found.probability)
            true.append(af)
            names.append(item.patient)
            continue
        passed += not af
        if (af or passed % ONE_IN == 0) and not item.statements & NO_TEACHER:
            beats = fast_detect(record)
            evidence = atrial_evidence(record.signal, record.fs_hz, beats.sample, np.zeros(len(beats), np.bool_))
            if evidence is not None:
                lines.append(evidence)
                targets.append(np.full(len(evidence), af))
    return Taught(np.concatenate(lines), np.concatenate(targets)), outside(np.array(said), np.array(true), names)


def outside(said: NDArray[np.float64], true: NDArray[np.bool_], names: list[str]) -> dict:
    """Make the entry of recordings that are judged as a whole."""
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
        "n": {"records": len(true), "patients": len(known), "af": int(true.sum())},
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
    weight = np.concatenate(
        [np.ones(len(target)), np.full(len(stated.af), STATED_WEIGHT * len(target) / len(taught.af))]
    )
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(
        np.concatenate([evidence, taught.evidence]),
        np.concatenate([target, taught.af]),
        logisticregression__sample_weight=weight,
    )
    scaler, line = model[0], model[1]
    weights = line.coef_[0] / scaler.scale_
    return Fitted(weights, float(line.intercept_[0] - scaler.mean_ @ weights))


def choose(folds: Sequence[Sequence[Heart]], taught: Taught) -> Fitted:
    """Choose change and shift by leaving out one fold after the other, then fit on all."""
    inner = [fit([heart for other in folds if other is not fold for heart in other], taught) for fold in folds]
    scores = {}
    for change, shift in product(CHANGES, SHIFTS):
        judged = [
            count_stretches(heart.af, Fitted(one.weights, one.bias - shift, change).found(heart), heart.seconds)
            for fold, one in zip(folds, inner, strict=True)
            for heart in fold
        ]
        scores[change, shift] = add_up(judged, np.ones(len(judged))).figures()["duration_f1"]
    change, shift = max(scores, key=lambda setting: scores[setting])
    print(f"chosen: change {change:g}, shift {shift:g}; duration F1 inside {scores[change, shift]:.4f}", flush=True)
    line = fit([heart for fold in folds for heart in fold], taught)
    return Fitted(line.weights, line.bias - shift, change)


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
    with replacing(RESULTS / "af-episodes.json") as draft:
        draft.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
