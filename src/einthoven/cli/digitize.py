"""``einthoven digitize``: the ECG on a page back into a record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import OptionError
from .inputs import check_apart, named, split_leads


def digitize(
    page: Annotated[
        Path,
        typer.Argument(metavar="PAGE", help="A PDF, drawn or scanned, or a picture: PNG, JPEG, TIFF.", parser=named),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="OUT", readable=False, help="Record to write; its suffix names the format."
        ),
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="FORMAT", help="wfdb, matlab, edf, numpy, csv or tsv.")
    ] = None,
    layout: Annotated[
        str, typer.Option("--layout", metavar="NAME", help="3x4, 6x2, 12x1, strip, or auto: what the page shows.")
    ] = "auto",
    leads: Annotated[
        str | None, typer.Option("--leads", metavar="I,II,...", help="Names of the rows of a strip, from above.")
    ] = None,
    speed: Annotated[
        float | None, typer.Option("--speed", metavar="MM", help="Paper speed, mm/s; by default as printed, or 25.")
    ] = None,
    gain: Annotated[
        float | None,
        typer.Option("--gain", metavar="MM", help="Millimetres a mV; by default as printed, or as the pulse, or 10."),
    ] = None,
    rate: Annotated[float, typer.Option("--rate", metavar="HZ", help="Samples a second of what is read.")] = 500.0,
    number: Annotated[int, typer.Option("--page", metavar="N", help="Which page of a PDF.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was read as JSON.")] = False,
) -> None:
    """Read the ECG on PAGE, ruled paper with traces, and say what had to be assumed."""
    from ..digitize.page import digitize as digitized
    from ..formats import write, writer_for
    from .terminal import print_json

    if output is None and to is not None:
        raise OptionError(f"--to {to} is the format of a record to write; name its file with -o")
    written = writer_for(output, to).files(output) if output else ()  # an unknown format is told before reading
    check_apart([page], written)
    record = digitized(
        page,
        page=number,
        layout=layout,
        leads=split_leads(leads),
        speed_mm_s=speed,
        gain_mm_mv=gain,
        fs_hz=rate,
    )
    lost = write(record, output, format=to) if output else ()
    shown_s = {lead: float((record[lead] == record[lead]).sum() / record.fs_hz) for lead in record.leads}
    if as_json:
        print_json(
            {
                "source": str(page),
                "files": [str(one) for one in written],
                "leads": list(record.leads),
                "seconds": shown_s,
                "fs_hz": record.fs_hz,
                "n_samples": record.n_samples,
                "notes": list(record.notes),
                "lost": list(lost),
            }
        )
        return
    name = ", ".join(map(str, written)) or str(page)
    typer.echo(f"{name}: {len(record.leads)} leads, {record.duration_s:.2f} s at {record.fs_hz:g} Hz")
    typer.echo("  " + ", ".join(f"{lead} {seconds:.2f} s" for lead, seconds in shown_s.items()))
    for line in record.notes:
        typer.echo(f"  {line}")
    for line in lost:
        typer.echo(f"  not kept: {line}")
