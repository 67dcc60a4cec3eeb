"""A detector of boxes learns from pictures, is kept, goes on where it was stopped, is judged, and becomes a bundle."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from einthoven.bundles.boxes import find_boxes, record_beats, sight_of
from einthoven.bundles.bundle import Bundle
from einthoven.datasets import mitdb, nstdb
from einthoven.datasets.annotated import Annotated
from einthoven.errors import BundleError, OptionError
from einthoven.findings import Interval
from einthoven.images.picture import Picture
from einthoven.images.sight import strip_sight
from einthoven.learn import boxes, examples
from einthoven.learn.box_draws import BoxDraws
from einthoven.learn.recipe import Recipe, load_recipe
from einthoven.learn.runs import FACTS, WEIGHTS, run_folder
from einthoven.learn.scenes import scenes
from einthoven.learn.strip_scenes import patient_of, starts
from einthoven.record import Beats, Record
from einthoven.signal.simulate import simulate

torch = pytest.importorskip("torch")

SMALL = {
    "kind": "ssd",
    "widths": [8, 12, 16, 16],
    "depths": [0, 0, 0, 0],
    "first_map": 2,
    "context": 1,
    "default_wh": [[[46, 40], [46, 90]], [[60, 70]]],
}


def small(name: str, **changes: object) -> Recipe:
    own = load_recipe(name)
    training = replace(own.training, steps=20, batch_size=4, average=0.5, precision="32-true")
    return replace(own, model=SMALL, training=training, **changes)


@pytest.fixture
def strips() -> Recipe:
    return small("boxes-ds2", input={"kind": "strip-picture", "databases": {"mitdb": 1.0}})


@pytest.fixture
def singles() -> Recipe:
    own = {"kind": "beat-picture", "per_class": 10, "min_beats": 0, "side_px": 100}
    model = SMALL | {"default_wh": [[[84, 40], [84, 80]], [[84, 84]]]}
    return replace(small("boxes-21", input=own), model=model)


@pytest.fixture(autouse=True)
def databases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of those on the disk: four hearts of two minutes, every fourth beat ventricular."""
    hearts = {}
    for seed, name in enumerate(("101", "106", "100", "103")):
        one = simulate(duration_s=120, fs_hz=120, leads=("MLII", "V1"), seed=seed, pvc=0.2)
        hearts[name] = Annotated(replace(one.record, id=name), one.beats, name)

    def load(root: object, records: object = mitdb.RECORDS) -> list[Annotated]:
        return [one for name, one in hearts.items() if name in records]  # type: ignore[operator]

    noise = np.random.default_rng(0).normal(size=(2, 40_000)).cumsum(axis=1)
    monkeypatch.setitem(examples.SOURCES, "mitdb", lambda root: iter(load(root)))
    monkeypatch.setattr(mitdb, "load", load)
    monkeypatch.setattr(
        nstdb, "load", lambda root: iter([Record(noise, 360, ("a", "b"), id=name) for name in nstdb.NOISES])
    )


