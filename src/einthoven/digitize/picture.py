"""A picture as ink: how dark each pixel is beyond its paper and rulings, within bounds on its size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import FormatError
from ..images.opening import channels

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL.Image import Image

    Array = NDArray[np.float32]
    Bytes = NDArray[np.uint8]

_SPARSE = 5  # every so many pixels tell the colour of rulings
_RULING = (12, 110)  # of 255: how far rulings are below paper in their darkest channel
_ENOUGH = 200
_BLOCKS = 40
_FAINTEST = 60  # of 255: what is less dark than this beside its paper is no trace
_DARKEST_PAPER = 100
_MOST_INK = 0.25  # of the page: a drawing on paper leaves most of it free


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """A page in pixels.

    Parameters
    ----------
    dark
        float32, shape (row, column): 0 on paper and rulings to 1 in the middle of a trace.
    ruled
        float32, shape (row, column): how far the most coloured channel is below the paper's, 0 to 255; the rulings show
        in it, and what is as dark as a trace is left out.
    """

    dark: Array
    ruled: Array


def ink_of(path: Path, picture: Image) -> Ink:
    """Tell ink from paper.

    A trace is looked for in the channel in which coloured rulings are faintest, as they are in red light on most paper,
    or, where rulings are grey, in the brightest of the three. Rulings are looked for in the darkest. All is measured
    against the paper around, so that a shaded scan counts as an even one.

    Raises
    ------
    FormatError
        The picture is empty, or most of it is dark: a photograph or a page in negative.
    """
    light, darkest = _extremes(channels(picture))
    dark = _ground(light)
    paper = float(np.median(dark))
    if paper < _DARKEST_PAPER:
        raise FormatError(
            f"{path}: is dark, {paper:.0f} of 255 where it should be paper; traces must be on a light ground"
        )
    dark -= light
    strong = dark[dark > _FAINTEST]
    if strong.size < 200:
        raise FormatError(f"{path}: shows no trace: {strong.size} pixels are dark; lines on ruled paper are needed")
    if strong.size > _MOST_INK * dark.size:
        share = strong.size / dark.size
        raise FormatError(
            f"{path}: {share:.0%} of it is dark; a page with traces on light paper is needed, no photograph"
        )
    level = float(np.percentile(strong, 97))  # of traces and letters, where grey rulings are much of what is dark
    dark *= np.float32(1 / level)
    np.clip(dark, 0, 1, out=dark)
    ruled = _ground(darkest)
    ruled -= darkest
    np.clip(ruled, 0, None, out=ruled)
    ruled[dark > 0.35] = 0
    return Ink(dark, ruled)


def _extremes(channels: list[Bytes]) -> tuple[Bytes, Bytes]:
    """Return the channel in which rulings are faintest, and the darkest of the three at each pixel."""
    darkest = np.minimum(np.minimum(channels[0], channels[1]), channels[2])
    few = [channel[::_SPARSE, ::_SPARSE].astype(np.float64) for channel in channels]
    depth = np.median(np.minimum.reduce(few)) - np.minimum.reduce(few)
    faint = (depth > _RULING[0]) & (depth < _RULING[1])
    if faint.sum() > _ENOUGH:
        dark = [float(np.median(one) - one[faint].mean()) for one in few]
        if min(dark) < 0.6 * max(dark):
            return channels[int(np.argmin(dark))], darkest
    return np.maximum(np.maximum(channels[0], channels[1]), channels[2]), darkest


def _ground(channel: Bytes) -> Array:
    """Return the brightness of the paper at each pixel: of blocks the bright part, smoothly joined."""
    height, width = channel.shape
    rows, columns = (max(1, min(_BLOCKS, side // 32)) for side in (height, width))
    tall, wide = height // rows, width // columns
    blocks = channel[: rows * tall, : columns * wide].reshape(rows, tall, columns, wide)
    step = max(1, tall // 24), max(1, wide // 24)
    light = np.percentile(blocks[:, :: step[0], :, :: step[1]], 80, axis=(1, 3)).astype(np.float32)
    ground: Array = np.empty((height, width), np.float32)
    y = np.clip((np.arange(height) + 0.5) / tall - 0.5, 0, rows - 1)
    x = np.clip((np.arange(width) + 0.5) / wide - 0.5, 0, columns - 1)
    across = _between(light.T, x).T  # (block row, column)
    ground[:] = _between(across, y)
    return ground


def _between(values: Array, at: NDArray[np.float64]) -> Array:
    """Return rows of `values` at fractional places `at`."""
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, len(values) - 1)
    share = (at - low).astype(np.float32)[:, None]
    return values[low] * (1 - share) + values[high] * share
