"""``einthoven analyze``: read, find, classify, report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .inputs import Derive, Files, Leads, Rate, Repair, Unit, each_file, loader


def analyze(
    files: Files,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: one object, or a list for several files.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="F", help="Also write a page to F; for several files F is a folder."),
    ] = None,
    bundle: Annotated[
        str, typer.Option("--bundle", metavar="NAME|DIR", help="Model that tells normal from abnormal beats.")
    ] = "mitdb-normal",
    detector: Annotated[str, typer.Option("--detector", help="How beats are found.")] = "fast",
    rate: Rate = None,
    unit: Unit = None,
    leads: Leads = None,
    repair: Repair = False,
    derive: Derive = False,
) -> None:
    """Find and classify the beats of each FILE, and print a report."""
    from .. import analysis
    from ..atomic import replacing
    from ..bundles.bundle import Bundle
    from ..report import render
    from ..report.json import to_json
    from .inputs import output_paths
    from .terminal import print_json

    load, model = loader(rate, unit, leads, repair, derive), Bundle.load(bundle)
    pages: dict[Path, Path] = {}
    if html is not None:
        pages = {files[0]: html} if len(files) == 1 and not html.is_dir() else output_paths(files, html, ".html")
    results: list[dict[str, Any]] = []

    def work(file: Path) -> None:
        report = analysis.analyze(load(file), detector=detector, bundle=model)
        if file in pages:
            with replacing(pages[file]) as draft:
                draft.write_text(render(report, "html"), encoding="utf-8")
        if as_json:
            results.append(to_json(report))
        else:
            typer.echo(render(report, "text"))

    try:
        each_file(files, work, "Analysing")
    finally:
        if as_json and results:
            print_json(results[0] if len(files) == 1 else results)
