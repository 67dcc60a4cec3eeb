"""Reports, one file per form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..errors import unknown
from .html import to_html
from .json import to_json_text
from .text import to_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..analysis import Report


RENDERERS: Final[dict[str, Callable[[Report], str]]] = {"text": to_text, "json": to_json_text, "html": to_html}
"""Every form a report can take."""


def render(report: Report, kind: str) -> str:
    """Return `report` as text of one `kind`, a key of `RENDERERS`; raises OptionError for any other."""
    if kind not in RENDERERS:
        raise unknown("report", kind, RENDERERS)
    return RENDERERS[kind](report)
