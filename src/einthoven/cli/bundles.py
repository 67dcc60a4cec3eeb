"""``einthoven bundles``: the trained models that are here, how good they are, and whether they are unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..bundles.card import Card


def bundles(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="One bundle, by name or folder; without it all shipped ones.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the trained models with their figures, and check their checksums."""
    from dataclasses import asdict

    from ..bundles.bundle import find, shipped, verify
    from ..bundles.card import read_card
    from .terminal import print_json

    folders = [find(key) for key in ([name] if name else shipped())]
    found: list[tuple[Card, dict[str, Any]]] = []
    for folder in folders:
        sums = verify(folder)
        card = read_card(folder / "card.json")
        found.append((card, {**asdict(card), "folder": str(folder), "sha256": sums["model.onnx"]}))
    if json:
        print_json([content for _, content in found])
        return
    for card, content in found:
        typer.echo(f"{card.name} {card.version}: {card.title}")
        typer.echo(f"  {content['folder']}, unchanged, network SHA-256 {content['sha256'][:12]}")
        for protocol, judged in card.figures.items():
            figures = [f"{key} {figure['value']:.3f}" for key, figure in judged["metrics"].items() if figure["value"]]
            typer.echo(f"  {protocol}: {', '.join(figures)}")
        for limit in card.limits:
            typer.echo(f"  {limit}")
