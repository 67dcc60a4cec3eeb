"""Pages of which everything is known to part of a pixel: where each lead, each beat and each sample was drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import OptionError
from .arrangement import arrange
from .canvas import MM_PER_INCH
from .drawn_boxes import around
from .extents import beat_extents
from .marks import trace_lines, trace_role
from .paper import draw_arranged
from .picture import Picture
from .raster import raster
from .sheet import LOOKS, Look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ..record import Beats, Record
    from .heights import PlacedPanel
    from .marks import Scale

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PanelTruth:
    """What is known of one lead on a page.

    Parameters
    ----------
    lead
        Its name.
    start_s, seconds
        Part of the record that is shown.
    box_xyxy
        float32, shape (4,): left, top, right and bottom of its ink, in pixels, as in :class:`.picture.Picture`.
    lines
        float64, shape (point, 2) each: the middle of the pen, x and y in pixels from the upper left corner; several
        where the lead has gaps. Where the paper ends and the trace is cut off, they are, too.
    left_px
        Where its first second begins: what is at x was recorded at ``start_s + (x - left_px) / px_per_s``.
    baseline_px, baseline_mv
        Height at which a voltage is drawn: a point at y is ``baseline_mv + (baseline_px - y) / px_per_mv``.
    """

    lead: str
    start_s: float
    seconds: float
    box_xyxy: NDArray[np.float32]
    lines: tuple[Array, ...]
    left_px: float
    baseline_px: float
    baseline_mv: float


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A page with what is known of it.

    Parameters
    ----------
    picture
        The pixels, and a box with label for each beat in each panel that shows its R peak.
    panels
        What is known of each lead that has a trace, from above and from the left.
    panel_of, beat_of
        int64, shape (box,): the number of the panel, and of the beat in the recording, that each box of the picture is
        of.
    px_per_s, px_per_mv, px_per_mm
        Pixels a second, a millivolt, and a millimetre of grid.
    degrees
        By how much the sheet lies turned, anticlockwise; see :func:`.scan.scanned_page`. Boxes and lines are where it
        lies, while `left_px` and `baseline_px` are those of the sheet before.
    """

    picture: Picture
    panels: tuple[PanelTruth, ...]
    panel_of: NDArray[np.int64]
    beat_of: NDArray[np.int64]
    px_per_s: float
    px_per_mv: float
    px_per_mm: float
    degrees: float = 0.0

    @property
    def leads(self) -> tuple[str, ...]:
        """Name of the lead in each panel."""
        return tuple(panel.lead for panel in self.panels)

    @property
    def lead_boxes_xyxy(self) -> NDArray[np.float32]:
        """Box of each panel: float32, shape (panel, 4), in pixels."""
        return np.array([panel.box_xyxy for panel in self.panels], np.float32).reshape(-1, 4)


