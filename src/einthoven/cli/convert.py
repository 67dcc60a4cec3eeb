"""``einthoven convert``: one file into another format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .inputs import File, Loader, check_apart, reads, split_leads


@reads
def convert(
    load: Loader,
    file: File,
    target: Annotated[
        Path, typer.Argument(metavar="OUT", readable=False, help="The file to write; its suffix names the format.")
    ],
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="FORMAT", help="wfdb, matlab, edf, numpy, csv or tsv."),
    ] = None,
    pick: Annotated[
        str | None, typer.Option("--pick", metavar="I,II,...", help="Keep these leads, after --repair and --derive.")
    ] = None,
    resample: Annotated[float | None, typer.Option("--resample", metavar="HZ", help="Bring to this rate.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Write the record in FILE to OUT, and say what OUT cannot keep."""
    from ..formats import write, writer_for
    from .terminal import print_json

    written = writer_for(target, to).files(target)  # an unknown format is told before anything is read
    check_apart([file], written, load.format)
    record = load(file)
    if resample is not None:
        from ..signal.resample import resample_record

        record = resample_record(record, resample)
    if (names := split_leads(pick)) is not None:
        record = record.pick(names)
    lost = write(record, target, format=to)
    if as_json:
        print_json(
            {
                "source": str(file),
                "target": str(written[0]),
                "files": [str(one) for one in written],
                "leads": list(record.leads),
                "fs_hz": record.fs_hz,
                "n_samples": record.n_samples,
                "notes": list(record.notes),
                "lost": list(lost),
            }
        )
        return
    typer.echo(
        f"{', '.join(map(str, written))}: {len(record.leads)} leads, {record.n_samples} samples at {record.fs_hz:g} Hz"
    )
    for line in lost:
        typer.echo(f"  not kept: {line}")
