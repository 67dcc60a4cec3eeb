"""``einthoven evaluate``: all trainings a recipe's protocol asks for, and the result file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .train import Data, RecipeName, Runs, Threads


def evaluate(
    recipe: RecipeName,
    data: Data = None,
    runs: Runs = Path("runs"),
    results: Annotated[Path, typer.Option(metavar="DIR", readable=False, help="Where the result file goes.")] = Path(
        "results"
    ),
    seeds: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Trainings on the protocol's split; else as the recipe says.")
    ] = None,
    splits: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Trainings on other splits; else as the recipe says.")
    ] = None,
    threads: Threads = 2,
    json: Annotated[bool, typer.Option("--json", help="Print the result file.")] = False,
) -> None:
    """Train what is not trained yet, and judge it: figures with intervals go to RESULTS/RECIPE.json."""
    from functools import partial
    from importlib import import_module

    from ..errors import OptionError
    from ..learn import require_extra
    from ..learn.recipe import APART, Recipe, load_recipe
    from .terminal import progress

    chosen = load_recipe(recipe)
    require_extra()
    if chosen.data.task in APART:
        if seeds is not None or splits is not None:
            raise OptionError("--seeds, --splits: a detector is trained once, by its recipe's split")
        judge = import_module(f"..learn.{APART[chosen.data.task]}_judge", __package__)
        watch = partial(progress, chosen.name, unit="steps")
        content = judge.evaluated(chosen, data, runs, threads=threads, watch=watch)
        _tell(content, results, json)
        return
    from ..learn.examples import Examples  # these import torch
    from ..learn.judge import plan, result
    from ..learn.material import material
    from ..learn.runs import train

    made: dict[str, Examples] = {}

    def load(one: Recipe) -> Examples:
        if one.name not in made:
            made[one.name] = material(one, data, runs)
        return made[one.name]

    done = {
        protocol: [
            train(
                chosen.tested if chosen.tested and protocol == chosen.evaluation.test else chosen,
                load,
                runs,
                split_seed=split_seed,
                seed=seed,
                threads=threads,
                watch=partial(progress, f"{chosen.name}, {number} of {len(pairs)}", unit="steps"),
            )
            for number, (split_seed, seed) in enumerate(pairs, start=1)
        ]
        for protocol, pairs in plan(chosen, seeds, splits).items()
    }
    _tell(result(chosen, done, root=data), results, json)


def _tell(content: dict[str, Any], results: Path, json: bool) -> None:
    """Write the result file and say what is in it."""
    from ..learn.judge import write_result
    from .terminal import print_json

    file = write_result(content, results)
    if json:
        print_json(content)
        return
    for protocol, judged in content["protocols"].items():
        typer.echo(f"{protocol}: {', '.join(f'{count:,} {name}' for name, count in judged['n'].items())}")
        of_a_class = tuple(f"_{name}" for name in content.get("per_class", {}).get(protocol, ()))
        for name, figure in judged["metrics"].items():
            if name.endswith(of_a_class):  # there are too many of these to be read here
                continue
            typer.echo(
                f"  {name:24} {_number(figure['value'])} ({_number(figure['low'])} to {_number(figure['high'])})"
            )
    typer.echo(f"written to {file}")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
