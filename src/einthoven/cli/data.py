"""``einthoven data``: which public databases there are, getting them, and checking a copy."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..datasets.check import Check
    from ..datasets.fetch import Progress

SHOWN = 10  # names of absent or bad files on the terminal; --json has all

data = typer.Typer(help="List, fetch and check the public databases.", no_args_is_help=True)

Names = Annotated[list[str], typer.Argument(metavar="NAME", help="Databases, as `data list` names them.")]
Root = Annotated[
    Path | None,
    typer.Option(
        "-d",
        "--dir",
        metavar="DIR",
        readable=False,
        help="Data root; without it EINTHOVEN_DATA, else the user's data folder.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@data.command("list")
def list_datasets(root: Root = None, json: Json = False) -> None:
    """List the databases: what they are, how large, under which licence, and whether they are here."""
    from dataclasses import asdict

    from ..datasets.catalogue import DATASETS, data_root
    from .terminal import print_json

    here = data_root(root)
    present = {name: (here / entry.folder).is_dir() for name, entry in DATASETS.items()}
    if json:
        print_json([{**asdict(entry), "present": present[name]} for name, entry in DATASETS.items()])
        return
    typer.echo(f"Data root: {here}\n")
    for name, entry in DATASETS.items():
        place = "here" if present[name] else "not here" if entry.url else "not here, cannot be fetched"
        typer.echo(f"{name:<9} {entry.title}, {entry.version}")
        typer.echo(f"{'':<9} {entry.records:,} records, about {entry.size_mb:,} MB; {entry.licence}; {place}")


@data.command()
def fetch(
    names: Names,
    root: Root = None,
    records: Annotated[
        str | None,
        typer.Option(metavar="A,B,...", help="Only these records: names, or patterns such as 'records100/*'."),
    ] = None,
    mirror: Annotated[
        str | None, typer.Option(metavar="URL", help="Use this address in place of https://physionet.org/files/.")
    ] = None,
) -> None:
    """Fetch databases from their publisher; what is there and right is kept, what was cut off goes on."""
    from ..datasets.catalogue import dataset
    from ..datasets.fetch import fetch as fetch_dataset
    from .terminal import reported_progress

    chosen = [part.strip() for part in (records or "").split(",") if part.strip()]
    for entry in [dataset(name) for name in dict.fromkeys(names)]:  # all names looked up before anything is fetched
        try:
            with reported_progress(entry.name, in_bytes=True) as show:
                done = fetch_dataset(entry, root, records=chosen, mirror=mirror, on_progress=partial(_show, show))
        except KeyboardInterrupt:
            typer.echo(f"{entry.name}: stopped; the same command goes on from here", err=True)
            raise typer.Exit(130) from None
        replaced = f", {done.replaced} of them in place of wrong ones" if done.replaced else ""
        typer.echo(
            f"{entry.name}: {done.received} files fetched ({done.received_bytes / 1e6:.1f} MB{replaced}), "
            f"{done.kept} kept, in {done.folder}\nLicence: {entry.licence}. Cite: {entry.citation}"
        )


@data.command()
def check(names: Names, root: Root = None, json: Json = False) -> None:
    """Check copies against their checksums, or without those by reading every record; exit code 1 if any is bad."""
    from ..datasets.catalogue import dataset
    from ..datasets.check import check as check_dataset
    from .terminal import print_json, reported_progress

    found = []
    for entry in [dataset(name) for name in dict.fromkeys(names)]:
        with reported_progress(f"checking {entry.name}") as show:
            found.append(check_dataset(entry, root, on_checked=show))
    if json:
        print_json([_as_json(one) for one in found])
    else:
        typer.echo("\n".join(line for one in found for line in _lines(one)))
    if any(one.bad for one in found):
        raise typer.Exit(1)


def _show(show: Callable[..., None], now: Progress) -> None:
    show(now.bytes_done, now.expected_bytes, f"{now.files_done}/{now.files} files")


def _as_json(found: Check) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(found), "folder": str(found.folder), "complete": found.good == found.listed}


def _lines(found: Check) -> list[str]:
    if found.kind == "checksums":
        head = f"{found.good:,} of {found.listed:,} files are right by SHA-256"
    else:
        head = (
            f"{found.good:,} of {found.listed:,} records read (no checksums here, so bytes are unchecked; "
            f"the published database has {found.published_records:,})"
        )
    lines = [f"{found.dataset}: {head}, {len(found.absent):,} absent, {len(found.bad):,} bad"]
    lines += [f"  absent  {name}" for name in found.absent[:SHOWN]]
    lines += [f"  bad     {name}: {reason}" for name, reason in list(found.bad.items())[:SHOWN]]
    hidden = max(0, len(found.absent) - SHOWN) + max(0, len(found.bad) - SHOWN)
    return [*lines, f"  and {hidden:,} more; --json lists all"] if hidden else lines
