"""Windows of a signal around its beats, cut when they are asked for: a day of beats takes no more room than the day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import OptionError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Parts of one signal, all of the same length.

    Indexing with an array of window numbers gives float32, shape (window, lead, sample).

    Parameters
    ----------
    source
        float32, shape (lead, sample): what they are cut from.
    start
        int64, shape (window,): first sample of each, in `source`; a window may reach beyond either end, where it
        repeats the first or last sample.
    length
        Samples in a window.

    Examples
    --------
    >>> windows = Windows(np.arange(6, dtype=np.float32)[None], np.array([-1, 2]), 3)
    >>> windows.signal[:, 0].tolist()
    [[0.0, 0.0, 1.0], [2.0, 3.0, 4.0]]
    """

    source: NDArray[np.float32]
    start: NDArray[np.int64]
    length: int

    def __len__(self) -> int:
        return len(self.start)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Windows, leads and samples."""
        return len(self.start), len(self.source), self.length

    def __getitem__(self, index: Any) -> NDArray[np.float32]:
        sample = self.start[index, None] + np.arange(self.length)
        sample = np.clip(sample, 0, self.source.shape[1] - 1)
        return np.ascontiguousarray(self.source[:, sample].swapaxes(0, 1))

    @property
    def signal(self) -> NDArray[np.float32]:
        """All windows at once, float32, shape (window, lead, sample)."""
        return self[np.arange(len(self))]

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Whether each window lies wholly inside the signal, bool, shape (window,)."""
        inside: NDArray[np.bool_] = (self.start >= 0) & (self.start + self.length <= self.source.shape[1])
        return inside


def windows_around(signal: NDArray[np.float32], peak: NDArray[np.int64], *, before: int, after: int) -> Windows:
    """Windows from `before` samples ahead of each peak to `after` samples past it.

    Parameters
    ----------
    signal
        float32, shape (lead, sample).
    peak
        int64, shape (beat,): samples of `signal`.
    before, after
        Samples before the peak, and from the peak on.

    Raises
    ------
    OptionError
        The signal is not two-dimensional or empty, or the window has no length.
    """
    if signal.ndim != 2 or signal.size == 0:
        raise OptionError(f"signal has shape {signal.shape}; it must be (lead, sample), neither of them 0")
    if before < 0 or after < 1:
        raise OptionError(
            f"a window of {before} samples before the beat and {after} from it on; allowed: >= 0 and >= 1"
        )
    return Windows(signal, np.asarray(peak, np.int64) - before, before + after)


def standardized(signal: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bring each lead to mean 0 and standard deviation 1; a flat lead becomes 0, and so do missing samples.

    Examples
    --------
    >>> standardized(np.array([[1, 3, np.nan], [7, 7, 7]], dtype=np.float32)).tolist()
    [[-1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    known = np.isfinite(signal)
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    centred = np.where(known, signal, 0).astype(np.float64)
    centred = np.where(known, centred - centred.sum(axis=1, keepdims=True) / count, 0)
    spread = np.sqrt(np.square(centred).sum(axis=1, keepdims=True) / count)
    scaled: NDArray[np.float64] = np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-9)
    return scaled.astype(np.float32)
