"""``einthoven annotate``: beats as WFDB annotation files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .inputs import Derive, Files, Leads, Rate, Repair, Unit, each_file, loader, output_paths


def annotate(
    files: Files,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for the annotation files.")],
    annotator: Annotated[
        str, typer.Option("-a", "--annotator", metavar="NAME", help="Suffix of the annotation files.")
    ] = "qrs",
    rate: Rate = None,
    unit: Unit = None,
    leads: Leads = None,
    repair: Repair = False,
    derive: Derive = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Write the beats of each FILE to DIR as a WFDB annotation: N normal, Q abnormal."""
    from ..analysis import analyze
    from ..formats.annotation import check_annotator, write_beats
    from .terminal import print_json

    load = loader(rate, unit, leads, repair, derive)
    target = output_paths(files, output, f".{check_annotator(annotator)}")
    written = []

    def work(file: Path) -> None:
        report = analyze(load(file))
        write_beats(report.beats, report.record.fs_hz, target[file])
        abnormal = int((report.beats.symbol == "Q").sum())
        written.append(
            {"record": str(file), "annotation": str(target[file]), "beats": len(report.beats), "Q": abnormal}
        )

    try:
        each_file(files, work, "Annotating")
    finally:
        if as_json:
            print_json(written)
        else:
            for row in written:
                typer.echo(f"{row['annotation']}  {row['beats']} beats, {row['Q']} abnormal")
