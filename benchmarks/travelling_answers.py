"""How answers travel: fixed thresholds, and what each record is worth, where devices, patients and habits are others.

    python benchmarks/travelling_answers.py [--runs DIR] [--data DIR] [--write]

Needs the finished run of `ptbxl-measures`, and beside PTB-XL the challenge's ``dx_mapping_scored_2021.csv`` (from
https://github.com/physionetchallenges/evaluation-2021), which counts the labels of each database. No record of another
hospital is looked at; but the hospitals that are counted are those on which the outcome is tried. Others are imagined
from PTB-XL:

- a family of recording devices is left out: trees that never saw it, and rules fitted without it, answer it;
- sinus rhythm is labelled only where nothing else is, as most databases do;
- records are weighted until classes are about as frequent as in a published database (at most `HEAVIEST` times, so the
  shares are met half-way).

The trees alone are asked, for these can be grown anew in seconds. The way of answering that ships was chosen by this
table.
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from scipy.optimize import minimize

from einthoven.codes import CINC2020_CLASSES, CINC2020_SAME
from einthoven.datasets.catalogue import data_root, dataset
from einthoven.diagnosis.worth import NORMAL, most_worth
from einthoven.evaluation.cinc2020 import earned
from einthoven.evaluation.conformal import possible
from einthoven.evaluation.diagnosis_rules import DiagnosisRules
from einthoven.evaluation.intervals import Figure, how_often
from einthoven.evaluation.multilabel import FEW
from einthoven.evaluation.provenance import commit, versions
from einthoven.learn.judge import write_result
from einthoven.learn.material import material
from einthoven.learn.models.forest import Forest
from einthoven.learn.recipe import load_recipe
from einthoven.learn.runs import Run
from einthoven.learn.told import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

RESULTS = Path(__file__).parents[1] / "results"
RECIPE = "ptbxl-measures"
RECORDS: Final = {"CPSC": 6877, "Georgia": 10344, "Chapman_Shaoxing": 10247, "Ningbo": 34905}
SAME: Final = {**CINC2020_SAME, "733534002": "164909002"}  # complete left bundle branch block, of 2021
HEAVIEST = 12.0
PENALTY = 0.02
MISS_RATE = 0.1
DRAWS = 1000


def main() -> None:
    """Answer by folds and with devices left out, and weigh what was answered as other hospitals would."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--data", help="folder of the databases; EINTHOVEN_DATA without it")
    parser.add_argument("--write", action="store_true", help="write results/travelling-answers.json")
    options = parser.parse_args()
    began = time.perf_counter()
    home = Home(options.runs, options.data)
    folds = home.answers(home.odds, home.fold, home.fold)
    left_out = home.answers(home.odds_without_device(), home.device, home.device)
    protocols = {"travelling-five-folds": home.judged(*folds, home.target, np.ones(len(home.target)))}
    shares = published_shares(options.data)
    for habit, target in (("", home.target), (", sinus rhythm only alone", alone(home.target))):
        mixes = {"devices left out": np.ones(len(target))}
        mixes |= {f"as in {name.split('_')[0]}": weights(target, share) for name, share in shares.items()}
        for name, weight in mixes.items():
            entry = home.judged(*left_out, target, weight)
            protocols[f"travelling-{name}{habit}".replace(" ", "-")] = entry
    for name, entry in protocols.items():
        print(f"{name:60}", {key: one["value"] for key, one in entry["metrics"].items()}, entry["n"])
    if options.write:
        content = {
            "recipe": "travelling-answers",
            "commit": commit(),
            "versions": versions("numpy", "scipy", "scikit-learn"),
            "data": home.data,
            "wall_s": round(time.perf_counter() - began, 1),
            "seeds": [0],
            "protocols": protocols,
        }
        print(write_result(content, RESULTS))


