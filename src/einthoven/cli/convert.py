"""``einthoven convert``: one file into another format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .inputs import Derive, Leads, Rate, Repair, Unit, loader, split_leads


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="An ECG file of any known format.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write; its suffix names the format.")],
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="FORMAT", help="wfdb, matlab, edf, numpy, csv or tsv."),
    ] = None,
    pick: Annotated[
        str | None, typer.Option("--pick", metavar="I,II,...", help="Keep these leads, after --repair and --derive.")
    ] = None,
    resample: Annotated[float | None, typer.Option("--resample", metavar="HZ", help="Bring to this rate.")] = None,
    rate: Rate = None,
    unit: Unit = None,
    leads: Leads = None,
    repair: Repair = False,
    derive: Derive = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Write the record in IN to OUT, and say what OUT cannot keep."""
    from ..formats import write, writer_for
    from .terminal import print_json

    writer_for(target, to)  # an unknown format is told before anything is read
    _check_apart(source, target)
    record = loader(rate, unit, leads, repair, derive)(source)
    if resample is not None:
        from ..signal.resample import resample_record

        record = resample_record(record, resample)
    if (names := split_leads(pick)) is not None:
        record = record.pick(names)
    lost = write(record, target, format=to)
    if as_json:
        print_json(
            {
                "source": str(source),
                "target": str(target),
                "leads": list(record.leads),
                "fs_hz": record.fs_hz,
                "n_samples": record.n_samples,
                "notes": list(record.notes),
                "lost": list(lost),
            }
        )
        return
    typer.echo(f"{target}: {len(record.leads)} leads, {record.n_samples} samples at {record.fs_hz:g} Hz")
    for line in lost:
        typer.echo(f"  not kept: {line}")


def _check_apart(source: Path, target: Path) -> None:
    """Raise OptionError where writing `target` would replace the file or WFDB header that `source` is read from."""
    from ..errors import OptionError
    from ..formats.wfdb import header_of

    replaced = {target.resolve(), *([header_of(target).resolve()] if target.suffix in (".hea", ".dat", ".mat") else [])}
    needed = {source.resolve(), *([header_of(source).resolve()] if header_of(source).is_file() else [])}
    if both := replaced & needed:
        raise OptionError(
            f"{target}: would replace {both.pop().name}, which {source} is read from; choose another name"
        )
