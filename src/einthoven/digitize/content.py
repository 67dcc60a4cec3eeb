"""A PDF page's content as a :class:`Drawing`: paths with their matrix and colour, within bounds on their number."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .drawing import Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

MOST_OPERATIONS = 2_000_000
MOST_FORMS = 500
DEEPEST_FORM = 8
MOST_DEGREES = 1e7  # no coordinate of a page is beyond; what is would only overflow
_CURVE_STEPS = np.linspace(0.25, 1, 4)[:, None]
_BLACK: Final = (0.0, 0.0, 0.0)


class TooMuchError(ValueError):
    """A page holds more than an ECG needs."""


@dataclass(slots=True)
class _State:
    """What ``q`` saves and ``Q`` brings back."""

    matrix: Array
    stroke: tuple[float, float, float] = _BLACK
    fill: tuple[float, float, float] = _BLACK
    width: float = 1.0


@dataclass(slots=True)
class Painter:
    """Follows the operations of a page and keeps what they paint.

    Parameters
    ----------
    matrix
        float64, shape (3, 3): brings the page's units to mm from its upper left, y downward; row vectors from the left.
    operations_of
        Gives the operations of a form and its resources, or None for anything else: an image, an unknown name.
    """

    matrix: Array
    operations_of: Callable[[Any, Any], tuple[Iterable[Any], Any, Array] | None]
    shapes: list[Shape] = field(default_factory=list)
    n_operations: int = 0
    n_forms: int = 0

    def paint(self, operations: Iterable[Any], resources: Any, *, depth: int = 0, start: Array | None = None) -> None:
        """Follow `operations`; raises TooMuchError where they do not end soon enough."""
        state = _State(self.matrix if start is None else start)
        stack: list[_State] = []
        path = _Path()
        for operands, operator in operations:
            self.n_operations += 1
            if self.n_operations > MOST_OPERATIONS:
                raise TooMuchError(f"more than {MOST_OPERATIONS:,} drawing operations")
            name = operator.decode("latin-1") if isinstance(operator, bytes) else str(operator)
            if name in _PATH:
                path.add(name, _numbers(operands))
            elif name in _PAINTS:
                self._keep(path, state, _PAINTS[name])
                path = _Path()
            elif name == "q" and len(stack) < 1000:
                stack.append(replace(state))
            elif name == "Q" and stack:
                state = stack.pop()
            elif name == "cm":
                state.matrix = matrix_of(_numbers(operands)) @ state.matrix
            elif name == "w":
                state.width = next(iter(_numbers(operands)), state.width)
            elif name in ("RG", "G", "K", "SC", "SCN"):
                state.stroke = _colour(operands, state.stroke)
            elif name in ("rg", "g", "k", "sc", "scn"):
                state.fill = _colour(operands, state.fill)
            elif name == "Do" and operands and depth < DEEPEST_FORM:
                self._form(operands[0], resources, state, depth)

    def _form(self, name: Any, resources: Any, state: _State, depth: int) -> None:
        self.n_forms += 1
        if self.n_forms > MOST_FORMS:
            raise TooMuchError(f"more than {MOST_FORMS} drawings within it")
        inner = self.operations_of(name, resources)
        if inner is not None:
            operations, own, matrix = inner
            self.paint(operations, own or resources, depth=depth + 1, start=matrix @ state.matrix)

    def _keep(self, path: _Path, state: _State, paints: str) -> None:
        lines = tuple(_placed(line, state.matrix) for line in path.lines())
        lines = tuple(line for line in lines if np.isfinite(line).all() and np.abs(line).max() < MOST_DEGREES)
        if not lines:
            return
        if "f" in paints:
            self.shapes.append(Shape(lines, state.fill))
        if "s" in paints:
            scale = float(np.sqrt(abs(np.linalg.det(state.matrix[:2, :2]))))
            self.shapes.append(Shape(lines, state.stroke, max(state.width * scale, 1e-3)))


class _Path:
    """A path while it is built."""

    def __init__(self) -> None:
        self._lines: list[list[tuple[float, float]]] = []

    def add(self, name: str, n: list[float]) -> None:
        """Follow one operation; one with too few numbers, as damaged files have, is passed over."""
        if name == "m" and len(n) >= 2:
            self._lines.append([(n[0], n[1])])
        elif name == "re" and len(n) >= 4:
            x, y, right, top = n[0], n[1], n[0] + n[2], n[1] + n[3]
            self._lines.append([(x, y), (right, y), (right, top), (x, top), (x, y)])
        elif not self._lines:
            return
        elif name == "l" and len(n) >= 2:
            self._lines[-1].append((n[0], n[1]))
        elif name == "h":
            self._lines[-1].append(self._lines[-1][0])
        elif name in "cvy" and len(n) >= (6 if name == "c" else 4):
            self._curve(name, n)

    def _curve(self, name: str, n: list[float]) -> None:
        last = self._lines[-1][-1]
        if name == "v":
            n = [*last, *n]
        elif name == "y":
            n = [*n, *n[2:4]]
        p0, p1, p2, p3 = (np.array(p) for p in (last, n[0:2], n[2:4], n[4:6]))
        t, u = _CURVE_STEPS, 1 - _CURVE_STEPS
        self._lines[-1] += [tuple(p) for p in (u**3 * p0 + 3 * u**2 * t * p1 + 3 * u * t**2 * p2 + t**3 * p3).tolist()]

    def lines(self) -> list[Array]:
        return [np.array(line, np.float64) for line in self._lines if len(line) > 1]


_PATH: Final = {"m", "l", "c", "v", "y", "h", "re"}
_PAINTS: Final = {
    **dict.fromkeys(("S", "s"), "s"),
    **dict.fromkeys(("f", "F", "f*"), "f"),
    **dict.fromkeys(("B", "B*", "b", "b*"), "fs"),
    "n": "",
}


def matrix_of(numbers: list[float]) -> Array:
    """Return the six numbers of a PDF matrix as shape (3, 3); the identity where they are not six."""
    if len(numbers) != 6:
        return np.eye(3)
    a, b, c, d, e, f = numbers
    return np.array([(a, b, 0), (c, d, 0), (e, f, 1)], np.float64)


def _placed(line: Array, matrix: Array) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        placed: Array = line @ matrix[:2, :2] + matrix[2, :2]
    return placed


def _numbers(operands: Any) -> list[float]:
    numbers = []
    for one in operands:
        try:
            numbers.append(float(one))
        except (TypeError, ValueError, ArithmeticError):
            return []
    return numbers


def _colour(operands: Any, before: tuple[float, float, float]) -> tuple[float, float, float]:
    """Return grey, RGB or CMYK as RGB; a pattern or what has another number of parts leaves the colour as it was."""
    n = [min(max(value, 0.0), 1.0) for value in _numbers(operands)]
    if len(n) == 1:
        return (n[0], n[0], n[0])
    if len(n) == 3:
        return (n[0], n[1], n[2])
    if len(n) == 4:
        return ((1 - n[0]) * (1 - n[3]), (1 - n[1]) * (1 - n[3]), (1 - n[2]) * (1 - n[3]))
    return before
