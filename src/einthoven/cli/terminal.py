"""What the commands share on the terminal: streams, JSON, error lines and progress."""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.progress import Progress, TaskID

Item = TypeVar("Item")
LONGEST_LINE = 2000  # characters of an error; the middle of a longer one is left out


def print_json(value: Any) -> None:
    """Print `value` as JSON on standard output; NaN is refused rather than written."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def print_error(error: Exception) -> None:
    """Print `error` as one line on standard error; what a file wrote into it cannot steer the terminal."""
    text = "".join(sign if sign.isprintable() else "?" for sign in str(error))
    if len(text) > LONGEST_LINE:
        text = f"{text[: LONGEST_LINE // 2]} ... {text[-LONGEST_LINE // 2 :]}"
    sys.stderr.write(f"einthoven: {text}\n")


def forgive_streams() -> None:
    """Let what cannot be encoded be printed as ``?``, and what is printed to a closed stream go nowhere."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  # to the end of the run
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def discard_output() -> None:
    """Send what is still to be printed nowhere, after standard output failed; else Python tries again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def progress(description: str, total: float | None, unit: str = "files") -> Iterator[Callable[[float], None]]:
    """Show a bar with rate and time left on standard error; the yielded function advances it."""
    with _bar(description, total) as (bar, task):

        def advance(amount: float) -> None:
            bar.update(task, advance=amount, note=f"{bar.tasks[task].speed or 0:.1f} {unit}/s")

        yield advance


@contextmanager
def reported_progress(description: str, *, in_bytes: bool = False) -> Iterator[Callable[..., None]]:
    """Show a bar for work that counts itself: the yielded ``show(done, total, note="")`` sets it."""
    with _bar(description, None, in_bytes=in_bytes) as (bar, task):

        def show(done: float, total: float, note: str = "") -> None:
            bar.update(task, completed=done, total=total, note=note)

        yield show


@contextmanager
def _bar(description: str, total: float | None, *, in_bytes: bool = False) -> Iterator[tuple[Progress, TaskID]]:
    """Show a bar on standard error, of things that are counted or else of bytes; nothing where it is no terminal."""
    from rich import progress as rich
    from rich.console import Console

    console = Console(stderr=True)
    amount = (rich.DownloadColumn(), rich.TransferSpeedColumn()) if in_bytes else (rich.MofNCompleteColumn(),)
    columns = (rich.TextColumn("{task.description}"), rich.BarColumn(), *amount, rich.TimeRemainingColumn())
    note = rich.TextColumn("{task.fields[note]}", style="dim")
    with rich.Progress(*columns, note, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield bar, bar.add_task(description, total=total, note="")


def track(items: Iterable[Item], description: str, total: int) -> Iterator[Item]:
    """Yield `items`, showing `progress` as each is done."""
    with progress(description, total) as advance:
        for item in items:
            yield item
            advance(1)
