"""What a drawing is: a :class:`Sheet` of marks in millimetres, and how each kind of mark looks.

A sheet knows nothing of files. `svg` and `canvas` paint the same sheet, so a page, a picture and a PDF cannot differ.
Places count from the upper left corner, x to the right and y downward.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Look:
    """Colour on light and on dark ground, and the width of a line or size of letters; with neither, a filled shape."""

    light: str
    dark: str
    line_mm: float = 0.0
    letter_mm: float = 0.0
    bold: bool = False
    opacity: float = 1.0


BEAT_COLOURS: Final = {
    "N": ("#4b5563", "#a3acb9"),
    "S": ("#0067b0", "#5db3f5"),
    "V": ("#86195a", "#f07fc2"),
    "F": ("#0b6b3a", "#5fcf93"),
    "Q": ("#c2410c", "#ff9a52"),
}
"""One colour an AAMI class, told apart in the common forms of colour blindness; the letter stands beside it anyway."""

NO_COLOUR: Final = "none"
"""What a look that shows nothing has for its colour."""

LOOKS: Final = {
    "page": Look("#ffffff", "#141214"),
    "paper": Look("#fffaf7", "#1a1516"),
    "grid-1": Look("#f8ddd7", "#2f2122", 0.10),
    "grid-5": Look("#eeb3a8", "#573634", 0.18),
    "trace": Look("#15171c", "#f2ece8", 0.28),
    "trace-slow": Look("#15171c", "#f2ece8", 0.12),
    "tick": Look("#15171c", "#f2ece8", 0.20),
    "poor": Look("#64748b", "#94a3b8", opacity=0.20),
    **{f"moved-{step}": Look("#e39a00", "#ffc53d", opacity=0.15 * step) for step in (1, 2, 3)},
    "clipped": Look("#b00020", "#ff6b7d"),
    "lead": Look("#15171c", "#f2ece8", letter_mm=3.3, bold=True),
    "title": Look("#15171c", "#f2ece8", letter_mm=4.4, bold=True),
    "text": Look("#3d4350", "#c9c4c2", letter_mm=2.9),
    "small": Look("#5a606c", "#aaa5a3", letter_mm=2.4),
    "alarm": Look("#b00020", "#ff6b7d", letter_mm=2.4),
    **{f"beat-{name}": Look(*colour) for name, colour in BEAT_COLOURS.items()},
    **{f"band-{name}": Look(*colour, opacity=0.13) for name, colour in BEAT_COLOURS.items()},
    **{f"letter-{name}": Look(*colour, letter_mm=2.7, bold=name != "N") for name, colour in BEAT_COLOURS.items()},
}
"""What each role on the paper looks like. Marks name a role, never a colour, so that a page can be dark."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """Squares of `step_mm` that fill a rectangle, drawn as lines from its upper left corner."""

    role: str
    left_mm: float
    top_mm: float
    width_mm: float
    height_mm: float
    step_mm: float


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle."""

    role: str
    left_mm: float
    top_mm: float
    width_mm: float
    height_mm: float


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Lines of one kind; a role without width fills them instead.

    Parameters
    ----------
    role
        Key of `LOOKS`.
    lines
        float64, shape (point, 2) each: x and y in mm.
    lead
        The lead drawn, where it is one.
    """

    role: str
    lines: tuple[NDArray[np.float64], ...]
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text standing on `y_mm`; `anchor` is ``start``, ``middle`` or ``end``. `halo` keeps the grid off it."""

    role: str
    x_mm: float
    y_mm: float
    text: str
    anchor: str = "start"
    halo: bool = False


Mark = Ruling | Box | Curve | Label


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A drawing at true scale, first mark at the bottom.

    `title` and `description` say the same in words, for those who cannot see it; speed and gain are those of its ECG.
    """

    width_mm: float
    height_mm: float
    title: str
    description: str
    marks: tuple[Mark, ...]
    speed_mm_s: float = 25.0
    gain_mm_mv: float = 10.0
