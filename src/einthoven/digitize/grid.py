"""The paper in a picture: how far its rulings are apart, how far it is turned, and where it is ruled at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Picture = NDArray[np.float32]

_BANDS = 48
_PERIODS_PX = (2.4, 160.0)
_PAGE_MM = (160.0, 480.0)  # what a page may measure across, to tell rulings of 1 mm from those of 5 mm
_LEAST_PERIODS = 12
_ALIKE = 0.04  # scale across and down
_STRAIGHT = 0.12  # of a period that rulings may be off a straight line
_MOST_DEGREES = 6.0
_LEAST_PX_MM = 2.9  # 74 dots per inch


@dataclass(frozen=True, slots=True)
class Grid:
    """Rulings of a picture.

    Parameters
    ----------
    x_px_mm, y_px_mm
        Pixels for a millimetre of the paper, across and down.
    degrees
        By how much the picture must be turned, counter-clockwise, for its rulings to be level.
    area
        First and last row, first and last column of what is ruled.
    both
        Rulings of 1 and 5 mm were told apart; else their distance is taken from the size of the page.
    fine
        There are rulings of 1 mm.
    """

    x_px_mm: float
    y_px_mm: float
    degrees: float
    area: tuple[int, int, int, int]
    both: bool
    fine: bool


@dataclass(frozen=True, slots=True)
class _Comb:
    """Rulings one way: cycles a pixel of those of 1 mm, slope, and where along and across they are."""

    per_px: float
    slope: float
    along: tuple[int, int]
    across: tuple[int, int]
    both: bool
    fine: bool


def find_grid(path: Path, ruled: Picture) -> Grid:
    """Find the rulings.

    Parameters
    ----------
    path
        Named in errors.
    ruled
        float32, shape (row, column): the rulings, whatever their colour, without the traces.

    Raises
    ------
    FormatError
        There are none, or not the same both ways; they are bent, as in a photograph, or turned too far.
    """
    down, over = _combs(path, ruled)
    if abs(down.per_px / over.per_px - 1) > _ALIKE:
        raise FormatError(
            f"{path}: rulings are {1 / over.per_px:.1f} pixels a mm across and {1 / down.per_px:.1f} down; "
            "the picture must be scaled alike both ways, to 4 %"
        )
    if 1 / over.per_px < _LEAST_PX_MM:
        raise FormatError(
            f"{path}: has {1 / over.per_px:.1f} pixels a mm of paper; from {_LEAST_PX_MM:g} on it can be read"
        )
    slope = (down.slope - over.slope) / 2
    if abs(down.slope + over.slope) > 0.012:
        raise FormatError(f"{path}: rulings do not cross at right angles; a flat scan is needed, no photograph")
    degrees = float(np.degrees(np.arctan(slope)))
    if abs(degrees) > _MOST_DEGREES:
        raise FormatError(f"{path}: is turned by {degrees:.1f} degrees; up to {_MOST_DEGREES:g} can be set right")
    rows = max(down.along[0], over.across[0]), min(down.along[1], over.across[1])
    columns = max(over.along[0], down.across[0]), min(over.along[1], down.across[1])
    return Grid(
        x_px_mm=1 / over.per_px,
        y_px_mm=1 / down.per_px,
        degrees=degrees,
        area=(*rows, *columns),
        both=down.both or over.both,
        fine=down.fine or over.fine,
    )


def _combs(path: Path, ruled: Picture) -> tuple[_Comb, _Comb]:
    """Find the rulings down and across the picture.

    What shades or writing add may hide the rule of one way; then it is looked for at the distance of the other's.
    """
    width = ruled.shape[1]
    ways = ("down", "across")
    profiles = [_profiles(ruled), _profiles(ruled.T)]
    spans = [ruled.shape[1] / len(profiles[0]), ruled.shape[0] / len(profiles[1])]
    units = [_unit(one, width) for one in profiles]
    seen = [unit for unit in units if unit is not None]
    if not seen:
        raise FormatError(
            f"{path}: no ruled paper in the picture of {width} by {ruled.shape[0]} pixels; "
            "lines 1 mm or 5 mm apart must give the scale"
        )
    sure = [unit[0] for unit in units if unit is not None and unit[1]]
    if len(sure) == 2 and abs(sure[0] / sure[1] - 1) > _ALIKE:
        raise FormatError(
            f"{path}: rulings are {1 / sure[1]:.1f} pixels a mm across and {1 / sure[0]:.1f} down; "
            "the picture must be scaled alike both ways, to 4 %"
        )
    for per_px, both, fine in sorted(seen, key=lambda unit: not unit[1]):
        combs = [_comb(one, span, per_px, both, fine) for one, span in zip(profiles, spans, strict=True)]
        if combs[0] is not None and combs[1] is not None:
            return combs[0], combs[1]
    missing = " and ".join(way for way, comb in zip(ways, combs, strict=True) if comb is None)
    raise FormatError(
        f"{path}: no straight rulings {missing} the picture; a flat scan of ruled paper is needed, no photograph"
    )


def _comb(profiles: Array, band_px: float, per_px: float, both: bool, fine: bool) -> _Comb | None:
    """Find the rulings that cross the bands, about `per_px` millimetres a pixel; None where they are not straight."""
    for carrier in (per_px, per_px / 5) if both else (per_px,) if fine else (per_px / 5,):
        fitted = _fit(profiles, carrier, band_px)
        if fitted is not None:
            step, slope, along, across = fitted
            return _Comb(float(per_px * step / carrier), slope, along, across, both, fine)
    return None


def _profiles(ruled: Picture) -> Array:
    """Return the mean of bands across the first axis, without what changes slowly: shape (band, place)."""
    from scipy.ndimage import uniform_filter1d

    n = max(1, ruled.shape[1] // _BANDS)
    bands = ruled[:, : n * (ruled.shape[1] // n)].reshape(len(ruled), -1, n).mean(axis=2).T.astype(np.float64)
    return np.asarray(bands - uniform_filter1d(bands, max(3, int(_PERIODS_PX[1])), axis=1))


def _power(profiles: Array) -> tuple[Array, Array]:
    """Return frequencies in cycles a pixel and the bands' mean power there."""
    n = profiles.shape[1]
    size = 4 * n
    window = np.hanning(n)
    power = np.zeros(size // 2 + 1)
    for band in profiles:
        power += np.abs(np.fft.rfft(band * window, size)) ** 2
    return np.asarray(np.fft.rfftfreq(size), np.float64), power / len(profiles)


def _fundamental(profiles: Array) -> float | None:
    """Return the lowest frequency of which all strong ones are multiples; None where there is no such comb."""
    frequency, power = _power(profiles)
    n = profiles.shape[1]
    span = (frequency > max(1 / _PERIODS_PX[1], _LEAST_PERIODS / n)) & (frequency < 1 / _PERIODS_PX[0])
    if not span.any():
        return None
    here, strength = frequency[span], power[span]
    peak = np.flatnonzero((strength[1:-1] > strength[:-2]) & (strength[1:-1] >= strength[2:])) + 1
    if not peak.size:
        return None
    noise = float(np.median(strength)) + 1e-12
    peak = peak[strength[peak] > max(0.03 * strength[peak].max(), 30 * noise)]
    if not peak.size:
        return None
    at, weight = here[peak], strength[peak]
    for base in np.sort(at):
        order = np.maximum(1, np.round(at / base))
        off = np.abs(at / base - order)
        fits = off < 2.5 / (n * base) + 0.01 * order
        if weight[fits].sum() > 0.85 * weight.sum() and weight[np.abs(at - base) < 2 / n].sum() > 0.02 * weight.sum():
            return float(base)
    return None


def _unit(profiles: Array, width_px: int) -> tuple[float, bool, bool] | None:
    """Return the frequency of a millimetre, whether rulings of 1 and 5 mm were told apart, and whether there are finer.

    None where nothing is regular, or where neither 1 mm nor 5 mm would make it a page.
    """
    base = _fundamental(profiles)
    if base is None:
        return None
    frequency, power = _power(profiles)

    def at(order: float) -> float:
        near = np.abs(frequency - order * base) < max(1.5 / profiles.shape[1], 0.01 * order * base)
        return float(power[near].max()) if near.any() else 0.0

    orders = [at(order) for order in range(1, 11)]
    five = orders[4]
    if 5 * base < 0.45 and five > 2.5 * max(orders[3], orders[5]) and five > 0.3 * max(orders):
        return 5 * base, True, True
    for step_mm in (1, 5):
        if _PAGE_MM[0] <= width_px * base * step_mm <= _PAGE_MM[1]:
            stronger = step_mm == 1 and min(at(k / 5) for k in range(1, 5)) > 20 * float(np.median(power))
            return base * step_mm, stronger, step_mm == 1
    return None


def _fit(
    profiles: Array, carrier: float, band_px: float
) -> tuple[float, float, tuple[int, int], tuple[int, int]] | None:
    """Fit straight rulings to the phase of tiles: frequency, slope, extent along and across the bands in pixels.

    None where the phases lie on no plane, as on bent paper, or where too few tiles are ruled.
    """
    n_bands, n = profiles.shape
    tile = int(max(round(4 / carrier), 24))
    n_tiles = n // tile
    if n_tiles < 3:
        return None
    wave = profiles[:, : n_tiles * tile] * np.exp(-2j * np.pi * carrier * np.arange(n_tiles * tile))
    tiles = wave.reshape(n_bands, n_tiles, tile).mean(axis=2)
    strength = np.abs(tiles)
    ruled = strength > 0.25 * np.percentile(strength, 80)
    # What neighbours differ by gives the slopes; then the plane is taken off, and the rest is small.
    turn = np.angle(np.sum((tiles[1:] * tiles[:-1].conj())[ruled[1:] & ruled[:-1]]))
    drift = np.angle(np.sum((tiles[:, 1:] * tiles[:, :-1].conj())[ruled[:, 1:] & ruled[:, :-1]]))
    b, t = np.mgrid[:n_bands, :n_tiles].astype(np.float64)
    rest = tiles * np.exp(-1j * (turn * b + drift * t))
    for _ in range(3):
        centre = np.angle(np.sum(rest[ruled]))
        phase = np.angle(rest * np.exp(-1j * centre))
        weight = strength * ruled * (np.abs(phase) < 2)
        if (weight > 0).sum() < 9:
            return None
        design = np.stack([np.ones(b.size), b.ravel(), t.ravel()], axis=1)
        root = np.sqrt(weight.ravel())[:, None]
        fit = np.linalg.lstsq(design * root, phase.ravel() * root[:, 0], rcond=None)[0]
        turn, drift = turn + fit[1], drift + fit[2]
        rest = tiles * np.exp(-1j * (turn * b + drift * t))
    centre = np.angle(np.sum(rest[ruled]))
    phase = np.angle(rest * np.exp(-1j * centre))
    off = np.abs(phase[ruled]) / (2 * np.pi)
    if np.percentile(off, 80) > _STRAIGHT or ruled.sum() < 0.1 * ruled.size:
        return None
    slope = -turn / band_px / (2 * np.pi * carrier)
    good = ruled & (np.abs(phase) < 1.3)
    along = np.flatnonzero(good.mean(axis=0) > 0.25)
    across = np.flatnonzero(good.mean(axis=1) > 0.25)
    if not along.size or not across.size:
        return None
    extent = int(along[0]) * tile, min(int(along[-1] + 2) * tile, n)
    sides = int(across[0] * band_px), int((across[-1] + 1) * band_px)
    return carrier + drift / (2 * np.pi * tile), float(slope), extent, sides
