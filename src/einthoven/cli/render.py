"""``einthoven render``: an ECG as a picture, on paper at true scale."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .inputs import File, Loader, check_apart, reads


@reads
def render(
    load: Loader,
    file: File,
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="PNG|PDF|SVG", readable=False, help="Picture to write; its suffix says which."
        ),
    ],
    layout: Annotated[
        str, typer.Option("--layout", metavar="NAME", help="3x4, 6x2, 12x1, strip, or auto: what suits the leads.")
    ] = "auto",
    start_s: Annotated[float, typer.Option("--start", metavar="S", help="First second to show.")] = 0.0,
    seconds: Annotated[
        float | None, typer.Option("--seconds", metavar="S", help="Seconds to show.  [default: 10, strip 30]")
    ] = None,
    beats: Annotated[bool, typer.Option("--beats/--no-beats", help="Mark beats and poor signal.")] = True,
    gain: Annotated[
        float | None, typer.Option("--gain", metavar="MM", help="Millimetres a mV.  [default: 10, less for tall leads]")
    ] = None,
    dpi: Annotated[float, typer.Option("--dpi", help="Dots per inch of a PNG.")] = 200.0,
) -> None:
    """Draw FILE on ECG paper: 25 mm/s, 10 mm/mV, with calibration pulse and coloured beats."""
    from ..images.paper import draw, save

    check_apart([file], [output], load.format)
    record = load(file)
    found = None
    if beats:
        from ..analysis import analyze

        found = analyze(record)
    sheet = draw(
        record,
        beats=found.beats if found else None,
        quality=found.quality if found else None,
        layout=layout,
        start_s=start_s,
        seconds=seconds,
        gain_mm_mv=gain,
    )
    typer.echo(save(sheet, output, dpi=dpi))
