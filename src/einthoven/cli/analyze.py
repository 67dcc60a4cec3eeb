"""``einthoven analyze``: read, find, classify, report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .inputs import AsJson, Files, Loader, ModelName, check_apart, each_file, reads, result_paths


@reads
def analyze(
    load: Loader,
    files: Files,
    as_json: AsJson = False,
    html: Annotated[
        str | None,
        typer.Option("--html", metavar="F", help="Also write a page to F; for several files F is a folder."),
    ] = None,
    bundle: ModelName = "mitdb-normal",
    detector: Annotated[str, typer.Option("--detector", help="How beats are found: learned or fast.")] = "learned",
) -> None:
    """Find and classify the beats of each FILE, and print a report."""
    from .. import analysis
    from ..atomic import replacing
    from ..bundles.bundle import Bundle
    from ..report import render
    from ..report.json import to_json

    model = Bundle.load(bundle)
    pages = {} if html is None else result_paths(files, html, ".html")
    check_apart(files, pages.values(), load.format)

    def work(file: Path) -> tuple[dict[str, Any], str]:
        report = analysis.analyze(load(file), detector=detector, bundle=model)
        if file in pages:
            with replacing(pages[file]) as draft:
                draft.write_text(render(report, "html"), encoding="utf-8")
        return to_json(report), render(report, "text")

    each_file(files, work, as_json=as_json, description="Analysing")
