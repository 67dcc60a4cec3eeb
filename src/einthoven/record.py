"""What a recording is: :class:`Record`, its :class:`Patient`, and the :class:`Beats` found in it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from .codes import lead_name
from .errors import OptionError, SignalError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

SEXES: Final = ("female", "male")


@dataclass(frozen=True, slots=True)
class Patient:
    """What the file says of the patient; None where it says nothing. Names are never kept.

    Parameters
    ----------
    age_years
        Zero or more.
    sex
        ``"female"`` or ``"male"``.

    Raises
    ------
    OptionError
        The age is no such number, or the sex another word.
    """

    age_years: float | None = None
    sex: str | None = None

    def __post_init__(self) -> None:
        if self.age_years is not None and not (is_number(self.age_years) and 0 <= self.age_years < math.inf):
            raise OptionError(f"age is {self.age_years!r} years; it must be a number from 0 on, or None")
        if self.sex is not None and self.sex not in SEXES:
            raise OptionError(f"sex is {self.sex!r}; it must be {', '.join(SEXES)} or None")


def is_number(value: object) -> bool:
    """Tell whether `value` is one real number, of Python or NumPy; a truth value is none.

    Examples
    --------
    >>> is_number(360), is_number(np.float32(0.5)), is_number("360"), is_number(True)
    (True, True, False, False)
    """
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One recording, in physical units.

    Parameters
    ----------
    signal
        float32, shape (lead, sample), millivolt; NaN where a sample is missing. Any real numbers are taken; what is
        infinite, or becomes so in float32, is missing, and `notes` says how many samples are.
    fs_hz
        Samples a second, the same for all leads.
    leads
        One name a row of `signal`, in the row order of the file; spelt the standard way on construction.
    id
        Short name, normally the file's without suffix.
    source
        Where it came from: a path, or ``"simulated"``.
    start
        Wall-clock time of the first sample, if the file has it.
    patient
        Age and sex, if the file has them.
    diagnoses
        Codes the file itself carries (SNOMED CT in the CinC challenge files), as text.
    notes
        What the reader had to mend or assume, one sentence each.

    Raises
    ------
    OptionError
        The signal is not two-dimensional or no real numbers, the names do not fit its rows, are empty or repeat, or the
        rate is no positive number.
    SignalError
        The record holds no lead or no sample.

    Examples
    --------
    >>> record = Record(np.zeros((2, 720)), fs_hz=360, leads=("MLII", "v5"))
    >>> record.leads, record.duration_s
    (('MLII', 'V5'), 2.0)
    """

    signal: NDArray[np.float32]
    fs_hz: float
    leads: tuple[str, ...]
    id: str = ""
    source: str = ""
    start: datetime | None = None
    patient: Patient = field(default_factory=Patient)
    diagnoses: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        signal = real_numbers(self.signal, self._who)
        if signal.flags.writeable:
            signal = signal.view()  # what is frozen below is the view: the caller's own stays writable
        leads = lead_names(self.leads, self._who)
        if signal.ndim != 2:
            raise OptionError(f"{self._who}signal has shape {signal.shape}; it must be (lead, sample)")
        if len(leads) != len(signal):
            raise OptionError(f"{self._who}{len(leads)} lead names for {len(signal)} signals; give one each")
        if signal.size == 0:
            raise SignalError(f"{self._who}holds {signal.shape[0]} leads of {signal.shape[1]} samples; nothing to read")
        if len(set(leads)) != len(leads):
            twice = sorted({name for name in leads if leads.count(name) > 1})
            raise OptionError(f"{self._who}lead {', '.join(twice)} occurs more than once; names must differ")
        if not (is_number(self.fs_hz) and 0 < self.fs_hz < math.inf):
            raise OptionError(f"{self._who}sampling rate is {self.fs_hz!r} Hz; it must be a positive number")
        if np.isinf([np.fmax.reduce(signal, axis=1), np.fmin.reduce(signal, axis=1)]).any():
            infinite = np.isinf(signal)
            signal = np.where(infinite, np.float32(np.nan), signal)
            counts = zip(infinite.sum(axis=1).tolist(), leads, strict=True)
            told = ", ".join(f"{n} of {lead}" for n, lead in counts if n)
            object.__setattr__(self, "notes", (*self.notes, f"infinite samples count as missing: {told}"))
        signal.setflags(write=False)
        object.__setattr__(self, "signal", signal)
        object.__setattr__(self, "leads", leads)
        object.__setattr__(self, "fs_hz", float(self.fs_hz))

    @property
    def _who(self) -> str:
        return f"{self.source or self.id}: " if self.source or self.id else ""

    @property
    def n_samples(self) -> int:
        """Samples in each lead."""
        return int(self.signal.shape[1])

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.fs_hz

    def __getitem__(self, lead: str) -> NDArray[np.float32]:
        """Return the signal of one lead, float32, shape (sample,), mV; raises OptionError as `row` does."""
        signal: NDArray[np.float32] = self.signal[self.row(lead)]
        return signal

    def row(self, lead: str) -> int:
        """Return the row of `signal` that holds a lead, by its name in any spelling.

        Raises
        ------
        OptionError
            The record has no such lead; the message lists those it has.
        """
        name = lead_name(lead) if isinstance(lead, str) else None
        if name is None or name not in self.leads:
            raise OptionError(f"{self._who}no lead '{lead}'; it has {', '.join(self.leads)}")
        return self.leads.index(name)

    def __contains__(self, lead: object) -> bool:
        return isinstance(lead, str) and lead_name(lead) in self.leads

    def pick(self, leads: Sequence[str]) -> Self:
        """Return the record with just these leads, in this order; raises OptionError for one it has not, or none."""
        names = lead_names(leads, self._who)
        if not names:
            raise OptionError(f"{self._who}no lead is picked; it has {', '.join(self.leads)}")
        rows = [self.row(name) for name in names]
        together = rows == list(range(rows[0], rows[0] + len(rows)))  # then nothing is copied
        return replace(self, signal=self.signal[rows[0] : rows[-1] + 1] if together else self.signal[rows], leads=names)

    def crop(self, start_s: float, stop_s: float) -> Self:
        """Return the part from `start_s` to `stop_s`.

        Raises
        ------
        OptionError
            `start_s` or `stop_s` is no number.
        SignalError
            Nothing lies between.
        """
        if not all(is_number(t) and not math.isnan(t) for t in (start_s, stop_s)):
            raise OptionError(f"{self._who}cannot crop from {start_s!r} to {stop_s!r} s; both must be numbers")
        start_s, stop_s = (min(t, self.duration_s) for t in (start_s, stop_s))  # the end may be infinite
        first, last = (round(max(0.0, t) * self.fs_hz) for t in (start_s, stop_s))
        return replace(self, signal=self.signal[:, first:last])

    def noted(self, *notes: str) -> Self:
        """Return the record with `notes` added to its own."""
        return replace(self, notes=self.notes + notes)


