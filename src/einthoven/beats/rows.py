"""What is shown of beats: named arrays with one row a beat, made at once or when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray


class Rows(Protocol):
    """Anything that gives float32 rows for an array of item numbers: a NumPy array, or windows cut on demand."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Items, then the shape of one item."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, index: Any) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True, eq=False)
class BeatInputs:
    """Inputs of all beats of one lead.

    Parameters
    ----------
    arrays
        By the name of the network's input: rows, one a beat.
    complete
        bool, shape (beat,): whether the beat has all the signal its input asks for. Incomplete beats are filled in
        and left out of training.
    fs_hz, length_s
        Rate the network sees, and seconds of signal that one item shows.
    """

    arrays: Mapping[str, Rows]
    complete: NDArray[np.bool_]
    fs_hz: float
    length_s: float
