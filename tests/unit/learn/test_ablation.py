"""Switches of a recipe: each form is asked about the same records, and what was done is not done again."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.codes import DIAGNOSES
from einthoven.errors import OptionError
from einthoven.evaluation.markdown import by_switch
from einthoven.learn.ablation import COMPARED, PLAIN, ablated, forms
from einthoven.learn.examples import Examples
from einthoven.learn.fit import unwatched
from einthoven.learn.learning import Learning
from einthoven.learn.recipe import load_recipe, read_recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from torch import nn

    from einthoven.learn.recipe import Recipe

RECIPE = """
name = "toy"
title = "A toy"
source = "Invented"
data = {{ dataset = "ptb-xl", task = "records", target = "diagnoses" }}
split = {{ rule = "ptbxl-cv", seed = 0 }}
input = {{ kind = "twelve-leads" }}
model = {{ kind = "resnet1d", widths = [4], squeeze = 0 }}
training = {{ epochs = 1, batch_size = 32 }}
evaluation = {{ folds = 3, repeats = 1 }}
ablation = {{ seeds = 2 }}
{switches}
"""
SWITCH = """
[[switches]]
name = "{}"
says = "something else"
set = {}
keep = {}
"""
CHAIN = [
    ("squeeze", "{ model = { squeeze = 4 } }", "true"),
    ("asymmetric", '{ loss = { kind = "asymmetric", negative = 2 } }', "false"),
    ("lost", "{ augment = { lost = 0.5 } }", "true"),
    ("ensemble", "{ ablation = { together = 2 } }", "true"),
    ("thresholds", "{ ablation = { thresholds = true } }", "true"),
]


@pytest.fixture
def recipe_of(tmp_path: Path) -> Callable[..., Recipe]:
    def made(*switches: tuple[str, str, str]) -> Recipe:
        file = tmp_path / "toy.toml"
        file.write_text(RECIPE.format(switches="".join(SWITCH.format(*one) for one in switches)))
        return read_recipe(file)

    return made


@pytest.fixture(scope="module")
def examples() -> Examples:
    """Sixty records of thirty patients; fibrillation is loud, a third of them have normalised leads."""
    rng = np.random.default_rng(0)
    target = (rng.random((60, len(DIAGNOSES))) < 0.3).astype(np.float32)
    target[3] = np.nan
    loud = 1 + 3 * target[:, DIAGNOSES.index("164889003"), None, None]
    signal = (rng.normal(size=(60, 8, 100)) * np.nan_to_num(loud, nan=1)).astype(np.float32)
    names = np.array([f"r{number:02}" for number in range(60)])
    patient = {name: str(number // 2) for number, name in enumerate(names.tolist())}
    judged = np.arange(60) % 3 > 0
    return Examples({"signal": signal}, target, names, DIAGNOSES, 10.0, 10.0, "f" * 64, patient=patient, judged=judged)


def test_each_form_has_what_was_kept_before_and_its_own_switch(recipe_of: Callable[..., Recipe]) -> None:
    found = {form.name: form for form in forms(recipe_of(*CHAIN))}
    assert list(found) == [PLAIN, *(name for name, *_ in CHAIN)]
    assert [form.against for form in found.values()] == ["", PLAIN, "squeeze", "squeeze", "lost", "ensemble"]
    assert found["asymmetric"].recipe.model["squeeze"] == 4
    assert found["asymmetric"].recipe.loss == {"kind": "asymmetric", "negative": 2}
    assert found["lost"].recipe.loss == {"kind": "cross-entropy"}
    assert found["lost"].recipe.augment == {"lost": 0.5}
    assert found["thresholds"].recipe.ablation.together == 2


def test_only_what_makes_other_networks_makes_another_recipe(recipe_of: Callable[..., Recipe]) -> None:
    found = {form.name: form.recipe.sha256 for form in forms(recipe_of(*CHAIN))}
    assert found["lost"] == found["ensemble"] == found["thresholds"] != found["squeeze"] != found[PLAIN]


@pytest.mark.parametrize(
    ("switches", "said"),
    [
        ([], "there must be some, each of a name of its own"),
        ([CHAIN[0], CHAIN[0]], "there must be some, each of a name of its own"),
        ([("plain", "{ }", "true")], "there must be some, each of a name of its own"),
        ([("odd", "{ model = { squeezed = 4 } }", "true")], "unknown key 'squeezed'"),
        ([("odd", '{ loss = { kind = "focal" } }', "true")], "loss 'focal' is not known"),
        ([("odd", "{ training = { warm_up = 0.1 } }", "true")], "warm_up is of schedule 'cosine', not 'constant'"),
        ([("odd", '{ loss = { kind = "asymmetric", margin = 2 } }', "true")], "margin 2; powers must be"),
        ([("odd", "{ ablation = { together = 0 } }", "true")], "together is 0; allowed is 1 to 20"),
        ([("odd", '{ model = { kind = "conv1d" }, training = { manifold_mixup = 1 } }', "true")], "'conv1d' has none"),
    ],
)
def test_what_cannot_be_tried_is_told_before_anything_is(
    switches: list[tuple[str, str, str]], said: str, recipe_of: Callable[..., Recipe]
) -> None:
    with pytest.raises(OptionError, match=said):
        forms(recipe_of(*switches))


def test_recipes_of_beats_have_no_forms_that_can_be_compared(recipe_of: Callable[..., Recipe]) -> None:
    switches = recipe_of(*CHAIN).switches
    with pytest.raises(OptionError, match="only a recipe of one network, for whole records by folds"):
        forms(replace(load_recipe("mitdb-normal"), switches=switches))


def test_all_forms_are_asked_about_the_same_records_and_the_table_tells_of_each(
    recipe_of: Callable[..., Recipe], examples: Examples, tmp_path: Path
) -> None:
    learnt: list[tuple[str, set[str]]] = []
    learn = Learning.learn

    def noted(self: Learning, names: Sequence[str], folder: Path) -> tuple[nn.Module, float]:
        learnt.append((self.recipe.sha256, set(names)))
        return learn(self, names, folder)

    recipe, folder = recipe_of(*CHAIN), tmp_path / "runs"
    run = partial(ablated, recipe, lambda recipe: examples, folder, watch=lambda name: unwatched, draws=20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Learning, "learn", noted)
        content = run()
        assert len(learnt) == 4 * 2 + 2 * 2  # four recipes from two starts, and two networks together from each
        assert [learnt[0][1], learnt[1][1]] == [learnt[2][1], learnt[3][1]]  # the same patients, whatever is switched
        json.dumps(content, allow_nan=False)
        protocols = content["protocols"]
        assert list(protocols) == [f"toy-{name}" for name in (PLAIN, *(name for name, *_ in CHAIN))]
        assert len({judged["n"]["records"] for judged in protocols.values()}) == 1
        again = run()
        assert len(learnt) == 12  # nothing was done twice
    assert again["protocols"] == protocols
    assert set(protocols["toy-plain"]["metrics"]) == set(COMPARED)
    told = protocols["toy-lost"]["metrics"]
    gain = told["macro_auc_cinc2020"]["value"] - protocols["toy-squeeze"]["metrics"]["macro_auc_cinc2020"]["value"]
    assert told["gain_macro_auc_cinc2020"]["value"] == pytest.approx(gain, abs=2e-5)
    same = protocols["toy-thresholds"]["metrics"]  # thresholds rank nothing otherwise, but other classes are told
    assert same["gain_macro_auc_superclass"]["value"] == 0
    assert same["gain_challenge_metric"]["value"] != 0
    lines = by_switch([content], "toy", "macro_auc_cinc2020").splitlines()
    assert len(lines) == 2 + len(protocols)
    assert lines[3].startswith("| squeeze | something else | 0.")
    assert "+0.000 (+0.000 to +0.000)" in lines[7]
    assert lines[4].endswith("| no |")


def test_no_patient_of_those_asked_about_is_learnt_from(
    recipe_of: Callable[..., Recipe], examples: Examples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    def marked(self: Learning, names: Sequence[str], folder: Path) -> tuple[nn.Module, float]:
        model = torch.nn.Identity()
        model.learnt = frozenset(examples.patient[name] for name in names)  # type: ignore[assignment]
        return model, 0.0

    def asked(model: nn.Module, examples: Examples, index: np.ndarray) -> np.ndarray:
        assert not {examples.patient[name] for name in examples.group[index].tolist()} & model.learnt
        return np.random.default_rng(0).normal(size=(len(index), len(DIAGNOSES))).astype(np.float32)

    monkeypatch.setattr(Learning, "learn", marked)
    monkeypatch.setattr("einthoven.learn.cross.logits", asked)
    load = lambda recipe: examples  # noqa: E731
    ablated(recipe_of(*CHAIN), load, tmp_path, watch=lambda name: unwatched, draws=2)
