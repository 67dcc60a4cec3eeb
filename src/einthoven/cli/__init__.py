"""The command line: one file per command, each importing what it needs when it runs."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Annotated, Any

import typer

from .. import __version__
from ..errors import EinthovenError, OptionError, OutputError
from .terminal import discard_output, forgive_streams, print_error

COMMANDS = {
    "Read an ECG": (
        "demo",
        "analyze",
        "annotate",
        "predict",
        "info",
        "convert",
        "render",
        "digitize",
        "detect",
        "simulate",
    ),
    "Learn and judge": ("recipes", "train", "evaluate", "ablate", "export", "score", "bundles", "data", "dataset"),
}

UsageError: Any = typer.BadParameter.__base__  # Typer shows no more than this of Click's tree, wherever it keeps it

app = typer.Typer(
    name="einthoven",
    help="From any ECG file to checked beats, findings and a readable report. For research; not a medical device.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Options that stand before any command."""


def _add_commands() -> None:
    for panel, names in COMMANDS.items():
        for name in names:
            command = getattr(import_module(f".{name}", __name__), name)
            if isinstance(command, typer.Typer):
                app.add_typer(command, name=name, rich_help_panel=panel)
            else:
                app.command(name, rich_help_panel=panel)(command)


_add_commands()


def main() -> None:
    """Run the command line; an error of the user's or the system's becomes one line, and exit code 2."""
    forgive_streams()
    # NumPy reads this when it is imported. The matrices here are small: threads would only wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        code = app(prog_name="einthoven", standalone_mode=False)
        sys.stdout.flush()
    except EinthovenError as error:
        code = _told(error)
    except UsageError as error:
        code = _told(_in_one_line(error))
    except OSError as error:
        if error.filename is not None:  # no stream, but a file that the library should have answered for
            raise
        discard_output()
        code = 1 if isinstance(error, BrokenPipeError) else _told(OutputError(f"cannot print ({error.strerror})"))
    sys.exit(code if isinstance(code, int) else 0)


def _told(error: EinthovenError | None) -> int:
    if error is not None:
        print_error(error)
    return 2


def _in_one_line(error: Any) -> OptionError | None:
    """Return a usage error of Typer's as one of ours; None where it has printed the help instead."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return None
    text = " ".join(error.format_message().split()).rstrip(".")
    command = error.ctx.command_path if error.ctx else "einthoven"
    return OptionError(f"{text[:1].lower()}{text[1:]}; see `{command} --help`")
