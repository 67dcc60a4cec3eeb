"""``einthoven demo``: the whole road on a simulated heart, without any download."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", readable=False, help="Folder for what is made.")
    ] = Path("demo"),
    seed: Annotated[int, typer.Option("--seed", help="Another seed is another heart.")] = 1,
) -> None:
    """Simulate an ECG, write it as WFDB, read it back, analyse it, and write the report."""
    from ..analysis import analyze
    from ..atomic import replacing
    from ..formats import read, write
    from ..images.paper import draw, save
    from ..report import render
    from ..signal.simulate import Noise, simulate

    heart = simulate(
        duration_s=60,
        rate_bpm=74,
        pvc=0.08,
        pac=0.05,
        pauses=1,
        noise=Noise(wander_mv=0.03, muscle_mv=0.01, mains_mv=0.005),
        seed=seed,
    )
    record = output / "simulated.hea"
    write(heart.record, record)
    report = analyze(read(record))
    page, picture = output / "simulated.html", output / "simulated.png"
    with replacing(page) as draft:
        draft.write_text(render(report, "html"), encoding="utf-8")
    save(draw(report.record, beats=report.beats, quality=report.quality), picture)
    typer.echo(render(report, "text"))
    typer.echo(f"\n{record}  the simulated recording (WFDB)\n{picture}  the ECG on paper\n{page}  the report: open it")
