"""Text tables: CSV, TSV and semicolons, a row a sample and a column a lead.

The first row names the leads. Rate and unit stand in comment lines such as ``# fs_hz: 500`` and ``# unit: mV``, in a
second row of units as PhysioNet's ``rdsamp -c`` writes, behind the names as in ``II (mV)``, or come as options. Empty
cells, ``NaN`` and ``-`` are missing samples. A decimal comma is an error, since it cannot be told from a delimiter.
"""

from __future__ import annotations

import csv
import io
import math
import re
from array import array
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Final

import numpy as np

from ..atomic import replacing
from ..codes import lead_name
from ..errors import FormatError
from ..record import Record
from .damage import refusing
from .facts import fact_lines, with_facts
from .reader import Reader, ReadOptions, Writer, distinct
from .units import voltage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

_TIME_COLUMNS: Final = re.compile(
    r"(?:unnamed: 0|index|n|(?:elapsed )?time|t|timestamp|seconds|samples?(?: ?#| number)?)?"
    r"(?:_m?s|\s*[\[(]m?s[\])])?",
    re.IGNORECASE,
)
_MISSING: Final = frozenset(("", "nan", "-"))
_NUMBER: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE | re.ASCII)
_CHUNK: Final = 65536
_STATEMENT: Final = re.compile(r"(fs_hz|unit|start)\s*[:=]\s*(.+)", re.IGNORECASE)
_NAME_UNIT: Final = re.compile(r"(.+?)\s*[\[(]\s*([^\])]+?)\s*[\])]")


@dataclass(frozen=True, slots=True)
class _Table:
    """The file's content; `names` and `units` have an entry a column, None where it is silent."""

    names: tuple[str, ...] | None
    units: tuple[str | None, ...]
    numbers: NDArray[np.float64]
    columns: tuple[int, ...]
    comments: tuple[str, ...]


def read(path: Path, options: ReadOptions) -> Record:
    """Read the record in a text table.

    Raises
    ------
    FormatError
        A cell is no number, or a row has another length; the message names line and column.
    OptionError
        Rate, unit or lead names are neither in the file nor given.
    """
    with refusing(path, "text"), path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        table = _parsed(path, stream)
    stated = {found[1].lower(): found[2] for line in table.comments if (found := _STATEMENT.fullmatch(line))}
    names = None if table.names is None else tuple(table.names[place] for place in table.columns)
    leads, renamed = distinct(options.names(names, len(table.columns), path))
    rate = options.rate(_stated_rate(stated.get("fs_hz"), path), path)
    units = [table.units[place] or stated.get("unit") for place in table.columns]
    kept = [place for place, unit in enumerate(units) if unit is None or voltage(unit)]
    if not kept:
        raise FormatError(f"{path}: no column is a voltage; units are {', '.join(map(str, units))}")
    rows = [options.scale(units[place], path).to_mv(table.numbers[:, place]) for place in kept]
    record = Record(
        np.stack(rows),
        rate,
        tuple(leads[place] for place in kept),
        id=path.stem,
        source=str(path),
        start=_stated_start(stated.get("start"), path),
        notes=(*_left_out(table, leads, units, kept), *renamed),
    )
    return options.selected(with_facts(record, table.comments))


def _left_out(table: _Table, leads: tuple[str, ...], units: list[str | None], kept: list[int]) -> Iterator[str]:
    for place, name in enumerate(table.names or ()):
        if place not in table.columns:
            yield f"column {place + 1} ('{name}') is time or a counter; left out"
    for place, unit in enumerate(units):
        if place not in kept:
            yield f"{leads[place]} is in {unit}, no voltage; left out"


def _stated_rate(text: str | None, path: Path) -> float | None:
    if text is None:
        return None
    fs_hz = float(text.strip()) if _NUMBER.fullmatch(text.strip()) else 0.0
    if not 0 < fs_hz < math.inf:
        raise FormatError(f"{path}: states fs_hz '{text[:40]}'; it must be a positive number")
    return fs_hz


def _stated_start(text: str | None, path: Path) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise FormatError(f"{path}: states start '{text}'; it must be like 2020-05-12T12:33:59") from error


def _parsed(path: Path, lines: Iterable[str]) -> _Table:
    """Read comments, the rows that name columns and units, and the numbers."""
    comments: list[str] = []
    rows = _rows(path, lines, comments)
    number, head = first = next(rows, (0, []))
    if not head:
        raise FormatError(f"{path}: is empty; a row of lead names and rows of numbers are needed")
    if all(_is_number(cell) for cell in head):
        columns = tuple(range(len(head)))
        values = _numbers(path, chain([first], rows), columns, len(head))
        return _Table(None, (None,) * len(head), values, columns, tuple(comments))
    columns = tuple(place for place, name in enumerate(head) if not _TIME_COLUMNS.fullmatch(name.strip()))
    if not columns:
        raise FormatError(f"{path}: line {number} names no lead, only {', '.join(head)[:60]}")
    names, units = _split_units(head)
    second = next(rows, None)
    if second and len(second[1]) == len(head) and all(_is_word(second[1][place]) for place in columns):
        units, second = tuple(cell.strip() or None for cell in second[1]), None
    values = _numbers(path, chain([second] if second else [], rows), columns, len(head))
    return _Table(names, units, values, columns, tuple(comments))


