"""Diagnoses, of which a record may have several: learnt by folds of patients, tested on a fold set aside, judged."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from typer.testing import CliRunner

from einthoven import cli
from einthoven.codes import REPORTED, SUPERCLASSES
from einthoven.datasets import cinc2020
from einthoven.datasets.cinc2020 import Diagnosed
from einthoven.errors import OptionError
from einthoven.evaluation.calibration import fit_platt
from einthoven.learn import diagnoses_outside, models
from einthoven.learn.blending import parts_of
from einthoven.learn.cross import crossed_of
from einthoven.learn.diagnoses_outside import asked_outside
from einthoven.learn.examples import Examples
from einthoven.learn.judge import plan, result
from einthoven.learn.judge_diagnoses import judged, within_folds
from einthoven.learn.learning import Learning
from einthoven.learn.recipe import load_recipe, recipe_files
from einthoven.learn.runs import Run, run_folder, train
from einthoven.learn.told import Told, shipped_rules, told
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from einthoven.learn.recipe import Recipe

N = 240
LOST = np.arange(N) % 4 == 3
"""Records whose amplitude is lost."""
ASIDE = np.arange(N) % 6 == 1
"""Records of fold 10."""
CLASSES = {"all": REPORTED, "some": tuple(reversed(tuple(SUPERCLASSES)))}


class Slopes(nn.Module):
    """Tells each class by a measure of its own, along the difference of means: what no gradient leads to."""

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], classes: int, *, steepness: float = 1.0) -> None:
        super().__init__()
        self.steepness = steepness
        self.line: Tensor
        self.register_buffer("line", torch.zeros(2, classes))

    def learn_at_once(self, inputs: Mapping[str, np.ndarray], target: np.ndarray, seed: int) -> None:
        rows = inputs["measures"][:, : target.shape[1]]
        ends = [np.nanmean(np.where(target == answer, rows, np.nan), axis=0) for answer in (0, 1)]
        self.line.copy_(torch.from_numpy(np.stack([ends[1] - ends[0], (ends[0] + ends[1]) / 2])))

    def forward(self, measures: Tensor) -> Tensor:
        return self.steepness * self.line[0] * (measures[:, : self.line.shape[1]] - self.line[1])


@pytest.fixture(scope="module")
def records() -> Examples:
    """Two records a patient; the codes of some are not known, as where the challenge does not have them."""
    rng = np.random.default_rng(0)
    target = (rng.random((N, len(REPORTED))) < 0.3).astype(np.float32)
    measures = (target + rng.normal(size=target.shape)).astype(np.float32)
    target[::30, len(SUPERCLASSES) :] = np.nan
    names = np.array([f"r{n:03}" for n in range(N)])
    fold = {str(name): 10 if aside else 1 + n % 9 for n, (name, aside) in enumerate(zip(names, ASIDE, strict=True))}
    patient = {str(name): f"p{n // 2 if not ASIDE[n] else n}" for n, name in enumerate(names)}
    inputs = {"measures": measures}
    return Examples(inputs, target, names, REPORTED, 250.0, 10.0, "f" * 64, patient=patient, fold=fold, judged=~LOST)


def written(folder: Path, name: str, **changed: str) -> Recipe:
    text = recipe_files()["ptbxl-measures"].read_text()
    model = text[text.index("[model]") : text.index("[evaluation]")]
    changed = {'name = "ptbxl-measures"': f'name = "{name}"', "model": '[model]\nkind = "slopes"\n\n'} | changed
    changed[model] = changed.pop("model")
    changed['target = "diagnoses"'] = changed.pop("target", 'target = "twelve-leads"')
    for old, new in changed.items():
        assert old in text
        text = text.replace(old, new)
    file = folder / f"{name}.toml"
    file.write_text(text)
    return load_recipe(str(file))


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    monkeypatch.setitem(models.MODELS, "slopes", f"{__name__}:Slopes")
    return written(tmp_path, "one")


@pytest.fixture
def blend(recipe: Recipe, tmp_path: Path) -> Recipe:
    """Two of the same, one of them steeper, asked for the superclasses in another order."""
    written(tmp_path, "steep", model='[model]\nkind = "slopes"\nsteepness = 3.0\n\n')
    files = ", ".join(f'"{tmp_path / name}.toml"' for name in ("one", "steep"))
    return written(
        tmp_path,
        "both",
        model=f"[blend]\nrecipes = [{files}]\nweights = [1.0, 0.5]\n\n",
        target='target = "superclasses"',
    )


def learnt(recipe: Recipe, records: Examples, runs: Path) -> Run:
    return train(recipe, lambda _: records, runs, split_seed=0, seed=0)


def none(one: Recipe) -> Examples:
    raise AssertionError("nothing is to be read")


class Spy:
    """Stands where a network is trained, and remembers whom each was shown: its score of a record tells which it is."""

    def __init__(self) -> None:
        self.learnt: list[set[str]] = []

    def learn(self, names: Sequence[str], folder: Path) -> tuple[nn.Module, float]:
        self.learnt.append(set(names))
        return nn.Linear(1, 1), float(len(self.learnt) - 1)

    def said(self, model: nn.Module, examples: Examples, index: np.ndarray) -> np.ndarray:
        return np.full((len(index), len(examples.classes)), len(self.learnt) - 1, np.float32)


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Spy:
    spy = Spy()
    monkeypatch.setattr(Learning, "learn", spy.learn)
    monkeypatch.setattr("einthoven.learn.cross.logits", spy.said)
    return spy


def test_no_patient_is_on_both_sides_and_all_records_are_tested_or_learnt_from(
    spy: Spy, recipe: Recipe, records: Examples, tmp_path: Path
) -> None:
    (said,) = crossed_of(learnt(recipe, records, tmp_path / "runs"))
    assert (said.fold >= 0).all()
    *folds, whole = spy.learnt
    assert len(folds) == 5
    assert whole == set(said.name.tolist())  # to be shipped
    for place, name in enumerate(said.name.tolist()):
        for number in said.logit[:, place, 0][~np.isnan(said.logit[:, place, 0])].astype(int):
            assert records.patient[name] not in {records.patient[other] for other in folds[number]}


def test_nobody_learns_from_the_fold_set_aside_and_all_networks_are_asked_about_it(
    spy: Spy, recipe: Recipe, records: Examples, tmp_path: Path
) -> None:
    form = recipe.tested
    assert form is not None
    run = learnt(form, records, tmp_path / "runs")
    assert run.folder == tmp_path / "runs" / "one" / "ptbxl-folds" / "0-0"
    (said,) = crossed_of(run)
    assert (said.fold < 0).tolist() == ASIDE.tolist()
    aside = set(said.name[ASIDE].tolist())
    assert len(spy.learnt) == 5  # none learns from all of what is left: nothing is shipped from here
    assert not any(names & aside for names in spy.learnt)
    assert not np.isnan(said.logit[:, ASIDE]).any()
    assert (np.isnan(said.logit[:, ~ASIDE, 0]).sum(axis=0) == 4).all()
    assert set(run.facts["test"]) == aside


def test_what_is_said_together_is_the_mean_logit_of_those_that_did_not_learn_from_a_record(
    spy: Spy, recipe: Recipe, records: Examples, tmp_path: Path
) -> None:
    form = recipe.tested
    assert form is not None
    said = told(learnt(form, records, tmp_path / "runs"))
    np.testing.assert_array_equal(said.log_odds[ASIDE], 2.0)  # networks 0 to 4
    np.testing.assert_array_equal(said.log_odds[~ASIDE, 0], said.fold[~ASIDE])


def test_records_whose_amplitude_is_lost_are_learnt_from_and_not_judged(
    spy: Spy, recipe: Recipe, records: Examples, tmp_path: Path
) -> None:
    said = told(learnt(recipe, records, tmp_path / "runs"))
    assert set(records.group[LOST]) <= set().union(*spy.learnt)
    np.testing.assert_array_equal(said.tested, ~LOST)
    assert len(judged(said, 0.1).patient) == (~LOST).sum()


def test_a_blend_adds_the_log_odds_of_classes_by_their_names(blend: Recipe, records: Examples, tmp_path: Path) -> None:
    columns = [records.classes.index(name) for name in SUPERCLASSES]
    shown = replace(records, classes=tuple(SUPERCLASSES), target=records.target[:, columns])

    def load(one: Recipe) -> Examples:
        return shown if one.name == "both" else records

    for form in (blend, blend.tested):
        assert form is not None
        both = told(train(form, load, tmp_path / "runs", split_seed=0, seed=0))
        parts = [told(Run.read(run_folder(tmp_path / "runs", part, 0, 0))) for part in parts_of(form)]
        expected = (parts[0].log_odds * 2 / 3 + parts[1].log_odds / 3)[:, columns]
        np.testing.assert_allclose(both.log_odds, expected, rtol=1e-5)
        np.testing.assert_array_equal(both.fold, parts[0].fold)
        np.testing.assert_array_equal(both.target, records.target[:, columns])


def test_columns_are_told_apart_by_name_whatever_their_order(recipe: Recipe, records: Examples, tmp_path: Path) -> None:
    (said,) = crossed_of(learnt(recipe, records, tmp_path / "runs"))
    wanted = ("HYP", "164889003", "NORM")
    some = said.columns(REPORTED, wanted)
    for place, name in enumerate(wanted):
        np.testing.assert_array_equal(some.logit[..., place], said.logit[..., REPORTED.index(name)])
        np.testing.assert_array_equal(some.target[:, place], said.target[:, REPORTED.index(name)])
    assert some.known is not None
    np.testing.assert_array_equal(some.known[:, 1], ~np.isnan(records.target[:, REPORTED.index("164889003")]))


@pytest.fixture
def said(recipe: Recipe, records: Examples, tmp_path: Path) -> Told:
    return told(learnt(recipe, records, tmp_path / "runs"))


def test_areas_are_those_of_scikit_learn_over_the_records_that_count(said: Told) -> None:
    answers = judged(said, 0.1)
    for column, name in enumerate(said.classes):
        here = ~LOST & ~np.isnan(said.target[:, column])
        expected = roc_auc_score(said.target[here, column], said.log_odds[here, column])
        known = ~np.isnan(answers.target[:, column])
        found = roc_auc_score(answers.target[known, column], answers.score[known, column])
        assert found == pytest.approx(expected), name


def test_within_folds_a_network_is_ranked_by_itself_whatever_it_adds_to_all_records(said: Told) -> None:
    answers, fold = judged(said, 0.1), said.folds
    assert fold is not None
    area = within_folds(answers, fold, 3)
    by_hand = []
    for number in range(5):
        here = (fold == number) & ~np.isnan(answers.target[:, 6])
        positives = answers.target[here, 6].sum()
        by_hand.append((roc_auc_score(answers.target[here, 6], answers.score[here, 6]), positives))
    areas, weights = zip(*by_hand, strict=True)
    assert area[0, 6] == pytest.approx(np.average(areas, weights=weights))
    moved = replace(answers, score=(answers.score + 5 * fold[:, None]).astype(np.float32))
    np.testing.assert_allclose(within_folds(moved, fold, 3), area, atol=1e-6)


def test_a_fold_is_answered_by_lines_that_others_taught_and_its_own_answers_move_nothing(said: Told) -> None:
    answers = judged(said, 0.1)
    here, column = said.fold == 2, 3
    others = ~here & ~LOST & ~np.isnan(said.target[:, column])
    line = fit_platt(said.log_odds[others, column], said.target[others, column] == 1)
    expected = 1 / (1 + np.exp(-(line.slope * said.log_odds[here & ~LOST, column] + line.intercept)))
    assert answers.probability is not None
    np.testing.assert_allclose(answers.probability[here[~LOST], column], expected, atol=1e-5)
    turned = said.target.copy()
    turned[here] = 1 - turned[here]
    after = judged(replace(said, target=turned), 0.1)
    for name in ("probability", "present", "possible"):
        before, then = getattr(answers, name), getattr(after, name)
        np.testing.assert_array_equal(before[here[~LOST]], then[here[~LOST]])
    assert after.probability is not None
    assert np.any(after.probability != answers.probability)  # those of other folds did move


def test_records_set_aside_move_nothing_that_they_are_answered_by(said: Told) -> None:
    aside = replace(said, fold=np.where(ASIDE, -1, said.fold))
    answers = judged(aside, 0.1)
    assert len(answers.patient) == (ASIDE & ~LOST).sum()
    turned = said.target.copy()
    turned[ASIDE] = 1 - turned[ASIDE]
    after = judged(replace(aside, target=turned), 0.1)
    np.testing.assert_array_equal(answers.probability, after.probability)
    np.testing.assert_array_equal(answers.present, after.present)


def test_a_shipped_model_answers_by_what_all_records_that_count_taught(
    recipe: Recipe, records: Examples, tmp_path: Path
) -> None:
    run = learnt(recipe, records, tmp_path / "runs")
    said, rules = told(run), shipped_rules(run, 0.1)
    line = fit_platt(said.log_odds[~LOST, 0], said.target[~LOST, 0] == 1)
    assert rules.lines["NORM"] == line
    assert tuple(rules.sets) == REPORTED


def test_the_result_file_has_both_protocols_with_counts_and_figures(
    recipe: Recipe, records: Examples, tmp_path: Path
) -> None:
    assert plan(recipe) == {"ptbxl-cv": [(0, 0)], "ptbxl-folds": [(0, 0)]}
    form = recipe.tested
    assert form is not None
    runs = {
        rule: [learnt(one, records, tmp_path / "runs")] for rule, one in (("ptbxl-cv", recipe), ("ptbxl-folds", form))
    }
    content = result(recipe, runs, draws=20)
    assert content["protocols"]["ptbxl-cv"]["n"]["records"] == (~LOST).sum()
    tested = content["protocols"]["ptbxl-folds"]["n"]
    assert tested["records"] == tested["records also in ptbxl-cv"] == (ASIDE & ~LOST).sum()
    figures = content["protocols"]["ptbxl-cv"]["metrics"]
    each = [figures[f"auroc_{name}"]["value"] for name in SUPERCLASSES]
    assert figures["macro_auc_superclass"]["value"] == pytest.approx(np.mean(each), abs=1e-5)
    gain = figures["challenge_metric"]["value"] - figures["challenge_metric_thresholds"]["value"]
    assert figures["challenge_metric_gain"]["value"] == pytest.approx(gain, abs=2e-5)
    assert {
        "macro_auc_superclass_within",
        "challenge_metric",
        "challenge_metric_thresholds",
        "macro_auc_cinc2020_5",
    } <= set(figures)
    assert "macro_auc_statements" not in figures  # nothing was said of most of them
    known = ~np.isnan(records.target[:, -1]) & ~LOST
    last = content["per_class"]["ptbxl-cv"][REPORTED[-1]]
    assert last == {"n": known.sum(), "positive": int(np.nansum(records.target[~LOST, -1]))}
    assert set(content["per_record"]) == set(records.group[~LOST].tolist())
    assert content["calibrated"] == {"ptbxl-cv": True, "ptbxl-folds": True}


def test_what_is_trained_already_is_not_trained_again(recipe: Recipe, records: Examples, tmp_path: Path) -> None:
    first = learnt(recipe, records, tmp_path / "runs")
    again = train(recipe, none, tmp_path / "runs", split_seed=0, seed=0)
    np.testing.assert_array_equal(again.test.score, first.test.score)


class Teller:
    """Stands for a bundle that is asked: each record's log-odds are what its name says."""

    card = SimpleNamespace(classes=REPORTED, inputs={"signal": (8, 1000)})


