"""Heart rate variability, time and frequency domain, as the Task Force of 1996 defines it.

Task Force of the European Society of Cardiology and the North American Society of Pacing and Electrophysiology,
Circulation 1996;93(5):1043-1065. Which intervals count is said in `einthoven.beats.intervals`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .hrv_spectrum import SEGMENT_S, band_powers, segments, ultra_low_power

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .intervals import NNIntervals

LEAST_COVERED: Final = 0.8
"""Share of five minutes that NN intervals must cover for it to count; as much of five minutes any measure needs."""

LEAST_SEGMENTS: Final = 6
"""Five-minute segments from which on they are compared: half an hour."""

LEAST_GEOMETRIC_S: Final = 1200.0
"""NN time a histogram needs: 20 minutes, the least the Task Force allows."""

LEAST_DAY_S, LEAST_DAY_NN_S = 23 * 3600.0, 18 * 3600.0
"""Length and NN time of a recording that counts as one of 24 hours: 18 h must be analysable, says the Task Force."""

BIN_S: Final = 1 / 128
"""Bin of the histogram of NN intervals: 7.8125 ms. Where a sample is longer, bins stay empty and nothing is told."""

LEAST_POWER_MS2: Final = 0.01
"""LF and HF power together from which on they are compared: below it, intervals swing by less than 0.2 ms."""


@dataclass(frozen=True, slots=True)
class HRV:
    """Heart rate variability; a measure is None where the recording is too short or has too few NN intervals for it.

    Parameters
    ----------
    n_intervals, covered_s
        NN intervals that count, and the time they cover. All that follows needs four minutes of them.
    mean_nn_ms, sdnn_ms
        Mean and standard deviation of NN.
    rmssd_ms
        Root mean square of the differences of successive NN.
    nn50, pnn50_percent
        Successive NN that differ by more than 50 ms: how many, and as part of all NN.
    sdann_ms, sdnn_index_ms
        Standard deviation of the five-minute means, and mean of the five-minute standard deviations: from
        `LEAST_SEGMENTS` segments on.
    triangular_index, tinn_ms
        NN count over the height of their histogram (`BIN_S`), and the base of the triangle that fits it best: from
        `LEAST_GEOMETRIC_S` on, of recordings of 128 Hz or more.
    vlf_ms2, lf_ms2, hf_ms2, total_ms2
        Power up to 0.04, 0.15, 0.40 Hz, and all of it, the mean of five-minute segments.
    lf_hf, lf_nu, hf_nu
        Ratio, and LF and HF as percent of total less VLF: from `LEAST_POWER_MS2` on.
    ulf_ms2, day_total_ms2
        Power up to 0.003 Hz, and all of it, which is the variance of NN: of a recording of 24 hours alone
        (`LEAST_DAY_S`, `LEAST_DAY_NN_S`).
    """

    n_intervals: int
    covered_s: float
    mean_nn_ms: float | None = None
    sdnn_ms: float | None = None
    rmssd_ms: float | None = None
    nn50: int | None = None
    pnn50_percent: float | None = None
    sdann_ms: float | None = None
    sdnn_index_ms: float | None = None
    triangular_index: float | None = None
    tinn_ms: float | None = None
    vlf_ms2: float | None = None
    lf_ms2: float | None = None
    hf_ms2: float | None = None
    total_ms2: float | None = None
    lf_hf: float | None = None
    lf_nu: float | None = None
    hf_nu: float | None = None
    ulf_ms2: float | None = None
    day_total_ms2: float | None = None


def hrv(nn: NNIntervals) -> HRV:
    """Measure heart rate variability.

    Parameters
    ----------
    nn
        What `einthoven.beats.intervals.nn_intervals` chose.

    Examples
    --------
    >>> from einthoven.beats.intervals import nn_intervals
    >>> from einthoven.record import Beats
    >>> beats = Beats.unlabelled(np.cumsum([780, 820] * 200))
    >>> measured = hrv(nn_intervals(beats, fs_hz=1000))
    >>> round(measured.mean_nn_ms), round(measured.sdnn_ms), round(measured.rmssd_ms), measured.nn50, measured.tinn_ms
    (800, 20, 40, 0, None)
    """
    if nn.covered_s < LEAST_COVERED * SEGMENT_S:
        return HRV(len(nn), nn.covered_s)
    return HRV(len(nn), nn.covered_s, **_time_domain(nn), **_by_segment(nn), **_geometric(nn), **_frequency_domain(nn))


def _time_domain(nn: NNIntervals) -> dict[str, Any]:
    nn_ms = 1000 * nn.nn_s
    change_ms = np.diff(nn_ms)[nn.follows[1:]]
    nn50 = int(np.sum(np.abs(change_ms) > 50 + 1e-6))  # 50 ms sharp is not more, whatever the last bit says
    return {
        "mean_nn_ms": float(nn_ms.mean()),
        "sdnn_ms": float(nn_ms.std(ddof=1)),
        "rmssd_ms": float(np.sqrt(np.mean(change_ms**2))) if len(change_ms) else None,
        "nn50": nn50,
        "pnn50_percent": 100 * nn50 / len(nn),
    }


def _by_segment(nn: NNIntervals) -> dict[str, Any]:
    parts = segments(nn, LEAST_COVERED)
    if len(parts) < LEAST_SEGMENTS:
        return {}
    means_ms = [1000 * nn.nn_s[part].mean() for part in parts]
    deviations_ms = [1000 * nn.nn_s[part].std(ddof=1) for part in parts]
    return {"sdann_ms": float(np.std(means_ms, ddof=1)), "sdnn_index_ms": float(np.mean(deviations_ms))}


def _geometric(nn: NNIntervals) -> dict[str, Any]:
    if nn.covered_s < LEAST_GEOMETRIC_S or nn.fs_hz * BIN_S < 1:
        return {}
    step = np.floor(nn.nn_s / BIN_S + 1e-6).astype(np.int64)
    count = np.bincount(step - step.min())
    return {"triangular_index": len(nn) / int(count.max()), "tinn_ms": 1000 * BIN_S * triangle_base(count)}


def triangle_base(count: NDArray[np.int64]) -> int:
    """Return the base of the triangle that fits a histogram best, in bins.

    Its tip is the histogram's highest bin. Its feet are the two bins, one on either side, for which the squares of what
    the triangle misses, zero beyond the feet, add up to least.

    Examples
    --------
    >>> triangle_base(np.array([0, 1, 2, 3, 4, 3, 2, 1, 0])), triangle_base(np.array([1, 0, 0, 5, 10, 0]))
    (8, 3)
    """
    peak, tip = int(count.argmax()), float(count.max())
    return _foot(count[peak::-1], tip) + _foot(count[peak:], tip)


def _foot(side: NDArray[np.int64], tip: float) -> int:
    """Return how many bins from the tip the line of one side best reaches zero; `side` begins with the tip."""
    place = np.arange(len(side) + 1)
    heights = np.append(side, 0)
    errors = [np.sum((heights - tip * np.maximum(0, 1 - place / foot)) ** 2) for foot in place[1:]]
    return int(np.argmin(errors)) + 1


def _frequency_domain(nn: NNIntervals) -> dict[str, Any]:
    power = band_powers(nn, LEAST_COVERED)
    if power is None:
        return {}
    vlf, lf, hf = power["vlf"], power["lf"], power["hf"]
    day = nn.duration_s >= LEAST_DAY_S and nn.covered_s >= LEAST_DAY_NN_S
    fast = lf + hf
    told = fast >= LEAST_POWER_MS2
    return {
        "vlf_ms2": vlf,
        "lf_ms2": lf,
        "hf_ms2": hf,
        "total_ms2": vlf + fast,
        "lf_hf": lf / hf if told and hf else None,
        "lf_nu": 100 * lf / fast if told else None,
        "hf_nu": 100 * hf / fast if told else None,
        "ulf_ms2": ultra_low_power(nn) if day else None,
        "day_total_ms2": float(np.var(1000 * nn.nn_s, ddof=1)) if day else None,
    }