def _rows(path: Path, lines: Iterable[str], comments: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each line; comments are put aside. The first row decides on delimiter and quotes."""
    delimiter = quote = ""
    for number, line in enumerate(lines, 1):
        line = line.rstrip("\r\n")
        if "\0" in line:
            raise FormatError(f"{path}: line {number} holds a zero byte; the file is no text")
        if line.lstrip().startswith("#"):
            comments.append(line.strip("# \t"))
            continue
        if not line.strip():
            continue
        if not delimiter:
            quote = "'" if line.lstrip().startswith("'") else '"'
            bare = re.sub(f"{quote}[^{quote}]*{quote}", "", line)
            delimiter = next((sign for sign in "\t;," if sign in bare), ",")
        if quote in line:
            yield number, next(csv.reader([line], delimiter=delimiter, quotechar=quote, skipinitialspace=True))
        else:
            yield number, line.split(delimiter)


def _numbers(
    path: Path, rows: Iterable[tuple[int, list[str]]], columns: tuple[int, ...], width: int
) -> NDArray[np.float64]:
    """Return the numbers in `columns`, float64, shape (sample, column)."""
    flat = array("d")
    for number, row in rows:
        if len(row) != width:
            raise FormatError(f"{path}: line {number} has {len(row)} cells; the first row has {width}")
        try:
            if "_" in "".join(row):  # Python's float takes 1_000 for a number
                raise ValueError
            flat.extend([float(row[place]) for place in columns])
        except ValueError:
            for place in columns:
                if not _is_number(row[place]):
                    raise FormatError(
                        f"{path}: line {number}, column {place + 1} is '{row[place][:40]}'; it must be a number "
                        "with a decimal point, or empty"
                    ) from None
            del flat[len(flat) - len(flat) % len(columns) :]
            cells = [row[place].strip() for place in columns]
            flat.extend([math.nan if cell.casefold() in _MISSING else float(cell) for cell in cells])
    if not flat:
        raise FormatError(f"{path}: has no row of numbers")
    return np.frombuffer(flat).reshape(-1, len(columns))


def _is_number(cell: str) -> bool:
    return cell.strip().casefold() in _MISSING or bool(_NUMBER.fullmatch(cell.strip()))


def _is_word(cell: str) -> bool:
    """Tell whether `cell` may name a unit: what begins like a number is none, be it one in a form not taken here."""
    return not _is_number(cell) and not re.match(r"\s*[-+]?[.,]?\d", cell)


def _split_units(head: list[str]) -> tuple[tuple[str, ...], tuple[str | None, ...]]:
    """Part names from the units behind them, as in ``II (mV)``; what is no voltage stays in the name."""
    found = [_NAME_UNIT.fullmatch(cell.strip()) for cell in head]
    pairs = [
        (match[1], match[2]) if match and voltage(match[2]) else (cell.strip(), None)
        for cell, match in zip(head, found, strict=True)
    ]
    return tuple(name for name, _ in pairs), tuple(unit for _, unit in pairs)


def _write(record: Record, path: Path, delimiter: str) -> tuple[str, ...]:
    head = _name_row(record.leads, delimiter)
    start = (f"start: {record.start.isoformat()}",) if record.start else ()
    comments = (f"fs_hz: {record.fs_hz!r}", "unit: mV", *start, *fact_lines(record))
    with replacing(path) as draft, draft.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(f"# {comment}\n" for comment in comments)
        stream.write(head)
        for first in range(0, record.n_samples, _CHUNK):
            # The shortest text that reads back as the same float32.
            texts = record.signal[:, first : first + _CHUNK].T.astype(np.str_)
            stream.writelines(delimiter.join(row) + "\n" for row in texts.tolist())
    taken = _names_in(path, head, delimiter.join("0" for _ in record.leads))
    if other := [lead for lead in record.leads if lead not in taken]:
        return (f"{', '.join(other)} under that name, which in a table stands for time, a unit or a number",)
    return ()


def _name_row(leads: tuple[str, ...], delimiter: str) -> str:
    """Return the first row; quoted where a name holds a sign that could be taken for a delimiter or a comment."""
    odd = any(sign in name for name in leads for sign in "\t;,\"'#")
    row = io.StringIO()
    writer = csv.writer(
        row, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL if odd else csv.QUOTE_MINIMAL
    )
    writer.writerow(leads)
    return row.getvalue()


def _names_in(path: Path, *lines: str) -> tuple[str, ...]:
    """Return the lead names that `read` will find in a table of these lines."""
    try:
        table = _parsed(path, lines)
    except FormatError:
        return ()
    return tuple(lead_name(table.names[place]) for place in table.columns) if table.names else ()


def write_csv(record: Record, path: Path) -> tuple[str, ...]:
    """Write the record as comma-separated text; all is kept but lead names that a table gives another meaning."""
    return _write(record, path, ",")


def write_tsv(record: Record, path: Path) -> tuple[str, ...]:
    """Write the record as tab-separated text; all is kept but lead names that a table gives another meaning."""
    return _write(record, path, "\t")


def _sniff(_path: Path, _head: bytes) -> bool:
    return False  # text has no mark of its own; the suffix decides


READER: Final = Reader("CSV or TSV", (".csv", ".tsv", ".txt"), _sniff, read)
CSV_WRITER: Final = Writer("CSV", (".csv",), write_csv)
TSV_WRITER: Final = Writer("TSV", (".tsv",), write_tsv)
