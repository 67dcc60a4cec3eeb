"""Tables in README and docs, made from the result files so that no figure is ever typed by hand.

``<!-- results:PROTOCOL -->`` … ``<!-- /results -->`` in a Markdown file encloses the table of all recipes judged under
that protocol. ``python -m einthoven.evaluation.tables`` renews them; with ``--check`` it only tells which are stale.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..atomic import replacing
from ..errors import DataError, EinthovenError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

PLACE: Final = re.compile(r"(<!-- results:(?P<protocol>[\w.-]+) -->\n)(?P<table>.*?)(<!-- /results -->)", re.DOTALL)
HEADINGS: Final = {
    "accuracy": "accuracy",
    "sensitivity": "Se",
    "specificity": "Sp",
    "f1": "F1",
    "auc": "AUC",
    "ece": "calibration error",
    "gross_sensitivity": "Se, gross",
    "gross_positive_predictivity": "+P, gross",
    "gross_f1": "F1, gross",
    "average_sensitivity": "Se, average",
    "average_positive_predictivity": "+P, average",
    "average_f1": "F1, average",
}
"""How a metric is called in a table; one that is not here is called as in the result file."""


def read_results(folder: Path) -> list[dict[str, Any]]:
    """Read all result files of a folder, in the order of their names.

    Raises
    ------
    DataError
        One of them is no JSON or has no protocols.
    """
    results = []
    for file in sorted(folder.glob("*.json")):
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise DataError(f"{file}: not a result file that can be read ({error})") from error
        if not isinstance(content, dict) or not {"recipe", "protocols"} <= set(content):
            raise DataError(f"{file}: not a result file; it must have 'recipe' and 'protocols'")
        results.append(content)
    return results


def table(results: Iterable[Mapping[str, Any]], protocol: str) -> str:
    """Render the Markdown table of a protocol: a row a recipe, a column a metric, intervals in brackets.

    Raises
    ------
    DataError
        No result is of this protocol.
    """
    rows = [result for result in results if protocol in result["protocols"]]
    if not rows:
        raise DataError(f"no result file has protocol '{protocol}'; evaluate a recipe under it first")
    metrics = list(dict.fromkeys(name for row in rows for name in row["protocols"][protocol]["metrics"]))
    lines = [_line(["system", *(HEADINGS.get(name, name) for name in metrics), "counted"])]
    lines.append(_line(["---", *["---:"] * len(metrics), "---"]))
    for row in rows:
        judged, published = row["protocols"][protocol], row.get("published", {})
        cells = [_cell(judged["metrics"].get(name), published.get(name)) for name in metrics]
        count = ", ".join(f"{n:,} {name.removesuffix('s') if n == 1 else name}" for name, n in judged["n"].items())
        lines.append(_line([f"`{row['recipe']}`", *cells, count]))
    return "".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _cell(figure: Mapping[str, float | None] | None, published: float | None) -> str:
    if figure is None or figure["value"] is None:
        return "–"
    text = f"{figure['value']:.3f}"
    if figure["low"] is not None:
        text += f" ({figure['low']:.3f}–{figure['high']:.3f})"
    return text + (f", published {published:.3f}" if published is not None else "")


def renewed(text: str, results: Sequence[Mapping[str, Any]]) -> str:
    """Return a Markdown text with its tables made anew; raises DataError for a protocol that has no result."""
    return PLACE.sub(lambda place: f"{place[1]}{table(results, place['protocol'])}{place[4]}", text)


def stale(root: Path) -> dict[Path, str]:
    """Return README and docs whose tables differ from the result files, with the text they should have."""
    results = read_results(root / "results")
    texts = {
        file: file.read_text(encoding="utf-8") for file in (root / "README.md", *sorted(root.glob("docs/**/*.md")))
    }
    return {file: right for file, text in texts.items() if (right := renewed(text, results)) != text}


def main(arguments: Sequence[str] | None = None) -> int:
    """Renew the tables of the checkout in the working folder, or check them."""
    parser = argparse.ArgumentParser(prog="python -m einthoven.evaluation.tables", description=renewed.__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 when a table is stale")
    parser.add_argument("--root", type=Path, default=Path(), help="the checkout, with README.md, docs and results")
    options = parser.parse_args(arguments)
    try:
        differing = stale(options.root)
        for file, text in differing.items():
            sys.stdout.write(f"{file}: {'stale' if options.check else 'renewed'}\n")
            if not options.check:
                with replacing(file) as draft:
                    draft.write_text(text, encoding="utf-8")
    except EinthovenError as error:
        sys.stderr.write(f"tables: {error}\n")
        return 2
    return 1 if differing and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
