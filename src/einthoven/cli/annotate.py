"""``einthoven annotate``: beats and rhythms as WFDB annotation files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .inputs import AsJson, DetectorName, Files, Loader, ModelName, check_apart, each_file, output_paths, reads


@reads
def annotate(
    load: Loader,
    files: Files,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", readable=False, help="Folder for the annotation files.")
    ],
    annotator: Annotated[
        str, typer.Option("-a", "--annotator", metavar="NAME", help="Suffix of the annotation files.")
    ] = "qrs",
    bundle: ModelName = "mitdb-aami",
    detector: DetectorName = "learned",
    as_json: AsJson = False,
) -> None:
    """Write the beats of each FILE to DIR as a WFDB annotation, with the rhythms they make, such as (AFIB."""
    from ..analysis import analyze
    from ..beats.marks import rhythm_changes
    from ..bundles.bundle import Bundle
    from ..formats.annotation import check_annotator, write_beats
    from ..report.summary import summarize

    model = Bundle.load(bundle)
    target = output_paths(files, output, f".{check_annotator(annotator)}")
    check_apart(files, target.values(), load.format)

    def work(file: Path) -> tuple[dict[str, Any], str]:
        report = analyze(load(file), detector=detector, bundle=model)
        changes = rhythm_changes(report.episodes)
        write_beats(report.beats, report.record.fs_hz, target[file], changes)
        n_beats, counts = len(report.beats), summarize(report.beats).counts
        row = {"record": str(file), "annotation": str(target[file]), "beats": n_beats, "counts": counts}
        return row, f"{target[file]}  {n_beats} beats" + "".join(f", {n} {symbol}" for symbol, n in counts.items())

    each_file(files, work, as_json=as_json, description="Annotating")
