"""The label map of the TensorFlow Object Detection API: which number stands for which class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

LABEL_MAP: Final = "label_map.pbtxt"


def label_map(classes: Sequence[str]) -> str:
    r"""Return a label map in the text format of protocol buffers; numbers begin with 1, for 0 is the background.

    Examples
    --------
    >>> print(label_map(["MLII-N", "V5-/"]), end="")
    item {
      id: 1
      name: 'MLII-N'
    }
    item {
      id: 2
      name: 'V5-/'
    }
    """
    return "".join(
        f"item {{\n  id: {number}\n  name: '{_escaped(name)}'\n}}\n" for number, name in enumerate(classes, start=1)
    )


def _escaped(name: str) -> str:
    """Return a name as it may stand between single quotes there; signs beyond ASCII stand as they are, in UTF-8."""
    name = name.replace("\\", r"\\").replace("'", r"\'")
    return "".join(sign if sign.isprintable() else "".join(f"\\{byte:03o}" for byte in sign.encode()) for sign in name)
