"""Beats learnt from in sequences: how they are drawn, trained on out of fold, judged by class and exported."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from einthoven.beats.classify import unsure
from einthoven.bundles.beats import classify
from einthoven.bundles.bundle import Bundle, write_checksums
from einthoven.datasets.annotated import Annotated
from einthoven.errors import BundleError, OptionError
from einthoven.learn import augment, pools
from einthoven.learn import examples as room
from einthoven.learn import fit as fitting
from einthoven.learn.draws import Part, in_sequence, slots, weights
from einthoven.learn.examples import TARGETS, examples
from einthoven.learn.export import card
from einthoven.learn.fit import logits
from einthoven.learn.judge import plan, result, write_result
from einthoven.learn.lessons import OTHER_RHYTHM, VENTRICULAR_RHYTHM, of_marked_beats
from einthoven.learn.models import network
from einthoven.learn.pools import Pool, pool
from einthoven.learn.recipe import Recipe, Source, load_recipe
from einthoven.learn.runs import Run, train
from einthoven.record import Beats
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

TABLES = """
name = "toy-aami"
title = "Toy"
source = "-"
[data]
dataset = "mitdb"
task = "beat-sequences"
target = "aami"
[split]
rule = "ds1-ds2"
seed = 0
[input]
kind = "beat-sequences"
[model]
kind = "beat_sequence"
width = 8
hidden = 16
rounds = 1
dilations = [1, 2]
[training]
steps = 16
members = 2
learning_rate = 1e-2
schedule = "one-cycle"
clip = 1.0
average = 0.5
smoothing = 0.02
short = 0.2
losses = { beat_type = 0.3, rhythm = 0.3 }
[[sources]]
dataset = "mitdb"
batch = 4
balance = 0.5
[[sources]]
dataset = "svdb"
batch = 2
[evaluation]
seeds = 1
calibrate = true
folds = 2
[card]
miss_rate = 0.1
limits = ["A toy."]
"""


def heart(name: str, seed: int, rhythm: str = "bigeminy", duration_s: float = 40) -> Annotated:
    """Every third ventricular beat is called supraventricular and every fifth fusion, so that all classes occur."""
    made = simulate(duration_s=duration_s, fs_hz=125, seed=seed, rhythm=rhythm, leads=("II", "V1"))
    symbol = made.beats.symbol.copy()
    odd = np.flatnonzero(symbol == "V")
    symbol[odd[::3]], symbol[odd[1::5]] = "A", "F"
    return Annotated(
        replace(made.record, id=name), replace(made.beats, symbol=symbol), {"202": "201"}.get(name, name), rhythm=()
    )


def unvaried(batch: Mapping[str, Any], rng: np.random.Generator, noise: object) -> dict[str, Any]:
    return dict(batch)


@pytest.fixture(scope="module")
def hearts() -> dict[str, list[Annotated]]:
    return {
        "mitdb": [heart(name, seed) for seed, name in enumerate(("101", "106", "201", "203", "202", "100"), start=1)],
        "svdb": [heart(name, seed) for seed, name in enumerate(("800", "801"), start=10)],
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sequences")


@pytest.fixture(scope="module", autouse=True)
def invented(place: Path, hearts: dict[str, list[Annotated]]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        for name, some in hearts.items():
            (place / "data" / name).mkdir(parents=True)
            patched.setitem(room.SOURCES, name, lambda root, some=some: iter(some))
            patched.setitem(pools.LESSONS, name, lambda root, some=some: of_marked_beats(some))
        patched.setitem(augment.AUGMENTS, "beat-sequences", unvaried)
        yield


@pytest.fixture(scope="module")
def recipe(place: Path) -> Recipe:
    (place / "toy-aami.toml").write_text(TABLES)
    return load_recipe(str(place / "toy-aami.toml"))


@pytest.fixture(scope="module")
def load(place: Path) -> Callable[[Recipe], room.Examples]:
    return lambda one: examples(one, place / "data", place / "pools")


@pytest.fixture(scope="module")
def trained(recipe: Recipe, load: Callable[[Recipe], room.Examples], place: Path) -> Run:
    return train(recipe, load, place / "runs", split_seed=0, seed=0)


@pytest.fixture(scope="module")
def judged(trained: Run, recipe: Recipe) -> dict[str, Any]:
    return result(recipe, {"ds1-ds2": [trained]}, draws=20)


@pytest.fixture
def one_pool(place: Path) -> Pool:
    return pool("mitdb", "beat-sequences", {}, place / "data", place / "pools")


def test_a_sequence_is_of_one_record_holds_its_beat_and_ends_in_nothing(one_pool: Pool) -> None:
    rng = np.random.default_rng(0)
    beat = rng.integers(len(one_pool), size=200)
    index = in_sequence(one_pool, beat, rng, length=16, short=0.5)
    for drawn, row in zip(beat.tolist(), index, strict=True):
        there = row[row >= 0]
        assert drawn in there
        assert (np.diff(there) == 1).all()
        assert len(set(one_pool.group[there])) == 1
        assert (row[len(there) :] == -1).all()
    assert 6 <= (index >= 0).sum(axis=1).min() < 16 == (index >= 0).sum(axis=1).max()
    first = (index == beat[:, None]).argmax(axis=1)
    assert len(set(first.tolist())) > 10, "a beat lies anywhere in its sequence"


def test_a_record_shorter_than_a_sequence_is_shown_whole(one_pool: Pool) -> None:
    beat = np.arange(len(one_pool))
    index = in_sequence(one_pool, beat, np.random.default_rng(0), length=1000)
    assert ((index >= 0).sum(axis=1) == np.bincount(one_pool.record)[one_pool.record]).all()


def test_a_record_too_short_may_be_shown_again_and_again(one_pool: Pool) -> None:
    beat = np.arange(len(one_pool))
    index = in_sequence(one_pool, beat, np.random.default_rng(0), length=200, short=0.5, loop=0.5)
    full = index.min(axis=1) >= 0
    assert full.mean() == pytest.approx(0.5, abs=0.1)
    n_beats = np.bincount(one_pool.record)[one_pool.record]
    for row, n in zip(index[full], n_beats[full], strict=True):
        np.testing.assert_array_equal(row, row[0] + np.arange(200) % n)
    assert (one_pool.record[index[full]] == one_pool.record[beat[full]][:, None]).all()


def test_what_is_not_there_is_zeros_and_unknown(one_pool: Pool) -> None:
    index = np.array([[0, 1, -1]])
    waves = one_pool.shown("waves", index, None)
    assert waves.shape[:3] == (1, 3, 2)
    assert not waves[0, 2].any()
    assert one_pool.known("aami", index)[0, 2] == -1
    assert np.isnan(one_pool.known("abnormal", index)[0, 2, 0])


def test_of_many_leads_two_are_drawn_by_weight(one_pool: Pool) -> None:
    rows = {
        "waves": np.arange(5 * 4 * 3 * 2, dtype=np.float16).reshape(5, 4, 3, 2),
        "timing": np.ones((5, 2), np.float16),
    }
    many = replace(one_pool, rows=rows, lead=np.full(5, -1, np.int8))
    assert (one_pool.leads, many.leads) == (2, 4)
    part = Part(many, Source(dataset="mitdb", batch=2, leads=(0.0, 3.0, 1.0, 1.0)))
    chosen = slots(part, 4000, np.random.default_rng(0))
    assert chosen is not None
    assert (chosen[:, 0] != chosen[:, 1]).all()
    assert not (chosen == 0).any()
    assert np.mean(chosen[:, 0] == 1) == pytest.approx(0.6, abs=0.03)
    waves = many.shown("waves", np.array([[2, -1]]), np.array([[3, 1]]))
    np.testing.assert_array_equal(waves[0, 0], rows["waves"][2][[3, 1]])
    assert not waves[0, 1].any()
    assert slots(Part(one_pool, part.source), 3, np.random.default_rng(0)) is None
    with pytest.raises(OptionError, match="mitdb: 2 leads weighed; there are 4"):
        slots(Part(many, Source(dataset="mitdb", batch=2, leads=(1.0, 1.0))), 3, np.random.default_rng(0))


def test_records_weigh_alike_whatever_their_leads(one_pool: Pool) -> None:
    chance = weights(Part(one_pool, Source(dataset="mitdb", batch=2, leads=(1.0, 0.0))))
    np.testing.assert_allclose(np.bincount(one_pool.record, chance), 1 / 6)


def test_classes_and_rhythms_are_those_marked() -> None:
    symbols = np.array(list("NLReAJVEFQ/"))
    item = heart("100", 1)
    beats = Beats(item.beats.sample[: len(symbols)], symbols)
    marks = ("(N",) * 5 + ("(B",) * 6
    (lesson,) = of_marked_beats([replace(item, beats=beats, rhythm=marks)])
    assert lesson.aami.tolist() == [0, 0, 0, 0, 1, 1, 2, 2, 3, -1, -1]
    assert lesson.rhythm.tolist() == [OTHER_RHYTHM] * 5 + [VENTRICULAR_RHYTHM] * 6
    classes, of_symbols = TARGETS["aami"]
    assert classes == ("N", "S", "V", "F")
    assert of_symbols(symbols).sum(axis=1).tolist() == [1.0] * 9 + [0.0] * 2


def test_both_databases_are_learnt_from_and_scored_out_of_fold(trained: Run) -> None:
    assert trained.facts["train"] == ["101", "106", "201", "203", "800", "801"]
    assert trained.facts["test"] == ["100", "202"]
    assert sorted(set(trained.train.group)) == sorted(trained.facts["train"])
    assert np.isfinite(trained.train.score).all()
    assert (trained.train.score != 0).all(), "every beat was scored by the network of its fold"


def test_a_held_out_record_is_never_drawn(recipe: Recipe, load: Callable[[Recipe], room.Examples]) -> None:
    for part in load(recipe).parts:
        held = {"101", "800"}
        chance = weights(part, [name for name in part.pool.names if name not in held])
        assert set(part.pool.group[chance > 0].tolist()) == set(part.pool.names.tolist()) - held


def test_the_network_sees_a_record_as_the_analysis_does(
    trained: Run, judged: dict[str, Any], recipe: Recipe, load: Callable[[Recipe], room.Examples], hearts: Any
) -> None:
    bundle = Bundle.load(trained.folder / "bundle")
    assert bundle.card.exclusive
    assert bundle.card.n_leads == 2
    assert bundle.card.miss_rate == 0.1
    item = next(item for item in hearts["mitdb"] if item.record.id == "202")
    said = classify(item.beats, item.record.signal, item.record.fs_hz, bundle)
    assert said.classes == ("N", "S", "V", "F")
    assert said.probability is not None
    assert said.possible is not None
    np.testing.assert_allclose(said.probability.sum(axis=1), 1, atol=1e-5)
    here = trained.test.group == "202"
    logit = trained.test.score[here]
    agree = np.mean(np.array(said.classes)[_calibrated(bundle, logit).argmax(axis=1)] == said.symbol)
    assert agree >= 0.95, "pools keep half precision"
    np.testing.assert_array_equal(unsure(said), said.possible.sum(axis=1) != 1)
    made = load(recipe)
    again = logits(_network(trained, recipe), made, made.of_groups(["202"]))
    np.testing.assert_allclose(again, logit, atol=1e-4)


def _calibrated(bundle: Bundle, logit: np.ndarray) -> np.ndarray:
    lines = bundle.card.calibration
    return np.stack([lines[c].slope * logit[:, i] + lines[c].intercept for i, c in enumerate(bundle.card.classes)], 1)


def _network(run: Run, recipe: Recipe) -> torch.nn.Module:
    model = network(recipe, {k: tuple(v) for k, v in run.facts["shapes"].items()}, 4, members=2)
    model.load_state_dict(torch.load(run.folder / "weights.pt", weights_only=True))
    return model


def test_members_answer_by_the_mean_of_their_probabilities(trained: Run, recipe: Recipe) -> None:
    together = _network(trained, recipe).eval()
    inputs = torch.rand(2, 128, 2, 4, 128), torch.ones(2, 128, 21)
    with torch.inference_mode():
        one, other = (torch.softmax(member(*inputs), dim=-1) for member in together.members)
        torch.testing.assert_close(torch.softmax(together(*inputs), dim=-1), (one + other) / 2)
    assert not torch.allclose(one, other), "they started elsewhere"


def test_figures_are_told_by_class_with_and_without_the_patient_learnt_from(
    trained: Run, judged: dict[str, Any], recipe: Recipe, tmp_path: Path
) -> None:
    assert plan(recipe) == {"ds1-ds2": [(0, 0)]}
    names = [f"ds1-ds2-{kind}{less}" for kind in ("reference", "detected") for less in ("", "-without-202")]
    assert list(judged["protocols"]) == names
    whole = judged["protocols"]["ds1-ds2-reference"]
    assert whole["n"]["records"] == 2
    for metric in ("macro_f1", "S_f1", "V_sensitivity", "ece", "unsure", "sure_error", "N_missed"):
        figure = whole["metrics"][metric]
        assert figure["value"] is None or figure["low"] <= figure["value"] <= figure["high"]
    assert sum(whole["cells"].values()) == sum(whole["n"][c] for c in "NSVFQ")
    assert judged["protocols"]["ds1-ds2-reference-without-202"]["n"]["records"] == 1
    assert judged["per_run"]["ds1-ds2-detected"][0]["seed"] == 0
    told = json.loads(write_result(judged, tmp_path).read_text())
    figures = card(recipe, trained, told).figures
    assert set(figures) == set(names)
    assert set(figures[names[0]]) == {"n", "metrics"}


def test_training_broken_off_goes_on_to_the_very_same_weights(
    trained: Run,
    recipe: Recipe,
    load: Callable[[Recipe], room.Examples],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Stopped(RuntimeError):
        pass

    monkeypatch.setitem(fitting.fit.__kwdefaults__, "checkpoint_every", 3)

    def vary(batch: Mapping[str, Any], rng: np.random.Generator, noise: object) -> dict[str, Any]:
        calls.append(1)
        if len(calls) in (8, 19, 27, 45):
            raise Stopped
        return dict(batch)

    calls: list[int] = []
    monkeypatch.setitem(augment.AUGMENTS, "beat-sequences", vary)
    failures = 0
    while True:
        try:
            again = train(recipe, load, tmp_path / "broken", split_seed=0, seed=0)
        except Stopped:
            failures += 1
        else:
            break
    assert failures == 4
    ours, theirs = (torch.load(run.folder / "weights.pt", weights_only=True) for run in (trained, again))
    for name, weight in ours.items():
        assert torch.equal(weight, theirs[name]), name
    np.testing.assert_array_equal(again.train.score, trained.train.score)


def test_a_recipe_that_does_not_fit_together_is_refused(
    recipe: Recipe, load: Callable[[Recipe], room.Examples], tmp_path: Path
) -> None:
    with pytest.raises(OptionError, match=r"no \[\[sources\]\] of 'mitdb'"):
        load(replace(recipe, sources=recipe.sources[1:]))
    with pytest.raises(OptionError, match="'beat-contexts' is not shown in sequences"):
        load(replace(recipe, input={"kind": "beat-contexts"}))
    odd = tmp_path / "toy-aami.toml"
    odd.write_text(TABLES.replace("short = 0.2", "short = 2"))
    with pytest.raises(OptionError, match="short is 2"):
        load_recipe(str(odd))


@pytest.mark.usefixtures("judged")
def test_a_card_of_sequences_that_was_changed_is_refused(trained: Run, tmp_path: Path) -> None:
    shutil.copytree(trained.folder / "bundle", tmp_path / "bundle")
    file = tmp_path / "bundle" / "card.json"
    whole = json.loads(file.read_text())
    for change, message in (
        ({"exclusive": "yes"}, "'yes' is neither true nor false"),
        ({"miss_rate": 2}, "2 is no number from 0 to 1"),
        ({"thresholds": {"N": 0.5}}, r"thresholds for \['N'\]"),
        ({"classes": ["N", "S", "V"]}, "the classes are"),
    ):
        file.write_text(json.dumps(whole | change))
        write_checksums(tmp_path / "bundle")
        with pytest.raises(BundleError, match=message):
            Bundle.load(tmp_path / "bundle")
