"""What is prepared once for all trainings lies in ``<runs>/prepared``, under a hash of what made it."""

from __future__ import annotations

import hashlib
import inspect
import json
from typing import TYPE_CHECKING, Any, Final

from .. import __version__
from ..datasets.catalogue import dataset as database

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from types import ModuleType

PREPARED: Final = "prepared"


def key(
    dataset: str, kind: str, settings: Mapping[str, Any], root: str | Path | None, modules: Iterable[ModuleType]
) -> str:
    """Hash what makes prepared arrays: database, kind of input and its settings, and the code of both.

    Files count by name, size and time of change: reading them all would take minutes.
    """
    folder = database(dataset).path(root)
    files = [(str(f.relative_to(folder)), f.stat().st_size, f.stat().st_mtime_ns) for f in sorted(folder.rglob("*.*"))]
    code = [inspect.getsource(module) for module in modules]
    made_by = json.dumps([dataset, kind, dict(settings), __version__, files, code], sort_keys=True)
    return hashlib.sha256(made_by.encode()).hexdigest()[:16]
