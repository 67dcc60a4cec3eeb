"""What the commands share on the terminal: progress, JSON, and many files in one run."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")


def print_json(value: Any) -> None:
    """Print `value` as JSON on standard output; NaN is refused rather than written."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def print_error(error: Exception) -> None:
    """Print `error` as one line on standard error; what a file wrote into it cannot steer the terminal."""
    text = "".join(sign if sign.isprintable() else "?" for sign in str(error))
    sys.stderr.write(f"einthoven: {text}\n")


@contextmanager
def progress(description: str, total: float | None, unit: str = "files") -> Iterator[Callable[[float], None]]:
    """Show a bar with rate and time left on standard error; the yielded function advances it.

    Nothing is drawn where standard error is no terminal.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    class Rate(TextColumn):
        def render(self, task: Any) -> Any:
            from rich.text import Text

            return Text(f"{task.speed or 0:.1f} {unit}/s", style="dim")

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(""), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(description, total=total)
        yield lambda amount: bar.advance(task, amount)


@contextmanager
def reported_progress(description: str, *, in_bytes: bool = False) -> Iterator[Callable[..., None]]:
    """Show a bar for work that counts itself: the yielded ``show(done, total, note="")`` sets it."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    amount = (DownloadColumn(), TransferSpeedColumn()) if in_bytes else (MofNCompleteColumn(),)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        *amount,
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(description, total=None, note="")

        def show(done: float, total: float, note: str = "") -> None:
            bar.update(task, completed=done, total=total, note=note)

        yield show


def track(items: Iterable[Item], description: str, total: int) -> Iterator[Item]:
    """Yield `items`, showing `progress` as each is done."""
    with progress(description, total) as advance:
        for item in items:
            yield item
            advance(1)
