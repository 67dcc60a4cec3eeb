"""Leads nobody recorded: the heart seen from directions between the standard ones, as a Holter's electrodes see it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..record import Record

FRONTAL, MIXED = 6, 2
"""How many directions in the frontal plane are added to a record, and how many between that plane and V4, V5 or V6."""

_CHEST: Final = ("V4", "V5", "V6")


def with_projections(record: Record, rng: np.random.Generator) -> Record:
    """Add leads in random directions to the record's own: ``P1`` … ``P8``, unchanged if it lacks I, II or V4 to V6.

    Parameters
    ----------
    record
        Any record.
    rng
        Draws the directions.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> twelve = simulate(duration_s=2, leads=("I", "II", "V4", "V5", "V6")).record
    >>> with_projections(twelve, np.random.default_rng(0)).leads[4:]
    ('V6', 'P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'P8')
    """
    if not all(lead in record for lead in ("I", "II", *_CHEST)):
        return record
    angles = rng.uniform(0, 2 * np.pi, FRONTAL + MIXED)
    seen = [frontal(record["I"], record["II"], angle) for angle in angles]
    for number in range(FRONTAL, FRONTAL + MIXED):
        share = rng.uniform()
        seen[number] = share * seen[number] + (1 - share) * record[_CHEST[rng.integers(len(_CHEST))]]
    names = tuple(f"P{number}" for number in range(1, len(seen) + 1))
    return replace(record, signal=np.concatenate([record.signal, np.stack(seen)]), leads=record.leads + names)


def frontal(lead_i: NDArray[np.float32], lead_ii: NDArray[np.float32], angle: float) -> NDArray[np.float32]:
    """Lead in any direction of the frontal plane, by Einthoven's triangle: float32, shape (sample,).

    Parameters
    ----------
    lead_i, lead_ii
        float32, shape (sample,), of the same unit.
    angle
        In radians: 0 is lead I, π/3 lead II.

    Examples
    --------
    >>> one, two = np.array([1.0, 0.0], np.float32), np.array([0.0, 1.0], np.float32)
    >>> np.allclose(frontal(one, two, np.pi / 3), two, atol=1e-6)
    True
    """
    down = (2 * lead_ii - lead_i) / np.sqrt(3)
    return np.asarray(np.cos(angle) * lead_i + np.sin(angle) * down, np.float32)
