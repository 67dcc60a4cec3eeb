"""Leads brought to one size, as many published systems show them: what is lost is how large they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_FLAT_MV: Final = 1e-3
"""What spreads less counts as spreading so much, so that a silent lead does not become one of noise."""


def by_lead(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return each lead less its mean, over its standard deviation."""
    level = rows - rows.mean(axis=1, keepdims=True)
    scaled: NDArray[np.float32] = level / np.maximum(level.std(axis=1, keepdims=True), np.float32(_FLAT_MV))
    return scaled


def by_record(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return all leads less their means, over the standard deviation of all of them."""
    level = rows - rows.mean(axis=1, keepdims=True)
    scaled: NDArray[np.float32] = level / max(float(level.std()), _FLAT_MV)
    return scaled


SCALINGS: Final[dict[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]]] = {
    "none": lambda rows: rows,
    "lead": by_lead,
    "record": by_record,
}
"""What brings leads to one size: nothing (they stay in mV), by each lead or by all leads of a record."""


def scaled(rows: NDArray[np.float32], scaling: str) -> NDArray[np.float32]:
    """Bring leads to one size.

    Parameters
    ----------
    rows
        float32, shape (lead, sample), mV.
    scaling
        One of :data:`SCALINGS`.

    Raises
    ------
    OptionError
        There is no such scaling.

    Examples
    --------
    >>> scaled(np.float32([[1, 3], [0, 0]]), "lead").tolist()
    [[-1.0, 1.0], [0.0, 0.0]]
    """
    if scaling not in SCALINGS:
        raise unknown("scaling", scaling, SCALINGS)
    return SCALINGS[scaling](rows)
