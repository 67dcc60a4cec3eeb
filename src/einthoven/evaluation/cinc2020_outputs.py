"""The file that a system writes for each record in the 2020 challenge, and tables of many.

Four lines of commas: the record, the codes, whether each is present, how much it is believed::

    #A0001
    426783006,164889003
    0,1
    0.08,0.97

The format is that of the challenge's driver and scorer (https://github.com/physionetchallenges/evaluation-2020).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ..atomic import replacing_in
from ..codes import CINC2020_CLASSES, CINC2020_SAME
from ..errors import FormatError, InputError, OptionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_ANSWERS: Final = dict.fromkeys(("1", "true", "t"), True) | dict.fromkeys(("0", "false", "f", "nan", ""), False)
_NAME: Final = re.compile(r"[^/\\\r\n]+")
_CODE: Final = re.compile(r"[\w.:|-]+")
SHOWN: Final = 10  # names of records without an output


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """What a system says of one record.

    Parameters
    ----------
    record
        Its name.
    codes
        SNOMED CT codes; those it says nothing of are absent.
    present
        bool, shape (code,): whether the record has it.
    score
        float64, shape (code,): how much that is believed; NaN where that is not known.

    Raises
    ------
    OptionError
        The lengths differ, there is no code, or the name cannot be a file's or a code not stand in it.
    """

    record: str
    codes: tuple[str, ...]
    present: NDArray[np.bool_]
    score: NDArray[np.float64]

    def __post_init__(self) -> None:
        n = len(self.codes)
        if not n or not self.present.shape == self.score.shape == (n,):
            raise OptionError(
                f"{self.record}: {n} codes, answers {self.present.shape}, scores {self.score.shape}; "
                "there must be one of each for every code, and a code at least"
            )
        if not _NAME.fullmatch(self.record):
            raise OptionError(f"record {self.record!r} cannot name a file: it must be one line without slashes")
        if bad := [code for code in self.codes if not _CODE.fullmatch(code)]:
            raise OptionError(f"{self.record}: {bad[0][:40]!r} is no code; it must be letters, digits or such")


def write_output(output: Output, folder: Path) -> Path:
    """Write an output to ``<record>.csv`` in `folder`, and return its path; raises OutputError where it cannot.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from pathlib import Path
    >>> one = Output("A0001", ("426783006", "164889003"), np.array([False, True]), np.array([0.08, 0.97]))
    >>> print(write_output(one, Path(mkdtemp())).read_text(), end="")
    #A0001
    426783006,164889003
    0,1
    0.08,0.97
    """
    (target,) = write_outputs([output], folder)
    return target


def write_outputs(outputs: Sequence[Output], folder: Path) -> list[Path]:
    """Write outputs as :func:`write_output` does, all of them or none: for many, several times as fast."""
    with replacing_in(folder) as drafts:
        for one in outputs:
            lines = (
                f"#{one.record}",
                ",".join(one.codes),
                ",".join(map(str, one.present.astype(int).tolist())),
                ",".join(map(repr, one.score.tolist())),
            )
            (drafts / f"{one.record}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return [folder / f"{one.record}.csv" for one in outputs]


def read_output(file: Path) -> Output:
    """Read the output of one record, which is named as the file.

    Lines that are empty or begin with ``#`` are passed over. An answer that is empty or ``nan`` is no, an empty score
    is 0. The official scorer takes whatever it does not understand as no and 0, whole files too; here that is an error,
    lest a mistake in writing looks like a poor system.

    Raises
    ------
    FormatError
        The file cannot be read, has not three lines of one length, an answer is not 0 or 1 (or false or true), or a
        score no number.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise FormatError(f"{file}: cannot be read ({error})") from error
    numbered = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
    lines = [(number, line.split(",")) for number, line in numbered if line and not line.startswith("#")]
    lengths = [len(cells) for _, cells in lines]
    if len(lengths) != 3 or len(set(lengths)) != 1:
        raise FormatError(
            f"{file}: has lines of {', '.join(map(str, lengths)) or 'no'} values; there must be three of one length: "
            "codes, answers, scores"
        )
    (_, codes), (answers_at, answers), (scores_at, scores) = lines
    try:
        return Output(
            file.stem,
            tuple(code.strip() for code in codes),
            np.array([_answer(cell.strip(), f"{file}, line {answers_at}") for cell in answers], dtype=bool),
            np.array([_score(cell.strip(), f"{file}, line {scores_at}") for cell in scores], dtype=np.float64),
        )
    except OptionError as error:
        raise FormatError(f"{file}: {error}") from error


def read_outputs(folder: Path, records: Sequence[str]) -> list[Output]:
    """Read the outputs of `records`, in their order; other files are passed over.

    Raises
    ------
    InputError
        There is no such folder, or no output for one of the records: all are named up to ten.
    FormatError
        An output is damaged.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; it must hold an output for each record, as A0001.csv")
    files = [folder / f"{record}.csv" for record in records]
    absent = [file.stem for file in files if not file.is_file()]
    if absent:
        more = f" and {len(absent) - SHOWN} more" if len(absent) > SHOWN else ""
        raise InputError(
            f"{folder}: no output for {len(absent)} of {len(files)} records: {', '.join(absent[:SHOWN])}{more}; each "
            "must have its file, as A0001.csv"
        )
    return [read_output(file) for file in files]


def as_arrays(outputs: Iterable[Output]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return what was said of each scored class, as the official scorer takes it.

    Codes that are scored as one are present when one of them is, and have the mean of their scores, NaN left out; codes
    that are not scored do not count; a class of which nothing is said is absent and has the score 0.

    Returns
    -------
    present
        bool, shape (record, class), columns as :data:`~einthoven.codes.CINC2020_CLASSES`.
    score
        float64, of the same shape; no NaN.

    Examples
    --------
    >>> blocks = Output("A0001", ("713427006", "59118001"), np.array([False, True]), np.array([0.4, 0.8]))
    >>> present, score = as_arrays([blocks])
    >>> place = CINC2020_CLASSES.index("713427006")
    >>> bool(present[0, place]), round(float(score[0, place]), 3), int(present.sum())
    (True, 0.6, 1)
    """
    place_of = {code: place for place, code in enumerate(CINC2020_CLASSES)}
    place_of |= {code: place_of[same] for code, same in CINC2020_SAME.items()}
    n = len(CINC2020_CLASSES)
    present: list[NDArray[np.bool_]] = []
    score: list[NDArray[np.float64]] = []
    for one in outputs:
        place = np.array([place_of.get(code, n) for code in one.codes])  # what is not scored goes to a place of its own
        known = ~np.isnan(one.score)
        total = np.bincount(place[known], weights=one.score[known], minlength=n + 1)[:n]
        count = np.bincount(place[known], minlength=n + 1)[:n]
        present.append(np.bincount(place[one.present], minlength=n + 1)[:n] > 0)
        score.append(np.nan_to_num(total / np.maximum(count, 1), nan=0.0, posinf=np.inf, neginf=-np.inf))
    return np.array(present, dtype=bool).reshape(-1, n), np.array(score, dtype=np.float64).reshape(-1, n)


def _answer(cell: str, where: str) -> bool:
    if cell.casefold() not in _ANSWERS:
        raise FormatError(f"{where}: {cell[:40]!r} is no answer; it must be 0 or 1")
    return _ANSWERS[cell.casefold()]


def _score(cell: str, where: str) -> float:
    try:
        return float(cell or "0")
    except ValueError:
        raise FormatError(f"{where}: {cell[:40]!r} is no score; it must be a number") from None
