"""What a physician measures in a short record of twelve leads, as one vector.

Everything is measured from the eight independent leads, so that a wrong aVR or aVL plays no part, at 250 Hz and up to
40 Hz, so that records of 100 Hz and of 1000 Hz are measured alike. Nothing is said where nothing can be measured, and
nothing here is a diagnosis: a measure beyond its limit is a reason to look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from .atrial_measures import ATRIAL_MEASURES, atrial_measures
from .band import in_band
from .beat_measures import BEAT_MEASURES, beat_measures
from .conduction_measures import CONDUCTION_MEASURES, conduction_measures
from .criteria import CRITERIA_MEASURES, criteria_measures
from .delineation import delineate
from .independent import independent_leads
from .lead_measures import LEAD_MEASURES, lead_measures, twelve
from .noise_measures import NOISE_MEASURES, noise_measures
from .rhythm_measures import RHYTHM_MEASURES, rhythm_measures
from .usual_beat import FS_HZ, usual_beat

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..record import Record

MEASURES: Final[tuple[str, ...]] = (
    *RHYTHM_MEASURES,
    *BEAT_MEASURES,
    *ATRIAL_MEASURES,
    *CONDUCTION_MEASURES,
    *NOISE_MEASURES,
    *CRITERIA_MEASURES,
    *LEAD_MEASURES,
)
"""Names of the columns, with units; those without one are ratios and counts."""

HIGH_HZ: Final = 40.0

_COLUMN: Final = {name: column for column, name in enumerate(MEASURES)}


def measure(
    record: Record, peak: NDArray[np.int64], leads_mv: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Measure a record of about ten seconds.

    Parameters
    ----------
    record
        Any of the twelve leads; more of them, more is measured. 80 Hz or more.
    peak
        int64, shape (beat,): its R peaks, in samples of its own rate, ascending.
    leads_mv
        What `independent_leads` gives of it, where that was already asked.

    Returns
    -------
    float32, shape (len(MEASURES),)
        NaN for what cannot be measured: all of it where no beat lies wholly within the record; what follows from
        intervals, with few beats; what a lead shows, where it is not there or flat.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> heart = simulate(rate_bpm=75)
    >>> told = dict(zip(MEASURES, measure(heart.record, heart.beats.sample).tolist(), strict=True))
    >>> round(told["rate_bpm"]), round(told["qrs_ms"]), round(told["qrs_axis_deg"])
    (74, 84, 44)
    """
    leads_mv = independent_leads(record) if leads_mv is None else leads_mv
    return measure_leads(in_band(leads_mv, record.fs_hz, FS_HZ, 0.0, HIGH_HZ), peak / record.fs_hz)


def measure_leads(leads_mv: NDArray[np.float32], peak_s: NDArray[np.float64]) -> NDArray[np.float32]:
    """Measure eight leads, as :func:`measure` does a record.

    Parameters
    ----------
    leads_mv
        float32, shape (8, sample): I, II, V1 to V6 at 250 Hz, finite; zeros where a lead is not there.
    peak_s
        float64, shape (beat,): R peaks.
    """
    values = np.full(len(MEASURES), np.nan, np.float32)
    usual = usual_beat(leads_mv, np.rint(peak_s * FS_HZ).astype(np.int64))
    if usual is None:
        return values
    told = rhythm_measures(peak_s)
    rr_s = 60 / told["rate_bpm"] if told else float("nan")
    bounds = delineate(usual.mean_mv, rr_s)
    leads = twelve(usual, bounds)
    told |= beat_measures(usual, bounds) | atrial_measures(usual, bounds, leads)
    told |= conduction_measures(leads, bounds, rr_s) | noise_measures(usual) | lead_measures(leads)
    told |= criteria_measures(told)
    for name, value in told.items():
        values[_COLUMN[name]] = value
    return values
