"""The command line: one file per command, each importing what it needs when it runs."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated

import typer

from .. import __version__
from ..errors import EinthovenError
from .terminal import print_error

COMMANDS = {
    "Read an ECG": ("demo", "analyze", "annotate", "info", "convert", "render", "simulate"),
    "Learn and judge": ("recipes", "train", "evaluate", "export", "bundles", "data"),
}

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
    """Run the command line; an error of ours becomes one line on standard error and exit code 2."""
    try:
        app()
    except EinthovenError as error:
        print_error(error)
        sys.exit(2)
