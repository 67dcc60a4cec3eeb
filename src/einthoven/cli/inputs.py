"""What commands that take ECG files share: the reading options, many files in one run, where results go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import EinthovenError, OptionError
from .terminal import print_error, track

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


def each_file(files: Sequence[Path], work: Callable[[Path], None], description: str = "Reading") -> None:
    """Do `work` on every file; one that fails gives its line on standard error, and exit code 2 after the last.

    A single file shows no progress bar; its error goes the same way.
    """
    failed = False
    for file in track(files, description, len(files)) if len(files) > 1 else files:
        try:
            work(file)
        except EinthovenError as error:
            failed = True
            print_error(error)
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
