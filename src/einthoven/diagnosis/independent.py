"""The eight leads that twelve leads are made of: I and II, of which the other limb leads are sums, and V1 to V6."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from ..codes import CHEST_LEADS, LIMB_LEADS
from ..signal.filter import bridge_gaps
from ..signal.limb import RELATIVE, ROUNDING_MV, LimbPlane, coordinates, spreads_mv

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..record import Record

INDEPENDENT: Final = ("I", "II", *CHEST_LEADS)
MOST_MV: Final = 100.0
"""No electrode gives more; a broken sample beyond it counts as this, lest it drown all around it."""

_SAMPLES_LOOKED_AT: Final = 500  # laws hold sample by sample; so many tell whether they do
_FEWEST_SAMPLES: Final = 20


def independent_leads(record: Record) -> NDArray[np.float32]:
    """Return I, II and V1 to V6: float32, shape (8, sample), mV, gaps bridged, zeros where a lead is not there.

    I and II are taken as they are unless other limb leads fit each other better than them; then, and where one of them
    is missing, they are computed from the largest group of limb leads that obey the lead laws. Faults of aVR, aVL, aVF
    and III play no part when I and II are there.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> whole, part = simulate().record, simulate(leads=("III", "aVF", "V1")).record
    >>> bool(np.allclose(independent_leads(part)[:3], independent_leads(whole)[:3], atol=1e-5))
    True
    >>> bool(independent_leads(part)[3:].any())
    False
    """
    found = {name: record[name] for name in record.leads if name in LIMB_LEADS or name in CHEST_LEADS}
    found = {name: row.clip(-MOST_MV, MOST_MV) for name, row in found.items() if np.isfinite(row).mean() > 0.5}
    result = np.zeros((len(INDEPENDENT), record.n_samples), np.float32)
    for row, name in enumerate(INDEPENDENT):
        if name in found:
            result[row] = found[name]
    result = bridge_gaps(result)[0]
    sources = _sources({name: found[name] for name in LIMB_LEADS if name in found})
    if sources not in ((), ("I", "II")):
        rows = bridge_gaps(np.stack([found[name] for name in sources]))[0]
        result[:2] = np.linalg.pinv(coordinates(sources)).astype(np.float32) @ rows
    return result


def with_derived(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the standard twelve leads of the eight: float32, shape (12, sample).

    Examples
    --------
    >>> with_derived(np.float32([[1], [3], *[[0]] * 6]))[:6, 0].tolist()  # I, II, III, aVR, aVL, aVF
    [1.0, 3.0, 2.0, -2.0, -0.5, 2.5]
    """
    limb = coordinates(LIMB_LEADS).astype(np.float32) @ rows[:2]
    return np.concatenate([limb, rows[2:]])


def _sources(limb: dict[str, NDArray[np.float32]]) -> tuple[str, ...]:
    """Return the leads to compute I and II from; none where there are less than two to do so."""
    both = {"I", "II"} <= limb.keys()
    if len(limb) < 2 or (both and len(limb) < 5):
        return ("I", "II") if both else ()  # it takes three others to outvote I and II
    rows = np.stack([*limb.values()])
    rows = rows[:, np.isfinite(rows).all(axis=0)]
    rows = rows[:, :: max(1, rows.shape[1] // _SAMPLES_LOOKED_AT)]
    nearest = ("I", "II") if both else tuple(limb)[:2]
    if rows.shape[1] < _FEWEST_SAMPLES or (both and _witnesses(tuple(limb), rows) > 1):
        return nearest
    plane = LimbPlane(tuple(limb), rows.astype(np.float64))
    for size in range(len(limb), 2, -1):
        for group in combinations(plane.leads, size):
            if plane.consistent(group) and (size > 3 or not both):
                return group
    return nearest


def _witnesses(leads: tuple[str, ...], rows: NDArray[np.float32]) -> int:
    """Count the leads that are the sums of I and II which they should be: with two of them I and II are right.

    The same is asked as by :class:`einthoven.signal.limb.LimbPlane` of three leads each, for all leads at once.
    """
    level = rows - np.median(rows, axis=1, keepdims=True)
    rest = level[2:] - coordinates(leads[2:]).astype(np.float32) @ level[:2]
    both, others = np.split(spreads_mv(level) ** 2, [2])
    size_mv = np.sqrt((both.sum() + others) / 3)
    return int(np.count_nonzero(spreads_mv(rest) <= ROUNDING_MV + RELATIVE * size_mv))
