"""Two independent QRS detectors for one lead: what they agree on is trusted, here and in the signal quality.

The first is sleepecg's detector (Pan & Tompkins 1985 with a zero-phase filter and an improved search-back), the second
a plain energy detector. They fail in different ways, so their agreement (the bSQI of Li, Mark & Clifford 2008) tells
how far either can be believed without knowing the truth.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import OptionError
from .pieces import Piece, pieces
from .wild import mend_wild

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..record import Record

AGREEMENT_S = 0.150
"""Two detections this near are the same beat (EC57's tolerance)."""

_LOW_HZ, _HIGH_HZ = 100.0, 500.0  # the rates both detectors are made for; outside, the lead is resampled
_SHORTEST_S = 1.0
_PIECE_S, _MARGIN_S = 3600.0, 60.0  # a long lead is looked at hour by hour, with as much around as thresholds remember
_EDGE_S = 0.1  # the two sides may place a beat between two pieces this far apart
_AT_ONCE = 2  # sleepecg keeps other threads waiting half of its time, so more would gain little
_T_WAVE_S = 0.36  # sooner than this after a beat, a gentle hit is its T wave (Pan & Tompkins 1985)
_ENERGY_LEVEL = 0.6  # of the mean: wide ventricular beats among narrow ones have little power in this band


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Where each detector sees beats in each lead.

    Parameters
    ----------
    leads
        Names, in the record's order.
    adaptive, energy
        For each lead the positions found by sleepecg and by the energy detector: int64, shape (beat,), record's rate.
    """

    leads: tuple[str, ...]
    adaptive: tuple[NDArray[np.int64], ...]
    energy: tuple[NDArray[np.int64], ...]


def candidates(record: Record) -> Candidates:
    """Run both detectors on every lead of `record`.

    A lead without signal, or shorter than a second, has no candidates.

    Raises
    ------
    OptionError
        The sampling rate is below 50 Hz, where a QRS complex cannot be told from its neighbours.
    """
    if record.fs_hz < 50:
        raise OptionError(f"{record.id or 'record'}: sampled at {record.fs_hz:g} Hz; finding beats needs 50 Hz or more")
    record = mend_wild(record)
    parts = list(pieces(record.n_samples, round(_PIECE_S * record.fs_hz), round(_MARGIN_S * record.fs_hz)))
    edge = round(_EDGE_S * record.fs_hz)

    def look(lead: NDArray[np.float32], piece: Piece) -> tuple[NDArray[np.int64], ...]:
        found = (hits + piece.start for hits in _both(lead[piece.seen], record.fs_hz))
        return tuple(hits[(hits >= piece.first - edge) & (hits < piece.last)] for hits in found)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        looks = [[pool.submit(look, lead, piece) for piece in parts] for lead in record.signal]
        found = [zip(*(one.result() for one in lead), strict=True) for lead in looks]
    adaptive, energy = zip(*([_joined(hits, 2 * edge) for hits in lead] for lead in found), strict=True)
    return Candidates(record.leads, adaptive, energy)


def _joined(parts: Sequence[NDArray[np.int64]], near_by: int) -> NDArray[np.int64]:
    """Put the hits of pieces together; a beat on the edge of two was seen by both, on either side of it."""
    hits = np.concatenate(parts)
    begin = np.cumsum([len(part) for part in parts[:-1]], dtype=np.int64)
    begin = begin[(begin > 0) & (begin < len(hits))]
    return np.delete(hits, begin[hits[begin] - hits[begin - 1] < near_by])


def _both(lead: NDArray[np.float32], fs_hz: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    from scipy.signal import resample_poly

    nowhere = np.empty(0, dtype=np.int64)
    present = np.isfinite(lead)
    if len(lead) < _SHORTEST_S * fs_hz or not present.any() or np.ptp(lead[present]) == 0:
        return nowhere, nowhere
    at = np.arange(len(lead))
    x = lead.astype(np.float64) if present.all() else np.interp(at, at[present], lead[present].astype(np.float64))
    x = (x - np.median(x)) / np.ptp(x)  # numbers of order one, whatever the gain
    up, down = int(np.ceil(_LOW_HZ / fs_hz)), max(1, int(fs_hz // _HIGH_HZ))
    if (up, down) != (1, 1):
        x = resample_poly(x, up, down, padtype="line")
    scale = up / down
    hits = (_adaptive(x, fs_hz * scale), _energy(x, fs_hz * scale))
    # A detection inside a gap was made on interpolated samples, so it is none.
    placed = (np.minimum(np.rint(h / scale).astype(np.int64), len(lead) - 1) for h in hits)
    first, second = (p[present[p]] for p in placed)
    return first, second


def _adaptive(x: NDArray[np.float64], fs_hz: float) -> NDArray[np.int64]:
    """Beats of sleepecg, less the T waves among them by Pan & Tompkins' own rule, which sleepecg leaves out."""
    from scipy.ndimage import percentile_filter
    from scipy.signal import butter, sosfiltfilt
    from sleepecg.heartbeats import detect_heartbeats

    hits = np.asarray(detect_heartbeats(x, fs_hz), dtype=np.int64)
    band = sosfiltfilt(butter(2, (5.0, 30.0), "bandpass", fs=fs_hz, output="sos"), x)
    width = max(1, round(0.16 * fs_hz))
    around = np.clip(hits[:, None] + np.arange(width) - width // 2, 0, len(x) - 1)
    slope = np.abs(np.gradient(band))[around].max(axis=1)
    # In a slow heart its search-back, looking for beats where none are due, takes P and T waves.
    steep = slope >= 0.2 * percentile_filter(slope, 85, size=15, mode="nearest") if len(hits) else slope > 0
    return _without_t_waves(hits[steep], slope[steep], _T_WAVE_S * fs_hz, 0.5)


def _energy(x: NDArray[np.float64], fs_hz: float) -> NDArray[np.int64]:
    """Peaks of the 6-25 Hz power that rise above most of its own mean over ten seconds, less the T waves."""
    from scipy.ndimage import uniform_filter1d
    from scipy.signal import butter, find_peaks, sosfiltfilt

    band = sosfiltfilt(butter(2, (6.0, 25.0), "bandpass", fs=fs_hz, output="sos"), x)
    power = uniform_filter1d(np.square(band), max(1, round(0.12 * fs_hz)))  # one QRS complex wide
    # Artefacts a hundred times a QRS must not lift the level for the beats around them.
    level = uniform_filter1d(np.minimum(power, np.quantile(power, 0.99)), round(10 * fs_hz))
    lowest = np.maximum(_ENERGY_LEVEL * level, 1e-12)
    hits, _ = find_peaks(power, distance=max(1, round(0.25 * fs_hz)), height=lowest)
    return _without_t_waves(np.asarray(hits, dtype=np.int64), np.sqrt(power[hits]), _T_WAVE_S * fs_hz, 0.35)


def _without_t_waves(
    hits: NDArray[np.int64], strength: NDArray[np.float64], soon: float, gentle: float
) -> NDArray[np.int64]:
    """Leave out a hit that comes so `soon` after the one before, and with so small a part of its strength."""
    kept = np.ones(len(hits), dtype=np.bool_)
    for i in (np.flatnonzero(np.diff(hits) < soon) + 1).tolist():
        last = i - 1
        while not kept[last]:
            last -= 1
        kept[i] = hits[i] - hits[last] >= soon or strength[i] >= gentle * strength[last]
    return hits[kept]


def near(these: NDArray[np.int64], others: NDArray[np.int64], tolerance: float) -> NDArray[np.bool_]:
    """Tell for each of `these` whether one of `others`, which ascend, lies within `tolerance`."""
    if not len(others):
        return np.zeros(len(these), dtype=np.bool_)
    after = np.searchsorted(others, these)
    right = others[np.minimum(after, len(others) - 1)]
    left = others[np.maximum(after - 1, 0)]
    result: NDArray[np.bool_] = np.minimum(np.abs(right - these), np.abs(left - these)) <= tolerance
    return result
