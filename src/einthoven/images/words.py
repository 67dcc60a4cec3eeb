"""What stands in words around the ECG: whose it is, how it is drawn, what the marks mean."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from .. import __version__

if TYPE_CHECKING:
    from ..record import Record

DISCLAIMER = "For research; not a medical device"


def printable(text: str) -> str:
    r"""Return `text` without the signs that steer a terminal or that XML forbids.

    Examples
    --------
    >>> printable("V1\x1b[31m"), printable("two\nlines")
    ('V1�[31m', 'two lines')
    """
    return "".join(c if c.isprintable() else " " if c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in text)


def escaped(text: str) -> str:
    """Return `text` as it must stand in HTML or SVG, inside or outside of quotes.

    Examples
    --------
    >>> escaped("<I> & 'II'")
    '&lt;I&gt; &amp; &#x27;II&#x27;'
    """
    return escape(printable(text))


def seen_text(text: str, most: int) -> str:
    """Return `text` in at most `most` characters, cut in the middle, on one line.

    Examples
    --------
    >>> seen_text("JS00001", 20), seen_text("a-very-long-name-of-a-file", 11)
    ('JS00001', 'a-ver…-file')
    """
    text = " ".join(printable(text).split())
    if len(text) <= most:
        return text
    tail = (most - 1) // 2
    return f"{text[: most - 1 - tail]}…{text[len(text) - tail :]}"


def clock(time_s: float, duration_s: float = 0.0, decimals: int = 0) -> str:
    """Return a time from the record's start as m:ss, with hours where the record has them.

    Examples
    --------
    >>> clock(62.4), clock(62.4, 7200), clock(-3), clock(86399.6), clock(59.996, decimals=2)
    ('1:02', '0:01:02', '−0:03', '24:00:00', '1:00.00')
    """
    size = 10**decimals
    whole, part = divmod(round(abs(time_s) * size), size)
    fraction = f".{part:0{decimals}d}" if decimals else ""
    sign = "−" if time_s < 0 and (whole or part) else ""
    minutes, seconds = divmod(whole, 60)
    if max(whole, duration_s) < 3600:
        return f"{sign}{minutes}:{seconds:02d}{fraction}"
    return f"{sign}{minutes // 60}:{minutes % 60:02d}:{seconds:02d}{fraction}"


def length(duration_s: float) -> str:
    """Return how long something lasts, in words.

    Examples
    --------
    >>> length(10), length(0.002), length(1805.6), length(86400)
    ('10 s', '0.002 s', '30 min 6 s', '24 h')
    """
    if duration_s < 60:
        return f"{duration_s:.3g} s"
    whole = round(duration_s)
    parts = ((whole // 3600, "h"), (whole // 60 % 60, "min"), (whole % 60, "s"))
    return " ".join(f"{n} {unit}" for n, unit in parts if n)


def counted(number: int, noun: str) -> str:
    """Return how many there are of something.

    Examples
    --------
    >>> counted(1, "beat"), counted(0, "beat"), counted(12_000, "beat")
    ('1 beat', '0 beats', '12,000 beats')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def scaling(speed_mm_s: float, gain_mm_mv: float) -> str:
    """Return speed and gain as printed on paper.

    Examples
    --------
    >>> scaling(25, 10), scaling(25 / 6, 2.5)
    ('25 mm/s · 10 mm/mV', '4.17 mm/s · 2.5 mm/mV')
    """
    return f"{speed_mm_s:.3g} mm/s · {gain_mm_mv:g} mm/mV"


def facts(record: Record) -> str:
    """Return who and when in one phrase: sex, age, start; empty where the file says none.

    Examples
    --------
    >>> from einthoven.record import Patient, Record
    >>> facts(Record([[0.0]], fs_hz=1, leads=("II",), patient=Patient(69, "male")))
    'male, 69 years'
    """
    patient = record.patient
    age = "" if patient.age_years is None else f"{patient.age_years:g} year" + ("" if patient.age_years == 1 else "s")
    person = ", ".join(part for part in (patient.sex or "", age) if part)
    start = "" if record.start is None else record.start.strftime("%Y-%m-%d %H:%M:%S")
    return " · ".join(part for part in (person, start) if part)


def lead_list(record: Record) -> str:
    """Return the leads' names, or how many they are where they are many.

    Examples
    --------
    >>> from einthoven.record import Record
    >>> lead_list(Record([[0.0], [0.0]], fs_hz=1, leads=("MLII", "V5")))
    'MLII, V5'
    """
    names = [seen_text(name, 14) for name in record.leads]
    return ", ".join(names) if len(names) <= 4 else f"{len(names)} leads"


def version_line() -> str:
    """Return the name of what drew it."""
    return f"einthoven {__version__}"
