"""Trees in an ONNX file: one operator that walks through all of them, where steps of a network would take its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .models.forest import STEPS, SUREST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from .models.forest import Forest

    Step = tuple[str, tuple[str, ...], str, dict[str, Any]]  # operator, what it takes, what it makes, its attributes

OPSET = 5
"""Of ``ai.onnx.ml``, the first with the operator ``TreeEnsemble``."""


def plant(file: Path, forests: Sequence[Forest], given: str, measures: str, n_measures: int) -> None:
    """Let forests answer in a network that was exported with their answers as an input.

    Parameters
    ----------
    file
        The network.
    forests
        Whose mean probability is the answer.
    given
        Name of the input that stands for their logits, shape (item, class). It is an input no longer.
    measures
        Name of the input they take; made if there is none.
    n_measures
        Its length.
    """
    import onnx

    helper = onnx.helper
    model = onnx.load(str(file))
    graph = model.graph
    kept = [one for one in graph.input if one.name != given]
    if measures not in {one.name for one in kept}:
        item = kept[0].type.tensor_type.shape.dim[0].dim_param if kept else "item"
        kept.append(helper.make_tensor_value_info(measures, onnx.TensorProto.FLOAT, [item, n_measures]))
    del graph.input[:]
    graph.input.extend(kept)
    numbers, steps = _of_two(given) if forests[0].two else _of_several(given, forests)
    attributes = {"domain": "ai.onnx.ml", **walk(forests)}
    steps = [("TreeEnsemble", (measures,), "walked", attributes), *steps]
    own = {name: f"{given}_{name}" for name in (*numbers, *(made for _, _, made, _ in steps))} | {given: given}
    for name, array in numbers.items():
        graph.initializer.append(onnx.numpy_helper.from_array(array, own[name]))
    nodes = [
        helper.make_node(kind, [own.get(name, name) for name in taken], [own[made]], **settings)
        for kind, taken, made, settings in steps
    ]
    nodes.extend(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)
    model.opset_import.append(helper.make_opsetid("ai.onnx.ml", OPSET))
    onnx.save(model, str(file))


def _of_two(given: str) -> tuple[dict[str, NDArray[Any]], list[Step]]:
    """Return the numbers and the steps from the mean share of the second of two classes to logits of both."""
    return _limits(), [
        ("Clip", ("walked", "least", "most"), "ill", {}),
        ("Sub", ("one", "ill"), "well", {}),
        ("Concat", ("well", "ill"), "both", {"axis": 1}),
        ("Log", ("both",), given, {}),
    ]


def _of_several(given: str, forests: Sequence[Forest]) -> tuple[dict[str, NDArray[Any]], list[Step]]:
    """Return the numbers and the steps from each tree's row in the table of shares to log-odds."""
    from onnx import TensorProto

    return _limits() | {"table": _table(forests)[0], "steps": _one(STEPS), "trees": np.array([1])}, [
        ("Cast", ("walked",), "row", {"to": TensorProto.INT32}),
        ("Gather", ("table", "row"), "bytes", {"axis": 0}),
        ("Cast", ("bytes",), "numbers", {"to": TensorProto.FLOAT}),
        ("ReduceMean", ("numbers", "trees"), "mean", {"keepdims": 0}),
        ("Div", ("mean", "steps"), "share", {}),
        ("Clip", ("share", "least", "most"), "there", {}),
        ("Sub", ("one", "there"), "not", {}),
        ("Div", ("there", "not"), "odds", {}),
        ("Log", ("odds",), given, {}),
    ]


