"""What commands that take ECG files share: the reading options, many files in one run, where results go."""

from __future__ import annotations

import inspect
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import EinthovenError, OptionError
from .terminal import print_error, print_json, track

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..record import Record


def named(text: str) -> Path:
    """Return what a word on the command line names; raises BadParameter where it is empty."""
    if not text:
        raise typer.BadParameter("the name of the file is empty")
    return Path(text)  # whether it can be read is found out file by file


File = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="An ECG file; a WFDB record by any of its files.", parser=named),
]
Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...", help="ECG files of any known format; WFDB records by any of their files.", parser=named
    ),
]
ModelName = Annotated[
    str, typer.Option("--bundle", metavar="NAME|DIR", help="Model that tells normal from abnormal beats.")
]
DetectorName = Annotated[str, typer.Option("--detector", help="How beats are found: learned or fast.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON: one value, or a list for several files.")]


@dataclass(frozen=True)
class Loader:
    """The options that say how files are read; called with a file, it reads it. A bad option raises OptionError."""

    rate: Annotated[
        float | None, typer.Option("--rate", metavar="HZ", help="Sampling rate, for files that do not state it.")
    ] = None
    unit: Annotated[
        str | None,
        typer.Option("--unit", metavar="UNIT", help="mV, uV, V, nV or N/mV, for files that do not state it."),
    ] = None
    leads: Annotated[
        str | None,
        typer.Option("--leads", metavar="I,II,...", help="Names for nameless signals; otherwise the leads to keep."),
    ] = None
    format: Annotated[
        str | None,
        typer.Option("--format", metavar="KEY", help="Read as wfdb, matlab, edf, numpy or delimited, come what may."),
    ] = None
    repair: Annotated[bool, typer.Option("--repair", help="Rebuild augmented limb leads that break the lead laws.")] = (
        False
    )
    derive: Annotated[
        bool, typer.Option("--derive", help="Compute limb leads that are missing, where two are there.")
    ] = False

    def __post_init__(self) -> None:
        from ..formats import ReadOptions

        ReadOptions(self.rate, self.unit, split_leads(self.leads))

    def __call__(self, file: Path) -> Record:
        """Read one file."""
        from ..formats import read

        return read(
            file,
            fs_hz=self.rate,
            unit=self.unit,
            leads=split_leads(self.leads),
            repair=self.repair,
            derive=self.derive,
            format=self.format,
        )


def reads(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `Loader`; it gets the loader they make as its argument `load`."""
    own = inspect.signature(command, eval_str=True).parameters
    options = inspect.signature(Loader, eval_str=True).parameters

    def with_options(**given: Any) -> None:
        load = Loader(**{name: given.pop(name) for name in options})
        command(load=load, **given)

    shown = [*(own[name] for name in own if name != "load"), *options.values()]
    with_options.__doc__ = command.__doc__
    with_options.__annotations__ = {one.name: one.annotation for one in shown}
    with_options.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # what Typer makes options of
        [one.replace(kind=one.KEYWORD_ONLY) for one in shown]
    )
    return with_options


def split_leads(text: str | None) -> tuple[str, ...] | None:
    """Return the names in a comma-separated list.

    Examples
    --------
    >>> split_leads("I, II")
    ('I', 'II')
    """
    return None if text is None else tuple(name.strip() for name in text.split(","))


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
    from ..formats.wfdb import header_of

    owners: dict[Path, Path] = {}
    for file in files:
        target = folder / f"{header_of(file).stem}{suffix}"  # a record's name may hold a dot
        if target in owners:
            raise OptionError(f"{owners[target]} and {file} would both be written to {target}; give one at a time")
        owners[target] = file
    return {file: target for target, file in owners.items()}


def result_paths(files: Sequence[Path], place: str, suffix: str) -> dict[Path, Path]:
    """Return where each file's result goes: to the file `place`, or into the folder `place`.

    It is a folder where several files are given, where it is there as one, or where it ends in a slash. Raises as
    `output_paths` does.

    Examples
    --------
    >>> [target.as_posix() for target in result_paths([Path("a/100.hea")], "page.html", ".html").values()]
    ['page.html']
    >>> [target.as_posix() for target in result_paths([Path("a/100.hea")], "pages/", ".html").values()]
    ['pages/100.html']
    """
    folder = len(files) > 1 or place.endswith(("/", os.sep)) or Path(place).is_dir()
    return output_paths(files, Path(place), suffix) if folder else {files[0]: Path(place)}


def check_apart(files: Iterable[Path], targets: Iterable[Path], format: str | None = None) -> None:
    """Raise OptionError where a target would replace one of the files that the records in `files` are made of."""
    from ..formats import files_of

    there = [target for target in targets if os.path.lexists(target)]  # what is not there yet belongs to nobody
    if not there:
        return
    owner = {os.path.realpath(part): file for file in files for part in files_of(file, format)}
    for target in there:
        if (file := owner.get(os.path.realpath(target))) is not None:
            raise OptionError(f"{target}: would replace {target.name}, which belongs to {file}; choose another name")
