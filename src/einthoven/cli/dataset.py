"""``einthoven dataset``: training sets made of recordings whose beats are known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .inputs import split_leads
from .train import Data

dataset = typer.Typer(help="Write training sets made of annotated recordings.", no_args_is_help=True)


@dataset.callback()
def _group() -> None:
    """Write training sets made of annotated recordings."""


@dataset.command()
def images(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", help="mitdb or svdb; or a folder of WFDB records with annotations (.atr), or one record."
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", readable=False, help="New folder for the set.")
    ],
    format: Annotated[str, typer.Option("--format", metavar="NAME", help="coco, voc or tfrecord.")] = "coco",
    kind: Annotated[
        str, typer.Option(metavar="NAME", help="beat: one alone; strip: ten seconds of a lead; page: of all leads.")
    ] = "beat",
    classes: Annotated[
        str, typer.Option(metavar="RULE", help="symbol, aami or lead-symbol; by default lead-symbol, of strips symbol.")
    ] = "",
    per_class: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Pictures of each class (a strip is of its rarest); else all."),
    ] = None,
    min_beats: Annotated[int, typer.Option(metavar="N", min=0, help="Only classes of more than N beats.")] = 0,
    split: Annotated[str, typer.Option(metavar="RULE", help="none, by-image, by-patient, or ds1-ds2 of mitdb.")] = (
        "none"
    ),
    train_share: Annotated[float, typer.Option(metavar="0-1", help="Share of each class to learn from.")] = 0.7,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of draws, split and looks.")] = 0,
    leads: Annotated[str | None, typer.Option(metavar="V1,...", help="Only these leads.")] = None,
    records: Annotated[str | None, typer.Option(metavar="100,...", help="Only these records.")] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="No more pictures than N, by lot.")] = None,
    data: Data = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier set in DIR.")] = False,
    threads: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Threads that draw; by default one a processor.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Draw the beats of SOURCE with a box around each, as a set that trainers of detectors read.

    One of the published kind: einthoven dataset images mitdb -o DIR --min-beats 700 --per-class 700 --split by-image
    """
    from ..datasets.picture_sets import Plan, write_set
    from .terminal import print_json, track

    plan = Plan(
        source,
        format=format,
        kind=kind,
        classes=classes,
        per_class=per_class,
        min_beats=min_beats,
        split=split,
        train_share=train_share,
        seed=seed,
        leads=split_leads(leads),
        records=split_leads(records),
        limit=limit,
    )
    content = write_set(plan, output, data, overwrite=overwrite, threads=threads, watch=track)
    if json:
        print_json({"folder": str(output), **content})
    else:
        typer.echo("\n".join(_lines(output, content)))


def _lines(folder: Path, content: dict[str, Any]) -> list[str]:
    """Return how many boxes each class has in each part, what was left out, and where a training begins."""
    boxes, names = content["boxes"], content["class_names"]
    wide = max(len("class"), *map(len, names))
    rows = [("class", *boxes), *((name, *(f"{part[name]:,}" for part in boxes.values())) for name in names)]
    lines = [f"{name:{wide}}" + "".join(f"{count:>9}" for count in counts) for name, *counts in rows]
    lines += [f"  not drawn: {count:,}, {reason}" for reason, count in content["left_out"].items()]
    pictures = ", ".join(
        f"{count:,} pictures to {'learn from' if part == 'train' else 'test on'}"
        for part, count in content["pictures"].items()
    )
    return [*lines, f"{folder}: {pictures}; begin with {', '.join(content['files'])}"]
