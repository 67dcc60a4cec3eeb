"""Beat-by-beat comparison of found beats with an expert's, as ANSI/AAMI EC57 asks for it and `bxb` does it.

`bxb` of the WFDB package is the reference implementation the standard names (EC57:1998, 4.2; G. Moody, bxb(1)). The
table here is the standard's table 3 with the row and column of supraventricular beats, as ``bxb -S`` prints it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ..beats.match import TOLERANCE_S, match
from ..codes import AAMI_CLASSES, AAMI_OF_SYMBOL
from ..errors import OptionError, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from ..datasets.annotated import Annotated
    from ..findings import Interval
    from ..record import Beats

ROWS: Final = (*AAMI_CLASSES, "O", "X")
"""What the expert marked: a beat of a class, or none (``O``), or none since no lead could be read (``X``)."""

COLUMNS: Final = (*AAMI_CLASSES, "O")
"""What was found: a beat of a class, or none (``O``). The standard's last column, beats missed while the analyser had
declared the signal unreadable, is left out, since this one declares nothing: such beats count as missed."""

LEARNING_S: Final = 300.0
"""The first five minutes, in which an analyser may learn: `bxb` counts from there on unless told otherwise."""

_PACED: Final = ("/", "f")


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What was found in one record, against what an expert marked in it.

    Parameters
    ----------
    record, patient
        Their names; a patient may have several records.
    cells
        int64, shape (7, 6): how many beats, rows `ROWS`, columns `COLUMNS`.
    paced
        Whether the expert marked paced beats; EC57 leaves such records out of the scoring of classes.

    Raises
    ------
    OptionError
        The cells have another shape.
    """

    record: str
    patient: str
    cells: NDArray[np.int64]
    paced: bool = False

    def __post_init__(self) -> None:
        if self.cells.shape != (len(ROWS), len(COLUMNS)):
            raise OptionError(f"record {self.record}: cells have shape {self.cells.shape}; it must be (7, 6)")

    @property
    def named_cells(self) -> dict[str, int]:
        """The cells that are not empty, as `bxb` calls them: ``Vn`` is a V that was taken for N, ``No`` a missed N."""
        return named(self.cells)


def named(cells: NDArray[np.int64]) -> dict[str, int]:
    """Name the cells of a table that are not empty.

    Examples
    --------
    >>> table = np.zeros((7, 6), np.int64)
    >>> table[0, 0], table[2, 5] = 70, 1
    >>> named(table)
    {'Nn': 70, 'Vo': 1}
    """
    return {
        row + column.lower(): int(cells[i, j])
        for i, row in enumerate(ROWS)
        for j, column in enumerate(COLUMNS)
        if cells[i, j]
    }


def unnamed(cells: Mapping[str, int]) -> NDArray[np.int64]:
    """Make the table of named cells: int64, shape (7, 6).

    Examples
    --------
    >>> named(unnamed({"Nn": 70, "Vo": 1}))
    {'Nn': 70, 'Vo': 1}
    """
    table = np.zeros((len(ROWS), len(COLUMNS)), np.int64)
    for name, count in cells.items():
        table[ROWS.index(name[0]), COLUMNS.index(name[1].upper())] = count
    return table


def compare(item: Annotated, found: Beats, *, start_s: float = 0.0) -> Comparison:
    """Compare beats found in a recording with those an expert marked in it.

    Parameters
    ----------
    item
        The recording and its reference.
    found
        What was found, at the record's rate. Symbols are those of MIT-BIH, so AAMI's letters will do.
    start_s
        Where scoring starts: 0, or `LEARNING_S` as `bxb` has it.

    Raises
    ------
    OptionError
        A symbol marks no beat.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> from einthoven.datasets.annotated import Annotated
    >>> heart = simulate(duration_s=10, seed=1)
    >>> compare(Annotated(heart.record, heart.beats, "simulated"), heart.beats).named_cells
    {'Nn': 11}
    """
    return Comparison(
        item.record.id,
        item.patient,
        tabulate(
            item.beats, found, item.record.fs_hz, flutter=item.flutter, unreadable=item.unreadable, start_s=start_s
        ),
        paced=bool(np.isin(item.beats.symbol, _PACED).any()),
    )


