"""``einthoven export``: a finished training as a bundle that runs without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .train import Data, RecipeName, Runs, Seed, SplitSeed


def export(
    recipe: RecipeName,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", readable=False, help="Folder of the bundle.")
    ],
    data: Data = None,
    runs: Runs = Path("runs"),
    results: Annotated[
        Path, typer.Option(metavar="DIR", readable=False, help="Where the result file with its figures is.")
    ] = Path("results"),
    seed: Seed = 0,
    split_seed: SplitSeed = None,
) -> None:
    """Write the bundle of a finished training: network, card and checksums."""
    from functools import partial
    from importlib import import_module

    from ..datasets.splits import FOLD_RULES
    from ..errors import OptionError
    from ..learn import require_extra
    from ..learn.recipe import APART, load_recipe
    from ..learn.runs import FACTS, Run, check_finished, run_folder

    chosen = load_recipe(recipe)
    require_extra()
    folder = run_folder(runs, chosen, chosen.split.seed if split_seed is None else split_seed, seed)
    if not (folder / FACTS).is_file():
        raise OptionError(f"{folder}: no finished training there; do `einthoven train {recipe}` first")
    from ..learn.export import export as export_run
    from ..learn.export import figures_of

    check_finished(folder, chosen)
    if chosen.data.task in APART:
        from ..learn.folded import facts_of

        exporter = import_module(f"..learn.{APART[chosen.data.task]}_export", __package__)
        facts = facts_of(folder)
        figures = figures_of(results / f"{chosen.name}.json", facts)
        shown = {"root": data} if chosen.card.int8 else {}
        bundle = exporter.export(chosen, folder, facts, output, figures, **shown)
    else:
        from ..learn.diagnoses_export import export as export_diagnoses
        from ..learn.material import material
        from ..learn.record_export import export as export_records

        run = Run.read(folder)
        figures = figures_of(results / f"{chosen.name}.json", run.facts)
        if chosen.split.rule not in FOLD_RULES:
            bundle = export_run(chosen, run, output, figures)
        elif run.facts["exclusive"]:
            bundle = export_records(chosen, run, output, figures)
        else:
            load = partial(material, root=data, runs=runs)
            bundle = export_diagnoses(chosen, run, output, load, figures)
    typer.echo(f"{output}: {bundle.card.name}, {bundle.sha256[:12]}")
    if figures is None:
        typer.echo(
            f"no {results / chosen.name}.json of this run: the card has no figures; "
            f"`einthoven evaluate {recipe}` makes them"
        )
