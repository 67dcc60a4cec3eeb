"""A record shorter than ten seconds, repeated from beat to beat: what a network of ten seconds is shown of it.

Zeros around it would look like a heart that stands still. Of the middle six seconds of 2,621 records of PTB-XL (five
folds by patient, networks of ten seconds) the mean AUC of the challenge's classes is 0.917 repeated and 0.892 with
zeros, where all ten seconds give 0.919; and the mean log-odds are 0.04 off instead of 0.35.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from .normality import FEWEST_BEATS, VIEW_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..record import Record

_LEAST_SHARE: Final = 0.3  # of the record, from its first beat to its last


def repeated(record: Record, peak: NDArray[np.int64]) -> Record:
    """Return ten seconds with a shorter record in their middle, before and after it the same again.

    What is repeated goes from the first beat to the last, so that the rhythm has no break; all of it where there are
    too few beats. A record that is long enough comes back as it is.

    Parameters
    ----------
    record
        Any leads, rate and length.
    peak
        int64, shape (beat,): its R peaks.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> heart = simulate(duration_s=5, fs_hz=250)
    >>> whole = repeated(heart.record, heart.beats.sample)
    >>> whole.duration_s, bool(np.array_equal(whole.signal[:, 625:1875], heart.record.signal))
    (10.0, True)
    """
    n, wanted = record.n_samples, round(VIEW_S * record.fs_hz)
    if n >= wanted:
        return record
    period = int(peak[-1] - peak[0]) if len(peak) >= FEWEST_BEATS else n
    if period < _LEAST_SHARE * n:
        period = n
    at = np.arange(wanted) - (wanted - n) // 2
    at = at + period * -(np.minimum(at, 0) // period)
    at = at - period * -(-np.maximum(at - n + 1, 0) // period)
    return replace(record, signal=record.signal[:, at])
