"""What a recording is: :class:`Record`, its :class:`Patient`, and the :class:`Beats` found in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from .codes import lead_name
from .errors import OptionError, SignalError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Patient:
    """What the file says of the patient; None where it says nothing. Names are never kept."""

    age_years: float | None = None
    sex: str | None = None
    """``"female"``, ``"male"`` or None."""


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One recording, in physical units.

    Parameters
    ----------
    signal
        float32, shape (lead, sample), millivolt; NaN where a sample is missing. Anything that converts is taken.
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
        The signal is not two-dimensional, the names do not fit its rows or repeat, or the rate is no positive number.
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
        signal = np.ascontiguousarray(self.signal, dtype=np.float32).view()  # a view: the caller's stays writable
        leads = tuple(lead_name(name) for name in self.leads)
        if signal.ndim != 2:
            raise OptionError(f"{self._who}signal has shape {signal.shape}; it must be (lead, sample)")
        if len(leads) != len(signal):
            raise OptionError(f"{self._who}{len(leads)} lead names for {len(signal)} signals; give one each")
        if signal.size == 0:
            raise SignalError(f"{self._who}holds {signal.shape[0]} leads of {signal.shape[1]} samples; nothing to read")
        if len(set(leads)) != len(leads):
            twice = sorted({name for name in leads if leads.count(name) > 1})
            raise OptionError(f"{self._who}lead {', '.join(twice)} occurs more than once; names must differ")
        if not (np.isfinite(self.fs_hz) and self.fs_hz > 0):
            raise OptionError(f"{self._who}sampling rate is {self.fs_hz} Hz; it must be a positive number")
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
        """Return the signal of one lead, float32, shape (sample,), mV.

        Raises
        ------
        OptionError
            The record has no such lead; the message lists those it has.
        """
        name = lead_name(lead)
        if name not in self.leads:
            raise OptionError(f"{self._who}no lead '{lead}'; it has {', '.join(self.leads)}")
        row: NDArray[np.float32] = self.signal[self.leads.index(name)]
        return row

    def __contains__(self, lead: object) -> bool:
        return isinstance(lead, str) and lead_name(lead) in self.leads

    def pick(self, leads: Sequence[str]) -> Self:
        """Return the record with just these leads, in this order; raises OptionError for one it has not."""
        return replace(self, signal=np.stack([self[name] for name in leads]), leads=tuple(leads))

    def crop(self, start_s: float, stop_s: float) -> Self:
        """Return the part from `start_s` to `stop_s`; raises SignalError when nothing lies between."""
        first, last = (round(max(0.0, t) * self.fs_hz) for t in (start_s, stop_s))
        return replace(self, signal=self.signal[:, first:last])

    def noted(self, *notes: str) -> Self:
        """Return the record with `notes` added to its own."""
        return replace(self, notes=self.notes + notes)


@dataclass(frozen=True, slots=True, eq=False)
class Beats:
    """Heartbeats in the order of time.

    Parameters
    ----------
    sample
        int64, shape (beat,): place of each R peak, at the record's own rate, ascending.
    symbol
        Unicode, shape (beat,): MIT-BIH annotation symbol of each beat.
    probability
        float32, shape (beat, class), or None where nothing classified them.
    classes
        Names of the columns of `probability`.
    """

    sample: NDArray[np.int64]
    symbol: NDArray[np.str_]
    probability: NDArray[np.float32] | None = None
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        sample = np.asarray(self.sample, dtype=np.int64).reshape(-1)
        symbol = np.asarray(self.symbol, dtype=np.str_).reshape(-1)
        if len(sample) != len(symbol):
            raise OptionError(f"{len(sample)} beat positions with {len(symbol)} symbols; give one symbol each")
        if np.any(np.diff(sample) < 0):
            raise OptionError("beat positions are not in ascending order")
        if self.probability is not None and self.probability.shape != (len(sample), len(self.classes)):
            raise OptionError(
                f"probabilities have shape {self.probability.shape}; with {len(sample)} beats and "
                f"{len(self.classes)} classes it must be ({len(sample)}, {len(self.classes)})"
            )
        object.__setattr__(self, "sample", sample)
        object.__setattr__(self, "symbol", symbol)

    def __len__(self) -> int:
        return len(self.sample)

    @classmethod
    def unlabelled(cls, sample: NDArray[np.int64]) -> Self:
        """Beats at `sample` that nothing has classified: symbol ``N`` for each."""
        return cls(sample, np.full(len(sample), "N"))