def test_other_hospitals_are_asked_about_once_by_the_bundle_and_none_that_was_learnt_from(
    recipe: Recipe, records: Examples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = learnt(recipe, records, tmp_path / "runs")
    codes = {"A0001": {"164889003"}, "E00002": {"59118001", "999"}, "JS00003": set[str]()}
    record = simulate(duration_s=10).record
    asked: list[list[str]] = []

    def load(root: Path | None, databases: list[str]) -> list[Diagnosed]:
        asked.append(databases)
        return [Diagnosed(replace(record, id=name), frozenset(of), "") for name, of in codes.items()]

    monkeypatch.setattr(cinc2020, "load", load)
    monkeypatch.setattr(diagnoses_outside, "export", lambda *_: Teller())
    monkeypatch.setattr(diagnoses_outside, "shown", lambda record, bundle, net: (record.id,))
    log_odds = np.random.default_rng(0).normal(size=(3, len(REPORTED)))
    monkeypatch.setattr(diagnoses_outside, "record_log_odds", lambda views, bundle: log_odds)
    form = replace(recipe, evaluation=replace(recipe.evaluation, outside=("cinc2020",)))
    rules = shipped_rules(run, 0.1)
    (name, (said, fitted, prints)), *rest = asked_outside(form, run, rules, lambda _: records, None).items()
    assert (name, rest, list(prints)) == ("cinc2020-sources", [], ["cinc2020"])
    assert "PTB-XL" not in asked[0]
    assert len(asked[0]) == 6
    assert said.patient.tolist() == list(codes)
    assert np.isnan(said.target[:, : len(SUPERCLASSES)]).all()
    assert [[REPORTED[n] for n in np.flatnonzero(row == 1)] for row in said.target] == [
        ["164889003"],
        ["713427006"],
        [],
    ]
    assert said.probability is not None  # the bundle has drawn the lines already
    np.testing.assert_allclose(said.probability, 1 / (1 + np.exp(-log_odds)), atol=1e-5)
    np.testing.assert_array_equal(said.score, log_odds.astype(np.float32))
    none_learnt = replace(rules, shares={**rules.shares, "426627000": 0.0})
    ((other, *_),) = asked_outside(form, run, none_learnt, none, None).values()
    slow, slow_sinus = REPORTED.index("426627000"), REPORTED.index("426177001")
    np.testing.assert_array_equal(other.score[:, slow], said.score[:, slow_sinus])
    assert fitted.present is not None
    of_challenge = said.probability[:, len(SUPERCLASSES) :]
    np.testing.assert_array_equal(fitted.present[:, len(SUPERCLASSES) :], of_challenge >= np.array(rules.fitted))


@pytest.mark.parametrize(
    ("changed", "repeats", "said"),
    [
        ({"outside": ("mitdb",)}, None, "database outside 'mitdb' is not known: choose from cinc2020"),
        ({"outside": ("ptbxl-fold-10",)}, None, "database outside 'ptbxl-fold-10' is not known"),
        ({"repeats": 3}, None, "judged by one run of folds, not by 3"),
        ({}, 5, "judged by one run of folds, not by 5"),
    ],
)
def test_what_cannot_be_judged_is_told_before_anything_is_trained(
    changed: dict[str, Any], repeats: int | None, said: str, recipe: Recipe
) -> None:
    with pytest.raises(OptionError, match=said):
        plan(replace(recipe, evaluation=replace(recipe.evaluation, **changed)), None, repeats)


def test_only_a_rule_that_sets_a_fold_aside_can_test(recipe: Recipe) -> None:
    text = recipe.file.read_text()
    recipe.file.write_text(text.replace('test = "ptbxl-folds"', 'test = "ptbxl-cv"'))
    with pytest.raises(OptionError, match="'ptbxl-cv' is not known: choose from ptbxl-folds"):
        load_recipe(str(recipe.file))


def test_the_commands_train_both_forms_and_write_one_result_file(
    recipe: Recipe, records: Examples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("einthoven.learn.material.material", lambda *_, **__: records)
    monkeypatch.setattr("einthoven.learn.judge.result", partial(result, draws=5))
    runs = tmp_path / "runs"

    def said(*words: object) -> str:
        done = CliRunner().invoke(cli.app, [*map(str, words), "--runs", str(runs)], catch_exceptions=False)
        assert done.exit_code == 0
        return done.output

    told_of = said("train", recipe.file)
    assert f"{runs}/one/0-0: trained" in told_of
    assert f"{runs}/one/ptbxl-folds/0-0: trained" in told_of
    told_of = said("evaluate", recipe.file, "--results", tmp_path)
    assert "ptbxl-folds: 20 records" in told_of
    assert "macro_auc_superclass" in told_of
    assert "auroc_NORM" not in told_of  # of each class: in the file
    content = json.loads((tmp_path / "one.json").read_text())
    assert content["protocols"]["ptbxl-folds"]["metrics"]["auroc_NORM"]["value"] > 0.5


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("both", "weights = [1.0, 0.5]", "weights = [1.0]", "1 weights for 2 recipes"),
        ("both", "weights = [1.0, 0.5]", "weights = [1.0, 0.0]", "all must be above 0"),
        ("both", 'target = "superclasses"', 'target = "statements"', "must tell all classes of target 'statements'"),
        ("steep", "folds = 5", "folds = 4", "must have the same folds as this, and its test"),
        ("steep", 'test = "ptbxl-folds"', "", "must have the same folds as this, and its test"),
        ("steep", 'rule = "ptbxl-cv"', 'rule = "none"', r"must have the same dataset and \[split\]"),
        ("steep", 'dataset = "ptb-xl"', 'dataset = "cpic2019"', r"must have the same dataset and \[split\]"),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    file: str, old: str, new: str, said: str, blend: Recipe, tmp_path: Path
) -> None:
    path = tmp_path / f"{file}.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(OptionError, match=said):
        parts_of(load_recipe(str(blend.file)))


def test_classes_that_exclude_each_other_are_no_diagnoses(recipe: Recipe, records: Examples, tmp_path: Path) -> None:
    run = learnt(recipe, records, tmp_path / "runs")
    with np.load(run.folder / "scores.npz") as kept:
        arrays = {name: kept[name] for name in kept if name != "test_known"}
    np.savez(run.folder / "scores.npz", **arrays)
    with pytest.raises(OptionError, match="tells classes that exclude each other"):
        told(run)