def _table(forests: Sequence[Forest]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the shares that leaves have, each row once, and of each leaf of all forests which row is its."""
    table, row = np.unique(np.concatenate([forest.shares.numpy() for forest in forests]), axis=0, return_inverse=True)
    return table, row.reshape(-1)


def _limits() -> dict[str, NDArray[Any]]:
    return {"least": _one(SUREST), "most": _one(1 - SUREST), "one": _one(1)}


def _one(number: float) -> NDArray[Any]:
    return np.array(number, np.float32)


def weigh(file: Path, weights: Sequence[float], others: Mapping[str, float], classes: int) -> None:
    """Make one answer of what several networks in an ONNX file say, and of others' that come as inputs.

    Parameters
    ----------
    file
        Networks whose one output is their logits, shape (item, network, class).
    weights
        Of each of them.
    others
        Names of inputs, made here, for logits of shape (item, class), and their weights.
    classes
        How many.
    """
    import onnx

    helper, array = onnx.helper, onnx.numpy_helper.from_array
    model = onnx.load(str(file))
    graph = model.graph
    answer, item = graph.output[0].name, graph.input[0].type.tensor_type.shape.dim[0].dim_param
    for node in graph.node:
        node.output[:] = ["each" if name == answer else name for name in node.output]
    graph.initializer.append(array(np.array(weights, np.float32)[:, None], "weights"))
    graph.initializer.append(array(np.array([1]), "networks"))
    graph.node.append(helper.make_node("Mul", ["each", "weights"], ["weighed"]))
    graph.node.append(helper.make_node("ReduceSum", ["weighed", "networks"], ["weighed_all"], keepdims=0))
    for name, weight in others.items():
        graph.input.append(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [item, classes]))
        graph.initializer.append(array(_one(weight), f"{name}_weight"))
        graph.node.append(helper.make_node("Mul", [name, f"{name}_weight"], [f"{name}_weighed"]))
    graph.node.append(helper.make_node("Sum", ["weighed_all", *(f"{name}_weighed" for name in others)], [answer]))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(answer, onnx.TensorProto.FLOAT, [item, classes]))
    onnx.save(model, str(file))


def walk(forests: Sequence[Forest]) -> Mapping[str, Any]:
    """Return the attributes of a ``TreeEnsemble``: nodes and leaves apart.

    Its answer is the mean over all trees of the share of the second of two classes; of several, for each tree the row
    of its leaf in the table of shares. A tree that is but a leaf becomes a node that leads
    to it either way.
    """
    from onnx import numpy_helper

    two = forests[0].two
    column = {
        name: np.concatenate([forest.column(name).numpy() for forest in forests])
        for name in ("feature", "threshold", "right", "missing", "answer")
    }
    before = np.cumsum([0] + [len(forest.column("feature")) for forest in forests])
    root = np.concatenate([forest.column("root").numpy() + n for forest, n in zip(forests, before, strict=False)])
    leaf = column["right"] == 0
    inner = np.flatnonzero(~leaf | np.isin(np.arange(len(leaf)), root))
    number = np.cumsum(leaf) - 1  # of a leaf among the leaves
    place = np.zeros(len(leaf), np.int64)
    place[inner] = np.arange(len(inner))  # of a node among the nodes
    left = np.where(leaf[inner], inner, inner + 1)
    right = inner + column["right"][inner]
    followed = {"true": left, "false": right}
    tree = np.searchsorted(root, np.flatnonzero(leaf), side="right") - 1
    answer = column["answer"][leaf]
    if not two:
        above = np.cumsum([0] + [len(forest.shares) for forest in forests])
        answer = _table(forests)[1][answer.astype(np.int64) + np.repeat(above[:-1], np.diff(before))[leaf]]
    attributes: dict[str, Any] = {
        "n_targets": 1 if two else len(root),
        "aggregate_function": 0 if two else 1,  # the mean, and the sum, which is of one leaf
        "tree_roots": place[root].tolist(),
        "nodes_modes": numpy_helper.from_array(np.zeros(len(inner), np.uint8), "modes"),  # not above the threshold
        "nodes_featureids": column["feature"][inner].tolist(),
        "nodes_splits": numpy_helper.from_array(np.maximum(column["threshold"][inner], -3e38), "splits"),
        "nodes_missing_value_tracks_true": column["missing"][inner].tolist(),
        "leaf_targetids": (tree * (not two)).tolist(),
        "leaf_weights": numpy_helper.from_array(answer.astype(np.float32), "weights"),
    }
    for name, node in followed.items():
        attributes[f"nodes_{name}nodeids"] = np.where(leaf[node], number[node], place[node]).tolist()
        attributes[f"nodes_{name}leafs"] = leaf[node].astype(int).tolist()
    return attributes