def page_picture(
    record: Record,
    *,
    beats: Beats | None = None,
    labels: Sequence[str] | None = None,
    layout: str = "auto",
    start_s: float = 0.0,
    seconds: float | None = None,
    gain_mm_mv: float | None = None,
    dpi: float = 100,
    looks: Mapping[str, Look] = LOOKS,
    mark_beats: bool = False,
    bare: bool = False,
) -> Page:
    """Draw a page, and keep where everything was drawn.

    A beat reaches as far as :func:`.extents.beat_extents` says, and is cut off where its panel or the recording ends.

    Parameters
    ----------
    record, layout, start_s, seconds, gain_mm_mv, bare
        As in :func:`.paper.draw`.
    beats
        All beats of the record, of which those shown get boxes.
    labels
        Class of each beat; its symbol unless told.
    dpi
        Dots an inch.
    looks
        What each role looks like; see :func:`.colours.looks`.
    mark_beats
        Print the beats' symbols, too: what a page for training must not have.

    Raises
    ------
    OptionError
        As :func:`.paper.draw` and :func:`.raster.raster` do; or beats and labels are not as many.

    Examples
    --------
    >>> from einthoven.record import Beats, Record
    >>> flat = Record(np.zeros((2, 3600)), fs_hz=360, leads=("MLII", "V1"))
    >>> page = page_picture(flat, beats=Beats(np.array([360, 720]), np.array(["N", "V"])), dpi=100)
    >>> page.leads, page.picture.labels, page.beat_of.tolist()
    (('MLII', 'V1'), ('N', 'V', 'N', 'V'), [0, 1, 0, 1])
    >>> page.lead_boxes_xyxy.round().tolist()
    [[112.0, 173.0, 1097.0, 174.0], [112.0, 350.0, 1097.0, 351.0]]
    """
    labels = (beats.symbol.tolist() if beats else ()) if labels is None else labels
    if len(labels) != (len(beats) if beats else 0):
        raise OptionError(f"{len(beats) if beats else 0} beats with {len(labels)} labels; give one label each")
    arranged = arrange(record, layout, start_s, seconds, gain_mm_mv, bare=bare)
    pixels = raster(draw_arranged(record, arranged, beats=beats if mark_beats else None), dpi=dpi, looks=looks)
    scale, px_per_mm = arranged.scale, dpi / MM_PER_INCH
    pen_px = looks[trace_role(scale.speed_mm_s)].line_mm * px_per_mm
    placed = [one for row in arranged.rows for one in row.panels]
    panels = [truth for one in placed if (truth := _panel(one, scale, px_per_mm, pen_px)) is not None]
    peak_s = beats.sample / record.fs_hz if beats else np.zeros(0)
    found = [
        _beat_boxes(panel, peak_s, scale.speed_mm_s * px_per_mm, pen_px, len(pixels), record.duration_s)
        for panel in panels
    ]
    boxes = np.concatenate([np.zeros((0, 4), np.float32), *(one for one, _, _ in found)])
    beat_of = np.concatenate([np.zeros(0, np.int64), *(which for _, which, _ in found)])
    cut = np.concatenate([np.zeros(0, np.bool_), *(one for _, _, one in found)])
    panel_of = np.repeat(np.arange(len(panels)), [len(which) for _, which, _ in found]).astype(np.int64)
    shown = tuple(labels[beat] for beat in beat_of.tolist())
    picture = Picture(pixels, boxes, shown, cut, f"{record.id}-{start_s:g}", record.id)
    px_per_mv = scale.gain_mm_mv * px_per_mm
    return Page(picture, tuple(panels), panel_of, beat_of, scale.speed_mm_s * px_per_mm, px_per_mv, px_per_mm)


def _panel(placed: PlacedPanel, scale: Scale, px_per_mm: float, pen_px: float) -> PanelTruth | None:
    """Return what is known of a panel; None where nothing was recorded."""
    lines = tuple(line * px_per_mm for line in trace_lines(placed, scale))
    if not lines:
        return None
    points, pen = np.concatenate(lines), pen_px / 2
    box = np.maximum(np.concatenate((points.min(axis=0) - pen, points.max(axis=0) + pen)), 0).astype(np.float32)
    baseline_px = (scale.top_mm + placed.baseline_mm) * px_per_mm
    panel, baseline_mv = placed.panel, placed.trace.baseline_mv
    left_px = scale.x_mm(panel, panel.start_s) * px_per_mm
    return PanelTruth(panel.lead, panel.start_s, panel.seconds, box, lines, left_px, baseline_px, baseline_mv)


def _beat_boxes(
    panel: PanelTruth, peak_s: Array, px_per_s: float, pen_px: float, height_px: int, duration_s: float
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.bool_]]:
    """Return the boxes of the beats whose R peak a panel shows, which beats they are, and which are cut off."""
    stop_s = min(panel.start_s + panel.seconds, duration_s)
    begins_s, ends_s = beat_extents(peak_s)
    which = np.flatnonzero((peak_s >= panel.start_s) & (peak_s < stop_s))
    begins_s, ends_s = begins_s[which], ends_s[which]
    shown = np.clip((begins_s, ends_s), panel.start_s, stop_s)
    left, right = panel.left_px + (shown - panel.start_s) * px_per_s
    boxes, there = around(panel.lines, left, right, pen_px, height_px)
    cut = (begins_s < panel.start_s) | (ends_s > stop_s)
    return boxes[there], which[there], cut[there]
