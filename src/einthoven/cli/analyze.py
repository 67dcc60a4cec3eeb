"""``einthoven analyze``: read, find, classify, report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .inputs import AsJson, Derive, Files, Leads, ModelName, Rate, Repair, Unit, each_file, loader


def analyze(
    files: Files,
    as_json: AsJson = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="F", help="Also write a page to F; for several files F is a folder."),
    ] = None,
    bundle: ModelName = "mitdb-normal",
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

    load, model = loader(rate, unit, leads, repair, derive), Bundle.load(bundle)
    pages: dict[Path, Path] = {}
    if html is not None:
        pages = {files[0]: html} if len(files) == 1 and not html.is_dir() else output_paths(files, html, ".html")

    def work(file: Path) -> tuple[dict[str, Any], str]:
        report = analysis.analyze(load(file), detector=detector, bundle=model)
        if file in pages:
            with replacing(pages[file]) as draft:
                draft.write_text(render(report, "html"), encoding="utf-8")
        return to_json(report), render(report, "text")

    each_file(files, work, as_json=as_json, description="Analysing")
