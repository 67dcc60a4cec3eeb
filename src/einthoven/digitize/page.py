"""A page with an ECG, drawn or scanned, back into a :class:`einthoven.record.Record`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import FormatError, OptionError
from ..images.opening import check_size, open_picture
from ..record import Record
from .layout import arrange
from .pixels import read_picture
from .sampling import sampled
from .scales import check_range, scales
from .vector import read_drawing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .rows import Ruled

FS_HZ = 500.0
"""The rate of what is read: one sample each 0.05 mm at 25 mm/s, finer than pixels of 300 dpi."""

FS_RANGE_HZ: Final = (50.0, 2000.0)
MOST_S = 86_400.0
MOST_SAMPLES: Final = 50_000_000
"""Of all leads together: what a slow paper and a high rate would come to may not fit into memory."""

LEAST_SIDE: Final = 200
"""Pixels that each side of a page must have."""


def digitize(
    path: str | Path,
    *,
    page: int = 1,
    layout: str = "auto",
    leads: Sequence[str] | None = None,
    speed_mm_s: float | None = None,
    gain_mm_mv: float | None = None,
    fs_hz: float = FS_HZ,
) -> Record:
    """Read the ECG on a page: a vector PDF, a scan as PDF, or a picture.

    The rulings of the paper give the scale. 0 mV is the level of each row's calibration pulse, or without pulses the
    row's own median: what stands on paper has lost the recorder's offset.

    Parameters
    ----------
    path
        PDF, PNG, JPEG, TIFF, BMP or WebP.
    page
        Which page of a PDF, from 1.
    layout
        ``"3x4"``, ``"6x2"``, ``"12x1"`` or ``"strip"``; ``"auto"`` goes by names that can be read and by the rows.
    leads
        Names of the rows from above, for a strip whose names cannot be read.
    speed_mm_s, gain_mm_mv
        Paper speed and gain, where the page does not print them. The gain is else that of the calibration pulses.
    fs_hz
        Rate of the samples.

    Returns
    -------
    Record
        Each lead where it is drawn and NaN elsewhere: a 3x4 page shows 2.5 s of each and all of the rhythm lead.
        `notes` say what was assumed.

    Raises
    ------
    FormatError
        The file is no page with an ECG on ruled paper, or is broken, locked or too large; or its traces cannot be told
        apart.
    OptionError
        An option is out of range or does not fit the page.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from einthoven import simulate
    >>> from einthoven.images.paper import draw, save
    >>> heart = simulate(seed=1).record
    >>> again = digitize(save(draw(heart), Path(mkdtemp()) / "page.pdf"))
    >>> again.leads == heart.leads, again.fs_hz, again.duration_s
    (True, 500.0, 10.0)
    """
    path = Path(path)
    check_range("sampling rate", fs_hz, FS_RANGE_HZ, "Hz")
    ruled = _ruled(path, page)
    found = scales(path, ruled, speed_mm_s, gain_mm_mv)
    panels, layout_notes = arrange(path, ruled, found.speed_mm_s, layout, leads)
    longest_s = max(panel.start_s + (panel.right_mm - panel.left_mm) / found.speed_mm_s for panel in panels)
    if longest_s > MOST_S:
        raise OptionError(
            f"{path}: at {found.speed_mm_s:g} mm/s this is {longest_s:,.0f} s; up to {MOST_S:,.0f} s are read"
        )
    n_samples = longest_s * fs_hz * len(panels)
    if n_samples > MOST_SAMPLES:
        raise OptionError(
            f"{path}: {longest_s:,.0f} s at {fs_hz:g} Hz in {len(panels)} leads are {n_samples:,.0f} samples; "
            f"up to {MOST_SAMPLES:,} are read"
        )
    names, signal, notes = sampled(panels, ruled, found, fs_hz)
    level = "of its calibration pulses" if ruled.pulses else "that is each row's median: there are no pulses"
    return Record(
        signal.astype(np.float32),
        fs_hz,
        names,
        id=path.stem,
        source=str(path),
        notes=(
            f"read off paper at {found.speed_mm_s:.4g} mm/s, {found.gain_mm_mv:.4g} mm/mV; 0 mV is the level {level}",
            *ruled.notes,
            *found.notes,
            *layout_notes,
            *notes,
        ),
    )


def _ruled(path: Path, page: int) -> Ruled:
    """Read the rows of a page from whatever file it is in."""
    try:
        with path.open("rb") as file:
            start = file.read(1024)
    except OSError as error:
        raise FormatError(f"{path}: cannot be read ({error.strerror})") from error
    if not start:
        raise FormatError(f"{path}: is empty; a PDF or picture of an ECG is needed")
    if b"%PDF-" in start:
        from .pdf import read_pdf

        drawing, pictures = read_pdf(path, page)
        if pictures:
            check_size(path, *pictures[0].size, least_side=LEAST_SIDE)
            return read_picture(path, pictures[0])
        return read_drawing(path, drawing)
    return read_picture(path, open_picture(path, least_side=LEAST_SIDE, nor="a PDF"))
