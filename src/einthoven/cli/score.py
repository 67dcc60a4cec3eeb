"""``einthoven score``: figures of what any system has written, by the rules of a challenge."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

score = typer.Typer(help="Score what a system has written, by the rules of a challenge.", no_args_is_help=True)


@score.command("cinc2020")
def score_cinc2020(
    labels: Annotated[
        Path, typer.Argument(metavar="LABEL_DIR", readable=False, help="Folder of headers (.hea) with lines #Dx.")
    ],
    outputs: Annotated[
        Path, typer.Argument(metavar="OUT_DIR", readable=False, help="Folder of the system's outputs, a .csv a record.")
    ],
    classes: Annotated[bool, typer.Option("--classes", help="The figures of each class too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score OUT_DIR against LABEL_DIR as the PhysioNet/CinC Challenge 2020 does, by its 24 classes."""
    from ..datasets.cinc2020 import read_labels, targets
    from ..evaluation.cinc2020 import challenge_figures, class_figures
    from ..evaluation.cinc2020_outputs import as_arrays, read_outputs
    from .terminal import print_json

    codes = read_labels(labels)
    target = targets(codes.values())
    present, believed = as_arrays(read_outputs(outputs, tuple(codes)))
    figures = challenge_figures(target, present, believed)
    table = _by_class(target, class_figures(target, present, believed)) if classes else {}
    if json:
        content = {name: _known(value) for name, value in figures.items()}
        print_json({**content, "classes": table} if classes else content)
        return
    typer.echo(f"{len(codes):,} records\n")
    for name, value in figures.items():
        typer.echo(f"{name:16} {_text(_known(value))}")
    if classes:
        typer.echo("\n" + "\n".join(_lines(table)))


def _by_class(
    target: NDArray[np.bool_], by_class: dict[str, NDArray[np.float64]]
) -> dict[str, dict[str, str | int | float | None]]:
    """Return, by SNOMED CT code, its name, the number of records that have it, and its figures."""
    from ..codes import CINC2020_CLASSES, CINC2020_DIAGNOSES

    return {
        code: {
            "short": CINC2020_DIAGNOSES[code].short,
            "name": CINC2020_DIAGNOSES[code].name,
            "records": int(target[:, place].sum()),
            **{name: _known(float(values[place])) for name, values in by_class.items()},
        }
        for place, code in enumerate(CINC2020_CLASSES)
    }


def _lines(table: dict[str, dict[str, str | int | float | None]]) -> Iterator[str]:
    first = next(iter(table.values()))
    names = [name for name in first if name not in ("short", "name")]
    yield f"{'class':8}" + "".join(f"{name:>11}" for name in names)
    for row in table.values():
        yield f"{row['short']:8}" + "".join(f"{_text(row[name]):>11}" for name in names)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _text(value: str | float | None) -> str:
    return "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
