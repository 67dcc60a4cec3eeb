"""What each class is called by number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..picture import Picture


def class_numbers(classes: Sequence[str]) -> dict[str, int]:
    """Return the number of each class, from 1.

    Raises
    ------
    OptionError
        A name is empty or stands twice.

    Examples
    --------
    >>> class_numbers(["N", "V"])
    {'N': 1, 'V': 2}
    """
    numbers = {name: number for number, name in enumerate(classes, start=1)}
    if "" in numbers or len(numbers) < len(classes):
        raise OptionError(f"classes {', '.join(map(repr, classes))}; each must have a name of its own")
    return numbers


def numbers_of(picture: Picture, numbers: dict[str, int]) -> list[int]:
    """Return the number of each box of a picture.

    Raises
    ------
    OptionError
        A label is none of the classes.
    """
    for label in picture.labels:
        if label not in numbers:
            raise OptionError(f"{picture.name}: label {label!r} is none of the set's classes {', '.join(numbers)}")
    return [numbers[label] for label in picture.labels]
