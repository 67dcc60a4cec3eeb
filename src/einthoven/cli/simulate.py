"""``einthoven simulate``: a made-up ECG whose beats are known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def simulate(
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            readable=False,
            help="Record to write; its suffix says the format (.hea: WFDB).",
        ),
    ],
    rhythm: Annotated[str, typer.Option(help="sinus, af, bigeminy or trigeminy.")] = "sinus",
    duration_s: Annotated[float, typer.Option("--duration", metavar="S", help="Length in seconds.")] = 10.0,
    rate: Annotated[float, typer.Option("--rate", metavar="HZ", help="Sampling rate.")] = 500.0,
    heart_rate: Annotated[float, typer.Option("--heart-rate", metavar="BPM", help="Mean heart rate.")] = 70.0,
    pvc: Annotated[
        float, typer.Option(metavar="0-1", help="Chance of a beat to be a premature ventricular one.")
    ] = 0.0,
    pac: Annotated[float, typer.Option(metavar="0-1", help="Chance of a beat to be a premature atrial one.")] = 0.0,
    block: Annotated[str | None, typer.Option(help="Bundle branch block: lbbb or rbbb.")] = None,
    st: Annotated[str | None, typer.Option(help="ST shift: anterior, inferior or lateral.")] = None,
    st_mv: Annotated[
        float, typer.Option("--st-mv", metavar="MV", help="Height of the ST shift; may be negative.")
    ] = 0.2,
    pauses: Annotated[int, typer.Option(metavar="N", help="Sinus arrests of over two seconds.")] = 0,
    wander_mv: Annotated[
        float, typer.Option("--wander", metavar="MV", help="Baseline wander on each electrode.")
    ] = 0.0,
    muscle_mv: Annotated[float, typer.Option("--muscle", metavar="MV", help="Muscle noise on each electrode.")] = 0.0,
    mains_mv: Annotated[float, typer.Option("--mains", metavar="MV", help="Mains hum on each electrode.")] = 0.0,
    mains_hz: Annotated[float, typer.Option("--mains-hz", metavar="HZ", help="Frequency of the mains.")] = 50.0,
    leads: Annotated[
        str | None, typer.Option(metavar="I,II,...", help="Leads to write; by default the standard twelve.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="The same number gives the same heart.")] = 0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was written, with the true beats, as JSON.")
    ] = False,
) -> None:
    """Simulate an ECG, and write its true beats beside it as a WFDB annotation (.atr)."""
    from ..codes import STANDARD_12
    from ..formats import write
    from ..formats.annotation import write_beats
    from ..signal import simulate as simulator
    from .inputs import split_leads
    from .terminal import print_json

    heart = simulator.simulate(
        duration_s=duration_s,
        fs_hz=rate,
        rhythm=rhythm,
        rate_bpm=heart_rate,
        pvc=pvc,
        pac=pac,
        block=block,
        st=st,
        st_mv=st_mv,
        pauses=pauses,
        noise=simulator.Noise(wander_mv, muscle_mv, mains_mv, mains_hz),
        leads=split_leads(leads) or STANDARD_12,
        seed=seed,
    )
    truth = output.with_suffix(".atr")
    losses = write(heart.record, output)
    write_beats(heart.beats, heart.record.fs_hz, truth)
    if as_json:
        print_json(
            {
                "record": str(output),
                "annotation": str(truth),
                "fs_hz": rate,
                "leads": heart.record.leads,
                "rhythm": rhythm,
                "beats": {"sample": heart.beats.sample.tolist(), "symbol": heart.beats.symbol.tolist()},
                "notes": losses,
            }
        )
        return
    typer.echo(f"{output}  {heart.record.duration_s:g} s, {len(heart.record.leads)} leads, {rate:g} Hz")
    typer.echo("\n".join([f"{truth}  {len(heart.beats)} beats", *(f"note: {loss}" for loss in losses)]))
