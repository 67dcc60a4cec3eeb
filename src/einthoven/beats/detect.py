"""Where the beats are: a network looks at all leads at once, sample by sample, as they come or all at once.

Everything here is local: what is said of a moment rests on the signal at most :data:`MARGIN_S` before and after it.
So a record fed in parts of any size has the beats it has as a whole, and a day takes no more memory than its parts.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from math import ceil, inf
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from ..errors import OptionError
from ..record import Beats, is_number, real_numbers
from ..signal.wild import without_wild
from . import detection_inputs as inputs
from . import placing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..record import Record

FRAME: Final = 4
"""Samples of the network's input that one of its answers stands for: 40 ms."""

PADDED: Final = 8
"""The network takes samples by so many."""

SURE: Final = -0.6
"""Logit above which a frame is a beat. With it, patients that were not learnt from, at 6 dB of electrode motion noise,
had as many beats missed as found where there were none."""

REACH_S: Final = 3.2
"""How far the network looks to either side of a frame, at most."""

MARGIN_S: Final = (placing.BEFORE_S + REACH_S + inputs.BEFORE_S + 1, placing.AFTER_S + REACH_S + inputs.AFTER_S + 1)
"""Seconds of signal before and after a beat that have a part in whether and where it is found."""

STEP_S: Final = 2.0
"""A stream decides on so many seconds at a time, at least."""

LATENCY_S: Final = STEP_S * (1 + ceil(MARGIN_S[1] / STEP_S))
"""A beat is told at the latest so many seconds after it, when samples come one by one."""

_GRID: Final = 200  # samples of the network's input, two seconds: parts begin on multiples of it
_BESIDE: Final = 4  # frames, 160 ms: of two beats no farther apart the surer one stays
_PART_S: Final = 300.0  # of a whole record, at a time
_THREADS: Final = 2


class Net(Protocol):
    """Takes conditioned leads, float32 (item, lead, sample); gives logits of a beat, float32 (item, frame)."""

    def __call__(self, leads: NDArray[np.float32], /) -> NDArray[np.float32]:
        """Return the logits."""
        ...


def detect(record: Record, net: Net, *, leads: Sequence[str] | None = None, placed_on: str | None = None) -> Beats:
    """Find the heartbeats of a record with a network, and place each on its R peak.

    Parameters
    ----------
    record
        Any number of leads, 50 Hz or more. Gain, polarity, number and order of leads do not matter.
    net
        What looks at them; :mod:`einthoven.analysis` takes it from the bundle ``beat-detector``.
    leads
        Use only these; all by default.
    placed_on
        The lead whose R peaks give the positions, by default the first. R peaks of two leads may lie 30 ms apart, so
        that another takes its place only where it has no signal.

    Returns
    -------
    Beats
        Unlabelled (symbol ``N``); none where nothing is recorded.

    Raises
    ------
    OptionError
        The record has no such lead, or its rate is below 50 Hz.

    Examples
    --------
    >>> from einthoven.bundles.beats import beat_net
    >>> from einthoven.bundles.bundle import Bundle
    >>> from einthoven.signal.simulate import simulate
    >>> heart = simulate(duration_s=10, leads=["II"], seed=2)
    >>> len(detect(heart.record, beat_net(Bundle.load("beat-detector")))) == len(heart.beats)
    True
    """
    if leads is not None:
        record = record.pick(leads)
    row = 0 if placed_on is None else record.row(placed_on)
    grid = _Grid(record.fs_hz)
    n, size = grid.samples_of(record.n_samples), _parts(_PART_S)

    def found(start: int) -> NDArray[np.int64]:
        until = min(start + size, n)
        first, last = grid.margins(start, until)
        return grid.beats(record.signal[:, first:last], net, row, start, until)

    if n <= size:
        return Beats.unlabelled(found(0))  # starting threads takes longer than ten seconds of ECG
    with ThreadPoolExecutor(_THREADS) as threads:
        return Beats.unlabelled(np.concatenate([*threads.map(found, range(0, n, size))]))


