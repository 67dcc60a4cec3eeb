"""Every entry of the tables of learning does what the table promises."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from einthoven.beats.detect import FRAME
from einthoven.beats.detection_inputs import LEAD_INPUTS
from einthoven.beats.inputs import SEQUENCES
from einthoven.beats.overlap import in_sequences
from einthoven.beats.sequences import SEQUENCE
from einthoven.bundles.beats import classify
from einthoven.bundles.boxes import find_boxes, sight_of
from einthoven.bundles.bundle import Bundle, shipped
from einthoven.bundles.inputs import BEAT_INPUTS, input_kind
from einthoven.datasets.catalogue import DATASETS
from einthoven.datasets.mitdb import RECORDS
from einthoven.datasets.splits import FOLD_RULES, SET_ASIDE, SPLITS
from einthoven.diagnosis.inputs import RECORD_INPUTS, record_input_kind
from einthoven.images.inputs import Pictures
from einthoven.images.sight import PICTURE_INPUTS
from einthoven.learn import recipe as recipes
from einthoven.learn import recordings
from einthoven.learn.augment import AUGMENTS
from einthoven.learn.examples import SOURCES, TARGETS, TASKS
from einthoven.learn.fill import checked
from einthoven.learn.lessons import LESSONS
from einthoven.learn.models import MODELS, build, model_class
from einthoven.learn.recipe import BOXES, DETECTION, load_recipe, recipe_files
from einthoven.learn.record_augment import RECORD_AUGMENTS
from einthoven.learn.record_lessons import RECORD_TARGETS
from einthoven.learn.strips import STRIPS
from einthoven.record import Beats
from einthoven.signal.simulate import simulate

OF_BEATS = [name for name in recipe_files() if load_recipe(name).data.task in TASKS]
OF_LEADS = [name for name in recipe_files() if load_recipe(name).data.task == DETECTION]
OF_BOXES = [name for name in recipe_files() if load_recipe(name).data.task == BOXES]
OF_RECORDS = [name for name in recipe_files() if load_recipe(name).data.task == recipes.RECORDS]


def shown(kind: str, signal: np.ndarray, peak: np.ndarray, **settings: object) -> dict[str, np.ndarray]:
    """What a network sees of some beats: one an item, or all of them as one sequence."""
    made = input_kind(kind)(signal, 360.0, peak, **settings)
    if kind in SEQUENCES:
        return {name: in_sequences(of, np.array([0]), SEQUENCE, len(peak)) for name, of in made.arrays.items()}
    return {name: of[np.arange(len(peak))] for name, of in made.arrays.items()}


def varied(kind: str, signal: np.ndarray, peak: np.ndarray) -> dict[str, np.ndarray]:
    """What is varied of some beats: what a network sees, or the traces of which it sees pictures."""
    first = next(iter(input_kind(kind)(signal, 360.0, peak).arrays.values()))
    if isinstance(first, Pictures):
        return {name: np.asarray(of[np.arange(len(peak))]) for name, of in first.traces.items()}
    return shown(kind, signal, peak)


SHARE = dict(zip(RECORDS, np.linspace(0, 1, 48), strict=True))


@pytest.mark.parametrize("kind", BEAT_INPUTS)
def test_every_input_kind_gives_one_float32_row_a_beat(kind: str) -> None:
    signal = np.random.default_rng(0).normal(size=3600).astype(np.float32)
    for peak in (np.arange(100, 3500, 300), np.array([1800]), np.array([], np.int64)):
        made = BEAT_INPUTS[kind](signal, 360.0, peak)
        assert made.complete.shape == (len(peak),)
        for rows in made.arrays.values():
            cut = rows[np.arange(len(peak))]
            assert cut.dtype == np.float32
            assert cut.shape == rows.shape
            assert len(rows) == len(peak)
            assert np.isfinite(cut).all()


@pytest.mark.parametrize("kind", BEAT_INPUTS)
def test_every_input_kind_takes_a_flat_a_missing_and_a_short_signal(kind: str) -> None:
    for signal in (np.zeros(3600), np.full(3600, np.nan), np.ones(1)):
        made = BEAT_INPUTS[kind](signal.astype(np.float32), 360.0, np.array([0]))
        assert all(np.isfinite(rows[np.array([0])]).all() for rows in made.arrays.values())


@pytest.mark.parametrize("rule", SPLITS)
def test_every_split_keeps_records_apart(rule: str) -> None:
    sides = SPLITS[rule](SHARE, 0)
    assert sides.train
    assert sides.test or rule == "none"
    assert not set(sides.train) & set(sides.test)
    assert set(sides.train + sides.test) <= set(RECORDS)


@pytest.mark.parametrize("rule", FOLD_RULES)
def test_every_rule_of_folds_deals_each_record_once(rule: str) -> None:
    share = {name: float(share > 0.5) for name, share in SHARE.items()}
    for repeat in (0, 1):
        folds = FOLD_RULES[rule](share, {}, 5, repeat)
        assert sorted(name for fold in folds for name in fold) == sorted(share)
    assert FOLD_RULES[rule](share, {}, 5, 0) != folds


def test_a_fold_is_set_aside_by_rules_of_folds_alone_and_recipes_are_tested_by_those() -> None:
    assert SET_ASIDE.keys() <= FOLD_RULES.keys()
    for name in OF_RECORDS:
        recipe = load_recipe(name)
        assert recipe.evaluation.test in ("", *SET_ASIDE)
        assert not recipe.evaluation.test or recipe.split.rule in FOLD_RULES


@pytest.mark.parametrize("kind", recordings.TOGETHER)
def test_inputs_side_by_side_are_those_that_are_prepared_alone(kind: str) -> None:
    record, peak = simulate(duration_s=10).record, np.arange(200, 3500, 300)
    both = RECORD_INPUTS[kind](record, peak)
    alone = {name: of for part in recordings.TOGETHER[kind] for name, of in RECORD_INPUTS[part](record, peak).items()}
    assert list(both) == list(alone)
    for name, rows in both.items():
        np.testing.assert_array_equal(rows, alone[name])
    settings = set(inspect.signature(RECORD_INPUTS[kind]).parameters)
    taken = {name for part in recordings.TOGETHER[kind] for name in inspect.signature(RECORD_INPUTS[part]).parameters}
    assert settings <= taken


@pytest.mark.parametrize("kind", RECORD_INPUTS)
def test_beats_are_looked_for_where_a_kind_of_input_asks_for_them(kind: str) -> None:
    record = simulate(duration_s=10).record
    some, none = (RECORD_INPUTS[kind](record, peak) for peak in (np.arange(200, 3500, 300), np.array([], np.int64)))
    differs = any(not np.array_equal(some[name], none[name], equal_nan=True) for name in some)
    assert differs == (kind in recordings.ON_BEATS)


def test_every_source_is_a_known_database() -> None:
    assert SOURCES.keys() <= DATASETS.keys()


def test_every_database_with_lessons_is_a_known_one() -> None:
    assert LESSONS.keys() <= DATASETS.keys()


@pytest.mark.parametrize("kind", AUGMENTS)
def test_what_varies_an_input_has_keyword_only_settings_and_shows_it_as_it_is_without(kind: str) -> None:
    batch, rng, noise, *settings = inspect.signature(AUGMENTS[kind]).parameters.values()
    assert [one.name for one in (batch, rng, noise)] == ["batch", "rng", "noise"]
    assert all(one.kind is one.KEYWORD_ONLY and one.default is not one.empty for one in settings)
    signal = np.random.default_rng(0).normal(size=9000).astype(np.float32)
    rows = varied(kind, signal, np.arange(300, 8700, 300))
    one, two = (AUGMENTS[kind](rows, np.random.default_rng(0), None) for _ in range(2))
    for name in rows:
        assert one[name].dtype == np.float32
        assert len(one[name]) == len(rows[name])
        np.testing.assert_array_equal(one[name], two[name])


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_has_a_column_a_class(target: str) -> None:
    classes, of_symbols = TARGETS[target]
    column = of_symbols(np.array(["N", "V"]))
    assert column.dtype == np.float32
    assert column.shape == (2, len(classes))


def test_every_recipe_has_a_task_there_is() -> None:
    assert sorted(OF_BEATS + OF_LEADS + OF_BOXES + OF_RECORDS) == sorted(recipe_files())


@pytest.mark.parametrize("name", OF_BEATS)
def test_every_recipe_names_only_what_there_is(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.data.task in TASKS
    assert recipe.data.target in TARGETS
    assert recipe.data.dataset in SOURCES
    assert recipe.split.rule in SPLITS
    assert recipe.card.limits
    kind, settings, where = recipe.kind_of("input")
    assert checked(input_kind(kind), settings, where) == settings


@pytest.mark.parametrize("name", OF_BEATS)
def test_every_recipe_builds_a_network_that_gives_one_logit_a_class(name: str) -> None:
    torch = pytest.importorskip("torch")
    recipe = load_recipe(name)
    kind, settings, _where = recipe.kind_of("input")
    rows = shown(kind, np.zeros(9000, np.float32), np.array([4000, 5000]), **settings)
    shapes = {key: of.shape[1:] for key, of in rows.items()}
    classes, _ = TARGETS[recipe.data.target]
    model = build(*recipe.kind_of("model"), shapes, len(classes)).eval()
    out = model(*map(torch.from_numpy, rows.values()))
    assert out.shape == ((1, SEQUENCE, len(classes)) if kind in SEQUENCES else (2, len(classes)))
    assert torch.isfinite(out).all()


@pytest.mark.parametrize("name", OF_RECORDS)
def test_every_recipe_for_whole_records_can_be_followed_and_gives_a_logit_a_class(name: str) -> None:
    torch = pytest.importorskip("torch")
    from einthoven.learn.blending import parts_of
    from einthoven.learn.learning import Learning
    from einthoven.learn.models.blend import taken

    recipe = load_recipe(name)
    assert recipe.card.limits
    assert recipe.split.rule in (SPLITS.keys() | FOLD_RULES.keys())
    assert recipe.data.dataset in RECORD_TARGETS[recipe.data.target][1]
    rows = of_a_record(recipe)
    for part in parts_of(recipe):
        Learning.check(part)
        own, (classes, _) = of_a_record(part), RECORD_TARGETS[part.data.target]
        model = build(*part.kind_of("model"), {key: of.shape for key, of in own.items()}, len(classes)).eval()
        names = taken(type(model), tuple(own))
        assert names
        out = model(*(torch.from_numpy(np.stack([own[name]] * 2)) for name in names))
        assert out.shape == (2, len(classes))
        assert torch.isfinite(out).all()
        for name in names:  # what a part takes is there, and the same, where it answers with others
            np.testing.assert_array_equal(rows[name], own[name])


def of_a_record(recipe: recipes.Recipe) -> dict[str, np.ndarray]:
    """What a recipe shows of a simulated record."""
    kind, settings, where = recipe.kind_of("input")
    prepare = record_input_kind(kind)
    return prepare(simulate(duration_s=10).record, np.arange(200, 3500, 300), **checked(prepare, settings, where))


@pytest.mark.parametrize("target", RECORD_TARGETS)
def test_every_question_about_records_is_asked_of_known_databases(target: str) -> None:
    classes, sources = RECORD_TARGETS[target]
    assert len(set(classes)) == len(classes) > 1
    assert sources.keys() <= DATASETS.keys()
    assert sources.keys() <= recordings.RECORDS_OF.keys()


@pytest.mark.parametrize("kind", RECORD_AUGMENTS)
def test_what_varies_records_has_keyword_only_settings_and_hangs_on_its_generator_alone(kind: str) -> None:
    inputs, target, rng, *settings = inspect.signature(RECORD_AUGMENTS[kind]).parameters.values()
    assert [one.name for one in (inputs, target, rng)] == ["inputs", "target", "rng"]
    assert all(one.kind is one.KEYWORD_ONLY and one.default is not one.empty for one in settings)
    made = RECORD_INPUTS[kind](simulate(duration_s=10).record, np.arange(200, 3500, 300))
    rows = {name: np.stack([of] * 4) for name, of in made.items()}
    truth = np.eye(2, dtype=np.float32)[[0, 1, 0, 1]]
    first, second = (RECORD_AUGMENTS[kind](dict(rows), truth, np.random.default_rng(0)) for _ in range(2))
    for name in rows:
        assert first[0][name].dtype == np.float32
        np.testing.assert_array_equal(first[0][name], second[0][name])
    assert first[1].shape == truth.shape


@pytest.mark.parametrize("name", OF_LEADS)
def test_every_detector_can_be_followed_and_gives_a_logit_a_frame(name: str) -> None:
    torch = pytest.importorskip("torch")
    from einthoven.learn.detection import CLASSES, check, network

    recipe = load_recipe(name)
    check(recipe)
    assert recipe.card.limits
    assert {source.dataset for source in recipe.sources} <= STRIPS.keys()
    out = network(recipe)(torch.zeros(2, 3, 80))
    assert out.shape == (2, 80 // FRAME, len(CLASSES))


@pytest.mark.parametrize("name", OF_BOXES)
def test_every_detector_of_boxes_can_be_followed_and_has_classes_and_a_place_a_default_box(name: str) -> None:
    torch = pytest.importorskip("torch")
    from einthoven.learn.boxes import check, network
    from einthoven.learn.scenes import SCENES

    assert SCENES.keys() == PICTURE_INPUTS.keys()
    recipe = load_recipe(name)
    check(recipe)
    assert recipe.card.limits
    size = (128, 800) if recipe.split.rule == "ds1-ds2" else (300, 300)
    model = network(recipe, size, 4)
    out = model(torch.zeros(2, 1, *size))
    assert out.shape == (2, len(model.defaults), 4 + 4)
    assert torch.isfinite(out).all()


@pytest.mark.parametrize("kind", MODELS)
def test_every_network_has_keyword_only_settings_with_defaults(kind: str) -> None:
    pytest.importorskip("torch")
    first, second, *settings = inspect.signature(model_class(kind)).parameters.values()
    assert (first.name, second.name) == ("shapes", "classes")
    for setting in settings:
        assert setting.kind is inspect.Parameter.KEYWORD_ONLY
        assert setting.default is not inspect.Parameter.empty


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_bundle_is_whole_and_answers(name: str) -> None:
    bundle = Bundle.load(name)
    card = bundle.card
    assert card.name == name
    assert card.limits
    assert card.figures
    if card.preprocessing["kind"] in LEAD_INPUTS:
        seen = LEAD_INPUTS[card.preprocessing["kind"]](np.zeros((2, 3600), np.float32), 360.0)
        assert bundle.predict({"leads": seen[None]}).values.shape == (1, 1000 // FRAME, len(card.classes))
        return
    if card.preprocessing["kind"] in RECORD_INPUTS:
        record = simulate(duration_s=10).record
        prepare = record_input_kind(card.preprocessing["kind"])
        shown = prepare(record, np.arange(200, 3500, 300), **card.preprocessing["options"])
        assert bundle.predict({key: of[None] for key, of in shown.items()}).values.shape == (1, len(card.classes))
        assert card.operating_points if card.exclusive else card.sets.keys() == set(card.classes)
        return
    if card.preprocessing["kind"] in PICTURE_INPUTS:
        white = np.full((*sight_of(bundle).size, 3), 255, np.uint8)
        (found,) = find_boxes(bundle, [white], least=1e-6)
        assert found.probability.shape == (len(found), len(card.classes))
        assert found.score.max(initial=0) < 0.5  # nothing is there
        return
    signal = np.random.default_rng(0).normal(size=3600).astype(np.float32)
    said = classify(Beats.unlabelled(np.arange(200, 3500, 300)), signal, 360.0, bundle)
    assert said.probability is not None
    assert said.probability.shape == (11, len(card.classes))
