"""``einthoven ablate``: what each switch of a recipe brings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .train import Data, RecipeName, Runs, Threads


def ablate(
    recipe: RecipeName,
    data: Data = None,
    runs: Runs = Path("runs"),
    results: Annotated[Path, typer.Option(metavar="DIR", readable=False, help="Where the result file goes.")] = Path(
        "results"
    ),
    max_steps: Annotated[
        int, typer.Option(metavar="N", help="Stop each training early, for a trial; -1: train to the end.")
    ] = -1,
    threads: Threads = 2,
    json: Annotated[bool, typer.Option("--json", help="Print the result file.")] = False,
) -> None:
    """Train a recipe with each of its switches on and off, and compare: the table goes to RESULTS/RECIPE-ablation.json.

    It can be stopped at any moment, and goes on where it was.
    """
    from functools import partial

    from ..learn import require_extra
    from ..learn.recipe import load_recipe
    from .terminal import print_json, progress

    chosen = load_recipe(recipe)
    require_extra()
    from ..evaluation.markdown import by_switch
    from ..learn.ablation import COMPARED, ablated
    from ..learn.judge import write_result
    from ..learn.material import material

    content = ablated(
        chosen,
        partial(material, root=data, runs=runs),
        runs / chosen.name / "ablation",
        watch=lambda name: partial(progress, f"{chosen.name}: {name}", unit="steps"),
        max_steps=max_steps,
        threads=threads,
    )
    file = write_result(content, results)
    if json:
        print_json(content)
        return
    typer.echo(by_switch([content], chosen.name, *COMPARED))
    typer.echo(f"written to {file}")
