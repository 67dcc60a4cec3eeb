"""The usual beat of a short record: its beats laid over each other on all leads, and those of them that are alike.

All that physicians measure of a beat is measured on this mean, where noise is down by the root of the number of beats.
A beat that is unlike, such as a ventricular one, has no part in it, and is compared with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from .median import medians

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

FS_HZ: Final = 250.0
"""Rate at which beats are laid over each other."""

BEFORE: Final = 110
AFTER: Final = 160
"""Samples of a beat before and after its R peak: 440 and 640 ms."""

ALIKE: Final = 0.90
"""Correlation of two QRS complexes on all leads, from which on they are alike."""

_QRS_FIRST, _QRS_STOP = -20, 26  # 80 ms before to 100 ms after R: any QRS complex
_REACH = 10  # R peaks lie up to 40 ms off the middle of others
_GAIN: Final = (0.6, 1.6)  # of beats that are alike, in units of the usual one
_LEVEL_FIRST, _LEVEL_STOP = -5, -1  # before the onset of QRS: the level that all is measured from
_FLAT_MV: Final = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class UsualBeat:
    """The usual beat and how each beat compares with it.

    Parameters
    ----------
    mean_mv
        float32, shape (lead, BEFORE + AFTER): from the level before QRS; a lead that is flat is zero.
    beats_mv
        float32, shape (beat, lead, BEFORE + AFTER): each beat, from that same level.
    peak
        int64, shape (beat,): samples at `FS_HZ` where `BEFORE` lies, in step with the usual beat.
    alike
        bool, shape (beat,): those like it.
    whole
        bool, shape (beat,): those of which the QRS complex is within the record.
    correlation, gain
        float32, shape (beat,): of each QRS complex with the usual one, all leads together.
    level_mv
        float32, shape (lead, sample): the record less its wander, so that the level before each usual QRS is zero.
    present
        bool, shape (lead,): leads that are not flat.
    onset
        Sample of the window at which QRS begins, roughly.
    wander_mv
        Range of the level before QRS over the record, of the lead where it is greatest.
    """

    mean_mv: Array
    beats_mv: Array
    peak: NDArray[np.int64]
    alike: NDArray[np.bool_]
    whole: NDArray[np.bool_]
    correlation: Array
    gain: Array
    level_mv: Array
    present: NDArray[np.bool_]
    onset: int
    wander_mv: float


def usual_beat(leads_mv: Array, peak: NDArray[np.int64]) -> UsualBeat | None:
    """Lay the beats of a record over each other.

    Parameters
    ----------
    leads_mv
        float32, shape (lead, sample): leads at `FS_HZ`, finite; zeros where there is no signal.
    peak
        int64, shape (beat,): R peaks in its samples.

    Returns
    -------
    UsualBeat or None
        None where no beat lies wholly within the record, or every lead is flat.
    """
    n = leads_mv.shape[1]
    present = np.ptp(leads_mv, axis=1) > _FLAT_MV
    whole = (peak + _QRS_FIRST - _REACH >= 0) & (peak + _QRS_STOP + _REACH <= n)
    if not (whole.any() and present.any()):
        return None
    qrs, shift = _in_step(leads_mv, peak, whole)
    peak = peak + shift
    template = qrs[_most_typical(qrs, whole)]
    for _ in range(2):
        correlation, gain = _compared(qrs, template)
        alike = whole & (correlation > ALIKE) & (gain > _GAIN[0]) & (gain < _GAIN[1])
        alike = alike if alike.any() else whole & (correlation >= correlation[whole].max())
        template = qrs[alike].mean(axis=0)
    onset = _onset(template)
    wander = _wander(leads_mv, np.sort(peak[alike]) + onset)
    level_mv = leads_mv - wander
    beats_mv = _windows(level_mv, peak, -BEFORE, AFTER)
    inside = alike & (peak >= BEFORE) & (peak + AFTER <= n)
    return UsualBeat(
        mean_mv=_middle(beats_mv[inside if inside.any() else alike]),
        beats_mv=beats_mv,
        peak=peak,
        alike=alike,
        whole=whole,
        correlation=correlation,
        gain=gain,
        level_mv=level_mv,
        present=present,
        onset=BEFORE + onset,
        wander_mv=float(np.ptp(wander, axis=1).max()),
    )


def _middle(beats_mv: Array) -> Array:
    """Return the mean of the middle half of the beats at each sample, which a spoilt beat or lead does not reach."""
    n = len(beats_mv)
    outer = n // 4
    middle: Array = np.sort(beats_mv, axis=0)[outer : n - outer].mean(axis=0)
    return middle


def _windows(leads: Array, peak: NDArray[np.int64], first: int, stop: int) -> Array:
    """Cut `first` to `stop` samples around each peak, (beat, lead, sample); the ends of the record go on level."""
    place = np.clip(peak[:, None] + np.arange(first, stop), 0, leads.shape[1] - 1)
    return np.moveaxis(leads[:, place], 0, 1)


def _in_step(leads: Array, peak: NDArray[np.int64], whole: NDArray[np.bool_]) -> tuple[Array, NDArray[np.int64]]:
    """Return QRS complexes (beat, lead, sample), each without its mean, and by how much each was moved."""
    wide = _windows(leads, peak, _QRS_FIRST - _REACH, _QRS_STOP + _REACH)
    slope = wide[:, :, 3:] - wide[:, :, :-3]  # slopes, since levels wander
    size = _QRS_STOP - _QRS_FIRST - 3
    shift = np.full(len(peak), _REACH)
    usual = medians(slope[whole, :, _REACH : _REACH + size])
    views = np.lib.stride_tricks.sliding_window_view(slope, size, axis=2)  # (beat, lead, shift, sample)
    for _ in range(2):
        shift = np.einsum("blts,ls->bt", views, usual).argmax(axis=1)
        usual = views[np.arange(len(peak)), :, shift][whole].mean(axis=0)
    place = shift[:, None] + np.arange(_QRS_STOP - _QRS_FIRST)
    qrs = np.take_along_axis(wide, place[:, None, :], axis=2)
    return qrs - qrs.mean(axis=2, keepdims=True), shift - _REACH


def _most_typical(qrs: Array, whole: NDArray[np.bool_]) -> int:
    """Return the beat whose correlation with most others is highest."""
    flat = qrs.reshape(len(qrs), -1)
    flat = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9)
    typical = medians((flat @ flat.T)[whole])
    return int(np.where(whole, typical, -np.inf).argmax())


def _compared(qrs: Array, template: Array) -> tuple[Array, Array]:
    flat, wanted = qrs.reshape(len(qrs), -1), template.ravel()
    power = max(float(wanted @ wanted), 1e-12)
    gain = flat @ wanted / power
    return gain * np.sqrt(power) / np.maximum(np.linalg.norm(flat, axis=1), 1e-9), gain


def _onset(template: Array) -> int:
    """Return where the slope of all leads together first rises, before its steepest, in samples from R."""
    slope = np.sqrt(np.sum((template[:, 2:] - template[:, :-2]) ** 2, axis=0))
    steepest = int(slope[: -_QRS_FIRST + 8].argmax())
    low = slope[:steepest] < 0.1 * slope[steepest]
    calm = np.flatnonzero(low[2:] & low[1:-1] & low[:-2])  # a single lead is level for a moment at the top of Q, too
    return _QRS_FIRST + 1 + (int(calm[-1]) + 2 if len(calm) else 0)


def _wander(leads: Array, onset: NDArray[np.int64]) -> Array:
    """Return straight lines through the levels before each usual QRS, level beyond the first and the last."""
    n = leads.shape[1]
    knot = np.maximum(onset + (_LEVEL_FIRST + _LEVEL_STOP - 1) // 2, 0)
    level = _windows(leads, onset, _LEVEL_FIRST, _LEVEL_STOP).mean(axis=2).T  # (lead, knot)
    if len(knot) < 2:
        return np.broadcast_to(level, leads.shape)
    at = np.arange(n)
    right = np.clip(np.searchsorted(knot, at), 1, len(knot) - 1)
    part = np.clip((at - knot[right - 1]) / np.maximum(knot[right] - knot[right - 1], 1), 0, 1).astype(np.float32)
    wander: Array = level[:, right - 1] * (1 - part) + level[:, right] * part
    return wander
