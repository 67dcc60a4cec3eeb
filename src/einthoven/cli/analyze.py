"""``einthoven analyze``: read, find, classify, report."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from .inputs import AsJson, DetectorName, Files, Loader, ModelName, check_apart, each_file, reads, result_paths
from .terminal import reported_progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..record import Record

NOBODY: Final = "none"
"""Whom to ask for a diagnosis, for those who want none."""

_WORTH_A_BAR_S: Final = 7200.0  # two hours are done in about two seconds


@reads
def analyze(
    load: Loader,
    files: Files,
    as_json: AsJson = False,
    html: Annotated[
        str | None,
        typer.Option("--html", metavar="F", help="Also write a page to F; for several files F is a folder."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say what moved the answer for twelve leads; pages say so anyway.")
    ] = False,
    bundle: ModelName = "mitdb-aami",
    diagnosis: Annotated[
        list[str] | None,
        typer.Option(
            "--diagnosis", metavar="NAME|DIR", help="Model to ask about twelve leads, or none; may be given repeatedly."
        ),
    ] = None,
    detector: DetectorName = "learned",
) -> None:
    """Find and classify the beats of each FILE, and print a report."""
    from .. import analysis
    from ..atomic import replacing
    from ..bundles.bundle import Bundle
    from ..report import render
    from ..report.json import to_json

    threads = 1 if len(files) > 1 else os.cpu_count() or 1  # several files are analysed side by side
    model = Bundle.load(bundle)
    names = [name for name in diagnosis or analysis.DIAGNOSIS if name != NOBODY]
    readers = [Bundle.load(name) for name in names]
    pages = {} if html is None else result_paths(files, html, ".html")
    check_apart(files, pages.values(), load.format)

    def work(file: Path) -> tuple[dict[str, Any], str]:
        record = load(file)
        with _watched(record, alone=len(files) == 1) as watch:
            report = analysis.analyze(
                record,
                detector=detector,
                bundle=model,
                diagnosis=readers,
                explain=explain or file in pages,
                threads=threads,
                watch=watch,
            )
        if file in pages:
            with replacing(pages[file]) as draft:
                draft.write_text(render(report, "html"), encoding="utf-8")
        return to_json(report), render(report, "text")

    each_file(files, work, as_json=as_json, description="Analysing")


@contextmanager
def _watched(record: Record, *, alone: bool) -> Iterator[Callable[[float, str], None] | None]:
    """Show how far the analysis of one long record is; of several files, `each_file` shows how many are done."""
    if not alone or record.duration_s < _WORTH_A_BAR_S:
        yield None
        return
    minutes, began = record.duration_s / 60, time.monotonic()
    with reported_progress("Analysing") as show:

        def watch(share: float, doing: str) -> None:
            rate = share * minutes / (time.monotonic() - began)
            show(share * minutes, minutes, f"{doing}, {rate:.0f} min/s")

        yield watch
