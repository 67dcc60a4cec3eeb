"""What commands that take ECG files share: the reading options, many files in one run, where results go."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import EinthovenError, OptionError
from .terminal import print_error, print_json, track

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..record import Record

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="ECG files of any known format; WFDB records by any of their files."),
]
Rate = Annotated[
    float | None, typer.Option("--rate", metavar="HZ", help="Sampling rate, for files that do not state it.")
]
Unit = Annotated[
    str | None,
    typer.Option("--unit", metavar="UNIT", help="mV, uV, V, nV or N/mV, for files that do not state it."),
]
Leads = Annotated[
    str | None,
    typer.Option("--leads", metavar="I,II,...", help="Names for nameless signals; otherwise the leads to keep."),
]
Repair = Annotated[bool, typer.Option("--repair", help="Rebuild augmented limb leads that break the lead laws.")]
Derive = Annotated[bool, typer.Option("--derive", help="Compute limb leads that are missing, where two are there.")]


ModelName = Annotated[
    str, typer.Option("--bundle", metavar="NAME|DIR", help="Model that tells normal from abnormal beats.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON: one value, or a list for several files.")]


def split_leads(text: str | None) -> tuple[str, ...] | None:
    """Return the names in a comma-separated list.

    Examples
    --------
    >>> split_leads("I, II")
    ('I', 'II')
    """
    return None if text is None else tuple(name.strip() for name in text.split(","))


def loader(
    rate: float | None, unit: str | None, leads: str | None, repair: bool = False, derive: bool = False
) -> Callable[[Path], Record]:
    """Return the function that reads one file with these options; a bad option raises OptionError now."""
    from ..formats import ReadOptions, read

    names = split_leads(leads)
    ReadOptions(rate, unit, names)
    return lambda file: read(file, fs_hz=rate, unit=unit, leads=names, repair=repair, derive=derive)


def each_file(
    files: Sequence[Path],
    work: Callable[[Path], tuple[Any, str]],
    *,
    as_json: bool,
    description: str = "Reading",
) -> None:
    """Do `work` on every file, as many at once as there are processors, and print what it returns in their order.

    `work` returns a value for JSON and a text. Texts are printed as they come, JSON at the end: one value for one file,
    a list for several. A file that fails gives its line on standard error, and exit code 2 after the last.
    """
    from concurrent.futures import ThreadPoolExecutor

    def attempt(file: Path) -> tuple[Any, str] | EinthovenError:
        try:
            return work(file)
        except EinthovenError as error:
            return error

    values, failed = [], False
    pool = ThreadPoolExecutor(min(len(files), os.cpu_count() or 1))
    try:
        done = pool.map(attempt, files)
        for outcome in track(done, description, len(files)) if len(files) > 1 else done:
            if isinstance(outcome, EinthovenError):
                failed = True
                print_error(outcome)
            elif as_json:
                values.append(outcome[0])
            else:
                typer.echo(outcome[1])
    finally:
        pool.shutdown(cancel_futures=True)
    if as_json and values:
        print_json(values[0] if len(files) == 1 else values)
    if failed:
        raise typer.Exit(2)


def output_paths(files: Sequence[Path], folder: Path, suffix: str) -> dict[Path, Path]:
    """Return where each file's result goes: its name without suffix, plus `suffix`, in `folder`.

    Raises
    ------
    OptionError
        Two files would give one result; the message names both. Nothing has been written then.

    Examples
    --------
    >>> output_paths([Path("a/100.hea")], Path("out"), ".qrs")[Path("a/100.hea")].as_posix()
    'out/100.qrs'
    """
    owners: dict[Path, Path] = {}
    for file in files:
        target = folder / f"{file.stem}{suffix}"
        if target in owners:
            raise OptionError(f"{owners[target]} and {file} would both be written to {target}; give one at a time")
        owners[target] = file
    return {file: target for target, file in owners.items()}
