"""Convolutions of an ONNX file in whole numbers of eight bits, for twice the speed on processors that add these fast.

What goes into a convolution and comes out of it is spread over 256 steps between the least and the most that it was for
some records (static quantisation: Jacob et al., CVPR 2018), and the weights of each of its channels over 255. The one
that reads the signal stays as it is: a few millivolts of disturbance would take the steps of the waves. So do all other
operators. What flows is unsigned, since some processors add products of signed numbers slower than floats.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..bundles.bundle import session
from ..errors import BundleError
from ..evaluation.binary import auc
from .blending import weighed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ..beats.rows import Rows
    from .cross import Crossed

LAYOUT: Final = ("Cast", "Concat", "Gather", "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze")
"""Operators that change no number: what they make of a signal is the signal still."""

AT_ONCE: Final = 32

LOSS: Final = 0.002
"""By how much the mean area under the ROC curve of all classes may be less than with floats."""


def to_int8(file: Path, inputs: Mapping[str, Rows], *, last: bool = True) -> None:
    """Let the convolutions of an ONNX file work in eight bits.

    Parameters
    ----------
    file
        The network, in float32.
    inputs
        By name, float32, shape (item, ...): what it is given of some records.
    last
        Whether convolutions work so, too, whose outcome no other reads: steps between the least and the most of
        answers of several kinds may be too coarse for some.
    """
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quant_utils, quantize_static

    class Shown(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            n_items = len(next(iter(inputs.values())))
            some = range(0, n_items, AT_ONCE)
            self.left = iter({name: rows[first : first + AT_ONCE] for name, rows in inputs.items()} for first in some)

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            return next(self.left, None)

    model = onnx.shape_inference.infer_shapes(onnx.load(str(file)))
    kept = _first(model.graph) + ([] if last else _last(model.graph))
    quant_utils.add_pre_process_metadata(model)  # else it would advise to, on the terminal
    quantize_static(
        model,
        str(file),
        Shown(),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["Conv"],
        nodes_to_exclude=kept,
    )


def _first(graph: Any) -> list[str]:
    """Return the names of the convolutions that read the inputs of a graph."""
    raw = {one.name for one in graph.input}
    for node in graph.node:
        if node.op_type in LAYOUT and node.input[0] in raw:
            raw.update(node.output)
    return [node.name for node in graph.node if node.op_type == "Conv" and node.input[0] in raw]


def _last(graph: Any) -> list[str]:
    """Return the names of the convolutions whose outcome comes to the outputs of a graph through no other."""
    maker = {name: node for node in graph.node for name in node.output}
    waiting, seen, found = [one.name for one in graph.output], set(), []
    while waiting:
        name = waiting.pop()
        if name in seen or name not in maker:
            continue
        seen.add(name)
        if maker[name].op_type == "Conv":
            found.append(maker[name].name)
        else:
            waiting.extend(maker[name].input)
    return found


def kept_in_int8(
    file: Path, inputs: Mapping[str, Rows], said: Sequence[Crossed], weights: Sequence[float]
) -> dict[str, float]:
    """Return how well networks tell classes apart, with floats and in eight bits, of records they did not learn from.

    Parameters
    ----------
    file
        The networks in eight bits, whose output is their logits, shape (item, network, class).
    inputs
        By name, float32, shape (record, ...): all that they were tried on with floats. Only records that are judged
        count.
    said
        What they said with floats: of each kind of them, in the order of the output.
    weights
        Of the kinds.

    Returns
    -------
    dict
        ``float32`` and ``int8``: mean area under the ROC curve of all classes there are.

    Raises
    ------
    BundleError
        In eight bits it is less by more than `LOSS`.
    """
    which = said[0].counted
    floats = [_of_records(one, which) for one in said]
    running, answers = session(file), []
    for first in range(0, len(which), AT_ONCE):
        some = which[first : first + AT_ONCE]
        answers += running.run(None, {name: rows[some] for name, rows in inputs.items()})
    ends = np.cumsum([len(one.logit) for one in said])[:-1]
    kinds = np.split(np.concatenate(answers).swapaxes(0, 1), ends)  # network, record, class
    rounded = [
        replace(one, logit=np.where(np.isnan(one.logit), np.float32(np.nan), logit))
        for one, logit in zip(floats, kinds, strict=True)
    ]
    before, after = (
        round(_macro_auc(weighed([one.mean_logit() for one in both], weights), floats[0]), 5)
        for both in (floats, rounded)
    )
    if not after >= before - LOSS:
        raise BundleError(
            f"{file.name}: area under the curve is {before:g}, in eight bits {after:g}: less by over {LOSS}"
        )
    return {"float32": before, "int8": after}


def _of_records(said: Crossed, which: NDArray[np.int64]) -> Crossed:
    """Return what was said of some records."""
    known = said.known[which] if said.known is not None else None
    return replace(said, logit=said.logit[:, which], target=said.target[which], known=known)


def _macro_auc(score: NDArray[np.float32], said: Crossed) -> float:
    """Return the mean area over classes, each of the records of which it is known."""
    areas = []
    for column in range(score.shape[1]):
        counts = np.ones(len(score), np.bool_) if said.known is None else said.known[:, column]
        areas.append(auc(score[counts, column], said.target[counts, column], np.ones(int(counts.sum()))))
    return float(np.nanmean(areas))
