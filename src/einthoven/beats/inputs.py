"""What a beat model sees: from one lead and the positions of its beats to the named arrays its network takes.

The same functions feed training and analysis, so that a model never meets an input it was not trained on. A bundle's
card names the kind and its options.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from .contexts import RATE_HZ, WINDOW, waves_and_rhythm
from .rows import BeatInputs
from .sequences import sequence_inputs
from .windows import standardized, windows_around

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


def window_inputs(
    signal: NDArray[np.float32],
    fs_hz: float,
    peak: NDArray[np.int64],
    *,
    rate_hz: float = 360.0,
    before_s: float = 3.0,
    after_s: float = 3.0,
) -> BeatInputs:
    """One window of the standardised lead around each beat: input ``window``, shape (beat, 1, sample).

    Parameters
    ----------
    signal
        float32, shape (sample,): one lead, mV.
    fs_hz
        Its sampling rate.
    peak
        int64, shape (beat,): R peaks, in samples of `signal`.
    rate_hz
        Rate of the window.
    before_s, after_s
        Its reach to both sides of the peak.
    """
    if fs_hz != rate_hz:
        from ..signal.resample import resample

        signal = np.asarray(resample(signal[None], fs_hz, rate_hz)[0], np.float32)
        peak = np.rint(np.asarray(peak) * (rate_hz / fs_hz)).astype(np.int64)
    before, after = round(before_s * rate_hz), round(after_s * rate_hz)
    windows = windows_around(standardized(signal[None]), peak, before=before, after=after)
    return BeatInputs({"window": windows}, windows.complete, rate_hz, before_s + after_s)


def context_inputs(signal: NDArray[np.float32], fs_hz: float, peak: NDArray[np.int64]) -> BeatInputs:
    """Each beat beside the median beats of its contexts: ``waves`` (beat, 2, 2, 128) and ``rhythm`` (beat, 2, 12).

    Gain plays no part in it. At an end of the record the lead is continued level, so every beat counts as complete.

    Parameters
    ----------
    signal
        float32, shape (sample,): one lead.
    fs_hz
        Its sampling rate.
    peak
        int64, shape (beat,): R peaks of all its beats, ascending, in samples of `signal`.
    """
    waves, rhythm = waves_and_rhythm(signal, fs_hz, peak)
    return BeatInputs({"waves": waves, "rhythm": rhythm}, np.ones(len(waves), np.bool_), RATE_HZ, WINDOW / RATE_HZ)


INPUTS: Final[dict[str, Callable[..., BeatInputs]]] = {
    "window": window_inputs,
    "beat-contexts": context_inputs,
    "beat-sequences": sequence_inputs,
}


SEQUENCES: Final = frozenset({"beat-sequences"})
"""Kinds that a network is shown in sequences of beats, of two leads at once; of others, one beat of one lead."""
