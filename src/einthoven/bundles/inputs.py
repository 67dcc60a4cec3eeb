"""All kinds of input there are for beats: as numbers and as pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..beats.inputs import INPUTS, SEQUENCES
from ..beats.sequences import SLOTS
from ..errors import unknown
from ..images.inputs import BEAT_PICTURES, TWO_LEADS

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..beats.rows import BeatInputs

BEAT_INPUTS: Final[dict[str, Callable[..., BeatInputs]]] = {**INPUTS, **BEAT_PICTURES}
"""Each takes signal, rate and R peaks; its settings are keyword-only."""


def input_kind(kind: str) -> Callable[..., BeatInputs]:
    """Look up the function that makes inputs of this kind.

    Raises
    ------
    OptionError
        There is no such kind; the message lists those there are.
    """
    if kind not in BEAT_INPUTS:
        raise unknown("input kind", kind, BEAT_INPUTS)
    return BEAT_INPUTS[kind]


def leads_at_once(kind: str) -> int:
    """Return how many leads an input of this kind shows.

    Examples
    --------
    >>> leads_at_once("beat-in-rhythm"), leads_at_once("beat-canvas")
    (2, 1)
    """
    return SLOTS if kind in SEQUENCES | TWO_LEADS else 1
