"""What paper and scanner do to a page: creases, a crooked sheet, uneven light, and all that follows.

Each effect takes a generator and a strength from 0, which changes nothing, to 1; the same generator gives the same
picture. `scanned` does them all to a picture, whose boxes go where the things in them go. Shades come first, as shares
of brightness that are laid on the sheet at once; then it is turned; the other effects take an image of pillow in red,
green and blue.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, reduce
from io import BytesIO
from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from PIL.Image import Image

    from .picture import Picture
    from .truth import Page

    Array = NDArray[np.float64]
    Share = NDArray[np.uint8]
    Shade = Callable[[tuple[int, int], np.random.Generator, float], Share]
    Effect = Callable[[Image, np.random.Generator, float], Image]

MOST_DEGREES: Final = 3.0
LID: Final = (226, 227, 229)
"""What the scanner sees beside a crooked sheet."""

_CREASE_DARK, _CREASE_SHARE, _SIDE_DARK = 0.45, 0.0012, 0.16  # of white, of the page's width, of white
_LIGHT_DARK, _LIGHT_KNOTS = 0.35, 4
_CAST = 0.12
_BLUR_SHARE = 0.0013  # of the page's width: 1.5 pixels of 1169
_GRAIN = 18.0  # standard deviation at full strength, in steps of 256
_WORST_QUALITY, _BEST_QUALITY = 15, 95


def fold(size_px: tuple[int, int], rng: np.random.Generator, strength: float) -> Share:
    """Fold the sheet once, across or upright: a dark crease, and one side of it lies in shade."""
    upright = rng.random() < 0.5
    place, slant, side = rng.uniform(0.2, 0.8), rng.uniform(-0.03, 0.03), rng.choice((-1, 1))
    across, along = size_px if upright else size_px[::-1]
    reach = across + along
    away = np.arange(-reach, reach)  # pixels from the crease
    wide, fades = max(0.6, _CREASE_SHARE * size_px[0]), 0.25 * across
    dark = _CREASE_DARK * np.exp(-((away / wide) ** 2)) + _SIDE_DARK * (away * side > 0) * np.exp(-np.abs(away) / fades)
    darkness = np.rint(255 * (1 - strength * np.minimum(dark, 1))).astype(np.uint8)
    crease = place * across + slant * (np.arange(along) - along / 2)
    share = np.empty((along, across), np.uint8)
    for line, at in enumerate((reach - np.rint(crease).astype(int)).tolist()):
        share[line] = darkness[at : at + across]
    return share if upright else np.ascontiguousarray(share.T)


def light(size_px: tuple[int, int], rng: np.random.Generator, strength: float) -> Share:
    """Light the sheet unevenly: some parts are darker, and none has an edge."""
    from PIL import Image as Images

    dark = rng.uniform(0, _LIGHT_DARK * strength, size=(_LIGHT_KNOTS, _LIGHT_KNOTS))
    knots = Images.fromarray(np.rint(255 * (1 - dark)).astype(np.uint8))
    return np.asarray(knots.resize(size_px, Images.Resampling.BICUBIC))


def cast(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Tint the whole sheet, as old paper or a lamp does."""
    share = 1 - strength * _CAST * rng.random(3)
    return image.point(np.rint(np.arange(256) * share[:, None]).astype(int).reshape(-1).tolist())


