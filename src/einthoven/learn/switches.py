"""Other forms of a recipe: what is set otherwise, one thing after the other, to tell what each brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .fill import within


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """Something that a recipe can have set otherwise."""

    name: str
    says: str
    """What it does, for the table."""
    set: Mapping[str, Any]
    """Tables and keys of the recipe with the values they have then."""
    keep: bool = True
    """Whether those after it are tried on top of it; else it is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ablation:
    """How the forms of a recipe are compared."""

    seeds: int = 1
    """Networks of each form, each from another start and asked about another fold."""
    together: int = 1
    """Networks that answer together, each without another part of what there is to learn from; one learns from all."""
    thresholds: bool = False
    """Whether each class of the challenge is told from a probability of its own on, fitted on other patients' records;
    else by what answers are worth together, :func:`~einthoven.diagnosis.worth.most_worth`."""

    def __post_init__(self) -> None:
        within(self, {"seeds": (1, 100), "together": (1, 20)})


def changed(table: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with some of its keys set otherwise, in tables within it too; a table with a new kind is replaced.

    Examples
    --------
    >>> changed({"loss": {"kind": "focal", "power": 2}, "name": "x"}, {"loss": {"power": 3}})
    {'loss': {'kind': 'focal', 'power': 3}, 'name': 'x'}
    >>> changed({"loss": {"kind": "focal", "power": 2}}, {"loss": {"kind": "plain"}})
    {'loss': {'kind': 'plain'}}
    """
    result = dict(table)
    for key, value in change.items():
        old = result.get(key)
        within_it = isinstance(value, Mapping) and isinstance(old, Mapping) and "kind" not in value
        result[key] = changed(old, value) if within_it else value  # type: ignore[arg-type]
    return result
