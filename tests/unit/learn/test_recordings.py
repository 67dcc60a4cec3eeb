"""Whole records as examples: prepared once, and shown as they were read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.io
import torch

from einthoven.datasets import cinc2020, ptbxl
from einthoven.datasets.ptbxl import Entry
from einthoven.diagnosis.inputs import as_published
from einthoven.errors import OptionError
from einthoven.formats import read
from einthoven.learn.fit import Batches, Learner
from einthoven.learn.material import material
from einthoven.learn.recipe import Recipe, load_recipe, recipe_files
from einthoven.learn.record_lessons import diagnoses, norm_or_not
from einthoven.learn.recordings import recordings
from einthoven.signal.simulate import simulate


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "cpic2019"
    (folder / "TRAIN").mkdir(parents=True)
    for number in range(101, 105):
        signal = simulate(duration_s=10, fs_hz=500, seed=number).record.signal
        scipy.io.savemat(folder / "TRAIN" / f"TRAIN{number}.mat", {"data": signal})
    (folder / "reference.txt").write_text("TRAIN104\t1\nTRAIN101\t0\nTRAIN103\t0\nTRAIN102\t1\n")
    return tmp_path / "data"


def recipe_with(tmp_path: Path, old: str, new: str) -> Recipe:
    text = recipe_files()["cpic2019-conv1d"].read_text().replace('"cpic2019-conv1d"', '"toy"')
    assert old in text
    (tmp_path / "toy.toml").write_text(text.replace(old, new))
    return load_recipe(str(tmp_path / "toy.toml"))


def test_each_record_is_one_example_as_the_input_shows_it(root: Path, tmp_path: Path) -> None:
    made = material(load_recipe("cpic2019-conv1d"), root, tmp_path / "runs")
    assert made.group.tolist() == ["TRAIN104", "TRAIN101", "TRAIN103", "TRAIN102"]
    assert made.classes == ("normal", "abnormal")
    assert made.exclusive
    assert made.abnormal.tolist() == [True, False, False, True]
    assert (made.fs_hz, made.length_s, made.shapes) == (500.0, 10.0, {"signal": (12, 5000)})
    record = read(root / "cpic2019" / "TRAIN" / "TRAIN103.mat")
    np.testing.assert_array_equal(made.inputs["signal"][2], as_published(record, np.array([], np.int64))["signal"])


def test_what_is_prepared_is_read_again_until_the_data_change(root: Path, tmp_path: Path) -> None:
    recipe, runs = load_recipe("cpic2019-conv1d"), tmp_path / "runs"
    first = recordings(recipe, root, runs)
    file = first.inputs["signal"].filename  # type: ignore[attr-defined]
    made_ns = file.stat().st_mtime_ns
    again = recordings(recipe, root, runs)
    assert again.inputs["signal"].filename == file  # type: ignore[attr-defined]
    assert file.stat().st_mtime_ns == made_ns
    (root / "cpic2019" / "reference.txt").write_text("TRAIN101\t1\nTRAIN102\t0\n")
    other = recordings(recipe, root, runs)
    assert other.fingerprint != first.fingerprint
    assert len(other) == 2


def test_what_was_half_written_is_made_anew(root: Path, tmp_path: Path) -> None:
    recipe, runs = load_recipe("cpic2019-conv1d"), tmp_path / "runs"
    folder = recordings(recipe, root, runs).inputs["signal"].filename.parent  # type: ignore[attr-defined]
    (folder / "records.json").unlink()
    (folder / "signal.npy").write_bytes(b"cut off")
    (folder / ".einthoven-left").mkdir()
    assert len(recordings(recipe, root, runs)) == 4
    assert not (folder / ".einthoven-left").exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('target = "normal-abnormal"', 'target = "sex"', "target 'sex' is not known: choose from normal-abnormal"),
        ('dataset = "cpic2019"', 'dataset = "mitdb"', "dataset 'mitdb' is not known: choose from cpic2019"),
        ('kind = "as-published"', 'kind = "window"', "record input kind 'window' is not known"),
        ('kind = "as-published"', 'kind = "as-published"\nrate_hz = 100', r"unknown key 'rate_hz'"),
    ],
)
def test_a_recipe_that_asks_for_what_there_is_not_is_told(
    old: str, new: str, said: str, root: Path, tmp_path: Path
) -> None:
    with pytest.raises(OptionError, match=said):
        recordings(recipe_with(tmp_path, old, new), root, tmp_path / "runs")


def entries(*of: tuple[set[str], int, bool]) -> list[Entry]:
    """Recordings of PTB-XL, numbered from 1: what is stated, the fold, and whether the amplitude is known."""
    return [
        Entry(Path(f"{number:05}_lr.hea"), number, frozenset(stated), str(number), fold, known)
        for number, (stated, fold, known) in enumerate(of, start=1)
    ]


def test_nothing_is_learnt_from_the_fold_of_ptbxl_to_test_on(monkeypatch: pytest.MonkeyPatch) -> None:
    items = entries(({"LVH", "SR"}, 3, True), ({"NORM"}, 9, False), ({"NORM"}, 10, True))
    monkeypatch.setattr(ptbxl, "entries", lambda root: iter(items))
    lessons = list(norm_or_not(None))
    assert [(lesson.name, lesson.answer.tolist()) for lesson in lessons] == [("00001_lr", [0, 1]), ("00002_lr", [1, 0])]


def test_what_is_known_of_a_record_is_its_superclasses_its_statements_and_the_codes_the_challenge_gave_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    items = entries(({"LVH", "SR", "PVC"}, 3, True), ({"NORM", "LMI"}, 9, False), ({"NORM"}, 10, True))
    monkeypatch.setattr(ptbxl, "entries", lambda root: iter(items))
    monkeypatch.setattr(ptbxl, "superclass_of", lambda root: {"NORM": "NORM", "LVH": "HYP", "LMI": "MI"})
    monkeypatch.setattr(cinc2020, "ptbxl_codes", lambda root: {1: frozenset({"426783006", "59118001"}), 3: frozenset()})
    classes = ("NORM", "MI", "HYP", "LMI", "PVC", "426783006", "427172004", "713427006")
    first, second, third = diagnoses(None, classes)
    np.testing.assert_array_equal(first.answer, [0, 0, 1, 0, 1, 1, 1, 1])
    np.testing.assert_array_equal(second.answer, [1, 1, 0, 1, 0, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(third.answer, [1, 0, 0, 0, 0, 0, 0, 0])
    assert [(one.patient, one.fold, one.judged) for one in (first, second, third)] == [
        ("1", 3, True),
        ("2", 9, False),
        ("3", 10, True),
    ]


def test_variations_of_a_batch_hang_on_seed_and_step_alone(root: Path, tmp_path: Path) -> None:
    """So a training that goes on in the middle meets the very batches it would have met."""
    made = recordings(load_recipe("cpic2019-conv1d"), root, tmp_path / "runs")

    def vary(inputs, target, rng):
        return {name: rows + rng.normal(size=(len(rows), 1, 1)).astype("f4") for name, rows in inputs.items()}, target

    def batches(seed: int) -> Batches:
        return Batches(made, np.arange(4), size=3, epochs=2, seed=seed, vary=vary)

    whole = list(batches(7))
    assert [len(target) for _, target in whole] == [3, 1, 3, 1]
    part = batches(7)
    part.load_state_dict({"step": 2})
    for (one, _), (other, _) in zip(whole[2:], part, strict=True):
        assert torch.equal(one[0], other[0])
    assert not torch.equal(whole[0][0][0], next(iter(batches(8)))[0][0])


def test_classes_that_exclude_each_other_are_learnt_by_their_softmax_and_others_each_by_itself() -> None:
    training = load_recipe("cpic2019-conv1d").training
    logit = torch.tensor([[1.0, -1.0], [0.5, 2.0]])
    target = torch.tensor([[0.7, 0.3], [0.0, 1.0]])
    both = Learner(torch.nn.Identity(), training, 0, 1, exclusive=True)
    both.log_dict = lambda *_: None  # type: ignore[method-assign,assignment]
    expected = -(target * torch.log_softmax(logit, dim=1)).sum(1).mean()
    assert float(both.training_step(((logit,), target), 0)) == pytest.approx(float(expected))
    each = Learner(torch.nn.Identity(), training, 0, 1)
    each.log_dict = lambda *_: None  # type: ignore[method-assign,assignment]
    pairs = zip(logit.flatten().tolist(), target.flatten().tolist(), strict=True)
    expected_each = np.mean([np.log1p(np.exp(z)) - z * y for z, y in pairs])
    assert float(each.training_step(((logit,), target), 0)) == pytest.approx(expected_each, rel=1e-5)
