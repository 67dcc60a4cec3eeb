"""What the beats are, told as they come: a causal network beside signals that arrive bit by bit.

A beat is told once the next one is known. All that is kept are the beats of the last hour or so, each by the second of
signal around it, so memory does not grow; and what is said is what would be said of the whole recording.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from ..errors import OptionError
from ..record import Beats, is_number, real_numbers
from ..signal.resample import resample_positions
from .classify import label_classes
from .detect import LATENCY_S
from .lead_stream import LeadStream
from .overlap import in_sequences
from .past_beats import PastBeats
from .sequences import AFTER, BEFORE, BLOCK, CHANNELS, EDGE, FEATURES, RATE_HZ, SEQUENCE, SLOTS, WINDOW
from .times_stream import TimesStream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

SLOWEST_HZ: Final = 50.0
"""Rate below which nothing is found or told."""

_STEP: Final = SEQUENCE - 2 * EDGE
_SPARE_S: Final = 2.0  # of signal beyond the latency: the window before a beat, and what resampling waits for


class Teller(Protocol):
    """Takes ``waves`` and ``timing`` of sequences of beats; gives probabilities, float32 (sequence, beat, class)."""

    def __call__(self, arrays: Mapping[str, NDArray[np.float32]], /) -> NDArray[np.float32]:
        """Return the probabilities."""
        ...


class ClassStream:
    """Tells the classes of beats in signals that arrive bit by bit, as a causal network tells those of a recording.

    Parameters
    ----------
    n_leads
        How many leads there are, one or two.
    fs_hz
        Their rate, 50 Hz or more.
    net
        The causal network; :func:`einthoven.bundles.beats.class_stream` takes it from a bundle.
    classes, thresholds
        What its probabilities are of, and from which on each class is possible.
    latency_s
        How much later than a beat it may be handed in. The signal of so many seconds is kept.

    Raises
    ------
    OptionError
        There are more leads than two, or none, their rate is below 50 Hz, or the latency no number; when fed, that
        these are other leads, or beats that do not come one after the other, lie beyond the signal, or came so late
        that their signal is gone; or the stream has ended.
    """

    def __init__(
        self,
        n_leads: int,
        fs_hz: float,
        net: Teller,
        classes: tuple[str, ...],
        thresholds: Mapping[str, float],
        *,
        latency_s: float = LATENCY_S,
    ) -> None:
        if isinstance(n_leads, bool) or not (isinstance(n_leads, int) and 1 <= n_leads <= SLOTS):
            raise OptionError(f"classes of beats in {n_leads!r} leads; there must be 1 to {SLOTS}")
        if not (is_number(fs_hz) and SLOWEST_HZ <= fs_hz < inf):
            raise OptionError(f"classes of beats at {fs_hz!r} Hz; it must be {SLOWEST_HZ:g} Hz or more")
        if not (is_number(latency_s) and 0 <= latency_s < inf):
            raise OptionError(f"latency_s is {latency_s!r}; it must be a number from 0 on")
        self._n_leads, self._fs_hz, self._net = n_leads, fs_hz, net
        self._classes, self._thresholds = classes, thresholds
        self._leads, self._times, self._past = LeadStream(n_leads, fs_hz), TimesStream(), PastBeats()
        self._keep = round((latency_s + _SPARE_S) * RATE_HZ)
        self._signal = np.empty((SLOTS, 0), np.float32)
        self._signal_from = 0  # number of its first sample, at 100 Hz
        self._arrived = 0  # samples of the leads
        self._beats: list[int] = []  # that are not told yet
        self._cut: NDArray[np.float32] | None = None  # window of the first of them, once all of it has come
        self._last = -1  # beat handed in
        self._waves = np.empty((0, SLOTS, CHANNELS, WINDOW), np.float32)  # of the sequence under way
        self._timing = np.empty((0, FEATURES), np.float32)
        self._ended = False

    def feed(self, samples: NDArray[np.float32], beats: Beats) -> Beats:
        """Take more signal, float32 (lead, sample), and the beats found since; return those that can be told."""
        if self._ended:
            raise OptionError("fed after finish(); a new signal needs a new ClassStream")
        samples = np.asarray(real_numbers(samples, "fed "), np.float32)
        if samples.ndim != 2 or len(samples) != self._n_leads:
            raise OptionError(f"fed samples of shape {samples.shape}; it must be ({self._n_leads}, sample)")
        self._arrived += samples.shape[1]
        return self._told(self._leads.feed(samples), beats)

    def finish(self, beats: Beats) -> Beats:
        """Take the last beats and return those that are left; the signal has ended."""
        self._ended = True
        return self._told(self._leads.finish(), beats)

    def _told(self, signal: NDArray[np.float32], beats: Beats) -> Beats:
        """Go on with so much more signal, at 100 Hz, and these beats."""
        self._signal = np.append(self._signal, signal.repeat(SLOTS // self._n_leads, axis=0), axis=1)
        self._check(beats.sample)
        self._beats += beats.sample.tolist()
        told, rows = [], []
        probability = [np.empty((0, len(self._classes)), np.float32)]
        while self._beats and (known := self._next()):
            window, row, prematurity = known
            told.append(self._beats.pop(0))
            rows.append(row)
            self._past.add(window, told[-1] / self._fs_hz, float(prematurity[0]))
            if len(rows) == BLOCK:
                probability.append(self._asked(rows))
                rows = []
        if rows:
            probability.append(self._asked(rows))
        self._let_go()
        found = Beats.unlabelled(np.array(told, np.int64))
        return label_classes(found, np.concatenate(probability), self._classes, self._thresholds)

    def _check(self, sample: NDArray[np.int64]) -> None:
        for one in sample.tolist():
            if not self._last < one < self._arrived:
                raise OptionError(f"fed a beat at sample {one}; it must lie after {self._last}, before {self._arrived}")
            if self._signal_from and self._position(one) - BEFORE < self._signal_from:
                raise OptionError(f"fed a beat at sample {one}, whose signal is gone; more latency_s would keep it")
            self._last = one

    def _position(self, sample: int) -> int:
        """Where a sample of the leads lies at 100 Hz."""
        return int(resample_positions(sample, self._fs_hz, RATE_HZ))

    def _next(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]] | None:
        """Give window, timing and prematurity of the first beat that waits; None where it must wait for more."""
        last = self._signal_from + self._signal.shape[1] - 1
        here, *further = (self._position(one) for one in self._beats[:2])
        if self._ended:
            here, further = min(here, last), [min(one, last) for one in further]
        if self._cut is None and (self._ended or last >= min([here + AFTER - 1, *further])):
            self._cut = self._signal[:, np.clip(here + np.arange(-BEFORE, AFTER), 0, last) - self._signal_from]
        if self._cut is None or not (further or self._ended):
            return None
        before_next = further[0] - here + BEFORE if further else WINDOW - 1
        window, self._cut = self._cut[:, np.clip(np.arange(WINDOW), 0, before_next)], None
        if further:
            return window, *self._times.add(*(one / self._fs_hz for one in self._beats[:2]))
        return window, *self._times.last()

    def _asked(self, rows: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Ask the network about the last beats, those with these timing features: float32, shape (beat, class)."""
        past, n = self._past, len(rows)
        self._waves = np.append(self._waves, past.waves()[np.arange(past.count - n, past.count)], axis=0)
        self._timing = np.append(self._timing, np.concatenate(rows), axis=0)
        stop = past.first + past.count
        first, beat = stop - len(self._timing), np.arange(stop - n, stop)
        start = _start_of(beat)
        probability = []
        for each in np.unique(start):
            arrays = {
                name: in_sequences(of, np.array([each - first]), SEQUENCE, len(of))
                for name, of in (("waves", self._waves), ("timing", self._timing))
            }
            probability.append(self._net(arrays)[0, beat[start == each] - each])
        done = int(_start_of(np.array([stop]))[0]) - first
        self._waves, self._timing = self._waves[done:], self._timing[done:]
        return np.concatenate(probability)

    def _let_go(self) -> None:
        """Keep no more signal than the next beats may ask for."""
        needed = self._signal_from + self._signal.shape[1] - self._keep
        if self._beats and self._cut is None:
            needed = min(needed, self._position(self._beats[0]) - BEFORE)
        if needed > self._signal_from:
            self._signal, self._signal_from = self._signal[:, needed - self._signal_from :].copy(), needed


def _start_of(beat: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the first beat of the sequence that answers for each, as `run_in_sequences` has it for causal networks."""
    return np.maximum(0, (beat - 2 * EDGE) // _STEP * _STEP)