class Home:
    """The records of PTB-XL with known amplitude and labels, what trees say of them, and the trees' way to learn."""

    def __init__(self, runs: Path, root: str | None) -> None:
        self.recipe = load_recipe(RECIPE)
        run = Run.read(runs / RECIPE / "0-0")
        said = told(run)
        self.data = run.facts["data"]
        columns = [said.classes.index(code) for code in CINC2020_CLASSES]
        judged = said.judged & ~np.isnan(said.target[:, columns]).any(axis=1)
        self.columns, self.names = columns, said.name[judged]
        self.odds, self.target = said.log_odds[judged][:, columns], said.target[judged][:, columns] == 1
        self.patient, self.fold = said.patient[judged], said.fold[judged]
        self.examples = material(self.recipe, root, runs)
        self.family = devices(root)
        self.device = np.unique([self.family[name] for name in self.names], return_inverse=True)[1]

    def odds_without_device(self) -> NDArray[np.float32]:
        """Return log-odds by trees that were grown without the family of devices, and without its patients."""
        odds = np.full_like(self.odds, np.nan)
        group, inputs = self.examples.group, self.examples.inputs
        row_of = {name: row for row, name in enumerate(group)}
        family = np.array([self.family[name] for name in group])
        patient = np.array([self.examples.patient.get(name, name) for name in group])
        measures = np.asarray(inputs["measures"][np.arange(len(group))])
        for number, name in enumerate(np.unique([self.family[one] for one in self.names])):
            apart = np.isin(patient, patient[family == name])
            forest = Forest(
                {"measures": measures.shape[1:]},
                self.examples.target.shape[1],
                **{key: value for key, value in self.recipe.model.items() if key != "kind"},
            )
            forest.learn_at_once({"measures": measures[~apart]}, self.examples.target[~apart], seed=0)
            here = np.flatnonzero(self.device == number)
            rows = [row_of[one] for one in self.names[here]]
            with torch.inference_mode():
                odds[here] = forest(torch.from_numpy(measures[rows])).numpy()[:, self.columns]
        return odds

    def answers(
        self, odds: NDArray[np.float32], part: NDArray[np.int64], left_out: NDArray[np.int64]
    ) -> tuple[dict[str, NDArray[np.bool_]], NDArray[np.bool_]]:
        """Answer each part in every way by rules fitted on answers by folds to the others; and what is possible."""
        answers = {name: np.zeros(odds.shape, np.bool_) for name in WAYS}
        either = np.zeros((*odds.shape, 2), np.bool_)
        for number in np.unique(part):
            here = part == number
            fitted_on = (left_out != number) & ~np.isin(self.patient, self.patient[here])
            target = self.target[fitted_on].astype(np.float32)
            rules = DiagnosisRules.of(
                CINC2020_CLASSES, self.odds[fitted_on], target, self.patient[fitted_on], miss_rate=MISS_RATE
            )
            probability = rules.probability(odds[here])
            either[here] = possible(probability, list(rules.sets.values()))
            for name, way in WAYS.items():
                answers[name][here] = way(probability, rules)
        return answers, either

    def judged(
        self,
        answers: dict[str, NDArray[np.bool_]],
        either: NDArray[np.bool_],
        target: NDArray[np.bool_],
        weight: NDArray[np.float64],
    ) -> dict:
        """Return the entry of a result file: the challenge metric of each way, and what the sets missed."""
        names, place = np.unique(self.patient, return_inverse=True)
        often = how_often(len(names), DRAWS, 0)[:, place] * weight
        inactive = np.zeros_like(target)
        inactive[:, NORMAL] = True
        nothing, all_right = often @ earned(target, inactive), often @ earned(target, target)
        drawn = {
            f"challenge_metric_{name}": (often @ earned(target, answer) - nothing) / (all_right - nothing)
            for name, answer in answers.items()
        }
        enough = target.sum(axis=0) >= FEW
        for name, side, there in (("present", 1, target), ("absent", 0, ~target)):
            of_these, missed = (often @ there)[:, enough], (often @ (there & ~either[..., side]))[:, enough]
            share = np.divide(missed, of_these, out=np.full_like(missed, np.nan), where=of_these > 0)
            drawn[f"missed_{name}"] = np.nanmean(share, axis=1)
        worth = {"records": len(target), "worth as many": int(weight.sum() ** 2 / (weight @ weight))}
        return {"n": worth, "metrics": {name: Figure.of_draws(values).as_json() for name, values in drawn.items()}}


