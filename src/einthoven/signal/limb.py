"""The plane of the limb leads: each is a sum of I and II, so any three of them obey one law.

Three electrodes give two independent voltages. With I and II as axes, Einthoven's law (Einthoven, Fahr, de Waart, 1913)
and Goldberger's relations (Am Heart J 1942;23:483-492) are coordinates: III = (-1, 1), aVR = (-1/2, -1/2), and so on.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FORMULA: Final = {
    "I": (1.0, 0.0),
    "II": (0.0, 1.0),
    "III": (-1.0, 1.0),
    "aVR": (-0.5, -0.5),
    "aVL": (1.0, -0.5),
    "aVF": (-0.5, 1.0),
}
"""Every limb lead as (a, b) in a·I + b·II."""


ROUNDING_MV: Final = 0.005
RELATIVE: Final = 0.04
"""A law holds when what is left over is at most 5 µV and 4 % of the limb leads' own size, both as root mean square.

Rounding by the converter leaves at most 0.6 µV in PTB-XL (steps of 1 µV) and 2.4 µV in the CinC 2020 sources (steps
of up to 5 µV), at most 2 % of the size; the least fault among the China competition's records leaves 20 µV and 22 %.
"""
_OUTLIERS: Final = 0.05


def coordinates(leads: Sequence[str]) -> NDArray[np.float64]:
    """Return the formulas of `leads`: float64, shape (lead, 2)."""
    return np.array([FORMULA[name] for name in leads]).reshape(-1, 2)


def on_basis(formula: Sequence[float], basis: Sequence[str]) -> tuple[float, float]:
    """Return (a, b) such that a·basis[0] + b·basis[1] is the signal that `formula` makes of I and II.

    Examples
    --------
    >>> on_basis(FORMULA["aVF"], ("II", "III"))
    (0.5, 0.5)
    """
    a, b = np.linalg.solve(coordinates(basis).T, np.asarray(formula))
    return round(float(a), 12) + 0.0, round(float(b), 12) + 0.0


def law_weights(three: Sequence[str]) -> NDArray[np.float64]:
    """Return the law of `three` leads as weights whose sum of signals is zero, the largest of them 1.

    Examples
    --------
    >>> law_weights(("I", "II", "III")), law_weights(("aVR", "aVL", "aVF"))
    (array([ 1., -1.,  1.]), array([1., 1., 1.]))
    """
    x, y = coordinates(three).T
    weights: NDArray[np.float64] = np.cross(x, y)  # the one direction square to both coordinates
    return weights * float(np.sign(weights[0]) / np.abs(weights).max())


def formula_text(formula: Sequence[float], basis: Sequence[str] = ("I", "II")) -> str:
    """Write a·I + b·II as a person would.

    Examples
    --------
    >>> [formula_text(FORMULA[name]) for name in ("III", "aVR", "aVL")]
    ['II - I', '-(I + II)/2', 'I - II/2']
    >>> formula_text((0, 0.5)), formula_text((0.314, -0.2)), formula_text((0.5, 0.5), ("II", "III"))
    ('II/2', '0.31 I - 0.2 II', '(II + III)/2')
    """
    a, b = (float(f"{value:.2g}") for value in formula)
    if abs(a) == abs(b) == 0.5:
        first, second = basis if a >= b else reversed(basis)
        inner = f"({first} {'-' if a != b else '+'} {second})/2"
        return f"-{inner}" if a == b == -0.5 else inner
    terms = sorted(((value, name) for value, name in zip((a, b), basis, strict=True) if value), key=lambda t: t[0] < 0)
    if not terms:
        return "0"
    text = " ".join(f"{'-' if value < 0 else '+'} {_term(abs(value), name)}" for value, name in terms)
    return text.removeprefix("+ ").replace("- ", "-", 1) if terms[0][0] < 0 else text.removeprefix("+ ")


def _term(size: float, name: str) -> str:
    return {1.0: name, 0.5: f"{name}/2"}.get(size, f"{size:g} {name}")


def spread_mv(x: NDArray[np.floating]) -> float:
    """Return the root mean square around the median without the farthest 5 % of samples.

    Clipped peaks and spikes are the business of signal quality; they should not make a lead's formula wrong.
    """
    return float(spreads_mv(x[np.newaxis])[0])


def spreads_mv(rows: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return `spread_mv` of each row: float64, shape (row,)."""
    far = np.abs(rows - np.median(rows, axis=-1, keepdims=True))
    kept = max(1, int(np.ceil(far.shape[-1] * (1 - _OUTLIERS))))
    near = np.partition(far, kept - 1)[..., :kept]
    spread: NDArray[np.float64] = np.sqrt(np.mean(np.square(near), axis=-1, dtype=np.float64))
    return spread


class LimbPlane:
    """The limb leads of a record, each free of its constant offset, and how well laws hold among them.

    An offset is left out because recorders set the zero of each lead on their own; a law broken by a constant says
    nothing of names, signs or formulas.

    Parameters
    ----------
    leads
        Names, at least three for any law to exist.
    signal
        float64, shape (lead, sample), mV, finite.
    """

    def __init__(self, leads: Sequence[str], signal: NDArray[np.float64]) -> None:
        self.leads = tuple(leads)
        self.signal = signal - np.median(signal, axis=1, keepdims=True)
        amplitude_mv = float(np.sqrt(np.mean([spread_mv(row) ** 2 for row in self.signal])))
        self.tolerance_mv = ROUNDING_MV + RELATIVE * amplitude_mv
        self.broken = frozenset(three for three in combinations(self.leads, 3) if not self._holds(three))

    def __getitem__(self, lead: str) -> NDArray[np.float64]:
        row: NDArray[np.float64] = self.signal[self.leads.index(lead)]
        return row

    def _holds(self, three: Sequence[str]) -> bool:
        rest = law_weights(three) @ np.stack([self[name] for name in three])
        return bool(spread_mv(rest) <= self.tolerance_mv)

    def consistent(self, leads: Sequence[str]) -> bool:
        """Tell whether every law among `leads` holds."""
        return not any(three in self.broken for three in combinations(leads, 3))

    def axes(self, trusted: Sequence[str]) -> NDArray[np.float64]:
        """Return I and II as `trusted` leads have them, by least squares: float64, shape (2, sample)."""
        solve = np.linalg.pinv(coordinates(trusted)).astype(np.float64)
        found: NDArray[np.float64] = solve @ np.stack([self[name] for name in trusted])
        return found
