"""Tables in README and docs, made from the result files so that no figure is ever typed by hand.

``<!-- KIND:WORDS -->`` … ``<!-- /KIND -->`` in a Markdown file encloses a table. The kinds are those of
:data:`einthoven.evaluation.markdown.TABLES`: ``results:PROTOCOL`` is the table of all recipes judged under a protocol.
``python -m einthoven.evaluation.tables`` renews them; with ``--check`` it only tells which are stale.
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
from .markdown import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PLACE: Final = re.compile(
    r"(?P<start><!-- (?P<kind>\w+):(?P<words>[\w .-]+) -->\n)(?P<table>.*?)(?P<end><!-- /(?P=kind) -->)", re.DOTALL
)


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


def renewed(text: str, results: Sequence[Mapping[str, Any]]) -> str:
    """Return a Markdown text with its tables made anew; raises DataError for a protocol that has no result."""
    return PLACE.sub(lambda p: f"{p['start']}{table(results, p['kind'], p['words'].split())}{p['end']}", text)


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
