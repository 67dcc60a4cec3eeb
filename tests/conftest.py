"""Shared fixtures: where the real recordings are, and a heart whose beats are known."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from einthoven.bundles.bundle import write_checksums
from einthoven.bundles.card import Card
from einthoven.bundles.scores import Calibration
from einthoven.codes import REPORTED


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of real recordings; without it the test is skipped, except in CI, where that is a failure."""
    folder = os.environ.get("EINTHOVEN_DATA")
    if folder and Path(folder).is_dir():
        return Path(folder)
    reason = f"no real recordings: EINTHOVEN_DATA is {folder!r}; it must name the data folder"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def tall_v2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that calls an ECG abnormal by its tallest wave in V2: the log-odds are 8 for each mV above 1 mV."""
    onnx = pytest.importorskip("onnx")
    floats, node = onnx.TensorProto.FLOAT, onnx.helper.make_node
    weights = {
        "v2": np.array(3),
        "samples": np.array([1]),
        "gain": np.float32(8),
        "one": np.float32(1),
        "none": np.float32(0),
    }
    graph = onnx.helper.make_graph(
        [
            node("Gather", ["signal", "v2"], ["lead"], axis=1),
            node("ReduceMax", ["lead", "samples"], ["tallest"], keepdims=1),
            node("Sub", ["tallest", "one"], ["above"]),
            node("Mul", ["above", "gain"], ["abnormal"]),
            node("Mul", ["above", "none"], ["normal"]),
            node("Concat", ["normal", "abnormal"], ["logit"], axis=1),
        ],
        "tall-v2",
        [onnx.helper.make_tensor_value_info("signal", floats, ["item", 8, 1000])],
        [onnx.helper.make_tensor_value_info("logit", floats, ["item", 2])],
        [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()],
    )
    classes = ("normal", "abnormal")
    card = Card(
        name="tall-v2",
        version="1",
        title="Tall waves in V2 are abnormal",
        leads=(),
        n_leads=8,
        fs_hz=100.0,
        length_s=10.0,
        preprocessing={"kind": "twelve-leads", "options": {}},
        inputs={"signal": (8, 1000)},
        classes=classes,
        thresholds=dict.fromkeys(classes, 0.3),
        calibration=dict.fromkeys(classes, Calibration()),
        training={},
        figures={},
        limits=("It looks at V2 alone.",),
        exclusive=True,
        miss_rate=0.05,
        operating_points={"default": 0.5, "sensitivity-0.98": 0.01},
    )
    folder = tmp_path_factory.mktemp("bundles") / card.name
    folder.mkdir()
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=10)
    onnx.save(model, str(folder / "model.onnx"))
    (folder / "card.json").write_text(card.as_json(), encoding="utf-8")
    write_checksums(folder)
    return folder


@pytest.fixture(scope="session")
def many_waves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of diagnoses that go by the tallest wave of a lead, with log-odds of 8 for each mV above a level.

    Atrial fibrillation is above 1 mV in V2, sinus rhythm and a normal ECG below; premature ventricular contractions are
    above 3 mV in V5, a pacemaker in V6. Anything else has log-odds of -4 whatever the leads show.
    """
    onnx = pytest.importorskip("onnx")
    floats, node = onnx.TensorProto.FLOAT, onnx.helper.make_node
    gain, level = np.zeros((8, len(REPORTED)), np.float32), np.full(len(REPORTED), -4, np.float32)
    for name, lead, steep, mv in (
        ("164889003", 3, 8, 1),
        ("NORM", 3, -8, 1),
        ("426783006", 3, -8, 1),
        ("427172004", 6, 8, 3),
        ("10370003", 7, 8, 3),
    ):
        gain[lead, REPORTED.index(name)], level[REPORTED.index(name)] = steep, -steep * mv
    weights = {"samples": np.array([2]), "gain": gain, "level": level}
    graph = onnx.helper.make_graph(
        [
            node("ReduceMax", ["signal", "samples"], ["tallest"], keepdims=0),
            node("MatMul", ["tallest", "gain"], ["waves"]),
            node("Add", ["waves", "level"], ["logit"]),
        ],
        "many-waves",
        [onnx.helper.make_tensor_value_info("signal", floats, ["item", 8, 1000])],
        [onnx.helper.make_tensor_value_info("logit", floats, ["item", len(REPORTED)])],
        [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()],
    )
    card = Card(
        name="many-waves",
        version="1",
        title="Tall waves mean much",
        leads=(),
        n_leads=8,
        fs_hz=100.0,
        length_s=10.0,
        preprocessing={"kind": "twelve-leads", "options": {}},
        inputs={"signal": (8, 1000)},
        classes=REPORTED,
        thresholds=dict.fromkeys(REPORTED, 0.5),
        calibration=dict.fromkeys(REPORTED, Calibration()),
        training={},
        figures={},
        limits=("It looks at heights alone.",),
        miss_rate=0.1,
        sets=dict.fromkeys(REPORTED, (0.7, 0.3)),
    )
    folder = tmp_path_factory.mktemp("bundles") / card.name
    folder.mkdir()
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=10)
    onnx.save(model, str(folder / "model.onnx"))
    (folder / "card.json").write_text(card.as_json(), encoding="utf-8")
    write_checksums(folder)
    return folder