def test_a_detector_of_strips_is_trained_judged_and_becomes_a_bundle(strips, tmp_path):
    from einthoven.learn.boxes_export import export
    from einthoven.learn.boxes_judge import evaluated

    recipe = replace(strips, evaluation=replace(strips.evaluation, folds=2))
    content = evaluated(recipe, None, tmp_path)
    folder = run_folder(tmp_path, recipe, 0, 0)
    facts = boxes.train(recipe, None, tmp_path)
    assert facts == json.loads((folder / FACTS).read_text())
    assert (facts["train"], facts["test"]) == (["101", "106"], ["100", "103"])
    assert sorted(name for fold in facts["folds"] for name in fold) == ["101", "106"]
    assert list(content["protocols"]) == [
        "boxes-ds2",
        "boxes-ds2-beats",
        "boxes-ds2-classes",
        "boxes-ds2-classes-without-202",
    ]
    judged = content["protocols"]["boxes-ds2"]
    assert judged["n"]["pictures"] == 24
    assert judged["n"]["N"] > judged["n"]["V"] > 0
    assert 0 < judged["metrics"]["ap50_any"]["value"] <= 1
    weights = [
        torch.load(file / WEIGHTS, weights_only=True)["stages.0.0.0.weight"]
        for file in (folder / "folds" / "0", folder)
    ]
    assert not weights[0].equal(weights[1])

    bundle = export(recipe, folder, facts, tmp_path / "bundle", content)
    assert bundle.card.figures["boxes-ds2"]["metrics"] == judged["metrics"]
    assert sight_of(bundle).look.seconds == 10
    record = simulate(duration_s=25, leads=("II",), seed=9).record
    found = record_beats(bundle, record, least=0.05)
    assert found.classes == ("N", "S", "V", "F")
    assert set(found.symbol.tolist()) <= set(found.classes)
    with pytest.raises(OptionError, match="no lead 'V9'; it has II"):
        record_beats(bundle, record, lead="V9")
    with pytest.raises(OptionError, match="sampled at 40 Hz; finding beats needs 50 Hz or more"):
        record_beats(bundle, replace(record, fs_hz=40))
    told: list[tuple[int, int]] = []
    assert record_beats(bundle, record, lead="ii", least=0.05, watch=lambda *one: told.append(one)).sample.tolist() == (
        found.sample.tolist()
    )
    assert told == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(OptionError, match=r"about 6\.25 times as wide as high"):
        list(find_boxes(bundle, [np.zeros((300, 300, 3), np.uint8)]))
    with pytest.raises(BundleError, match="finding boxes needs"):
        sight_of(Bundle.load("beat-detector"))


def test_a_card_says_how_the_strips_look_that_a_detector_knows(strips):
    from einthoven.learn.boxes_export import card

    keys = ("data", "train", "test", "n", "folds", "split_seed", "seed", "commit", "versions")
    for look in ({}, {"px_per_mm": 4.0, "pen_px": 2.5, "height_px": 160, "width_px": 1000}):
        recipe = replace(strips, input={"kind": "strip-picture", "look": look})
        of = scenes(recipe, None)
        facts = {key: {} for key in keys} | {"size": of.size, "classes": of.classes}
        made = card(recipe, boxes.network(recipe, of.size, 4), facts, None)
        assert strip_sight(**made.preprocessing["options"]).look == of.look
        assert made.length_s == 10


def test_a_detector_of_single_beats_is_judged_by_image(singles, tmp_path):
    from einthoven.learn.boxes_judge import evaluated

    content = evaluated(singles, None, tmp_path)
    assert list(content["protocols"]) == ["boxes-21-by-image-10"]
    counted = content["protocols"]["boxes-21-by-image-10"]["n"]
    assert counted["pictures_learnt"] == 28
    assert counted["pictures"] == 12
    assert {name: counted[name] for name in ("MLII-N", "MLII-V", "V1-N", "V1-V")} == dict.fromkeys(
        ("MLII-N", "MLII-V", "V1-N", "V1-V"), 3
    )


def test_a_training_that_was_killed_ends_with_the_same_weights(strips, tmp_path, monkeypatch, killed):
    short = replace(strips, training=replace(strips.training, steps=4))
    monkeypatch.setattr(boxes, "fit", partial(boxes.fit, checkpoint_every=2))
    boxes.train(short, None, tmp_path / "whole")

    with pytest.raises((KeyboardInterrupt, SystemExit)):
        boxes.train(short, None, tmp_path / "stopped", watch=killed)
    boxes.train(short, None, tmp_path / "stopped")
    one, other = (
        torch.load(run_folder(tmp_path / name, short, 0, 0) / WEIGHTS, weights_only=True)
        for name in ("whole", "stopped")
    )
    assert all(one[name].equal(other[name]) for name in one)


