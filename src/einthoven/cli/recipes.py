"""``einthoven recipes``: the systems that can be trained, and what is in one."""

from __future__ import annotations

from typing import Annotated

import typer


def recipes(
    name: Annotated[
        str | None, typer.Argument(help="One recipe to show, by name or path; all are listed without.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the recipes, or show one."""
    from ..learn.recipe import load_recipe, recipe_files
    from .terminal import print_json

    chosen = [load_recipe(key) for key in ([name] if name else recipe_files())]
    if as_json:
        print_json([{"name": r.name, "title": r.title, "source": r.source, "file": str(r.file)} for r in chosen])
    elif name:
        typer.echo(chosen[0].file.read_text(encoding="utf-8"), nl=False)
    else:
        for recipe in chosen:
            typer.echo(f"{recipe.name:24} {recipe.title}")
