"""MIT-BIH Noise Stress Test Database: half an hour each of baseline wander, electrode motion and muscle noise.

Moody, Muldrow & Mark, Computers in Cardiology 1984;11:381-384; https://physionet.org/content/nstdb/1.0.0/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..errors import DataError
from .catalogue import dataset

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..record import Record

NOISES: Final = ("bw", "em", "ma")
"""Baseline wander, electrode motion, muscle."""


def load(root: str | Path | None = None) -> Iterator[Record]:
    """Read the three recordings of noise alone, two leads at 360 Hz each.

    Raises
    ------
    DataError
        The database or one of the three is not there.
    """
    from ..formats import read

    folder = dataset("nstdb").path(root)
    for name in NOISES:
        file = folder / f"{name}.hea"
        if not file.is_file():
            raise DataError(f"{file}: not there; get it with `einthoven data fetch nstdb`")
        yield read(file)
