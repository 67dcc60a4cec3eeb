"""``einthoven train``: one training, from raw files to scores."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RecipeName = Annotated[str, typer.Argument(metavar="RECIPE", help="Name of a recipe, or path to a .toml file.")]
Data = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", readable=False, help="Data root; without it EINTHOVEN_DATA, else the user's data folder."
    ),
]
Runs = Annotated[Path, typer.Option(metavar="DIR", readable=False, help="Where runs are kept, and resumed from.")]
Threads = Annotated[int, typer.Option(metavar="N", min=1, help="Processor threads.")]
Seed = Annotated[int, typer.Option(metavar="N", min=0, help="Of starting weights, order and dropout.")]
SplitSeed = Annotated[
    int | None, typer.Option(metavar="N", min=0, help="Of the split; without it the one the recipe names.")
]


def train(
    recipe: RecipeName,
    data: Data = None,
    runs: Runs = Path("runs"),
    seed: Seed = 0,
    split_seed: SplitSeed = None,
    max_steps: Annotated[int, typer.Option(metavar="N", help="Stop early, for a trial; -1: train to the end.")] = -1,
    threads: Threads = 2,
) -> None:
    """Train by a recipe; a run that was stopped goes on where it was."""
    from functools import partial
    from importlib import import_module

    from ..errors import OptionError
    from ..learn import require_extra
    from ..learn.recipe import APART, load_recipe
    from .terminal import progress

    chosen = load_recipe(recipe)
    require_extra()
    watch = partial(progress, chosen.name, unit="steps")
    if chosen.data.task in APART:
        if split_seed is not None:
            raise OptionError("--split-seed: a detector has no other splits than its recipe's")
        detector = import_module(f"..learn.{APART[chosen.data.task]}", __package__)
        facts = detector.train(chosen, data, runs, seed=seed, max_steps=max_steps, threads=threads, watch=watch)
        typer.echo(
            f"{runs / chosen.name}: trained in {facts['wall_s']:g} s on {len(facts['train'])} records and others"
        )
        return
    from ..learn.material import material  # these import torch
    from ..learn.runs import train as train_run

    for one in (chosen, chosen.tested):
        if one is None:
            continue
        run = train_run(
            one,
            partial(material, root=data, runs=runs),
            runs,
            split_seed=one.split.seed if split_seed is None else split_seed,
            seed=seed,
            max_steps=max_steps,
            threads=threads,
            watch=watch,
        )
        typer.echo(
            f"{run.folder}: trained in {run.facts['wall_s']:g} s on {len(run.facts['train'])} records; "
            f"{len(run.test.group):,} items of {len(run.facts['test'])} records scored by what did not learn from them"
        )
