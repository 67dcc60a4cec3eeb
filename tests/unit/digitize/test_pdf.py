"""A PDF is read as it is shown, and one that is broken, locked or a bomb is refused at once."""

from __future__ import annotations

import contextlib
import time
import zlib
from typing import TYPE_CHECKING

import pypdf
import pytest
from PIL import Image

from einthoven.digitize.pdf import MOST_CONTENT_BYTES, read_pdf
from einthoven.errors import FormatError, OptionError
from einthoven.images.paper import draw, save

if TYPE_CHECKING:
    from pathlib import Path

    from einthoven.record import Record


def pdf(content: bytes, page: bytes = b"/MediaBox[0 0 720 360]") -> bytes:
    """Return a file of one page that draws `content`."""
    body = zlib.compress(content)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</XObject<</F 4 0 R>>>>" + page + b">>",
        b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Filter/FlateDecode/Length %d>>stream\n" % len(body)
        + body
        + b"\nendstream",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + one + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % at for at in places)
    return (
        out
        + b"xref\n0 5\n0000000000 65535 f \n"
        + table
        + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(out)
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "page.pdf"


LINE = b"0 0 m 72 36 l S"


@pytest.mark.parametrize(
    ("page", "size", "ends"),
    [
        (b"/MediaBox[0 0 720 360]", (254, 127), [(0, 127), (25.4, 114.3)]),
        (b"/MediaBox[-72 0 648 360]", (254, 127), [(25.4, 127), (50.8, 114.3)]),
        (b"/MediaBox[0 0 720 360]/Rotate 90", (127, 254), [(0, 0), (12.7, 25.4)]),
        (b"/MediaBox[0 0 720 360]/Rotate 180", (254, 127), [(254, 0), (228.6, 12.7)]),
        (b"/MediaBox[0 0 720 360]/Rotate 270", (127, 254), [(127, 254), (114.3, 228.6)]),
        (b"/MediaBox[0 0 720 360]/UserUnit 2", (508, 254), [(0, 254), (50.8, 228.6)]),
    ],
)
def test_lines_lie_where_the_page_shows_them(
    file: Path, page: bytes, size: tuple[float, float], ends: list[tuple[float, float]]
) -> None:
    file.write_bytes(pdf(LINE, page))
    drawing, _ = read_pdf(file, 1)
    assert (drawing.width_mm, drawing.height_mm) == pytest.approx(size)
    assert drawing.shapes[0].lines[0].ravel().tolist() == pytest.approx(
        [value for end in ends for value in end], abs=1e-6
    )


def test_words_have_their_place(file: Path, heart: Record) -> None:
    drawing, pictures = read_pdf(save(draw(heart), file), 1)
    (word,) = [word for word in drawing.words if word.text == "25 mm/s · 10 mm/mV"]
    assert word.y_mm == pytest.approx(9, abs=0.01)
    assert word.size_mm == pytest.approx(2.9, abs=0.01)
    assert pictures == []


def test_a_scan_is_a_picture(file: Path) -> None:
    Image.new("RGB", (400, 300), "white").save(file, resolution=100)
    drawing, pictures = read_pdf(file, 1)
    assert drawing.shapes == ()
    assert [one.size for one in pictures] == [(400, 300)]


@pytest.mark.parametrize("page", [0, 2, -1])
def test_there_is_only_the_page_there_is(file: Path, page: int) -> None:
    file.write_bytes(pdf(LINE))
    with pytest.raises(OptionError, match=f"no page {page}; it must be from 1 to 1"):
        read_pdf(file, page)


def test_a_password_is_told(file: Path) -> None:
    file.write_bytes(pdf(LINE))
    writer = pypdf.PdfWriter(clone_from=file)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(file)
    with pytest.raises(FormatError, match="is locked with a password"):
        read_pdf(file, 1)


@pytest.mark.parametrize(
    "content",
    [
        b" " * 100_000_000,
        b"0 0 m 1 1 l S " * (MOST_CONTENT_BYTES // 14 + 1),
        LINE + b" " * (MOST_CONTENT_BYTES // 8) + b" /F Do" * 30,
    ],
    ids=["zeros", "lines", "itself"],
)
def test_a_bomb_is_refused_at_once(file: Path, content: bytes) -> None:
    file.write_bytes(pdf(content))
    start = time.perf_counter()
    with pytest.raises(FormatError, match="holds too much for one page"):
        read_pdf(file, 1)
    assert time.perf_counter() - start < 10


def test_damage_is_one_line(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    whole = pdf(LINE)
    told = []
    for size in range(9, len(whole), 23):
        file.write_bytes(whole[:size] + b"\xff(<[" * 3)
        with contextlib.suppress(OptionError):  # some are whole but for the page
            try:
                read_pdf(file, 1)
            except FormatError as error:
                told.append(str(error))
    assert len(told) > 10
    assert all(line.startswith(f"{file}: ") and "\n" not in line for line in told)
    assert capfd.readouterr().err == ""
