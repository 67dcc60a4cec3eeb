"""A bundle of diagnoses says what its networks and trees say together, in floats and in eight bits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from einthoven.codes import DIAGNOSES, SUPERCLASSES
from einthoven.errors import BundleError, OptionError
from einthoven.learn import int8
from einthoven.learn.blending import weighed
from einthoven.learn.cross import Crossed, crossed_of
from einthoven.learn.diagnoses_export import answering, check, export
from einthoven.learn.examples import Examples
from einthoven.learn.models import network
from einthoven.learn.recipe import load_recipe
from einthoven.learn.runs import train
from einthoven.learn.told import shipped_rules

if TYPE_CHECKING:
    from pathlib import Path

    from einthoven.bundles.bundle import Bundle
    from einthoven.learn.recipe import Recipe
    from einthoven.learn.runs import Run

N = 120
COMMON = """
title = "A toy"
source = "none"
[split]
rule = "ptbxl-cv"
seed = 0
[evaluation]
folds = 2
repeats = 1
{whole}
[data]
dataset = "ptb-xl"
task = "records"
target = "{target}"
[input]
kind = "{kind}"
"""
PARTS = {
    "net": ("twelve-leads", '[model]\nkind = "resnet1d"\nwidths = [8, 12]\n'),
    "hybrid": ("twelve-leads-measured", '[model]\nkind = "measured_resnet1d"\nwidths = [8, 12]\nhidden = 8\n'),
    "trees": ("measures", '[model]\nkind = "forest"\ntrees = 12\nleaf = 3\n'),
}
TRAINING = "[training]\nlearning_rate = 1e-2\nbatch_size = 16\nepochs = 2\n"


@pytest.fixture(scope="module")
def records() -> Examples:
    """Records of a tenth of a second: their superclasses show in the leads, in the measures, or nowhere."""
    rng = np.random.default_rng(0)
    target = (rng.random((N, len(DIAGNOSES))) < 0.4).astype(np.float32)
    signal = rng.normal(size=(N, 8, 100)) + target[:, :8, None]
    measures = rng.normal(size=(N, 6)) + 2 * target[:, :6]
    measures[rng.random(measures.shape) < 0.1] = np.nan
    target[:4, 1] = np.nan  # not known
    names = np.array([f"r{n:03}" for n in range(N)])
    return Examples(
        {"signal": signal.astype(np.float32), "measures": measures.astype(np.float32)},
        target,
        names,
        tuple(DIAGNOSES),
        100.0,
        1.0,
        "f" * 64,
        patient=dict(zip(names.tolist(), names.tolist(), strict=True)),
        fold=dict.fromkeys(names.tolist(), 1),
        judged=np.arange(N) % 3 > 0,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recipes of networks and trees, and of some that answer together."""
    here = tmp_path_factory.mktemp("recipes")
    for name, (kind, model) in PARTS.items():
        text = COMMON.format(target="diagnoses", kind=kind, whole="whole = true" if name == "trees" else "")
        (here / f"{name}.toml").write_text(f'name = "{name}"\n{text}{model}{"" if name == "trees" else TRAINING}')
    for name, parts, more in (
        ("both", ("hybrid", "trees"), "weights = [1.0, 0.5]"),
        ("fast", ("net",), "weights = [1.0]\nint8 = true"),
    ):
        kind = "twelve-leads" if name == "fast" else "twelve-leads-measured"
        files = [str(here / f"{part}.toml") for part in parts]
        text = COMMON.format(target="superclasses", kind=kind, whole="") + f"[blend]\nrecipes = {files}\n{more}\n"
        (here / f"{name}.toml").write_text(f'name = "{name}"\n{text}')
    return here


def shown_to(recipe: Recipe, records: Examples) -> Examples:
    """Return the records as a recipe asks for them."""
    kind = recipe.kind_of("input")[0]
    names = {"measures": ("measures",), "twelve-leads": ("signal",)}.get(kind, ("signal", "measures"))
    classes = tuple(DIAGNOSES) if recipe.data.target == "diagnoses" else tuple(SUPERCLASSES)
    columns = [list(DIAGNOSES).index(name) for name in classes]
    inputs = {name: records.inputs[name] for name in names}
    return replace(records, inputs=inputs, classes=classes, target=records.target[:, columns])


@pytest.fixture(scope="module")
def runs(folder: Path, records: Examples) -> dict[str, tuple[Recipe, Run]]:
    made = {}
    for name in ("both", "fast"):
        recipe = load_recipe(str(folder / f"{name}.toml"))
        run = train(recipe, lambda one: shown_to(one, records), folder / "runs", split_seed=0, seed=0)
        made[name] = recipe, run
    return made


@pytest.fixture(scope="module")
def bundles(
    runs: dict[str, tuple[Recipe, Run]], records: Examples, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Bundle]:
    here = tmp_path_factory.mktemp("bundles")
    return {
        name: export(recipe, run, here / name, lambda one: shown_to(one, records))
        for name, (recipe, run) in runs.items()
    }


def said_by(run: Run, folder: Path, records: Examples, shares: dict[str, float]) -> np.ndarray:
    """Return what networks of all folds and trees of all records say, weighed as what is judged: log-odds."""
    kept = torch.load(run.folder / "weights.pt", weights_only=True)
    wanted = [list(DIAGNOSES).index(name) for name in SUPERCLASSES]
    said = []
    for part in shares:
        recipe = load_recipe(str(folder / f"{part}.toml"))
        inputs = {name: np.asarray(rows) for name, rows in shown_to(recipe, records).inputs.items()}
        logits = []
        for key in ["all"] if part == "trees" else "01":
            model = network(recipe, {name: rows.shape[1:] for name, rows in inputs.items()}, len(DIAGNOSES)).eval()
            model.load_state_dict(kept[part][key])
            with torch.inference_mode():
                logits.append(model(*map(torch.from_numpy, inputs.values())).numpy()[:, wanted])
        said.append(np.mean(logits, axis=0))
    return weighed(said, list(shares.values()))