def test_losses_precision_and_pictures_with_boxes_go_to_tensorboard(strips, tmp_path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    boxes.train(strips, None, tmp_path)
    log = accumulator.EventAccumulator(str(run_folder(tmp_path, strips, 0, 0) / "tensorboard"))
    log.Reload()
    tags = log.Tags()
    assert {"train/loss", "train/class", "train/box", "looked/map50", "looked/ap50_any"} <= set(tags["scalars"])
    assert [one.step for one in log.Scalars("looked/map50")] == list(range(2, 21, 2))
    assert {f"looked/{number}" for number in range(4)} <= set(tags["images"])
    assert (log.Images("looked/0")[0].width, log.Images("looked/0")[0].height) == (800, 128)


def test_a_recipe_that_makes_no_detector_is_refused_before_data_are_read(strips):
    for wrong, said in (
        ({"input": {"kind": "window"}}, "choose from beat-picture, strip-picture"),
        ({"training": replace(strips.training, steps=0)}, "steps are 0"),
        ({"model": SMALL | {"deep": 3}}, "unknown key 'deep'"),
    ):
        with pytest.raises(OptionError, match=said):
            boxes.check(replace(strips, **wrong))
    with pytest.raises(OptionError, match="finds no boxes"):
        boxes.network(replace(strips, model={"kind": "beat_detector"}), (128, 800), 4)


def test_strips_to_learn_from_are_of_those_who_are_learnt_from(strips):
    of = scenes(strips, None)
    assert of.patients == ("101", "106")
    draw = of.drawer(without=("101",))
    rng = np.random.default_rng(0)
    assert {draw(rng).record for _ in range(20)} == {"106"}
    assert {one.record for one in of.tested()} == {"100", "103"}
    assert {one.record for one in of.shown(("101",))} == {"101"}
    once, again = (of.drawer()(np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(once.pixels, again.pixels)
    np.testing.assert_array_equal(once.boxes_xyxy, again.boxes_xyxy)


def test_the_lead_that_is_tested_on_is_chosen_by_its_name():
    signal = np.stack((np.zeros(3600), np.ones(3600)))
    patient = patient_of(
        Annotated(
            Record(signal, 360, ("V5", "MLII"), id="114"),
            Beats([400, 900, 1500], ["N", "Q", "A"]),
            "114",
            flutter=(Interval(2, 4),),
        ),
        "mitdb",
    )
    assert patient.leads[0].signal_mv.max() == 1
    assert list(patient.leads[0].labels) == ["N", "", "S"]
    assert patient.is_open(3, 13)
    assert not patient.is_open(4.5, 14)
    assert starts(patient, 4.0) == [0.0, 4.0]


def test_a_batch_asks_nothing_of_the_class_of_a_beat_that_has_none():
    white = np.full((40, 80, 3), 255, np.uint8)
    box = np.array([[10, 10, 30, 30], [50, 10, 70, 30]], np.float32)
    defaults = np.array([[10, 10, 30, 30], [50, 10, 70, 30], [0, 0, 8, 8]], np.float32)
    draws = BoxDraws(
        lambda rng: Picture(white, box, ("", "V")), ("N", "V"), (40, 80), defaults, batch=2, steps=1, seed=0
    )
    ((picture,), target) = next(iter(draws))
    assert picture.shape == (2, 1, 40, 80)
    assert picture.max() == 0
    assert target["class_id"].tolist() == [[-2, 1, -1]] * 2


def test_a_bundle_in_eight_bits_keeps_its_answers_in_floats_and_is_refused_where_it_finds_less(
    strips, tmp_path, monkeypatch
):
    onnx = pytest.importorskip("onnx")
    from einthoven.learn import boxes_export

    recipe = replace(strips, card=replace(strips.card, int8=True))
    facts = boxes.train(recipe, None, tmp_path)
    folder = run_folder(tmp_path, recipe, 0, 0)
    bundle = boxes_export.export(recipe, folder, facts, tmp_path / "bundle")
    graph = onnx.load(str(bundle.folder / "model.onnx")).graph
    maker = {name: node for node in graph.node for name in node.output}
    kinds = [
        maker[node.input[0]].op_type if node.input[0] in maker else "input"
        for node in graph.node
        if node.op_type == "Conv"
    ]
    assert kinds.count("DequantizeLinear") >= 4
    heads = [
        node
        for node in graph.node
        if node.op_type == "Conv" and len(node.input) > 2 and node.input[1] in {i.name for i in graph.initializer}
    ]
    assert len(heads) >= 2  # their weights are floats
    monkeypatch.setattr(boxes_export, "LOSS", -2.0)
    with pytest.raises(BundleError, match="in eight bits"):
        boxes_export.export(recipe, folder, facts, tmp_path / "other")
    assert not (tmp_path / "other" / "SHA256SUMS").exists()
