"""WFDB header files: read strictly, and written plainly.

The grammar is that of header(5) in the WFDB Applications Guide
(https://physionet.org/physiotools/wag/header-5.htm). `wfdb` skips what it does not understand, so that for example the
unit µV is taken for V and a baseline of 1.5 ends up in the signal's name; here each field is what the grammar allows,
or the file is refused with the line that is wrong. Dates are the exception: they move no sample, and many files have
them in another form.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final

from ..errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DEFAULT_FS_HZ: Final = 250.0
DEFAULT_GAIN: Final = 200.0
MAX_HEADER_BYTES: Final = 16 * 2**20

_NUMBER = r"\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?"
_RECORD: Final = re.compile(r"([^\s/]+)(?:/(\d{1,9}))?\s+(\d{1,6})(?:\s+(\S+)(?:\s+(\S+)(?:\s+(.*))?)?)?")
_RATE: Final = re.compile(rf"({_NUMBER})(?:/-?(?:{_NUMBER})?(?:\(-?(?:{_NUMBER})\))?)?")
_FORMAT: Final = re.compile(r"(\d{1,4})(?:x(\d{1,6}))?(?::(\d{1,9}))?(?:\+(\d{1,18}))?")
_GAIN: Final = re.compile(rf"([-+]?(?:{_NUMBER}))(?:\(([-+]?\d{{1,18}})\))?(?:/(\S+))?")
_INTEGERS: Final = re.compile(r"(?:[-+]?\d{1,18}(?:\s+|$)){0,5}")
_TIME: Final = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,2}):)?(\d{1,2})(?:\.(\d{1,9}))?")
_DATE: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2}|[A-Za-z]{3})[-/.](\d{4})")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class SignalLine:
    """One signal as the header describes it; None where the header is silent."""

    file: str
    format: str
    per_frame: int = 1
    skew: int = 0
    offset: int = 0
    gain: float | None = None
    baseline: int = 0
    unit: str | None = None
    initial: int | None = None
    checksum: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """A header file; None where it is silent.

    Parameters
    ----------
    fs_hz
        Frames a second, which is samples a second except for signals with more samples in a frame.
    n_samples
        Frames in the record.
    segments
        Name and length in frames of each, for a record in segments; empty otherwise.
    notes
        What had to be mended.
    """

    name: str
    n_signals: int
    fs_hz: float | None
    n_samples: int | None
    start: datetime | None = None
    signals: tuple[SignalLine, ...] = ()
    segments: tuple[tuple[str, int], ...] = ()
    comments: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_header(path: Path) -> Header:
    """Read the header file at `path`; raises FormatError, naming the line, where it breaks the grammar."""
    if not path.is_file():
        raise FormatError(f"{path}: no such file; a WFDB record needs its header")
    if path.stat().st_size > MAX_HEADER_BYTES:
        raise FormatError(f"{path}: {path.stat().st_size} bytes are too many for a header; at most {MAX_HEADER_BYTES}")
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return parse_header(text, str(path))


def parse_header(text: str, who: str = "header") -> Header:
    r"""Return the header that `text` holds; raises FormatError with `who` and the line where it breaks the grammar.

    Examples
    --------
    >>> header = parse_header("100 1 360 650000\n100.dat 212 200(1024)/mV 11 1024 995 -22131 0 MLII\n# 69 M")
    >>> header.fs_hz, header.signals[0].name, header.signals[0].baseline, header.comments
    (360.0, 'MLII', 1024, ('69 M',))
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    comments = tuple(line.strip("# \t") for _, line in lines if line.startswith("#"))
    lines = [(number, line) for number, line in lines if line and not line.startswith("#")]
    if not lines:
        raise FormatError(f"{who}: the header is empty; its first line must be: name, signals, rate, samples")
    (number, first), *rest = lines
    match = _RECORD.fullmatch(first)
    if not match:
        raise FormatError(f"{who}: line {number} is '{first[:60]}'; it must be: name, number of signals, rate, samples")
    name, n_segments, n_signals, rate, n_samples, start_text = match.groups()
    start, notes = _start(start_text or "")
    return Header(
        name=name,
        n_signals=int(n_signals),
        fs_hz=_rate(rate, f"{who}: line {number}"),
        n_samples=_length(n_samples, f"{who}: line {number}"),
        start=start,
        signals=() if n_segments else _signals(rest, int(n_signals), who, number),
        segments=_segments(rest, int(n_segments), f"{who}: line {number}") if n_segments else (),
        comments=comments,
        notes=notes,
    )


def _rate(text: str | None, where: str) -> float | None:
    if text is None:
        return None
    match = _RATE.fullmatch(text)
    if not match or not 0 < float(match[1]) < math.inf:
        raise FormatError(f"{where}: sampling rate is '{text[:40]}'; it must be a positive number")
    return float(match[1])


def _length(text: str | None, where: str) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,18}", text):
        raise FormatError(f"{where}: number of samples is '{text[:40]}'; it must be a whole number")
    return int(text) or None  # 0 stands for "not stated"


def _signals(lines: Sequence[tuple[int, str]], n_signals: int, who: str, number: int) -> tuple[SignalLine, ...]:
    if n_signals == 0:
        raise FormatError(f"{who}: line {number} states 0 signals; nothing to read")
    if len(lines) != n_signals:
        raise FormatError(f"{who}: line {number} states {n_signals} signals, but {len(lines)} are described")
    return tuple(_signal(line, f"{who}: line {number}") for number, line in lines)


