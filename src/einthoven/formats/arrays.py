"""From a bare two-dimensional array, as MATLAB and NumPy files hold, to a Record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import FormatError
from ..record import Record
from .reader import distinct

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from .reader import ReadOptions


def array_record(
    numbers: NDArray[Any],
    path: Path,
    options: ReadOptions,
    *,
    fs_hz: float | None = None,
    unit: str | None = None,
    leads: Sequence[str] | None = None,
    notes: Sequence[str] = (),
) -> Record:
    """Return the record that `numbers` are, with what the file states of them and else the options.

    Parameters
    ----------
    numbers
        Integers or floats, shape (lead, sample), or (sample, lead) where only that fits the number of lead names.
    fs_hz, unit, leads
        What the file states; None where it is silent.

    Raises
    ------
    FormatError
        `numbers` are no real numbers, have another number of axes, or are none.
    OptionError
        The file is silent and so is the option, or they contradict each other.
    """
    if numbers.dtype.kind not in "iuf":
        raise FormatError(f"{path}: the signal has type {numbers.dtype}; it must be integers or floats")
    if numbers.ndim == 1:
        numbers = numbers[np.newaxis]
    shape = " x ".join(map(str, numbers.shape))
    if numbers.ndim != 2 or numbers.size == 0:
        raise FormatError(f"{path}: the signal is {shape or 'a single number'}; it must be leads x samples")
    rate, scale = options.rate(fs_hz, path), options.scale(unit, path)
    given = leads if leads is not None else options.leads
    if given is not None and len(given) == numbers.shape[1] != numbers.shape[0]:
        numbers = numbers.T
        notes = (*notes, f"the signal is stored as {shape}, samples x leads; turned round")
    names, renamed = distinct(options.names(leads, len(numbers), path))
    record = Record(scale.to_mv(numbers), rate, names, id=path.stem, source=str(path), notes=(*notes, *renamed))
    return options.selected(record)
