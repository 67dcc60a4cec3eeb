"""All errors of the package, one tree.

::

    EinthovenError
    ├── InputError           what came in cannot be used
    │   ├── FormatError      a file is damaged, incomplete or of no known format
    │   ├── OptionError      an option or argument is missing or out of range
    │   ├── SignalError      the signal is too short, empty or unusable for the task
    │   └── DataError        a dataset is absent or does not match its checksums
    ├── OutputError          a result cannot be written
    └── BundleError          a model bundle is damaged or does not fit

Every message says what was wrong, the value found and what is allowed, in one line. The command line prints it to
standard error and ends with exit code 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class EinthovenError(Exception):
    """Root of the tree: catch this to catch all that the package raises on purpose."""


class InputError(EinthovenError):
    """What came in cannot be used."""


class FormatError(InputError):
    """A file is damaged, incomplete or of no known format."""


class OptionError(InputError, ValueError):
    """An option or argument is missing, unknown or out of range."""


class SignalError(InputError):
    """The signal is too short, empty or unusable for the task."""


class DataError(InputError):
    """A dataset is absent or does not match its checksums."""


class OutputError(EinthovenError):
    """A result cannot be written."""


class BundleError(EinthovenError):
    """A model bundle is damaged or does not fit the record."""


def unknown(what: str, value: object, choices: Iterable[str]) -> OptionError:
    """Return the error for a `value` that is none of `choices`: all tables of choices are answered for alike.

    Examples
    --------
    >>> print(unknown("sex", "banana", ("female", "male")))
    sex 'banana' is not known: choose from female, male
    """
    return OptionError(f"{what} {value!r} is not known: choose from {', '.join(map(str, choices))}")
