"""A detector learns from strips, is kept, goes on where it was stopped, and becomes a bundle."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from einthoven.beats.detect import REACH_S, detect
from einthoven.beats.match import match
from einthoven.bundles.beats import beat_net
from einthoven.datasets import nstdb
from einthoven.datasets.annotated import Annotated
from einthoven.errors import DataError, OptionError
from einthoven.learn import detection, detection_judge
from einthoven.learn import strips as strips_module
from einthoven.learn.detection_export import export
from einthoven.learn.folded import fold_folder
from einthoven.learn.recipe import Recipe, Source, load_recipe
from einthoven.learn.runs import FACTS, WEIGHTS, run_folder
from einthoven.learn.strips import of_marked
from einthoven.record import Record
from einthoven.signal.simulate import Noise, simulate

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    own = load_recipe("beat-detector")
    return replace(
        own,
        model={"kind": "beat_detector", "narrow": 8, "width": 12, "deep": 12},
        training=replace(own.training, steps=30, average=0.8, learning_rate=1e-2),
        sources=(Source(dataset="mitdb", batch=6),),
        augment={"length_s": 8.0, "noisy": 0.2, "stretch": 0.1, "hearts": 1, "silent": 1},
        evaluation=replace(own.evaluation, folds=2),
    )


@pytest.fixture(scope="module")
def hearts() -> list[Annotated]:
    made = {
        name: simulate(duration_s=60, fs_hz=100, leads=("II", "V1"), seed=seed, noise=Noise(muscle_mv=0.02))
        for seed, name in enumerate(("101", "106", "108", "109"))
    }
    return [Annotated(replace(one.record, id=name), one.beats, name) for name, one in made.items()]


@pytest.fixture
def databases(monkeypatch: pytest.MonkeyPatch, hearts: list[Annotated]) -> None:
    """Instead of those on the disk."""
    noise = np.random.default_rng(0).normal(size=(2, 20_000)).cumsum(axis=1)
    monkeypatch.setattr(strips_module, "STRIPS", {"mitdb": lambda root: of_marked(iter(hearts))})
    monkeypatch.setattr(strips_module, "_key", lambda dataset, root: "key")
    monkeypatch.setattr(
        nstdb, "load", lambda root: iter([Record(noise, 100, ("a", "b"), id=name) for name in nstdb.NOISES])
    )


@pytest.mark.usefixtures("databases")
def test_a_detector_is_trained_and_finds_beats_and_becomes_a_bundle(recipe, hearts, tmp_path):
    facts = detection.train(recipe, None, tmp_path)
    folder = run_folder(tmp_path, recipe, recipe.split.seed, 0)
    assert facts == detection.train(recipe, None, tmp_path) == json.loads((folder / FACTS).read_text())
    assert sorted(patient for fold in facts["folds"] for patient in fold) == ["101", "106", "108", "109"]
    assert "101" in facts["train"]
    assert "101" not in facts["test"]
    assert len(facts["test"]) == 44
    nets = [fold_folder(folder, number) / WEIGHTS for number in (0, 1)] + [folder / WEIGHTS]
    weights = [torch.load(file, weights_only=True)["trust.weight"] for file in nets]
    assert not weights[0].equal(weights[1])
    bundle = export(recipe, folder, facts, tmp_path / "bundle")
    assert bundle.card.inputs == {"leads": (None, None)}
    ours, theirs = detection_judge.as_net(recipe, folder / WEIGHTS), beat_net(bundle)
    for item in hearts:
        found = detect(item.record, ours)
        assert match(item.beats.sample, found.sample, 15).f1 > 0.8
        np.testing.assert_array_equal(detect(item.record, theirs).sample, found.sample)


@pytest.mark.usefixtures("databases")
def test_a_training_that_was_killed_ends_with_the_same_weights(recipe, tmp_path, monkeypatch, killed):
    short = replace(recipe, training=replace(recipe.training, steps=4))
    fit = detection.fit
    monkeypatch.setattr(detection, "fit", lambda *given, **named: fit(*given, checkpoint_every=2, **named))
    detection.train(short, None, tmp_path / "whole")

    with pytest.raises((KeyboardInterrupt, SystemExit)):
        detection.train(short, None, tmp_path / "stopped", watch=killed)
    detection.train(short, None, tmp_path / "stopped")
    one, other = (
        torch.load(run_folder(tmp_path / name, short, 0, 0) / WEIGHTS, weights_only=True)
        for name in ("whole", "stopped")
    )
    assert all(one[name].equal(other[name]) for name in one)


@pytest.mark.usefixtures("databases")
def test_a_run_of_another_recipe_or_a_damaged_one_is_refused(recipe, tmp_path):
    folder = run_folder(tmp_path, recipe, 0, 0)
    folder.mkdir(parents=True)
    (folder / "recipe.sha256").write_text("other -1\n")
    with pytest.raises(OptionError, match="holds a run by another form of its recipe"):
        detection.train(recipe, None, tmp_path)
    (folder / "recipe.sha256").write_text(f"{recipe.sha256} -1\n")
    for damage in ("{", "{}"):
        (folder / FACTS).write_text(damage)
        with pytest.raises(DataError):
            detection.train(recipe, None, tmp_path)


def test_a_recipe_that_makes_no_detector_is_refused_before_data_are_read(recipe):
    for wrong, said in (
        (
            {"input": {"kind": "beat-contexts"}},
            "input kind 'beat-contexts' is not known: choose from conditioned-leads",
        ),
        ({"augment": {**recipe.augment, "loud": 1}}, "unknown key 'loud'"),
        ({"sources": ()}, "a detector learns from"),
        ({"card": replace(recipe.card, int8=True)}, "int8 is for detectors of boxes"),
        ({"model": {"kind": "beat_detector", "wide": 1}}, "unknown key 'wide'"),
    ):
        with pytest.raises(OptionError, match=said):
            detection.check(replace(recipe, **wrong))


def test_leads_are_pooled_whatever_their_order_and_one_given_twice_counts_once(recipe):
    torch.manual_seed(0)
    model = detection.network(recipe)
    leads = torch.randn(2, 3, 800)
    with torch.inference_mode():
        plain, turned, twice = model(leads), model(leads.flip(1)), model(leads[:, [0, 1, 2, 0, 1, 2]])
    torch.testing.assert_close(turned, plain, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(twice, plain, rtol=1e-4, atol=1e-5)


def test_the_network_looks_no_farther_than_stated():
    model = detection.network(load_recipe("beat-detector"))
    leads = torch.randn(1, 2, 2000, requires_grad=True)
    model(leads)[0, 250, 0].backward()
    touched = torch.nonzero(leads.grad.abs().sum(dim=(0, 1)))[:, 0] / 100
    assert 10 - REACH_S <= float(touched.min()) < float(touched.max()) <= 10 + REACH_S
