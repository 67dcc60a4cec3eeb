"""A PDF file's page as a :class:`Drawing`, or the picture on it; what is locked, broken or a bomb is refused."""

from __future__ import annotations

import logging
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import FormatError, OptionError
from .content import Painter, TooMuchError, matrix_of
from .drawing import Drawing, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL.Image import Image

MOST_FILE_BYTES = 100_000_000
MOST_CONTENT_BYTES = 8_000_000  # twelve leads of 10 s at 1 kHz, each segment drawn by itself, are half of it
MOST_IMAGES = 8
MM_PER_POINT = 25.4 / 72
_LARGEST_MM, _SMALLEST_MM = 5100.0, 20.0  # 200 inches, the most a PDF page may measure

# What pypdf lets through from damaged files, beside its own errors.
_DAMAGE = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, OverflowError, NotImplementedError,
    RecursionError, UnicodeError, ZeroDivisionError, StopIteration, EOFError, OSError, zlib.error,
)  # fmt: skip


def read_pdf(path: Path, page: int) -> tuple[Drawing, list[Image]]:
    """Read page number `page`, from 1, of a PDF: what is drawn on it, and the pictures that lie on it, largest first.

    Raises
    ------
    FormatError
        The file is broken, locked with a password, or larger than any ECG.
    OptionError
        It has no such page.
    """
    if path.stat().st_size > MOST_FILE_BYTES:
        raise FormatError(f"{path}: is {path.stat().st_size:,} bytes; a page may have up to {MOST_FILE_BYTES:,}")
    with _reading(path):
        from pypdf import PdfReader

        reader = PdfReader(path)
        locked = reader.is_encrypted and not reader.decrypt("")
        n_pages = 0 if locked else len(reader.pages)
    if locked:
        raise FormatError(f"{path}: is locked with a password; save it without one")
    if not 1 <= page <= n_pages:
        raise OptionError(f"{path}: no page {page}; it must be from 1 to {n_pages}" if n_pages else f"{path}: no pages")
    with _reading(path):
        sheet = reader.pages[page - 1]
        width_mm, height_mm, matrix = _frame(path, sheet)
        budget = _Budget(reader)
        painter = Painter(matrix, budget.form)
        contents = sheet.get_contents()
        words: list[Word] = []
        if contents is not None:
            painter.paint(budget.operations(contents), sheet.get("/Resources"))
            words = _words(sheet, matrix)
        images = [] if len(painter.shapes) > 50 else _images(path, sheet)
    return Drawing(width_mm, height_mm, tuple(painter.shapes), tuple(words)), images


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn what pypdf raises into FormatError; what it logs goes nowhere unless the caller wants it."""
    from pypdf.errors import LimitReachedError, PyPdfError

    logger = logging.getLogger("pypdf")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    try:
        yield
    except (TooMuchError, LimitReachedError, MemoryError) as error:
        why = " ".join(str(error).split())[:120] or "memory"
        raise FormatError(f"{path}: holds too much for one page ({why})") from error
    except (PyPdfError, *_DAMAGE) as error:
        why = " ".join(str(error).split())[:120] or type(error).__name__
        raise FormatError(f"{path}: is no PDF that can be read ({why})") from error


def _frame(path: Path, sheet: Any) -> tuple[float, float, NDArray[np.float64]]:
    """Return width and height of a page as it is shown, mm, and the matrix from its units to mm."""
    box = sheet.cropbox
    left, bottom, right, top = (float(value) for value in (box.left, box.bottom, box.right, box.top))
    unit = MM_PER_POINT * float(sheet.user_unit or 1)
    width, height = (right - left) * unit, (top - bottom) * unit
    matrix = np.array([(unit, 0, 0), (0, -unit, 0), (-left * unit, top * unit, 1)])
    for _ in range(int(sheet.rotation or 0) // 90 % 4):  # a quarter to the right each
        matrix = matrix @ np.array([(0, 1, 0), (-1, 0, 0), (height, 0, 1)], np.float64)
        width, height = height, width
    if not (_SMALLEST_MM <= width <= _LARGEST_MM and _SMALLEST_MM <= height <= _LARGEST_MM):
        raise TooMuchError(f"page of {width:.0f} by {height:.0f} mm; each must be from {_SMALLEST_MM:g} to 5,100")
    return width, height, matrix


class _Budget:
    """Reads the content of a page and of the forms on it, up to so many bytes in all however often they are drawn."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self._left = MOST_CONTENT_BYTES

    def operations(self, contents: Any) -> Iterable[Any]:
        """Return the operations of a stream."""
        from pypdf.generic import ContentStream

        self._left -= len(contents.get_data())
        if self._left < 0:
            raise TooMuchError(f"more than {MOST_CONTENT_BYTES:,} bytes of drawing")
        operations: Iterable[Any] = ContentStream(contents, self._reader).operations
        return operations

    def form(self, name: Any, resources: Any) -> tuple[Iterable[Any], Any, NDArray[np.float64]] | None:
        """Return what a form draws, its resources and its matrix; None where `name` is an image or is not there."""
        inner = resources.get_object().get("/XObject") if resources is not None else None
        inner = inner.get_object().get(name) if inner is not None else None
        inner = inner.get_object() if inner is not None else None
        if inner is None or inner.get("/Subtype") != "/Form":
            return None
        matrix = matrix_of([float(value) for value in inner.get("/Matrix", ())])
        return self.operations(inner), inner.get("/Resources"), matrix


def _words(sheet: Any, matrix: NDArray[np.float64]) -> list[Word]:
    """Return the page's texts, each with the place where it begins."""
    words: list[Word] = []

    def visit(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        if text.strip():
            whole = matrix_of(list(tm)) @ matrix_of(list(cm)) @ matrix
            scale = float(np.hypot(*whole[1, :2]))
            words.append(Word(" ".join(text.split()), float(whole[2, 0]), float(whole[2, 1]), float(size) * scale))

    sheet.extract_text(visitor_text=visit)
    return words


def _images(path: Path, sheet: Any) -> list[Image]:
    """Return the page's pictures, largest first: a scan is a page with one picture and nothing else."""
    found: list[Image] = []
    names = list(sheet.images.keys())
    if len(names) > MOST_IMAGES:
        raise TooMuchError(f"{len(names)} pictures on a page; up to {MOST_IMAGES} are looked at")
    for name in names:
        picture = sheet.images[name].image
        if picture is not None:
            found.append(picture)
    return sorted(found, key=lambda one: -one.width * one.height)