def blur(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Blur, as a scanner out of focus does."""
    from PIL import ImageFilter

    return image.filter(ImageFilter.BoxBlur(_BLUR_SHARE * image.width * strength))


def noise(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Add grain of all colours."""
    from PIL import Image as Images
    from PIL import ImageChops

    size = image.width * image.height * 3
    row = _grain(size)
    start = int(rng.integers(len(row) - size + 1))
    grain = Images.fromarray(row[start : start + size].reshape(image.height, image.width, 3))
    paler = np.rint(128 + (np.arange(256) - 128.0) * strength).astype(int).tolist()
    return ImageChops.add(image, grain.point(paler * 3), 1.0, -128)


def jpeg(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Write and read as JPEG, of a quality of 95 to 15."""
    from PIL import Image as Images

    if not strength:
        return image
    file = BytesIO()
    image.save(file, "JPEG", quality=round(_BEST_QUALITY + strength * (_WORST_QUALITY - _BEST_QUALITY)))
    return Images.open(file)


SHADES: Final[dict[str, Shade]] = {"fold": fold, "light": light}
EFFECTS: Final[dict[str, Effect]] = {"cast": cast, "blur": blur, "noise": noise, "jpeg": jpeg}
STRENGTHS: Final = (*SHADES, "turn", *EFFECTS)
"""Names of all effects."""


def scanned(picture: Picture, rng: np.random.Generator, strength: float = 0.6, **strengths: float) -> Picture:
    """Do all of this to a picture.

    Parameters
    ----------
    picture
        The page as it was printed.
    rng
        Draws how strong each effect is, and where.
    strength
        The most that any effect has, 0 to 1.
    **strengths
        The same for single effects, which `STRENGTHS` names.

    Raises
    ------
    OptionError
        A strength is out of range, or of no effect.

    Examples
    --------
    >>> from .picture import Picture
    >>> white = Picture(np.full((90, 120, 3), 255, np.uint8), np.array([[30, 30, 60, 60]]), ("beat",))
    >>> scan = scanned(white, np.random.default_rng(0), noise=0)
    >>> scan.pixels.shape, scan.labels, bool(scan.pixels.mean() < 255)
    ((90, 120, 3), ('beat',), True)
    """
    drawn = _drawn(rng, strength, strengths)
    return _scanned(picture, rng, drawn)[0]


def scanned_page(page: Page, rng: np.random.Generator, strength: float = 0.6, **strengths: float) -> Page:
    """Do all of this to a page; what is known of it follows. Arguments and errors are those of `scanned`."""
    drawn = _drawn(rng, strength, strengths)
    size = (page.picture.width, page.picture.height)
    picture, there = _scanned(page.picture, rng, drawn)
    degrees = drawn["turn"]
    panels = []
    for panel in page.panels:
        lines = tuple(turned_points(line, degrees, *size) for line in panel.lines)
        box = _turned_boxes(panel.box_xyxy[None], degrees, *size)[0]
        panels.append(replace(panel, lines=lines, box_xyxy=np.clip(box, 0, size * 2).astype(np.float32)))
    return replace(
        page,
        picture=picture,
        panels=tuple(panels),
        panel_of=page.panel_of[there],
        beat_of=page.beat_of[there],
        degrees=page.degrees + degrees,
    )


def turned(picture: Picture, degrees: float) -> Picture:
    """Turn a picture anticlockwise around its middle; a box becomes the one that holds what it held.

    What leaves the picture is lost, and boxes that this cuts are marked.
    """
    image = _turned_image(_image(picture), degrees)
    return _with(picture, image, degrees)[0]


def _drawn(rng: np.random.Generator, strength: float, strengths: dict[str, float]) -> dict[str, float]:
    """Draw how strong each effect is; of ``turn`` by how many degrees."""
    if unknown := [name for name in strengths if name not in STRENGTHS]:
        raise OptionError(f"effect {unknown[0]!r} is not known: choose from {', '.join(STRENGTHS)}")
    drawn = {}
    for name in STRENGTHS:
        most = strengths.get(name, strength)
        if not 0 <= most <= 1:
            raise OptionError(f"strength of {name} is {most:g}; it must be from 0 to 1")
        drawn[name] = most * rng.random()
    drawn["turn"] *= MOST_DEGREES * float(rng.choice((-1, 1)))
    return drawn


def _scanned(picture: Picture, rng: np.random.Generator, drawn: dict[str, float]) -> tuple[Picture, NDArray[np.bool_]]:
    """Return the picture with its effects, and which of its boxes are still on it."""
    image = _image(picture)
    image = _shaded(image, [shade(image.size, rng, drawn[name]) for name, shade in SHADES.items()])
    image = _turned_image(image, drawn["turn"])
    for name, effect in EFFECTS.items():
        image = effect(image, rng, drawn[name])
    return _with(picture, image, drawn["turn"])


def _with(picture: Picture, image: Image, degrees: float) -> tuple[Picture, NDArray[np.bool_]]:
    """Return a picture as it became, and which of its boxes are still on it."""
    size = (picture.width, picture.height)
    whole = _turned_boxes(picture.boxes_xyxy, degrees, *size) if degrees else picture.boxes_xyxy.astype(np.float64)
    boxes: Array = np.clip(whole, 0, size * 2)
    there = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    cut = (boxes != whole).any(axis=1)
    if picture.cut is not None:
        cut |= picture.cut
    labels = tuple(label for label, kept in zip(picture.labels, there.tolist(), strict=True) if kept)
    pixels = np.asarray(image)
    after = replace(picture, pixels=pixels, boxes_xyxy=boxes[there].astype(np.float32), labels=labels, cut=cut[there])
    return after, there


def _turned_boxes(boxes_xyxy: NDArray[np.float32], degrees: float, width: int, height: int) -> Array:
    """Return the boxes that hold turned ones: float64, shape (box, 4)."""
    corners = boxes_xyxy.astype(np.float64)[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]
    corners = turned_points(corners, degrees, width, height)
    return np.concatenate((corners.min(axis=1), corners.max(axis=1)), axis=1)


def _turned_image(image: Image, degrees: float) -> Image:
    from PIL import Image as Images

    return image.rotate(degrees, Images.Resampling.BILINEAR, fillcolor=LID) if degrees else image


def turned_points(points_xy: Array, degrees: float, width: int, height: int) -> Array:
    """Return where points of a picture are after :func:`turned`: float64, shape (..., 2), in pixels.

    Examples
    --------
    >>> turned_points(np.array([[60.0, 10.0]]), 90, width=100, height=100).round(6).tolist()
    [[10.0, 40.0]]
    """
    angle = np.deg2rad(degrees)
    middle = np.array((width, height)) / 2
    turning = np.array(((np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))))
    moved: Array = (points_xy - middle) @ turning.T + middle
    return moved


def _image(picture: Picture) -> Image:
    from PIL import Image as Images

    return Images.fromarray(picture.pixels)


def _shaded(image: Image, shares: Sequence[Share]) -> Image:
    """Return an image darkened to shares of its brightness, 255 for all of it."""
    from PIL import Image as Images
    from PIL import ImageChops

    grey = reduce(ImageChops.multiply, map(Images.fromarray, shares))
    return ImageChops.multiply(image, Images.merge("RGB", (grey, grey, grey)))


@lru_cache(maxsize=2)
def _grain(size: int) -> NDArray[np.uint8]:
    """Return grain around 128, a little more than is needed, since to draw millions of numbers each time is slow."""
    grain = np.random.default_rng(0).normal(128, _GRAIN, size=size + (1 << 16))
    row = np.clip(np.rint(grain), 0, 255).astype(np.uint8)
    row.flags.writeable = False
    return row
