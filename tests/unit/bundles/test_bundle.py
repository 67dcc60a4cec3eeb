from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.bundles.bundle import Bundle, verify, write_checksums
from einthoven.bundles.card import Card, read_card
from einthoven.bundles.scores import Calibration, ScoreKind
from einthoven.errors import BundleError

if TYPE_CHECKING:
    from pathlib import Path

CARD = Card(
    name="sum",
    version="1",
    title="Sum of four samples",
    leads=("II",),
    n_leads=1,
    fs_hz=100.0,
    length_s=0.04,
    preprocessing={"kind": "window", "options": {}},
    inputs={"window": (1, 4)},
    classes=("abnormal",),
    thresholds={"abnormal": 0.5},
    calibration={"abnormal": Calibration(0.5, 0.0)},
    training={},
    figures={},
    limits=("It only adds.",),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bundle whose network adds up its four samples."""
    onnx = pytest.importorskip("onnx")
    window = onnx.helper.make_tensor_value_info("window", onnx.TensorProto.FLOAT, ["item", 1, 4])
    logit = onnx.helper.make_tensor_value_info("logit", onnx.TensorProto.FLOAT, ["item", 1])
    axes = onnx.numpy_helper.from_array(np.array([2]), "axes")
    add = onnx.helper.make_node("ReduceSum", ["window", "axes"], ["logit"], keepdims=0)
    graph = onnx.helper.make_graph([add], "sum", [window], [logit], [axes])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=10)
    place = tmp_path / "sum"
    place.mkdir()
    onnx.save(model, str(place / "model.onnx"))
    (place / "card.json").write_text(CARD.as_json())
    write_checksums(place)
    return place


def test_a_bundle_runs_its_network(folder: Path) -> None:
    scores = Bundle.load(folder).run({"window": np.ones((3, 1, 4), np.float32)})
    assert scores.values.tolist() == [[4.0]] * 3
    assert (scores.classes, scores.kind) == (("abnormal",), ScoreKind.LOGIT)


def test_more_items_than_are_run_at_once_come_back_in_order(folder: Path) -> None:
    window = np.repeat(np.arange(2500, dtype=np.float32), 4).reshape(-1, 1, 4)
    assert Bundle.load(folder).run({"window": window}).values.ravel().tolist() == (4 * np.arange(2500)).tolist()


def test_no_items_give_no_scores(folder: Path) -> None:
    scores = Bundle.load(folder).predict({"window": np.zeros((0, 1, 4), np.float32)})
    assert scores.values.shape == (0, 1)


def test_predictions_are_calibrated(folder: Path) -> None:
    scores = Bundle.load(folder).predict({"window": np.ones((1, 1, 4), np.float32)})
    assert scores.kind is ScoreKind.PROBABILITY
    assert scores.values[0, 0] == pytest.approx(1 / (1 + np.exp(-2)))


@pytest.mark.parametrize(
    "inputs",
    [{}, {"beat": np.zeros((1, 1, 4))}, {"window": np.zeros((1, 1, 5))}, {"window": np.zeros(4)}],
    ids=["missing", "other name", "too long", "no items"],
)
def test_inputs_that_do_not_fit_are_refused(folder: Path, inputs: dict[str, np.ndarray]) -> None:
    with pytest.raises(BundleError, match="each must be"):
        Bundle.load(folder).run(inputs)


def test_the_card_comes_back_as_it_was_written(folder: Path) -> None:
    assert read_card(folder / "card.json") == CARD


def test_operating_points_travel_with_the_card(folder: Path) -> None:
    card = replace(CARD, operating_points={"default": 0.5, "sensitivity-0.98": 0.07})
    (folder / "card.json").write_text(card.as_json())
    assert read_card(folder / "card.json") == card


def test_a_card_from_before_there_were_operating_points_is_read(folder: Path) -> None:
    content = json.loads(CARD.as_json())
    del content["operating_points"]
    (folder / "card.json").write_text(json.dumps(content))
    assert read_card(folder / "card.json") == CARD


@pytest.mark.parametrize("points", [{"sensitive": 0.1}, {"default": 1.5}, {"default": "half"}, 0.5])
def test_operating_points_that_make_no_sense_are_refused(folder: Path, points: object) -> None:
    (folder / "card.json").write_text(json.dumps({**json.loads(CARD.as_json()), "operating_points": points}))
    with pytest.raises(BundleError, match="a field has the wrong form"):
        read_card(folder / "card.json")


def test_what_is_possible_of_each_class_travels_with_the_card(folder: Path) -> None:
    card = replace(CARD, sets={"abnormal": (0.4, 0.125)}, miss_rate=0.1)
    (folder / "card.json").write_text(card.as_json())
    write_checksums(folder)
    assert Bundle.load(folder).card == card


@pytest.mark.parametrize("sets", [{"abnormal": [0.1]}, {"abnormal": [0.1, 1.5]}, {"abnormal": 0.1}, ["abnormal"]])
def test_sets_that_make_no_sense_are_refused(folder: Path, sets: object) -> None:
    (folder / "card.json").write_text(json.dumps({**json.loads(CARD.as_json()), "sets": sets}))
    with pytest.raises(BundleError, match="a field has the wrong form"):
        read_card(folder / "card.json")


@pytest.mark.parametrize("shares", [{"abnormal": 1.1}, {"abnormal": "half"}, {"abnormal": None}, [0.5], None, "half"])
def test_shares_that_make_no_sense_are_refused(folder: Path, shares: object) -> None:
    (folder / "card.json").write_text(json.dumps({**json.loads(CARD.as_json()), "training": {"shares": shares}}))
    with pytest.raises(BundleError, match="a field has the wrong form"):
        read_card(folder / "card.json")


def test_sets_of_other_classes_are_refused(folder: Path) -> None:
    (folder / "card.json").write_text(replace(CARD, sets={"normal": (0.4, 0.1)}).as_json())
    write_checksums(folder)
    with pytest.raises(BundleError, match=r"sets for \['normal'\]; the classes are \('abnormal',\)"):
        Bundle.load(folder)


def test_a_bundle_may_take_whole_records(folder: Path) -> None:
    card = replace(CARD, preprocessing={"kind": "as-published", "options": {}})
    (folder / "card.json").write_text(card.as_json())
    write_checksums(folder)
    assert Bundle.load(folder).card == card


def test_checksums_are_those_of_the_usual_tool(folder: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize("name", ["model.onnx", "card.json"])
def test_one_changed_byte_is_found(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(BundleError, match=rf"{name}: SHA-256 is"):
        Bundle.load(folder)


@pytest.mark.parametrize("name", ["model.onnx", "card.json", "SHA256SUMS"])
def test_a_missing_file_is_found(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(BundleError):
        Bundle.load(folder)


def test_a_file_too_much_is_found(folder: Path) -> None:
    (folder / "weights.pickle").write_bytes(b"")
    with pytest.raises(BundleError, match=r"weights\.pickle"):
        Bundle.load(folder)


@pytest.mark.parametrize("text", ["", "abc  model.onnx\n", f"{'0' * 64}  ../secret\n", f"{'0' * 64}  model.onnx\n" * 2])
def test_a_damaged_list_of_checksums_is_refused(folder: Path, text: str) -> None:
    (folder / "SHA256SUMS").write_text(text)
    with pytest.raises(BundleError, match="SHA256SUMS: names"):
        verify(folder)


def changed_card(folder: Path, card: str) -> None:
    (folder / "card.json").write_text(card)
    write_checksums(folder)


@pytest.mark.parametrize("card", ["{", "[]", "{}", CARD.as_json().replace('"limits"', '"limit"')])
def test_a_card_without_its_fields_is_refused(folder: Path, card: str) -> None:
    changed_card(folder, card)
    with pytest.raises(BundleError, match=r"card\.json"):
        Bundle.load(folder)


def test_a_card_field_of_the_wrong_form_is_refused(folder: Path) -> None:
    changed_card(folder, json.dumps({**json.loads(CARD.as_json()), "calibration": {"abnormal": {"slop": 1}}}))
    with pytest.raises(BundleError, match="wrong form"):
        Bundle.load(folder)


def test_a_card_of_another_network_is_refused(folder: Path) -> None:
    changed_card(folder, replace(CARD, inputs={"window": (1, 5)}).as_json())
    with pytest.raises(BundleError, match="its card says"):
        Bundle.load(folder)


def test_a_class_without_threshold_is_refused(folder: Path) -> None:
    changed_card(folder, replace(CARD, thresholds={}).as_json())
    with pytest.raises(BundleError, match="thresholds"):
        Bundle.load(folder)


def test_a_network_that_is_none_is_refused(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"not a network")
    write_checksums(folder)
    with pytest.raises(BundleError, match="ONNX Runtime cannot load it"):
        Bundle.load(folder)


def test_an_unknown_name_is_one_clear_line() -> None:
    with pytest.raises(BundleError, match="bundle 'crystal-ball': no folder"):
        Bundle.load("crystal-ball")


def test_the_runtime_sends_nothing_keeps_nothing_and_says_nothing(tmp_path):
    (tmp_path / "file").touch()
    code = "from einthoven.bundles.bundle import Bundle, shipped; Bundle.load(shipped()[0])"
    plain = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    for home in (tmp_path, tmp_path / "file"):  # the second cannot be written to
        names = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "XDG_DATA_HOME": str(home / "data")}
        ran = subprocess.run(
            [sys.executable, "-c", code], env=plain | names, capture_output=True, text=True, check=True
        )
        assert (ran.stdout, ran.stderr) == ("", "")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("figures", {"x": 5}),
        ("leads", "II"),
        ("thresholds", {"abnormal": 7}),
        ("calibration", {"abnormal": {"slope": "x", "intercept": 0}}),
        ("calibration", {"abnormal": {"slope": float("nan"), "intercept": 0}}),
        ("preprocessing", {"kind": "window", "options": {"zz": 1}}),
        ("preprocessing", {"options": {}}),
        ("preprocessing", {"kind": "moon", "options": {}}),
    ],
)
def test_a_card_that_makes_no_sense_is_one_clear_line(folder: Path, field: str, value: object) -> None:
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    changed_card(folder, json.dumps(card | {field: value}))
    with pytest.raises(BundleError, match=r"card\.json") as caught:
        Bundle.load(folder)
    assert "\n" not in str(caught.value)
