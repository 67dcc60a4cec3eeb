"""Leads as a causal network of beats wants them, conditioned bit by bit as they arrive."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Final

import numpy as np

from .sequences import RATE_HZ, baseline_filter, held

if TYPE_CHECKING:
    from numpy.typing import NDArray

_REACH: Final = 10  # samples, at the lower rate, that the filter of `resample_poly` reaches to either side


class LeadStream:
    """Brings leads to 100 Hz and takes their baseline out, the same samples as of the whole recording.

    Parameters
    ----------
    n_leads
        How many there are.
    fs_hz
        Their rate.

    Examples
    --------
    >>> from einthoven.beats.sequences import conditioned
    >>> signal = np.random.default_rng(0).normal(size=(1, 3600)).astype(np.float32)
    >>> stream = LeadStream(1, 360.0)
    >>> parts = [stream.feed(signal[:, :1000]), stream.feed(signal[:, 1000:]), stream.finish()]
    >>> np.allclose(np.concatenate(parts, axis=1)[0], conditioned(signal[0], 360.0, causal=True), atol=1e-5)
    True
    """

    def __init__(self, n_leads: int, fs_hz: float) -> None:
        ratio = Fraction(RATE_HZ / fs_hz).limit_denominator(10_000)
        self._up, self._down = ratio.numerator, ratio.denominator
        self._reach = _REACH * max(self._up, self._down)  # in samples of both rates' common multiple
        self._sos = baseline_filter()
        self._state = np.zeros((len(self._sos), n_leads, 2))
        self._kept = np.empty((n_leads, 0), np.float32)
        self._kept_from = 0  # number of its first sample: a multiple of `down`, so that it is one at 100 Hz as well
        self._before = np.zeros((n_leads, 1), np.float32)  # the last sample known
        self._offset: NDArray[np.float32] | None = None  # of the first sample
        self._given = 0  # samples at 100 Hz

    def feed(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take float32 (lead, sample) of any length, and return the samples at 100 Hz that are now certain."""
        if samples.shape[1]:
            known = np.stack([held(lead, before) for lead, before in zip(samples, self._before[:, 0], strict=True)])
            if self._offset is None:
                self._offset = known[:, :1].copy()
            self._before = known[:, -1:].copy()
            self._kept = np.concatenate((self._kept, known - self._offset), axis=1)
        arrived = (self._kept_from + self._kept.shape[1]) * self._up
        return self._until(max(0, (arrived - self._reach - 1) // self._down + 1))

    def finish(self) -> NDArray[np.float32]:
        """Return the samples that are left: the signal has ended."""
        return self._until(ceil((self._kept_from + self._kept.shape[1]) * self._up / self._down))

    def _until(self, stop: int) -> NDArray[np.float32]:
        from scipy.signal import resample_poly, sosfilt

        if stop <= self._given:
            return np.empty((len(self._kept), 0), np.float32)
        first = self._kept_from // self._down * self._up
        moved = resample_poly(self._kept, self._up, self._down, axis=-1)[:, self._given - first : stop - first]
        out, self._state = sosfilt(self._sos, moved, axis=-1, zi=self._state)
        self._given = stop
        needed = max(0, (stop * self._down - self._reach) // self._up - 1) // self._down * self._down
        self._kept, self._kept_from = self._kept[:, needed - self._kept_from :], needed
        return np.asarray(out, np.float32)