def real_numbers(signal: Any, who: str = "") -> NDArray[np.float32]:
    """Return `signal` as float32; complex numbers, which would lose their half, and texts are refused.

    Raises
    ------
    OptionError
        It is no array of real numbers; the message begins with `who`.

    Examples
    --------
    >>> real_numbers([[1, 2]])
    array([[1., 2.]], dtype=float32)
    """
    try:
        array = np.asarray(signal)
    except ValueError as error:  # rows of different lengths
        raise OptionError(f"{who}signal is no array ({error}); it must be numbers of shape (lead, sample)") from error
    if array.dtype.kind not in "iufb":
        raise OptionError(f"{who}signal is of type {array.dtype}; it must be real numbers")
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype=np.float32)


def lead_names(leads: Sequence[str], who: str = "") -> tuple[str, ...]:
    """Return `leads` spelt the standard way; raises OptionError where they are no list of names, or one is empty.

    Examples
    --------
    >>> lead_names(["i", "avr"])
    ('I', 'aVR')
    """
    if isinstance(leads, str) or not all(isinstance(name, str) and name.strip() for name in leads):
        raise OptionError(f"{who}leads are {leads!r}; they must be a list of names, none of them empty")
    return tuple(lead_name(name) for name in leads)


@dataclass(frozen=True, slots=True, eq=False)
class Beats:
    """Heartbeats in the order of time.

    Parameters
    ----------
    sample
        int64, shape (beat,): place of each R peak, at the record's own rate, from 0 on, ascending.
    symbol
        Unicode, shape (beat,): MIT-BIH annotation symbol of each beat.
    probability
        float32, shape (beat, class), 0 to 1, or None where nothing classified them.
    classes
        Names of the columns of `probability`.
    possible
        bool, shape (beat, class): the classes each beat may be of, at the rate of error the model's card states; None
        where nothing says.
    paced
        bool, shape (beat,): which beats a pacemaker set off, so that their class says nothing of the heart; None where
        nobody looked.

    Raises
    ------
    OptionError
        A place is negative, no whole number or before the last; a probability is none; or the shapes do not fit.
    """

    sample: NDArray[np.int64]
    symbol: NDArray[np.str_]
    probability: NDArray[np.float32] | None = None
    classes: tuple[str, ...] = ()
    possible: NDArray[np.bool_] | None = None
    paced: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        sample, symbol = np.asarray(self.sample).reshape(-1), np.asarray(self.symbol, dtype=np.str_).reshape(-1)
        if sample.size and sample.dtype.kind not in "iu":
            raise OptionError(f"beat positions are of type {sample.dtype}; they must be whole numbers")
        if len(sample) != len(symbol):
            raise OptionError(f"{len(sample)} beat positions with {len(symbol)} symbols; give one symbol each")
        sample = sample.astype(np.int64)
        if np.any(np.diff(sample) < 0):
            raise OptionError("beat positions are not in ascending order")
        if sample.size and sample[0] < 0:
            raise OptionError(f"a beat position is {sample[0]}; positions count from 0")
        object.__setattr__(self, "sample", sample)
        object.__setattr__(self, "symbol", symbol)
        if self.probability is not None:
            object.__setattr__(self, "probability", self._checked(self.probability))
        if self.possible is not None and np.shape(self.possible) != (len(self), len(self.classes)):
            raise OptionError(
                f"possible classes have shape {np.shape(self.possible)}; with {len(self)} beats and "
                f"{len(self.classes)} classes it must be {(len(self), len(self.classes))}"
            )
        if self.paced is not None and np.shape(self.paced) != (len(self),):
            raise OptionError(
                f"paced has shape {np.shape(self.paced)}; with {len(self)} beats it must be {(len(self),)}"
            )

    def _checked(self, given: NDArray[np.float32]) -> NDArray[np.float32]:
        probability, wanted = np.asarray(given, dtype=np.float32), (len(self), len(self.classes))
        if probability.shape != wanted:
            raise OptionError(
                f"probabilities have shape {probability.shape}; with {wanted[0]} beats and {wanted[1]} classes it must "
                f"be {wanted}"
            )
        wrong = probability[~((probability >= 0) & (probability <= 1))]
        if wrong.size:
            raise OptionError(f"a beat's probability is {wrong[0]}; it must be from 0 to 1")
        return probability

    def __len__(self) -> int:
        return len(self.sample)

    @classmethod
    def unlabelled(cls, sample: NDArray[np.int64]) -> Self:
        """Beats at `sample` that nothing has classified: symbol ``N`` for each."""
        return cls(sample, np.full(len(sample), "N"))