def tabulate(
    reference: Beats,
    found: Beats,
    fs_hz: float,
    *,
    flutter: Iterable[Interval] = (),
    unreadable: Iterable[Interval] = (),
    start_s: float = 0.0,
) -> NDArray[np.int64]:
    """Count pairs of reference and found beats by their classes.

    Beats are paired over the whole record, within 150 ms and one to one. A beat of the reference counts unless it lies
    before `start_s` or in flutter. A found beat without partner counts as extra unless it lies before `start_s` or in
    flutter, ends included. `bxb` walks through both lists and pairs neighbours as it goes; here as many pairs as
    possible are made, which differs only where beats or detections stand closer than 300 ms.

    Parameters
    ----------
    reference, found
        Beats by an expert and by the analyser, positions at `fs_hz`.
    fs_hz
        Samples a second.
    flutter
        Ventricular flutter or fibrillation, in which nothing is scored.
    unreadable
        Where the expert could read no lead: extra beats there are counted in the row ``X``.
    start_s
        Where scoring starts.

    Returns
    -------
    ndarray
        int64, shape (7, 6), rows `ROWS`, columns `COLUMNS`.

    Raises
    ------
    OptionError
        A symbol marks no beat.
    """
    flutter = tuple(flutter)
    pairs = match(reference.sample, found.sample, TOLERANCE_S * fs_hz)
    scored = _counts(reference, fs_hz, flutter, start_s)
    partner = np.full(len(reference), -1)
    partner[pairs.reference_idx] = pairs.found_idx
    extra = _counts(found, fs_hz, flutter, start_s)
    extra[pairs.found_idx] = False

    truth, said = aami(reference), np.append(aami(found), COLUMNS.index("O"))
    lost = _within(found.sample / fs_hz, unreadable)
    cells = np.zeros((len(ROWS), len(COLUMNS)), np.int64)
    np.add.at(cells, (truth[scored], said[partner[scored]]), 1)
    np.add.at(cells, (np.where(lost, ROWS.index("X"), ROWS.index("O"))[extra], said[:-1][extra]), 1)
    return cells


def aami(beats: Beats) -> NDArray[np.int64]:
    """Return the place of each beat's class among N, S, V, F, Q: int64, shape (beat,).

    Raises
    ------
    OptionError
        A symbol marks no beat.

    Examples
    --------
    >>> from einthoven.record import Beats
    >>> aami(Beats([5, 300, 600], ["R", "A", "V"])).tolist()
    [0, 1, 2]
    """
    symbols, place = np.unique(beats.symbol, return_inverse=True)
    for symbol in symbols:
        if str(symbol) not in AAMI_OF_SYMBOL:
            raise unknown("beat symbol", str(symbol), AAMI_OF_SYMBOL)
    of_symbol = np.array([AAMI_CLASSES.index(AAMI_OF_SYMBOL[str(symbol)]) for symbol in symbols], np.int64)
    return of_symbol[place] if len(place) else np.zeros(0, np.int64)


def _counts(beats: Beats, fs_hz: float, flutter: Iterable[Interval], start_s: float) -> NDArray[np.bool_]:
    time_s = beats.sample / fs_hz
    counted: NDArray[np.bool_] = (time_s >= start_s) & ~_within(time_s, flutter)
    return counted


def _within(time_s: NDArray[np.float64], stretches: Iterable[Interval]) -> NDArray[np.bool_]:
    """Tell which times lie in any of the stretches, ends included: bool, shape (time,)."""
    inside = np.zeros(len(time_s), bool)
    for stretch in stretches:
        inside |= (time_s >= stretch.start_s) & (time_s <= stretch.stop_s)
    return inside
