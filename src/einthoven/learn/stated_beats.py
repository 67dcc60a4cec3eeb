"""What a statement on a record tells of its beats: which one the premature ventricular beat is, nobody marked.

Where a premature ventricular beat is stated, a beat that looks like no other in twelve leads is it. Where a premature
atrial one is, it is the early beat that looks like the others. Where a supraventricular tachycardia is, it is every
beat. What is neither clearly this nor clearly that stays open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..beats.contexts import RATE_HZ, conditioned
from ..beats.windows import windows_around
from ..signal.resample import resample_positions

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

N, S, V, OPEN = 0, 1, 2, -1
SINUS, FIBRILLATION, FLUTTER, TACHYCARDIA = 0, 1, 2, 3

_VENTRICULAR: Final = frozenset("PVC BIGU TRIGU".split())
_ATRIAL: Final = frozenset("PAC SVARR".split())
_RUNS: Final = frozenset("SVTAC PSVT".split())
_UNTOLD: Final = frozenset("PACE PRC(S) 3AVB 2AVB WPW".split())
"""Statements after which no beat can be told by its looks."""

_BEFORE, _AFTER = 10, 22  # samples of the QRS complex and the start of what follows it
_ODD, _LIKE, _VERY_LIKE = 0.6, 0.85, 0.95  # correlations with the usual beat
_EARLY, _ON_TIME = -0.14, -0.08  # logarithms of the interval over the local median


def classes_of(statements: Collection[str], like: NDArray[np.float32], early: NDArray[np.float32]) -> NDArray[np.int8]:
    """Class of each beat of a record: int8, shape (beat,), 0 N, 1 S, 2 V, -1 open.

    Parameters
    ----------
    statements
        SCP-ECG codes stated of the record.
    like
        float32, shape (beat,): how like the usual beat each is; see :func:`like_the_usual`.
    early
        float32, shape (beat,): logarithm of the interval before each beat over the local median, as
        `einthoven.beats.sequences.timing_features` tells it.

    Examples
    --------
    >>> like, early = np.array([0.99, 0.3, 0.98]), np.array([0.0, -0.4, 0.1])
    >>> classes_of({"PVC", "NORM"}, like, early).tolist(), classes_of({"NORM"}, like, early).tolist()
    ([0, 2, 0], [0, -1, 0])
    """
    said = frozenset(statements)
    found = np.where(like < _ODD, OPEN, N).astype(np.int8)
    if said & _UNTOLD:
        found[:] = OPEN
    elif said & _RUNS:
        found[:] = np.where(like > _LIKE, S, OPEN)
    elif said & (_VENTRICULAR | _ATRIAL):
        found[(like <= _VERY_LIKE) | (early < _EARLY)] = OPEN
        if said & _VENTRICULAR:
            found[(like < _ODD) | ((like < 0.75) & (early < _ON_TIME))] = V
        if said & _ATRIAL:
            found[(found == N) & (early < _ON_TIME)] = OPEN
            if not said & {"AFIB", "AFLT"}:
                found[(early < _EARLY) & (like > (_VERY_LIKE if said & _VENTRICULAR else _LIKE))] = S
    return found


def rhythm_of(statements: Collection[str]) -> int:
    """Rhythm of all beats of a record: 0 sinus or the like, 1 atrial fibrillation, 2 flutter, 3 tachycardia, -1 open.

    Examples
    --------
    >>> rhythm_of({"AFIB", "PVC"}), rhythm_of({"NORM"}), rhythm_of({"BIGU"})
    (1, 0, -1)
    """
    said = frozenset(statements)
    for codes, rhythm in (({"AFIB"}, FIBRILLATION), ({"AFLT"}, FLUTTER), (_RUNS, TACHYCARDIA)):
        if said & codes:
            return rhythm
    return OPEN if said & (_VENTRICULAR | _ATRIAL | _UNTOLD) else SINUS


def like_the_usual(signal: NDArray[np.float32], fs_hz: float, peak: NDArray[np.int64]) -> NDArray[np.float32]:
    """How like the median beat each is, correlation over all leads at once: float32, shape (beat,).

    Parameters
    ----------
    signal
        float32, shape (lead, sample): all leads count alike, whatever their height.
    fs_hz
        Its sampling rate.
    peak
        int64, shape (beat,): R peaks, in its samples.
    """
    leads = np.stack([conditioned(lead, fs_hz) for lead in signal])
    position = resample_positions(peak, fs_hz, RATE_HZ)
    beat = windows_around(leads, position, before=_BEFORE, after=_AFTER).signal
    beat = beat - beat.mean(axis=-1, keepdims=True)
    usual = np.median(beat, axis=0)
    height = np.ptp(usual, axis=-1, keepdims=True)
    beat, usual = (shape / np.where(height > 0, height, np.inf) for shape in (beat, usual))
    power = np.sqrt(np.square(beat).sum((1, 2)) * np.square(usual).sum())
    return np.asarray((beat * usual).sum((1, 2)) / np.maximum(power, 1e-6), np.float32)
