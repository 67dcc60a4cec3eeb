"""Learning: from a recipe and recordings to a trained model and its bundle. The one room with torch."""

from __future__ import annotations

from importlib.util import find_spec

from ..errors import OptionError


def require_extra() -> None:
    """Make sure that what training needs is installed.

    Raises
    ------
    OptionError
        Something is not; the message says how to get it.
    """
    missing = [
        name for name in ("torch", "lightning", "sklearn", "tensorboard", "onnx", "onnxscript") if not find_spec(name)
    ]
    if missing:
        raise OptionError(f"training needs {', '.join(missing)}, not installed here: pip install 'einthoven[train]'")
