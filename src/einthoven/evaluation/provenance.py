"""Where a figure comes from: the commit of the code and the versions of what it ran on."""

from __future__ import annotations

import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from .. import __version__


def commit() -> str:
    """Return the commit of the checkout this package runs from, with ``+`` where its code was changed since.

    Empty where it is no checkout.
    """
    here = Path(__file__).parents[1]

    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", str(here), *words], capture_output=True, text=True, check=True)  # noqa: S603, S607
        return done.stdout.strip()

    try:
        changed = git("status", "--porcelain", "--untracked-files=no", "--", str(here))
        return git("rev-parse", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def versions(*packages: str) -> dict[str, str]:
    """Return the versions of Python, of this package and of `packages`.

    Examples
    --------
    >>> sorted(versions("numpy"))
    ['einthoven', 'numpy', 'python']
    """
    return {"python": platform.python_version(), "einthoven": __version__} | {name: version(name) for name in packages}
