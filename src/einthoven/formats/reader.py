"""What a reader is, and what a caller may tell it: :class:`Reader`, :class:`ReadOptions`."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..codes import STANDARD_12, lead_name
from ..errors import OptionError
from ..record import is_number, lead_names
from .units import Scale, parse_unit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ..record import Record


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the caller knows and the file may not say.

    Parameters
    ----------
    fs_hz
        Sampling rate.
    unit
        ``"mV"``, ``"uV"``, ``"V"``, ``"nV"``, or converter units such as ``"1000/mV"``.
    leads
        Names for the signals of a file that has none; otherwise those to keep, in this order.

    Raises
    ------
    OptionError
        The rate is no positive number, the unit unknown, or a lead empty or named twice.
    """

    fs_hz: float | None = None
    unit: str | None = None
    leads: Sequence[str] | None = None

    def __post_init__(self) -> None:
        if self.fs_hz is not None and not (is_number(self.fs_hz) and 0 < self.fs_hz < math.inf):
            raise OptionError(f"sampling rate is given as {self.fs_hz!r} Hz; it must be a positive number")
        if self.unit is not None:
            parse_unit(self.unit)
        if self.leads is not None:
            names = lead_names(self.leads)
            if not names or len(set(names)) != len(names):
                raise OptionError(f"leads are given as '{','.join(self.leads)}'; names must be there and differ")
            object.__setattr__(self, "leads", names)

    def rate(self, stated: float | None, path: Path) -> float:
        """Return the rate the file states, else the one given.

        Raises
        ------
        OptionError
            There is neither, or they contradict each other.
        """
        if stated is None and self.fs_hz is None:
            raise OptionError(f"{path}: the file states no sampling rate; give it (fs_hz=360, or --rate 360)")
        if stated is not None and self.fs_hz is not None and not math.isclose(stated, self.fs_hz, rel_tol=1e-6):
            raise OptionError(
                f"{path}: rate given as {self.fs_hz:g} Hz, but the file states {stated:g} Hz; drop the option"
            )
        return self.fs_hz if stated is None and self.fs_hz is not None else float(stated or 0)

    def scale(self, stated: str | None, path: Path) -> Scale:
        """Return the scale of the unit the file states, else of the one given; raises as `rate` does."""
        text = stated or self.unit
        if text is None:
            raise OptionError(f"{path}: the file states no unit; give it (unit='mV', or --unit mV)")
        if stated and self.unit and parse_unit(stated) != parse_unit(self.unit):
            raise OptionError(f"{path}: unit given as {self.unit}, but the file states {stated}; drop the option")
        return parse_unit(text)

    def names(self, stated: Sequence[str] | None, n_signals: int, path: Path) -> tuple[str, ...]:
        """Return the names the file states for its signals, else those given; raises OptionError where none fit."""
        if stated is not None:
            return tuple(stated)
        if self.leads is None:
            example = ",".join(STANDARD_12[:n_signals]) if n_signals <= len(STANDARD_12) else "I,II,..."
            raise OptionError(
                f"{path}: the file names no leads; name its {n_signals} (leads=..., or --leads {example})"
            )
        if len(self.leads) != n_signals:
            raise OptionError(f"{path}: {len(self.leads)} leads given for {n_signals} signals; name each one")
        return tuple(self.leads)

    def selected(self, record: Record) -> Record:
        """Return `record` with the leads asked for; raises OptionError for one it has not."""
        return record if self.leads is None else record.pick(self.leads)


def distinct(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return lead names spelt the standard way and made to differ, and a note for each that had to change.

    Examples
    --------
    >>> distinct(["ECG II", "ii", ""])
    (('II', 'II-2', 'signal 2'), ('signal 1 is a second II; called II-2', 'signal 2 has no name; called signal 2'))
    """
    result: list[str] = []
    notes: list[str] = []
    for place, text in enumerate(names):
        # A name goes to terminals and files; what steers those does not belong in it.
        name = wanted = lead_name("".join(sign if sign.isprintable() else "?" for sign in text))
        if not name:
            name = wanted = f"signal {place}"
            notes.append(f"signal {place} has no name; called {name}")
        count = 1
        while name in result:
            count += 1
            name = f"{wanted}-{count}"
        if count > 1:
            notes.append(f"signal {place} is a second {wanted}; called {name}")
        result.append(name)
    return tuple(result), tuple(notes)


@dataclass(frozen=True, slots=True)
class Reader:
    """One file format that can be read.

    Parameters
    ----------
    title
        The format's own name.
    suffixes
        File endings, lower case with the dot; used where no reader knows the content.
    sniff
        Told the path and the file's first 512 bytes, says whether the file is of this format.
    read
        Path and options to Record. Raises FormatError for a file it cannot use, OptionError for options that do
        not fit the file.
    """

    title: str
    suffixes: tuple[str, ...]
    sniff: Callable[[Path, bytes], bool]
    read: Callable[[Path, ReadOptions], Record]


def _itself(path: Path) -> tuple[Path, ...]:
    return (path,)


@dataclass(frozen=True, slots=True)
class Writer:
    """One file format that can be written.

    Parameters
    ----------
    title
        The format's own name.
    suffixes
        File endings that ask for it.
    write
        Record and target path; writes whole or not at all and returns what the target cannot keep, a sentence each.
    files
        Target path to the files that `write` makes of it, the one to read back first.
    """

    title: str
    suffixes: tuple[str, ...]
    write: Callable[[Record, Path], tuple[str, ...]]
    files: Callable[[Path], tuple[Path, ...]] = _itself


def sourced(record: Record, path: Path) -> Record:
    """Return `record` with the file's name as its id and `path` as its source, where it has none yet."""
    if record.id and record.source:
        return record
    return replace(record, id=record.id or path.stem, source=record.source or str(path))