def test_networks_of_all_folds_and_trees_of_all_records_answer_together(
    bundles: dict[str, Bundle], runs: dict[str, tuple[Recipe, Run]], folder: Path, records: Examples
) -> None:
    expected = said_by(runs["both"][1], folder, records, {"hybrid": 2 / 3, "trees": 1 / 3})
    inputs = {name: np.asarray(rows) for name, rows in records.inputs.items()}
    assert list(bundles["both"].card.inputs) == ["signal", "measures"]
    np.testing.assert_allclose(bundles["both"].run(inputs).values, expected, atol=5e-3)
    one = {name: rows[:1] for name, rows in inputs.items()}
    np.testing.assert_allclose(bundles["both"].run(one).values, expected[:1], atol=5e-3)


def test_the_card_has_the_rules_of_what_was_said_of_records_that_were_not_learnt_from(
    bundles: dict[str, Bundle], runs: dict[str, tuple[Recipe, Run]]
) -> None:
    recipe, run = runs["both"]
    card, rules = bundles["both"].card, shipped_rules(run, recipe.card.miss_rate)
    assert card.classes == tuple(SUPERCLASSES)
    assert (card.calibration, card.thresholds, card.sets) == (rules.lines, rules.thresholds, rules.sets)
    assert card.training["shares"] == rules.shares
    assert (card.training["records"], card.training["data"]) == (len(run.facts["train"]), run.facts["data"])
    assert not {"train", "test"} & card.training.keys()  # thousands of names
    assert (card.exclusive, card.n_leads, card.miss_rate) == (False, 8, recipe.card.miss_rate)


def test_in_eight_bits_it_answers_alike_and_the_card_says_what_that_costs(
    bundles: dict[str, Bundle], runs: dict[str, tuple[Recipe, Run]], folder: Path, records: Examples
) -> None:
    onnx = pytest.importorskip("onnx")
    bundle = bundles["fast"]
    off = bundle.run({"signal": np.asarray(records.inputs["signal"])}).values
    off = off - said_by(runs["fast"][1], folder, records, {"net": 1.0})
    assert 1e-4 < np.abs(off).max() < 0.2
    areas = bundle.card.training["macro_auc"]
    assert areas["int8"] >= areas["float32"] - int8.LOSS
    assert "macro_auc" not in bundles["both"].card.training
    graph = onnx.load(str(bundle.folder / "model.onnx")).graph
    whole = [one for one in graph.initializer if one.data_type == onnx.TensorProto.INT8 and len(one.dims) == 4]
    assert len(whole) == 2 * 5  # of six convolutions of each network all but the one that reads the signal


def test_a_file_that_says_something_else_is_refused(
    bundles: dict[str, Bundle], runs: dict[str, tuple[Recipe, Run]]
) -> None:
    recipe, run = runs["both"]
    says = answering(recipe, run, crossed_of(run)[0], {"signal": (8, 100), "measures": (6,)})
    check(says, bundles["both"], {})
    ((forest, _),) = says.forests
    forest.shares += 10
    with pytest.raises(BundleError, match="differ by"):
        check(says, bundles["both"], {})


def test_trees_alone_are_no_bundle(folder: Path, records: Examples, tmp_path: Path) -> None:
    recipe = load_recipe(str(folder / "trees.toml"))
    run = train(recipe, lambda one: shown_to(one, records), folder / "runs", split_seed=0, seed=0)
    with pytest.raises(OptionError, match="none of it is a network"):
        export(recipe, run, tmp_path / "bundle", lambda one: shown_to(one, records))


def test_what_eight_bits_cost_is_told_of_records_that_were_not_learnt_from(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    takes = onnx.helper.make_tensor_value_info("signal", onnx.TensorProto.FLOAT, ["item", 2, 2])
    gives = onnx.helper.make_tensor_value_info("logit", onnx.TensorProto.FLOAT, ["item", 2, 2])
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Identity", ["signal"], ["logit"])], "as is", [takes], [gives]
    )
    onnx.save(
        onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=10),
        str(tmp_path / "same.onnx"),
    )
    rng = np.random.default_rng(0)
    target = rng.random((100, 2)) < 0.5
    logit = (rng.normal(size=(2, 100, 2)) + target).astype(np.float32)
    logit[0, 50:] = logit[1, :50] = np.nan
    said = Crossed(logit, np.arange(100) // 50, np.array([[0, 0], [1, 1]]), target, np.arange(100).astype(str))
    learnt = np.where(np.isnan(logit), -9 * target, logit)  # nobody asks for what a network says of what it learnt
    signal = learnt.swapaxes(0, 1).astype(np.float32)
    areas = int8.kept_in_int8(tmp_path / "same.onnx", {"signal": signal}, [said], [0.5])
    assert areas["int8"] == areas["float32"]
    assert areas["int8"] == pytest.approx(
        np.mean([roc_auc_score(target[:, i], np.nanmean(logit, 0)[:, i]) for i in (0, 1)]), abs=1e-5
    )
    with pytest.raises(BundleError, match="in eight bits"):
        int8.kept_in_int8(tmp_path / "same.onnx", {"signal": -signal}, [said], [0.5])
