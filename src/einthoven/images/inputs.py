"""Beats as pictures for a network: each is drawn when it is asked for, from traces that a training may vary before.

Two kinds. ``beat-canvas`` is the published picture: one beat of one lead, large, with a thick pen. ``beat-in-rhythm``
is laid out as a screen on which long recordings are read: above, the beat large in two leads, in black over the usual
beat of its heart in grey; below, six seconds of rhythm, in which the beat is the black part. Nothing else is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..beats.rows import BeatInputs
from ..beats.sequences import BEFORE, RATE_HZ, waves_and_timing
from ..beats.windows import Windows, windows_around
from ..errors import OptionError
from ..signal.filter import bridge_gaps
from ..signal.resample import resample, resample_positions
from .beat_pictures import PEN_PX, PX_PER_MV, SIDE_PX, SPAN_S, WIDE_PX
from .pen import ink_alike

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from ..beats.rows import Rows
    from ..beats.sequences import SequenceWaves

    Traces = Mapping[str, NDArray[np.float32]]

CANVAS_HZ: Final = 360.0
AROUND_S: Final = 3.0
"""Rhythm to each side of the beat, in ``beat-in-rhythm``, and"""
CLOSE_S: Final = (0.4, 0.5)
"""what is shown large: from before the P wave until the T wave ends."""

_USUAL_INK, _RHYTHM_INK = 0.4, 0.55
_FEWEST_PX, _MOST_PX = 16, 1024


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """Pictures of beats, drawn when they are asked for.

    Indexing with an array of beat numbers gives float32, shape (beat, 1, row, column): 0 paper, 1 ink.

    Parameters
    ----------
    traces
        What they are drawn from, by name: rows, one a beat.
    draw
        Takes the traces of some beats and gives their pictures.
    size
        Rows and columns.
    """

    traces: Mapping[str, Rows]
    draw: Callable[[Traces], NDArray[np.float32]]
    size: tuple[int, int]

    def __len__(self) -> int:
        return len(next(iter(self.traces.values())))

    @property
    def shape(self) -> tuple[int, ...]:
        """Beats, 1, rows and columns."""
        return len(self), 1, *self.size

    def __getitem__(self, index: Any) -> NDArray[np.float32]:
        beats = np.atleast_1d(np.arange(len(self))[index])
        return self.draw({name: np.asarray(rows[beats], np.float32) for name, rows in self.traces.items()})


@dataclass(frozen=True, slots=True, eq=False)
class ScaledWindows:
    """Windows whose leads are divided by a scale of their own each, float32, shape (window, lead)."""

    windows: Windows
    scale: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.windows)

    @property
    def shape(self) -> tuple[int, ...]:
        """Windows, leads and samples."""
        return self.windows.shape

    def __getitem__(self, index: Any) -> NDArray[np.float32]:
        scaled: NDArray[np.float32] = self.windows[index] / self.scale[index][..., None]
        return scaled


@dataclass(frozen=True, slots=True, eq=False)
class UsualBeats:
    """The usual beat around each beat: float32, shape (beat, lead, sample), as :class:`SequenceWaves` has it."""

    waves: SequenceWaves

    def __len__(self) -> int:
        return len(self.waves)

    @property
    def shape(self) -> tuple[int, ...]:
        """Beats, leads and samples."""
        beats, leads, _, samples = self.waves.shape
        return beats, leads, samples

    def __getitem__(self, index: Any) -> NDArray[np.float32]:
        return self.waves[index][:, :, 1]


def canvas_inputs(
    signal: NDArray[np.float32], fs_hz: float, peak: NDArray[np.int64], *, side_px: int = 128
) -> BeatInputs:
    """Each beat on a canvas of its own: input ``picture``, shape (beat, 1, side, side).

    As :func:`.beat_pictures.beat_picture` draws it, 240 samples at 360 Hz and a quarter of the side for a millivolt,
    but in the middle of white paper, and with soft edges.

    Parameters
    ----------
    signal
        float32, shape (sample,): one lead, mV. Missing samples (NaN) are bridged.
    fs_hz
        Its sampling rate.
    peak
        int64, shape (beat,): R peaks, in samples of `signal`.
    side_px
        Height and width.

    Raises
    ------
    OptionError
        The side is out of range.
    """
    _check_sizes(side_px=side_px)
    known = bridge_gaps(np.asarray(signal, np.float32))[0]
    lead = np.asarray(resample(known, fs_hz, CANVAS_HZ), np.float32)
    at = resample_positions(np.asarray(peak, np.int64), fs_hz, CANVAS_HZ)
    half = round(SPAN_S / 2 * CANVAS_HZ)
    windows = windows_around(lead[None], at, before=half, after=half)

    def draw(traces: Traces) -> NDArray[np.float32]:
        return on_canvas(traces["strip"], side_px)

    pictures = Pictures({"strip": windows}, draw, (side_px, side_px))
    return BeatInputs({"picture": pictures}, windows.complete, CANVAS_HZ, SPAN_S)


def on_canvas(trace_mv: NDArray[np.float32], side_px: int) -> NDArray[np.float32]:
    """Draw one beat each, in the middle.

    Parameters
    ----------
    trace_mv
        float32, shape (beat, 1, sample): what is drawn from left to right.
    side_px
        Height and width.

    Returns
    -------
    float32, shape (beat, 1, side, side): 0 paper, 1 ink.

    Examples
    --------
    >>> on_canvas(np.zeros((1, 1, 240), np.float32), 16)[0, 0, 6:10, 8].tolist()
    [0.0, 0.5, 0.5, 0.0]
    """
    scale = side_px / SIDE_PX
    wide, pen = WIDE_PX * scale, max(PEN_PX * scale, 1.0)
    trace = trace_mv[:, 0]
    low, top = trace.min(axis=1, keepdims=True), trace.max(axis=1, keepdims=True)
    px_per_mv = np.minimum(PX_PER_MV * scale, wide / np.maximum(top - low, 1e-9))
    y = side_px / 2 + ((top + low) / 2 - trace) * px_per_mv
    x = (side_px - wide) / 2 + np.linspace(0, wide, trace.shape[1])
    return ink_alike(x, y.astype(np.float32), side_px, side_px, pen, bold=True)[:, None]


def in_rhythm_inputs(
    signal: NDArray[np.float32],
    fs_hz: float,
    peak: NDArray[np.int64],
    *,
    width_px: int = 128,
    close_px: int = 64,
    rhythm_px: int = 32,
    heights: float = 1.4,
    pen_px: float = 1.5,
) -> BeatInputs:
    """Each beat large in two leads over the usual beat, and in its rhythm: input ``picture``.

    Gain plays no part in it: in each lead the usual QRS complex around the beat is one height tall. Filters, scale and
    the usual beat are those of :mod:`einthoven.beats.sequences`. At an end of the record the leads are continued level,
    so every beat counts as complete.

    Parameters
    ----------
    signal
        float32, shape (lead, sample) or (sample,): one lead or two, in any unit; a single one is shown twice. Missing
        samples (NaN) are bridged.
    fs_hz
        Their sampling rate.
    peak
        int64, shape (beat,): R peaks of all beats, ascending, in samples of `signal`.
    width_px
        Columns, half of them for each lead.
    close_px, rhythm_px
        Rows of the beats that are shown large, and of the rhythm of the first lead.
    heights
        Heights of the usual QRS complex from the middle to either border; what is taller runs along it.
    pen_px
        Width of the pen; that of the rhythm is 0.8 of it.

    Raises
    ------
    OptionError
        A size is out of range.
    """
    _check_sizes(width_px=width_px, close_px=close_px, rhythm_px=rhythm_px)
    if not (heights > 0 and pen_px > 0):
        raise OptionError(f"heights {heights:g}, pen_px {pen_px:g}; both must be more than 0")
    waves, _ = waves_and_timing(signal, fs_hz, np.asarray(peak, np.int64))
    around = round(AROUND_S * RATE_HZ)
    strip = ScaledWindows(Windows(waves.leads, waves.position - around, 2 * around + 1), waves.scale)
    look = Look(width_px, close_px, rhythm_px, heights, pen_px)
    pictures = Pictures({"strip": strip, "usual": UsualBeats(waves)}, look.draw, (close_px + rhythm_px, width_px))
    return BeatInputs({"picture": pictures}, np.ones(len(pictures), np.bool_), RATE_HZ, 2 * AROUND_S)


@dataclass(frozen=True, slots=True)
class Look:
    """How ``beat-in-rhythm`` is laid out; see :func:`in_rhythm_inputs`."""

    width_px: int
    close_px: int
    rhythm_px: int
    heights: float
    pen_px: float

    def draw(self, traces: Traces) -> NDArray[np.float32]:
        """Draw pictures, float32, shape (beat, 1, row, column).

        Parameters
        ----------
        traces
            ``strip``, float32, shape (beat, lead, sample): seconds around the beat, which is in the middle; and
            ``usual``, shape (beat, lead, sample), whose peak is at sample 60. Both at 100 Hz, in QRS heights.
        """
        strip, usual = traces["strip"], traces["usual"]
        before, after = (round(reach * RATE_HZ) for reach in CLOSE_S)
        middle, half = strip.shape[2] // 2, self.width_px // 2
        picture = np.zeros((len(strip), 1, self.close_px + self.rhythm_px, self.width_px), np.float32)
        x = np.linspace(0, half, before + after + 1)
        for lead in range(2):
            panel = picture[:, 0, : self.close_px, lead * half : (lead + 1) * half]
            for line, at, grey in ((usual, BEFORE, _USUAL_INK), (strip, middle, 1.0)):
                part = self._rows_of(line[:, lead, at - before : at + after + 1], self.close_px)
                inked = ink_alike(x, part, self.close_px, half, self.pen_px, bold=True)
                np.maximum(panel, inked * np.float32(grey), out=panel)
        x = np.linspace(0, self.width_px, strip.shape[2])
        part = self._rows_of(strip[:, 0], self.rhythm_px)
        rhythm = picture[:, 0, self.close_px :]
        rhythm[:] = ink_alike(x, part, self.rhythm_px, self.width_px, 0.8 * self.pen_px, bold=True)
        px_per_s = self.width_px / (2 * AROUND_S)
        left, right = (round(self.width_px / 2 + at * px_per_s) for at in (-CLOSE_S[0], CLOSE_S[1]))
        rhythm[:, :, :left] *= np.float32(_RHYTHM_INK)
        rhythm[:, :, right:] *= np.float32(_RHYTHM_INK)
        return picture

    def _rows_of(self, height: NDArray[np.float32], n_rows: int) -> NDArray[np.float32]:
        """Return where in a part of `n_rows` heights lie, in pixels from its top; none beyond its border."""
        y = n_rows / 2 * (1 - height / np.float32(self.heights))
        inside: NDArray[np.float32] = np.clip(y, self.pen_px / 2, n_rows - self.pen_px / 2).astype(np.float32)
        return inside


def _check_sizes(**sizes: int) -> None:
    for name, size in sizes.items():
        if not _FEWEST_PX <= size <= _MOST_PX:
            raise OptionError(f"{name} is {size}; it must be from {_FEWEST_PX} to {_MOST_PX}")


BEAT_PICTURES: Final[dict[str, Callable[..., BeatInputs]]] = {
    "beat-canvas": canvas_inputs,
    "beat-in-rhythm": in_rhythm_inputs,
}
"""Kinds of input that are pictures, beside those of :data:`einthoven.beats.inputs.INPUTS`."""

TWO_LEADS: Final = frozenset({"beat-in-rhythm"})
"""Kinds of it that show two leads at once."""
