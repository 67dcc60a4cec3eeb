"""One beat on a canvas of its own, as published detectors and recognisers of heartbeats are shown it.

240 samples at 360 Hz around the beat, 500 pixels wide, drawn with a pen of 7 pixels on a canvas of 600 x 600 with faint
coloured noise, at a place drawn at random. What the publications leave open is the height: here a millivolt is always
as tall, unless the beat would not fit.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import OptionError
from .pen import stretches
from .picture import Picture
from .trace import pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE_PX: Final = 600
WIDE_PX: Final = 500
PEN_PX: Final = 7
SPAN_S: Final = 240 / 360
PX_PER_MV: Final = 150.0
NOISE: Final = 16
"""Brightest the noise is, in steps of 256."""


def beat_picture(
    signal_mv: NDArray[np.float32],
    fs_hz: float,
    peak: int,
    rng: np.random.Generator,
    *,
    label: str = "beat",
    side_px: int = SIDE_PX,
    span_s: float = SPAN_S,
    noise: int = NOISE,
    name: str = "",
    record: str = "",
) -> Picture:
    """Draw one beat.

    Parameters
    ----------
    signal_mv
        float32, shape (sample,): the lead it is drawn from.
    fs_hz
        Its rate.
    peak
        Sample of its R peak, which stands in the middle.
    rng
        Draws place and noise.
    label
        Class of its box, which is as large as the trace.
    side_px
        Height and width of the canvas; all else grows with it.
    span_s
        Seconds shown.
    noise
        Brightest that the noise is, 0 to 255; 0 for a white ground.
    name, record
        Of the picture.

    Raises
    ------
    OptionError
        The peak is outside the signal, or the noise out of range.

    Examples
    --------
    >>> lead = np.sin(np.arange(720) / 20).astype(np.float32)
    >>> beat_picture(lead, 360, 360, np.random.default_rng(0)).pixels.shape
    (600, 600, 3)
    """
    if not 0 <= peak < len(signal_mv):
        raise OptionError(f"beat at sample {peak} of a signal of {len(signal_mv)}")
    if not 0 <= noise <= 255:
        raise OptionError(f"noise is {noise}; it must be from 0 to 255")
    scale = side_px / SIDE_PX
    wide, pen = WIDE_PX * scale, max(PEN_PX * scale, 1.0)
    canvas = _ground(side_px, noise, rng)
    lines = _around(signal_mv, fs_hz, peak, span_s)
    left = rng.uniform(pen / 2, side_px - wide - pen / 2)
    high, place = rng.uniform(), np.zeros((0, 4), np.float32)
    if lines:
        points = np.concatenate(lines)
        low, top = points[:, 1].min(), points[:, 1].max()
        px_per_mv = min(PX_PER_MV * scale, wide / max(top - low, 1e-9))  # as tall as wide at most
        tall = (top - low) * px_per_mv
        upper = pen / 2 + high * (side_px - tall - pen)
        for line in lines:
            drawn = np.stack((left + line[:, 0] * wide, upper + (top - line[:, 1]) * px_per_mv), axis=1)
            _blacken(canvas, *stretches(drawn, side_px, pen, 1))
        begins, ends = left + points[[0, -1], 0] * wide
        place = np.array([[begins - pen / 2, upper - pen / 2, ends + pen / 2, upper + tall + pen / 2]])
    boxes = np.clip(place, 0, side_px).astype(np.float32)
    return Picture(canvas, boxes, (label,) * len(boxes), name=name, record=record)


def _around(signal_mv: NDArray[np.float32], fs_hz: float, peak: int, span_s: float) -> tuple[NDArray[np.float64], ...]:
    """Return known samples around a peak: float64, shape (point, 2), x from 0 to 1 over the span, y in mV."""
    reach = span_s / 2 * fs_hz
    sample = np.arange(max(0, int(np.ceil(peak - reach))), min(len(signal_mv), int(peak + reach) + 1))
    return pieces((sample - peak) / (2 * reach) + 0.5, signal_mv[sample].astype(np.float64))


def _ground(side_px: int, noise: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return white with noise: cut from a longer row of numbers, since to draw a million each time is slow."""
    size, row = side_px * side_px * 3, _noise(side_px, noise)
    start = int(rng.integers(len(row) - size + 1))
    return row[start : start + size].reshape(side_px, side_px, 3).copy()


@lru_cache(maxsize=8)
def _noise(side_px: int, noise: int) -> NDArray[np.uint8]:
    size = side_px * side_px * 3 + (1 << 16)
    row = (255 - np.random.default_rng(noise).integers(noise + 1, size=size)).astype(np.uint8)
    row.flags.writeable = False
    return row


def _blacken(canvas: NDArray[np.uint8], above: NDArray[np.float32], below: NDArray[np.float32]) -> None:
    """Blacken each column from `above` to `below`, in whole pixels."""
    there = np.flatnonzero(above < below)
    first, last = int(there[0]), int(there[-1]) + 1
    up = np.clip(np.rint(above[first:last]), 0, len(canvas)).astype(np.int16)
    down = np.clip(np.rint(below[first:last]), 0, len(canvas)).astype(np.int16)
    top, bottom = int(up.min()), int(down.max())
    row = np.arange(top, bottom, dtype=np.int16)[:, None]
    outside = (row < np.repeat(up, 3)) | (row >= np.repeat(down, 3))
    part = canvas.reshape(len(canvas), -1)[top:bottom, 3 * first : 3 * last]
    np.multiply(part, outside.view(np.uint8), out=part)
