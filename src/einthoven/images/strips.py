"""Ten seconds of one lead at true scale, with a box around every beat."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import OptionError
from .drawn_boxes import around
from .extents import BEFORE_S, OF_INTERVAL, beat_extents
from .heights import GAINS_MM_MV
from .pen import ink
from .picture import Picture, blend
from .trace import pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Colour = tuple[int, int, int]

SPEED_MM_S: Final = 25.0


@dataclass(frozen=True, slots=True)
class StripLook:
    """How strips look.

    Parameters
    ----------
    width_px, height_px
        Size of the picture.
    px_per_mm
        Resolution: 3.2 is 81 dots an inch.
    pen_px
        Width of the trace.
    trace, paper, grid, grid_5
        Colours, red, green and blue: of the trace, the ground, and lines each millimetre and each 5 mm; None for no
        lines.
    """

    width_px: int = 800
    height_px: int = 128
    px_per_mm: float = 3.2
    pen_px: float = 1.6
    trace: Colour = (21, 23, 28)
    paper: Colour = (255, 250, 247)
    grid: Colour | None = (248, 221, 215)
    grid_5: Colour | None = (238, 179, 168)

    def __post_init__(self) -> None:
        if min(self.width_px, self.height_px) < 8 or max(self.width_px, self.height_px) > 20_000:
            raise OptionError(f"strip of {self.width_px} x {self.height_px} pixels; sides must be from 8 to 20000")
        if not (0 < self.px_per_mm <= 100 and 0 < self.pen_px <= 100):
            raise OptionError(
                f"{self.px_per_mm:g} pixels a mm and a pen of {self.pen_px:g} pixels; both must be above 0, up to 100"
            )

    @property
    def px_per_s(self) -> float:
        """Pixels a second, at 25 mm/s."""
        return self.px_per_mm * SPEED_MM_S

    @property
    def seconds(self) -> float:
        """Seconds that a strip shows."""
        return self.width_px / self.px_per_s


STRIP_LOOK: Final = StripLook()


@dataclass(frozen=True, slots=True, eq=False)
class Lead:
    """A lead with its beats, ready to have strips drawn of it.

    Parameters
    ----------
    signal_mv
        float32, shape (sample,), NaN where missing.
    fs_hz
        Its rate.
    peak
        int64, shape (beat,): R peaks, ascending; none where they are not known.
    labels
        The class of each beat.
    record
        Name of the recording.
    """

    signal_mv: NDArray[np.float32]
    fs_hz: float
    peak: NDArray[np.int64]
    labels: Sequence[str]
    record: str = ""

    def __post_init__(self) -> None:
        if len(self.peak) != len(self.labels):
            raise OptionError(f"{len(self.peak)} beats with {len(self.labels)} labels; give one label each")

    @property
    def duration_s(self) -> float:
        """Seconds of signal."""
        return len(self.signal_mv) / self.fs_hz


def strip_picture(
    lead: Lead,
    start_s: float,
    look: StripLook = STRIP_LOOK,
    *,
    gain_mm_mv: float | None = None,
    shift_px: float = 0.0,
    name: str = "",
) -> Picture:
    """Draw a strip.

    A beat has a box where its R peak is on the strip, cut off where the strip ends. The trace stands in the middle of
    the strip's height.

    Parameters
    ----------
    lead
        What is drawn.
    start_s
        Where the strip begins; the lead may end before it does.
    look
        Size and colours.
    gain_mm_mv
        Height of a millivolt; by default the largest of 10, 5, 2.5 … at which all that is seen fits.
    shift_px
        Moves the trace downward.
    name
        Of the picture.

    Raises
    ------
    OptionError
        The start is outside the lead, or the gain is not positive.

    Examples
    --------
    >>> flat = Lead(np.zeros(7200, np.float32), 360, np.array([360, 720]), ["N", "V"])
    >>> picture = strip_picture(flat, 0)
    >>> picture.pixels.shape, picture.labels, picture.boxes_xyxy[0, ::2].round().tolist()
    ((128, 800, 3), ('N', 'V'), [64.0, 109.0])
    """
    if not 0 <= start_s < lead.duration_s:
        raise OptionError(f"strip from {start_s:g} s; the lead lasts {lead.duration_s:g} s")
    if gain_mm_mv is not None and not gain_mm_mv > 0:
        raise OptionError(f"gain is {gain_mm_mv:g} mm/mV; it must be above 0")
    line = _line(lead, start_s, look, gain_mm_mv, shift_px)
    lines = pieces(line[:, 0], line[:, 1])
    covered = ink(lines, look.height_px, look.width_px, look.pen_px)
    lasts_px = float(line[-1, 0]) if len(line) else 0.0
    boxes, which, cut = _boxes(lead, start_s, look, lines, lasts_px)
    pixels = blend(_paper(look), covered, look.trace)
    labels = tuple(lead.labels[beat] for beat in which.tolist())
    return Picture(pixels, boxes, labels, cut, name or f"{lead.record}-{start_s:g}", lead.record)


def _line(lead: Lead, start_s: float, look: StripLook, gain_mm_mv: float | None, shift_px: float) -> Array:
    """Return the trace in pixels: float64, shape (point, 2), NaN where nothing was recorded."""
    first = max(0, int(np.floor(start_s * lead.fs_hz)))
    last = min(len(lead.signal_mv), int(np.ceil((start_s + look.seconds) * lead.fs_hz)) + 1)
    value = lead.signal_mv[first:last].astype(np.float64)
    known = value[np.isfinite(value)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    gain = gain_mm_mv or fitting_gain(high - low, look)
    x = (np.arange(first, last) / lead.fs_hz - start_s) * look.px_per_s
    y = look.height_px / 2 + shift_px - (value - (low + high) / 2) * gain * look.px_per_mm
    return np.stack((x, y), axis=1)


def fitting_gain(span_mv: float, look: StripLook = STRIP_LOOK) -> float:
    """Return the largest usual gain at which a trace of this height fits a strip, in mm/mV: 10, 5, 2.5, 1.25 and so on.

    Examples
    --------
    >>> fitting_gain(2.0), fitting_gain(5.5), fitting_gain(11.0)
    (10.0, 5.0, 2.5)
    """
    room_mm = (look.height_px - 2 * look.pen_px) / look.px_per_mm
    gain = GAINS_MM_MV[0]
    while gain * span_mv > room_mm and gain > 1e-6:
        gain /= 2
    return gain


def _boxes(
    lead: Lead, start_s: float, look: StripLook, lines: Sequence[Array], lasts_px: float
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.bool_]]:
    """Return the boxes of the beats whose R peak is on the strip, which beats they are, and which are cut off.

    What was not recorded has no box.
    """
    begins_s, ends_s = beat_extents(lead.peak / lead.fs_hz)
    peak_px = (lead.peak / lead.fs_hz - start_s) * look.px_per_s
    which = np.flatnonzero((peak_px >= 0) & (peak_px < look.width_px) & (lead.peak < len(lead.signal_mv)))
    left, right = ((at_s[which] - start_s) * look.px_per_s for at_s in (begins_s, ends_s))
    lasts = min(look.width_px, lasts_px)
    boxes, there = around(lines, np.maximum(left, 0), np.minimum(right, lasts), look.pen_px, look.height_px)
    cut = (left < 0) | (right > lasts)
    return boxes[there], which[there], cut[there]


def peaks_of(boxes_xyxy: NDArray[np.float32], look: StripLook = STRIP_LOOK) -> Array:
    """Return where in a strip the R peaks of boxes are, in seconds from its start.

    A beat begins 0.2 s before R, or less where the beat before is near, so that its left side tells. Where
    that is cut off, its right side does, with the others to say how far R is from there.

    Parameters
    ----------
    boxes_xyxy
        float32, shape (box, 4), pixels.
    look
        Of the strip.
    """
    order = np.argsort(boxes_xyxy[:, 0], kind="stable")
    boxes = boxes_xyxy[order].astype(np.float64)
    left, right = boxes[:, 0] / look.px_per_s, boxes[:, 2] / look.px_per_s
    at_edge = boxes[:, 0] < _EDGE_PX
    whole = ~at_edge & (boxes[:, 2] < look.width_px - _EDGE_PX)
    peak = left
    for _ in range(_ROUNDS):
        peak = left + _before(peak)
        after = float(np.median((right - peak)[whole])) if whole.any() else _AFTER_S
        peak[at_edge] = np.clip(right[at_edge] - after, 0, left[at_edge] + BEFORE_S)
    out = np.empty_like(peak)
    out[order] = peak
    return out


def _before(peak_s: Array) -> Array:
    """Return from where a beat begins to its R, of beats in order; the first is taken to come as soon as the second."""
    if len(peak_s) < 2:
        return np.full(len(peak_s), BEFORE_S)
    interval = np.diff(peak_s)
    interval = np.concatenate((interval[:1], interval))
    interval[interval < _LEAST_INTERVAL_S] = np.inf  # two boxes of one beat
    return np.minimum(BEFORE_S, OF_INTERVAL * interval)


_ROUNDS: Final = 3  # each halves what is wrong: R is sought by the interval, and the interval by R
_LEAST_INTERVAL_S: Final = 0.2
_EDGE_PX: Final = 2.0
_AFTER_S: Final = 0.33  # from R to the end of T at a rate of 70


@lru_cache(maxsize=32)
def _paper(look: StripLook) -> NDArray[np.uint8]:
    """Return the ground with its grid, which begins at the left and has a line at half of the height."""
    ground = np.empty((look.height_px, look.width_px, 3), np.uint8)
    ground[:] = look.paper
    for colour, step_mm, pen in ((look.grid, 1, 0.5), (look.grid_5, 5, 0.8)):
        if colour is None:
            continue
        step = step_mm * look.px_per_mm
        across = _ruled(look.height_px, look.height_px / 2 % step, step, pen)
        covered = np.maximum(_ruled(look.width_px, 0.0, step, pen)[None, :], across[:, None])
        ground = blend(ground, covered, colour)
    ground.flags.writeable = False
    return ground


def _ruled(length: int, first: float, step: float, pen: float) -> NDArray[np.float32]:
    """Return how much of each pixel along an axis is covered by lines `step` apart."""
    at = np.arange(first, length + step, step)
    pixel = np.arange(length)[:, None]
    share = np.minimum(at + pen / 2, pixel + 1) - np.maximum(at - pen / 2, pixel)
    widest: NDArray[np.float32] = np.clip(share, 0, 1).sum(axis=1).astype(np.float32)
    return np.minimum(widest, np.float32(1))