class BeatStream:
    """Finds beats in signals that arrive bit by bit, the same beats as :func:`detect`.

    Parameters
    ----------
    n_leads
        How many leads there are.
    fs_hz
        Their rate, 50 Hz or more.
    net
        What looks at them.
    placed_on
        Row of the lead whose R peaks give the positions.
    part_s
        Seconds decided on at a time, two or more. More cost less work, and make beats wait longer.

    Raises
    ------
    OptionError
        The rate is below 50 Hz, there is no such row, or the parts are shorter than two seconds; when fed, that these
        are not so many leads of numbers, or that the stream has ended.
    """

    def __init__(self, n_leads: int, fs_hz: float, net: Net, *, placed_on: int = 0, part_s: float = STEP_S) -> None:
        if not (isinstance(n_leads, int) and isinstance(placed_on, int) and 0 <= placed_on < n_leads):
            raise OptionError(f"beats placed on row {placed_on!r} of {n_leads!r} leads; rows count from 0")
        if not (is_number(part_s) and STEP_S <= part_s < inf):
            raise OptionError(f"parts of {part_s!r} s; a stream decides on {STEP_S:g} s or more at a time")
        self._net, self._row, self._grid, self._part = net, placed_on, _Grid(fs_hz), _parts(part_s)
        self._kept = np.empty((n_leads, 0), np.float32)  # signal that still matters
        self._kept_from = 0  # number of its first sample
        self._waiting: list[NDArray[np.float32]] = []  # what came after it
        self._arrived = 0  # samples, in all
        self._decided = 0  # samples of the network's input
        self._ended = False

    def feed(self, samples: NDArray[np.float32]) -> Beats:
        """Take more signal, float32 (lead, sample) of any length, and return the beats that are now certain."""
        if self._ended:
            raise OptionError("fed samples after finish(); a new signal needs a new BeatStream")
        samples = np.array(real_numbers(samples, "fed "))  # the caller may use his own again
        if samples.ndim != 2 or len(samples) != len(self._kept):
            raise OptionError(f"fed samples of shape {samples.shape}; it must be ({len(self._kept)}, sample)")
        self._waiting.append(samples)
        self._arrived += samples.shape[1]
        found = [np.empty(0, np.int64)]
        while self._arrived >= self._grid.margins(self._decided, self._decided + self._part)[1]:
            found.append(self._decide(self._decided + self._part))
        return Beats.unlabelled(np.concatenate(found))

    def finish(self) -> Beats:
        """Return the beats of what is left; the signal has ended, and no more is taken."""
        self._ended = True
        n = self._grid.samples_of(self._arrived)
        found = [np.empty(0, np.int64)]
        while self._decided < n:
            found.append(self._decide(min(self._decided + self._part, n)))
        return Beats.unlabelled(np.concatenate(found))

    def _decide(self, until: int) -> NDArray[np.int64]:
        """Return the beats from where all is decided to `until`, and let go of what matters no more."""
        first, last = self._grid.margins(self._decided, until)
        self._kept = np.concatenate([self._kept, *self._waiting], axis=1)[:, first - self._kept_from :]
        self._kept_from, self._waiting = first, []
        found = self._grid.beats(self._kept[:, : last - first], self._net, self._row, self._decided, until)
        self._decided = until
        return found


class _Grid:
    """Samples of the network's input on those of a signal; parts of a signal begin on every 200th of the former."""

    def __init__(self, fs_hz: float) -> None:
        self.fs_hz = fs_hz
        self.up, self.down = inputs.ratio(fs_hz)

    def samples_of(self, n: int) -> int:
        """Return how many samples of the network's input `n` of the signal become."""
        return -(-n * self.up // self.down)

    def margins(self, start: int, until: int) -> tuple[int, int]:
        """First and last sample of the signal that matter between two of the network's input."""
        first, last = max(0, start - _parts(MARGIN_S[0])), until + _parts(MARGIN_S[1])
        return first * self.down // self.up, -(-last * self.down // self.up)

    def beats(self, signal: NDArray[np.float32], net: Net, row: int, start: int, until: int) -> NDArray[np.int64]:
        """Return the beats from `start` to `until` of the network's input, of the signal between its margins."""
        first = self.margins(start, until)[0]
        signal = without_wild(signal, _GRID * self.down // self.up)  # parts begin on its blocks
        leads = inputs.conditioned(signal, self.fs_hz)
        leads = np.pad(leads, ((0, 0), (0, -leads.shape[1] % PADDED)))
        scale = self.down / self.up
        at = frames_of_beats(net(leads[None])[0]) * FRAME * scale
        at = at[at < signal.shape[1]]
        sample = placing.on_r_peaks(signal, self.fs_hz, at, row)
        seen = np.isfinite(signal[:, sample]).any(axis=0)  # at the end of a gap the step may look like a beat
        decided = (at + first >= start * scale) & (at + first < until * scale)
        found: NDArray[np.int64] = sample[decided & seen] + first
        return found


def _parts(seconds: float) -> int:
    """Return how many samples of the network's input that is, rounded up to where parts may begin."""
    return -(-round(seconds * inputs.RATE_HZ) // _GRID) * _GRID


def frames_of_beats(logit: NDArray[np.float32]) -> NDArray[np.float64]:
    """Where a network sees beats: tops of its logits that are sure and that no higher one is near.

    Parameters
    ----------
    logit
        float32, shape (frame,).

    Returns
    -------
    float64, shape (beat,): frames and parts of them, ascending.

    Examples
    --------
    >>> frames_of_beats(np.array([-9, -9, 2, 3, 2, -9, 1, -9, -9, -9, -9, -9, 2, 4, 4, -9], np.float32))
    array([ 3. , 13.5])
    """
    around = np.lib.stride_tricks.sliding_window_view(np.pad(logit, _BESIDE, constant_values=-np.inf), 2 * _BESIDE + 1)
    top = (logit > SURE) & (logit > around[:, :_BESIDE].max(axis=1)) & (logit >= around[:, _BESIDE:].max(axis=1))
    frame = np.flatnonzero(top)
    before, here, after = (np.maximum(around[frame, _BESIDE + step], -20).astype(np.float64) for step in (-1, 0, 1))
    beside: NDArray[np.float64] = 0.5 * (before - after) / np.minimum(before - 2 * here + after, -1e-6)
    return frame + beside
