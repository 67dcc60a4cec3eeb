"""``einthoven render``: an ECG as a picture, on paper at true scale."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import OptionError
from .inputs import File, Loader, check_apart, reads


@reads
def render(
    load: Loader,
    file: File,
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="PNG|JPG|PDF|SVG", readable=False, help="Picture to write; its suffix says which."
        ),
    ],
    layout: Annotated[
        str, typer.Option("--layout", metavar="NAME", help="3x4, 6x2, 12x1, strip, or auto: what suits the leads.")
    ] = "auto",
    start_s: Annotated[float, typer.Option("--start", metavar="S", help="First second to show.")] = 0.0,
    seconds: Annotated[
        float | None, typer.Option("--seconds", metavar="S", help="Seconds to show; by default 10, of a strip 30.")
    ] = None,
    beats: Annotated[bool, typer.Option("--beats/--no-beats", help="Mark beats and poor signal.")] = True,
    gain: Annotated[
        float | None, typer.Option("--gain", metavar="MM", help="Millimetres a mV; by default 10, less for tall leads.")
    ] = None,
    dpi: Annotated[float, typer.Option("--dpi", help="Dots per inch of a PNG or JPG.")] = 200.0,
    grid: Annotated[
        str | None,
        typer.Option("--grid", metavar="COLOUR", help="red, orange, green, blue, grey, none, or #rrggbb."),
    ] = None,
    trace: Annotated[
        str | None, typer.Option("--trace", metavar="COLOUR", help="black, red, green, blue, grey, or #rrggbb.")
    ] = None,
    scan: Annotated[
        int | None,
        typer.Option("--scan", metavar="SEED", help="As if printed, folded and scanned; another seed, another scan."),
    ] = None,
) -> None:
    """Draw FILE on ECG paper: 25 mm/s, 10 mm/mV, with calibration pulse and coloured beats."""
    from ..images.arrangement import arrange
    from ..images.canvas import PIXEL_SUFFIXES, checked_kind
    from ..images.colours import looks
    from ..images.paper import draw_arranged, save

    painted, kind = looks(grid, trace), checked_kind(output, dpi)
    if scan is not None and (scan < 0 or kind not in PIXEL_SUFFIXES):
        raise OptionError(
            f"{output}: --scan {scan}; the seed must be 0 or above, and the picture {', '.join(PIXEL_SUFFIXES)}"
        )
    check_apart([file], [output], load.format)
    record = load(file)
    arranged = arrange(record, layout, start_s, seconds, gain)  # what cannot be drawn is told before beats are sought
    found = None
    if beats:
        from ..analysis import analyze

        found = analyze(record)
    beats_found, quality = (found.beats, found.quality) if found else (None, None)
    sheet = draw_arranged(record, arranged, beats=beats_found, quality=quality)
    typer.echo(save(sheet, output, dpi=dpi, looks=painted, scan_seed=scan))
