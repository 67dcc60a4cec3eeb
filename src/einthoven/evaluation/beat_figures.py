"""What follows from tables of beats: sensitivity, positive predictivity and F1, of finding beats and of their classes.

Gross figures pool all beats, average figures weigh every record alike (EC57:1998, 3.5.2 and 3.5.3). Intervals are 95%
percentile bootstraps over patients, since the beats of one heart are not independent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..codes import AAMI_CLASSES
from ..errors import OptionError
from .ec57 import COLUMNS, ROWS, named
from .intervals import Figure, how_often

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from .ec57 import Comparison

    Cells = NDArray[np.float64]  # shape (..., 7, 6)
    Ratios = dict[str, NDArray[np.float64]]  # each of shape (...)

SCORED: Final = ("N", "S", "V", "F")
"""Classes that have figures; Q has none, for too few beats are of it, but counts against those it is taken for."""

_CLASS, _EXTRA, _MISSED = slice(len(AAMI_CLASSES)), slice(len(AAMI_CLASSES), len(ROWS)), len(COLUMNS) - 1


def detection_protocol(records: Sequence[Comparison], *, draws: int = 1000, seed: int = 0) -> dict[str, Any]:
    """Judge how well beats are found, whatever their class: the entry of a protocol in a result file.

    Parameters
    ----------
    records
        One comparison for each record.
    draws, seed
        Of the bootstrap.

    Returns
    -------
    dict
        ``n``: records and reference beats. ``metrics``: ``sensitivity``, ``positive_predictivity`` and ``f1``, each
        with ``gross_`` and ``average_``, with intervals. ``cells`` and, by record, ``records``: the table's cells.

    Raises
    ------
    OptionError
        There is no record.
    """
    gross, average = figures(records, detection_ratios, draws=draws, seed=seed)
    metrics = {f"gross_{name}": value for name, value in gross.items()}
    metrics |= {f"average_{name}": value for name, value in average.items()}
    beats = int(_pooled(records)[_CLASS].sum())
    return _entry(records, {"records": len(records), "beats": beats}, metrics)


def class_protocol(records: Sequence[Comparison], *, draws: int = 1000, seed: int = 0) -> dict[str, Any]:
    """Judge how well classes are told: the entry of a protocol in a result file.

    Records with paced beats are left out, as EC57 has it.

    Parameters
    ----------
    records
        One comparison for each record.
    draws, seed
        Of the bootstrap.

    Returns
    -------
    dict
        ``n``: records and reference beats of each class. ``metrics``: gross figures of `class_ratios`, and those of
        the plain sense again with ``average_``, with intervals. ``cells`` and ``records`` as `detection_protocol`.

    Raises
    ------
    OptionError
        There is no record without paced beats.
    """
    records = [one for one in records if not one.paced]
    gross, average = figures(records, class_ratios, draws=draws, seed=seed)
    metrics = gross | {f"average_{name}": value for name, value in average.items() if not name.startswith("ec57_")}
    of_class = _pooled(records)[_CLASS].sum(axis=1)
    n = {"records": len(records)} | {name: int(of_class[i]) for i, name in enumerate(AAMI_CLASSES)}
    return _entry(records, n, metrics)


def detection_ratios(cells: Cells) -> Ratios:
    """Sensitivity, positive predictivity and F1 of finding beats; NaN where nothing can be divided.

    Parameters
    ----------
    cells
        Shape (..., 7, 6), rows and columns as :data:`~einthoven.evaluation.ec57.ROWS`.
    """
    hits = cells[..., _CLASS, _CLASS].sum(axis=(-2, -1))
    missed = cells[..., _CLASS, _MISSED].sum(axis=-1)
    extra = cells[..., _EXTRA, _CLASS].sum(axis=(-2, -1))
    return _three(hits, missed, extra)


def class_ratios(cells: Cells) -> Ratios:
    """Figures of each class.

    In the plain sense a beat of a class is missed when it is taken for another class or not found, and whatever else is
    taken for it counts against it. ``accuracy`` is the share of right ones among all beats, the missed and the extra
    included; ``macro_f1`` the mean over N, S, V and F of those F1 that exist.

    In EC57's sense (``ec57_``), as `bxb` counts, a fusion (F) or unclassifiable beat (Q) that is taken for V does not
    count against V, nor a Q taken for S against S.

    Parameters
    ----------
    cells
        Shape (..., 7, 6), rows and columns as :data:`~einthoven.evaluation.ec57.ROWS`.
    """
    ratios: Ratios = {}
    right = np.diagonal(cells[..., _CLASS, _CLASS], axis1=-2, axis2=-1)
    ratios["accuracy"] = _share(right.sum(axis=-1), cells.sum(axis=(-2, -1)))
    plain = {name: _one_class(cells, name, excused="") for name in SCORED}
    f1 = np.stack([three["f1"] for three in plain.values()])
    ratios["macro_f1"] = _share(np.nansum(f1, axis=0), np.isfinite(f1).sum(axis=0))
    ratios |= {f"{name}_{key}": value for name, three in plain.items() for key, value in three.items()}
    for name, excused in (("S", "Q"), ("V", "FQ")):
        ratios |= {f"ec57_{name}_{key}": value for key, value in _one_class(cells, name, excused).items()}
    return ratios


def _one_class(cells: Cells, name: str, excused: str) -> Ratios:
    """Se, +P and F1 of one class; beats of the classes `excused` do not count against it."""
    here = AAMI_CLASSES.index(name)
    against = [row for row, other in enumerate(ROWS) if other not in (name, *excused)]
    hits, all_of_it = cells[..., here, here], cells[..., here, :].sum(axis=-1)
    return _three(hits, all_of_it - hits, cells[..., against, here].sum(axis=-1))


def figures(
    records: Sequence[Comparison], ratios: Callable[[Cells], Ratios], *, draws: int = 1000, seed: int = 0
) -> tuple[dict[str, Figure], dict[str, Figure]]:
    """Return gross and average figures with the intervals they have when other patients had been recorded.

    Parameters
    ----------
    records
        One comparison for each record.
    ratios
        `detection_ratios` or `class_ratios`.
    draws, seed
        How often patients are drawn, and from which seed.

    Raises
    ------
    OptionError
        There is no record.
    """
    if not records:
        raise OptionError("0 records to score; there must be one at least")
    cells = np.stack([one.cells for one in records]).astype(np.float64)
    patients, of_record = np.unique([one.patient for one in records], return_inverse=True)
    often = how_often(len(patients), draws, seed)[:, of_record]
    gross = ratios(np.einsum("dr,rij->dij", often, cells))
    average = {name: _weighted_mean(values, often) for name, values in ratios(cells).items()}
    return _as_figures(gross), _as_figures(average)


def _as_figures(drawn: Ratios) -> dict[str, Figure]:
    return {name: Figure.of_draws(values) for name, values in drawn.items()}


def _weighted_mean(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.isfinite(values)
    return _share(weights[:, known] @ values[known], weights[:, known].sum(axis=1))


def _three(hits: NDArray[np.float64], missed: NDArray[np.float64], wrong: NDArray[np.float64]) -> Ratios:
    return {
        "sensitivity": _share(hits, hits + missed),
        "positive_predictivity": _share(hits, hits + wrong),
        "f1": _share(2 * hits, 2 * hits + missed + wrong),
    }


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        share: NDArray[np.float64] = part / whole
    return share


def _pooled(records: Sequence[Comparison]) -> NDArray[np.int64]:
    pooled: NDArray[np.int64] = np.sum([one.cells for one in records], axis=0)
    return pooled


def _entry(records: Sequence[Comparison], n: dict[str, int], metrics: dict[str, Figure]) -> dict[str, Any]:
    return {
        "n": n,
        "metrics": {name: figure.as_json() for name, figure in metrics.items()},
        "cells": named(_pooled(records)),
        "records": {one.record: one.named_cells for one in records},
    }
