"""What a network of whole records sees: from a record and its beats to named arrays, the same in training and use.

A bundle's card names the kind and its options.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from ..codes import STANDARD_12
from ..errors import OptionError, unknown
from ..signal.filter import bridge_gaps
from ..signal.resample import resample
from .band import in_band
from .criteria import CRITERIA_MEASURES
from .independent import independent_leads, with_derived
from .measures import MEASURES, measure
from .scaling import scaled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..record import Record


_MARGIN_S: Final = 5.0  # before and after the part that is kept; beyond, nothing changes it


Prepare = Callable[..., dict[str, "NDArray[np.float32]"]]
"""Makes the arrays of one record, by name, from the record and its R peaks (int64, samples of its own rate); options
are keyword-only."""


def as_published(record: Record, peak: NDArray[np.int64]) -> dict[str, NDArray[np.float32]]:
    """Return ten seconds of twelve leads, each less its mean and over its maximum: ``signal``, shape (12, 5000).

    As solutions of the China ECG intelligence competition 2019 have it: 500 Hz, no filter, no lead repaired. Missing
    leads, and what a shorter record lacks, are zeros.
    """
    rows = np.zeros((len(STANDARD_12), record.n_samples), np.float32)
    for row, name in enumerate(STANDARD_12):
        if name in record:
            rows[row] = record[name]
    rows = centred(resample(bridge_gaps(rows)[0], record.fs_hz, 500.0), 5000)
    rows = (rows - rows.mean(axis=1, keepdims=True)) / (rows.max(axis=1, keepdims=True) + np.float32(2e-12))
    return {"signal": rows}


def twelve_leads(
    record: Record,
    peak: NDArray[np.int64],
    *,
    rate_hz: float = 100.0,
    duration_s: float = 10.0,
    low_hz: float = 0.5,
    high_hz: float = 40.0,
    notch: bool = False,
    scaling: str = "none",
    derived: bool = False,
) -> dict[str, NDArray[np.float32]]:
    """Return the eight independent leads in mV, within a band: ``signal``, shape (8, rate_hz x duration_s).

    Of a longer record the middle is taken; a shorter one has zeros on both sides.

    Parameters
    ----------
    record
        Any leads; those of the twelve that are missing and cannot be computed are zeros.
    peak
        Plays no part.
    rate_hz
        Rate of the result.
    duration_s
        Its length.
    low_hz, high_hz
        The band.
    notch
        Whether 50 and 60 Hz are taken out of it.
    scaling
        What brings leads to one size; see :data:`.scaling.SCALINGS`.
    derived
        Whether III, aVR, aVL and aVF are given too, computed from I and II: then there are the standard twelve rows.

    Raises
    ------
    OptionError
        Rate or duration are so small that there is no sample, the edges of the band are not in order, or there is no
        such scaling.
    """
    rows = _signal(record, independent_leads(record), rate_hz, duration_s, low_hz, high_hz, notch=notch)["signal"]
    return {"signal": scaled(with_derived(rows) if derived else rows, scaling)}


def _signal(
    record: Record,
    leads: NDArray[np.float32],
    rate_hz: float,
    duration_s: float,
    low_hz: float,
    high_hz: float,
    *,
    notch: bool = False,
) -> dict[str, NDArray[np.float32]]:
    n_samples = round(rate_hz * duration_s)
    if n_samples < 1:
        raise OptionError(f"input twelve-leads: {duration_s:g} s at {rate_hz:g} Hz are no sample; give more")
    if not 0 <= low_hz < high_hz:
        raise OptionError(f"input twelve-leads: band is {low_hz:g} to {high_hz:g} Hz; its edges must be in order")
    rows = centred(leads, min(record.n_samples, round(record.fs_hz * (duration_s + 2 * _MARGIN_S))))
    return {"signal": centred(in_band(rows, record.fs_hz, rate_hz, low_hz, high_hz, notch=notch), n_samples)}


def measured(record: Record, peak: NDArray[np.int64], *, criteria: bool = True) -> dict[str, NDArray[np.float32]]:
    """Return what a physician measures: ``measures``, shape (len(MEASURES),), NaN for what cannot be measured.

    Parameters
    ----------
    record, peak
        As :func:`einthoven.diagnosis.measures.measure` takes them.
    criteria
        Without them, `CRITERIA_MEASURES` are NaN: how far the others lie beyond limits that were set by hand.
    """
    return _measures(measure(record, peak), criteria)


def _measures(values: NDArray[np.float32], criteria: bool) -> dict[str, NDArray[np.float32]]:
    if not criteria:
        values[[MEASURES.index(name) for name in CRITERIA_MEASURES]] = np.nan
    return {"measures": values}


def twelve_leads_measured(
    record: Record,
    peak: NDArray[np.int64],
    *,
    rate_hz: float = 100.0,
    duration_s: float = 10.0,
    low_hz: float = 0.5,
    high_hz: float = 40.0,
    criteria: bool = True,
) -> dict[str, NDArray[np.float32]]:
    """Return what :func:`twelve_leads` and :func:`measured` give; raises as the former does."""
    leads = independent_leads(record)  # once for both
    signal = _signal(record, leads, rate_hz, duration_s, low_hz, high_hz)
    return signal | _measures(measure(record, peak, leads), criteria)


def centred(rows: NDArray[np.float32], n_samples: int) -> NDArray[np.float32]:
    """Return the middle `n_samples` of rows, or the rows in the middle of zeros.

    Examples
    --------
    >>> centred(np.arange(5.0)[None], 3), centred(np.ones((1, 2)), 5)
    (array([[1., 2., 3.]]), array([[0., 1., 1., 0., 0.]]))
    """
    spare = rows.shape[1] - n_samples
    if spare >= 0:
        return rows[:, spare // 2 : spare // 2 + n_samples]
    result = np.zeros((len(rows), n_samples), rows.dtype)
    result[:, -spare // 2 : -spare // 2 + rows.shape[1]] = rows
    return result


RECORD_INPUTS: Final[dict[str, Prepare]] = {
    "as-published": as_published,
    "twelve-leads": twelve_leads,
    "measures": measured,
    "twelve-leads-measured": twelve_leads_measured,
}


def record_input_kind(kind: str) -> Prepare:
    """Look up the function that makes inputs of this kind of a record.

    Raises
    ------
    OptionError
        There is no such kind; the message lists those there are.
    """
    if kind not in RECORD_INPUTS:
        raise unknown("record input kind", kind, RECORD_INPUTS)
    return RECORD_INPUTS[kind]
