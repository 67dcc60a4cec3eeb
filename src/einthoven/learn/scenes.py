"""Pictures to learn a detector from and to test it on: what is drawn, and of whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from ..errors import unknown
from .beat_scenes import beat_scenes
from .strip_scenes import strip_scenes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    import numpy as np

    from ..images.picture import Picture
    from .recipe import Recipe


class Scenes(Protocol):
    """What all kinds of pictures give; labels of boxes are among the classes, or empty where nobody is to say which."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of what is told apart."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of what the network sees; pictures may be larger."""
        ...

    @property
    def data(self) -> Mapping[str, str]:
        """By database: the fingerprint of its recordings."""
        ...

    @property
    def patients(self) -> tuple[str, ...]:
        """Those of the database that is judged on who are learnt from."""
        ...

    @property
    def facts(self) -> Mapping[str, Any]:
        """What a card tells: ``train`` and ``test``, the records, and ``n``, the pictures on both sides."""
        ...

    def drawer(self, without: Collection[str] = ()) -> Callable[[np.random.Generator], Picture]:
        """Return what draws a picture of the training side, of all patients but some."""
        ...

    def shown(self, patients: Collection[str], most: int | None = None) -> Iterator[Picture]:
        """Draw pictures of some patients of the training side, always the same ones: so many, spread over all."""
        ...

    def tested(self) -> Iterator[Picture]:
        """Draw the pictures of the test side, always the same ones."""
        ...


SCENES: Final[dict[str, Callable[..., Scenes]]] = {"beat-picture": beat_scenes, "strip-picture": strip_scenes}
"""By kind of input: what makes scenes. Takes the recipe and the data root; settings are keyword-only."""


def scene_kind(kind: str) -> Callable[..., Scenes]:
    """Look up what makes scenes of a kind; raises OptionError where there is none of this name."""
    if kind not in SCENES:
        raise unknown("input kind", kind, SCENES)
    return SCENES[kind]


def scenes(recipe: Recipe, root: str | Path | None) -> Scenes:
    """Make the scenes of a recipe.

    Raises
    ------
    DataError
        A database is not there.
    OptionError
        The recipe names what is not known.
    """
    from .fill import checked

    kind, settings, where = recipe.kind_of("input")
    make = scene_kind(kind)
    return make(recipe, root, **checked(make, settings, where))
