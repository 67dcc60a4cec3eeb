"""What a recipe learns from and is judged on: beats or whole records, by its task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .examples import examples
from .recipe import RECORDS
from .recordings import recordings

if TYPE_CHECKING:
    from pathlib import Path

    from .examples import Examples
    from .recipe import Recipe


def material(recipe: Recipe, root: str | Path | None, runs: str | Path = "runs") -> Examples:
    """Make the examples a recipe asks for; see :func:`.examples.examples` and :func:`.recordings.recordings`."""
    return (recordings if recipe.data.task == RECORDS else examples)(recipe, root, runs)
