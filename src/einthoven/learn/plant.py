"""Trees in an ONNX file: one operator that walks through all of them, where steps of a network would take its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .models.forest import SUREST

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .models.forest import Forest

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
        Name of the input that stands for their logits, shape (item, 2). It is an input no longer.
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
    numbers = {"least": SUREST, "most": 1 - SUREST, "one": 1.0}
    for name, value in numbers.items():
        graph.initializer.append(onnx.numpy_helper.from_array(np.array(value, np.float32), f"{given}_{name}"))
    nodes = [
        helper.make_node("TreeEnsemble", [measures], [f"{given}_mean"], domain="ai.onnx.ml", **walk(forests)),
        helper.make_node("Clip", [f"{given}_mean", f"{given}_least", f"{given}_most"], [f"{given}_ill"]),
        helper.make_node("Sub", [f"{given}_one", f"{given}_ill"], [f"{given}_well"]),
        helper.make_node("Concat", [f"{given}_well", f"{given}_ill"], [f"{given}_both"], axis=1),
        helper.make_node("Log", [f"{given}_both"], [given]),
    ]
    nodes.extend(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)
    model.opset_import.append(helper.make_opsetid("ai.onnx.ml", OPSET))
    onnx.save(model, str(file))


def walk(forests: Sequence[Forest]) -> dict[str, Any]:
    """Return the attributes of a ``TreeEnsemble`` whose answer is the mean over all trees: nodes and leaves apart.

    A tree that is but a leaf becomes a node that leads to it either way.
    """
    from onnx import numpy_helper

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
    attributes: dict[str, Any] = {
        "n_targets": 1,
        "aggregate_function": 0,  # the mean
        "tree_roots": place[root].tolist(),
        "nodes_modes": numpy_helper.from_array(np.zeros(len(inner), np.uint8), "modes"),  # not above the threshold
        "nodes_featureids": column["feature"][inner].tolist(),
        "nodes_splits": numpy_helper.from_array(np.maximum(column["threshold"][inner], -3e38), "splits"),
        "nodes_missing_value_tracks_true": column["missing"][inner].tolist(),
        "leaf_targetids": [0] * int(leaf.sum()),
        "leaf_weights": numpy_helper.from_array(column["answer"][leaf], "weights"),
    }
    for name, node in followed.items():
        attributes[f"nodes_{name}nodeids"] = np.where(leaf[node], number[node], place[node]).tolist()
        attributes[f"nodes_{name}leafs"] = leaf[node].astype(int).tolist()
    return attributes