def half(probability: NDArray[np.float32], rules: DiagnosisRules) -> NDArray[np.bool_]:
    """Write down what is likelier than not."""
    return probability >= 0.5


def fitted(probability: NDArray[np.float32], rules: DiagnosisRules) -> NDArray[np.bool_]:
    """Write down by the threshold of each class that suits the records the rules were fitted on."""
    return probability >= np.array(rules.fitted)


def adapted(probability: NDArray[np.float32], rules: DiagnosisRules) -> NDArray[np.bool_]:
    """Guess the shares of the new hospital from its answers, then the same (Saerens, Latinne & Decaestecker 2002)."""
    learnt = np.clip(list(rules.shares.values()), 1e-3, 1 - 1e-3)
    share, changed = learnt, probability.astype(np.float64)
    for _ in range(50):
        up, down = share / learnt, (1 - share) / (1 - learnt)
        changed = probability * up / (probability * up + (1 - probability) * down)
        share = np.clip(changed.mean(axis=0), 1e-3, 1 - 1e-3)
    return fitted(changed.astype(np.float32), rules)


def worth(probability: NDArray[np.float32], rules: DiagnosisRules) -> NDArray[np.bool_]:
    """Write down what is expected to earn most, with the shares of classes as they were learnt."""
    return most_worth(probability)


def worth_even(probability: NDArray[np.float32], rules: DiagnosisRules) -> NDArray[np.bool_]:
    """Write down what is expected to earn most where sinus rhythm is as likely as not: what ships."""
    return rules.present(probability)


WAYS: Final[dict[str, Callable[[NDArray[np.float32], DiagnosisRules], NDArray[np.bool_]]]] = {
    "half": half,
    "fitted": fitted,
    "adapted": adapted,
    "worth": worth,
    "worth_even": worth_even,
}


def devices(root: str | None) -> dict[str, str]:
    """By record of PTB-XL: the family of the device it was recorded by."""
    with (data_root(root) / dataset("ptb-xl").folder / "ptbxl_database.csv").open(
        encoding="utf-8", newline=""
    ) as lines:
        return {Path(row["filename_lr"]).name: family_of(row["device"]) for row in csv.DictReader(lines)}


def family_of(device: str) -> str:
    """Name the family: CS-12 E apart from the other CS, AT-6 C with a number apart from the older AT."""
    words = device.split()
    if device.startswith("CS"):
        return "CS-12 E" if words[-1] == "E" else "CS"
    return "AT-6 C" if len(words) == 3 else "AT"


def published_shares(root: str | None) -> dict[str, NDArray[np.float64]]:
    """By database: how frequent each class is there, as its publishers count."""
    shares = {name: np.zeros(len(CINC2020_CLASSES)) for name in RECORDS}
    with (data_root(root) / dataset("cinc2020").folder / "dx_mapping_scored_2021.csv").open(
        encoding="utf-8-sig", newline=""
    ) as lines:
        for row in csv.DictReader(lines):
            code = SAME.get(row["SNOMEDCTCode"], row["SNOMEDCTCode"])
            if code in CINC2020_CLASSES:
                for name, share in shares.items():
                    share[CINC2020_CLASSES.index(code)] += int(row[name]) / RECORDS[name]
    return shares


def alone(target: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Call sinus rhythm only what is nothing else."""
    changed = target.copy()
    changed[:, NORMAL] &= target.sum(axis=1) == 1
    return changed


def weights(target: NDArray[np.bool_], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weigh records until classes are about as frequent as they should be, no more unevenly than that takes."""
    some = target.sum(axis=0) >= 3
    there, wanted = target[:, some].astype(float), np.clip(share[some], 0.002, 0.97)

    def loss(tilt: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        each = there @ tilt
        top = each.max()
        grown = np.exp(each - top)
        found = there.T @ grown / grown.sum()
        value = np.log(grown.sum()) + top - wanted @ tilt + PENALTY * tilt @ tilt
        return float(value), found - wanted + 2 * PENALTY * tilt

    weight = np.exp(there @ minimize(loss, np.zeros(some.sum()), jac=True, method="L-BFGS-B").x)
    weight = np.minimum(weight / weight.mean(), HEAVIEST)
    return weight / weight.mean()


if __name__ == "__main__":
    main()
