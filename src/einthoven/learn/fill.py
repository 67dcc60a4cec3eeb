"""Settings from text: fills a dataclass or the keywords of a function, and refuses what it does not know."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from ..errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

T = TypeVar("T")


class OutOfRange(ValueError):
    """A setting has a value that makes no sense; raised by what :func:`fill` fills, which adds the place."""


def within(settings: object, ranges: Mapping[str, tuple[float, float]]) -> None:
    """Raise OutOfRange for the first of `settings` that is not from the low to the high of its range."""
    for name, (low, high) in ranges.items():
        value = getattr(settings, name)
        if not low <= value <= high:  # so that NaN is refused too
            raise OutOfRange(f"{name} is {value}; allowed is {low:g} to {high:g}")


def fill(target: Callable[..., T], table: Mapping[str, Any], where: str, **given: Any) -> T:
    """Call `target` with the entries of `table` as its keywords.

    Parameters
    ----------
    target
        A dataclass, or a function or class whose settings are keyword-only.
    table
        Settings by name, as TOML gives them.
    where
        The file and place they stand in, for the message.
    given
        Arguments that come from the program, not from the table.

    Raises
    ------
    OptionError
        A key is unknown or missing, or a value is of the wrong type; the message names place, key and what is allowed.

    Examples
    --------
    >>> def blink(*, rate_hz: float, times: int = 3) -> str:
    ...     return f"{times} times at {rate_hz} Hz"
    >>> fill(blink, {"rate_hz": 2}, "lamp.toml")
    '3 times at 2.0 Hz'
    >>> fill(blink, {"rate_hz": 2, "colour": "red"}, "lamp.toml")
    Traceback (most recent call last):
    einthoven.errors.OptionError: lamp.toml: unknown key 'colour'; allowed are rate_hz, times
    """
    settings = checked(target, table, where, set(given))
    try:
        return target(**settings, **given)
    except OutOfRange as error:
        raise OptionError(f"{where}: {error}") from error


def checked(
    target: Callable[..., Any], table: Mapping[str, Any], where: str, given: Collection[str] = ()
) -> dict[str, Any]:
    """Return the entries of `table` as `target` wants them, without calling it; raises as :func:`fill` does.

    The keywords in `given` are not for the table to set.
    """
    settings = {
        name: parameter
        for name, parameter in inspect.signature(target).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and name not in given
    }
    hints = _types(target, settings)
    allowed = ", ".join(settings) or "none"
    for key in table:
        if key not in settings:
            raise OptionError(f"{where}: unknown key '{key}'; allowed are {allowed}")
    for key, parameter in settings.items():
        if parameter.default is inspect.Parameter.empty and key not in table:
            raise OptionError(f"{where}: key '{key}' is missing; allowed are {allowed}")
    return {key: _as(hints[key], value, f"{where}: {key}") for key, value in table.items()}


def _types(target: Callable[..., Any], settings: Mapping[str, inspect.Parameter]) -> dict[str, Any]:
    """Types of just these settings: those of other arguments may be names that only a type checker imports."""
    noted = type("Noted", (), {"__annotations__": {name: setting.annotation for name, setting in settings.items()}})
    return get_type_hints(noted, vars(sys.modules[target.__module__]))


def _as(hint: Any, value: Any, where: str) -> Any:
    """Return `value` as the type `hint`: int for float and list for tuple are taken, nothing else is bent."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return value
    if origin in (Union, types.UnionType):
        kinds = [kind for kind in inner if kind is not type(None)]
        return _as(kinds[0], value, where)
    if origin is tuple and isinstance(value, list | tuple):
        return tuple(_as(inner[0], item, where) for item in value)
    if origin is Mapping and isinstance(value, Mapping):
        return {key: _as(inner[1], item, f"{where}.{key}") for key, item in value.items()}
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is hint:  # exactly: a bool is no int here
        return value
    name = getattr(hint, "__name__", str(hint))
    raise OptionError(f"{where} is {value!r}; it must be of type {name}")
