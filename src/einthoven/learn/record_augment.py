"""Whole records as they might have been. Pure functions on a batch, its answers and a generator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..errors import unknown

if TYPE_CHECKING:
    from collections.abc import Callable

RECORD_AUGMENTS: Final[dict[str, Callable[..., Any]]] = {}
"""By kind of input: what varies a batch of it. Takes inputs by name, targets and a generator, and gives inputs and
targets; its settings are keyword-only."""


def record_augment(kind: str) -> Callable[..., Any]:
    """Look up what varies records of this kind; raises OptionError where nothing does."""
    if kind not in RECORD_AUGMENTS:
        raise unknown("kind of input that can be varied", kind, RECORD_AUGMENTS)
    return RECORD_AUGMENTS[kind]