def _signal(line: str, where: str) -> SignalLine:
    words = line.split(None, 2)
    match = _FORMAT.fullmatch(words[1]) if len(words) > 1 else None
    if not match:
        raise FormatError(f"{where} is '{line[:60]}'; a signal's line must be: file, format, gain, ..., lead")
    per_frame, skew, offset = int(match[2] or 1), int(match[3] or 0), int(match[4] or 0)
    if per_frame < 1:
        raise FormatError(f"{where}: {per_frame} samples a frame; at least one is needed")
    rest = words[2] if len(words) > 2 else ""
    gain = baseline = unit = None
    numbers: list[int] = []
    first, after = (*rest.split(None, 1), "", "")[:2]
    if (found := _GAIN.fullmatch(first)) and (stated := _INTEGERS.match(after)):
        gain, baseline, unit = float(found[1]), found[2], found[3]
        if not math.isfinite(gain):
            raise FormatError(f"{where}: gain is '{found[1][:40]}'; it must be a finite number")
        numbers, rest = [int(word) for word in stated[0].split()], after[stated.end() :]
    elif re.match(r"[-+.\d]", rest):
        raise FormatError(f"{where}: gain is '{first[:40]}'; it must be like 200, 200/mV or 200(1024)/mV")
    _, zero, initial, checksum, _ = [*numbers, None, None, None, None, None][:5]
    return SignalLine(
        file=words[0],
        format=match[1],
        per_frame=per_frame,
        skew=skew,
        offset=offset,
        gain=gain or None,  # 0 stands for "not stated"
        baseline=int(baseline) if baseline is not None else zero or 0,
        unit=unit,
        initial=initial,
        checksum=checksum,
        name=rest,
    )


def _segments(lines: Sequence[tuple[int, str]], n_segments: int, where: str) -> tuple[tuple[str, int], ...]:
    if n_segments == 0 or len(lines) != n_segments:
        raise FormatError(f"{where} states {n_segments} segments, but {len(lines)} are described")
    segments = []
    for number, line in lines:
        words = line.split()
        if len(words) != 2 or not re.fullmatch(r"\d{1,18}", words[1]):
            raise FormatError(f"{where.rpartition(' ')[0]} {number} is '{line[:60]}'; it must be: segment, samples")
        segments.append((words[0], int(words[1])))
    return tuple(segments)


def _start(text: str) -> tuple[datetime | None, tuple[str, ...]]:
    """Return the time of the first sample; the order and form of date and time are forgiven."""
    day: date | None = None
    clock: time | None = None
    note: tuple[str, ...] = ()
    for word in text.split():
        try:
            if found := _DATE.fullmatch(word):
                month = found[2].casefold()
                day = date(int(found[3]), _MONTHS.index(month) + 1 if month.isalpha() else int(month), int(found[1]))
                plain = "/" in word and not month.isalpha() and clock is not None
                note = (
                    note if plain else (f"start '{text}' is not in WFDB's form, hours:minutes:seconds day/month/year",)
                )
            elif found := _TIME.fullmatch(word):
                hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3])
                clock = time(hours, minutes, seconds, int((found[4] or "0").ljust(6, "0")[:6]))
            else:
                return None, (f"start '{text[:40]}' is no date and time; left out",)
        except ValueError:
            return None, (f"start '{text[:40]}' is no date and time; left out",)
    if day is None:
        return None, (f"start '{text}' has no date; left out",) if clock else ()
    return datetime.combine(day, clock or time()), note


def header_text(header: Header) -> str:
    """Return the header as a file's text that every WFDB software reads.

    Examples
    --------
    >>> line = SignalLine("a.dat", "16", gain=1000.0, unit="mV", initial=0, checksum=0, name="II")
    >>> print(header_text(Header("a", 1, 500.0, 5000, signals=(line,), comments=("Age: 60",))), end="")
    a 1 500 5000
    a.dat 16 1000(0)/mV 16 0 0 0 0 II
    #Age: 60
    """
    start = f" {header.start:%H:%M:%S.%f %d/%m/}{header.start.year:04d}" if header.start else ""
    start = start.replace(".000000", "")
    length = f" {header.n_samples}" if header.n_samples is not None else ""
    lines = [f"{header.name} {header.n_signals} {_plain(header.fs_hz or DEFAULT_FS_HZ)}{length}{start}"]
    for one in header.signals:
        frame = f"x{one.per_frame}" if one.per_frame > 1 else ""
        skew = f":{one.skew}" if one.skew else ""
        offset = f"+{one.offset}" if one.offset else ""
        gain = f"{_plain(one.gain or DEFAULT_GAIN)}({one.baseline})/{one.unit or 'mV'}"
        numbers = f"16 0 {one.initial or 0} {one.checksum or 0} 0"
        lines.append(f"{one.file} {one.format}{frame}{skew}{offset} {gain} {numbers} {one.name}".rstrip())
    lines += [f"#{comment}" for comment in header.comments]
    return "\n".join(lines) + "\n"


def _plain(number: float) -> str:
    """Return the shortest text that reads back as `number`; no trailing point zero."""
    return repr(float(number)).removesuffix(".0")
