"""What goes around a residual block: the signal itself, made to fit what the block gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from torch import Tensor, nn
from torch.nn.functional import pad

from ...errors import unknown

if TYPE_CHECKING:
    from collections.abc import Callable

SHORTCUTS: Final = ("projection", "padding")
"""How channels that a shortcut lacks are made: a convolution of one sample, or channels of zeros (He et al., 2016)."""


def shortcut(kind: str, channels: int, width: int, project: Callable[[int, int], nn.Module]) -> nn.Module:
    """Return what makes `width` channels of `channels`, and is nothing where they are as many already.

    Parameters
    ----------
    kind
        One of :data:`SHORTCUTS`.
    channels, width
        That come in, and that go out.
    project
        Makes the convolution.

    Raises
    ------
    OptionError
        There is no such kind.
    """
    if kind not in SHORTCUTS:
        raise unknown("shortcut", kind, SHORTCUTS)
    if channels == width:
        return nn.Identity()
    return project(channels, width) if kind == "projection" else _Zeros(width - channels)


class _Zeros(nn.Module):
    """Appends channels of zeros, or leaves out the last ones."""

    def __init__(self, more: int) -> None:
        super().__init__()
        self.more = more

    def forward(self, x: Tensor) -> Tensor:
        return pad(x, (*[0, 0] * (x.ndim - 2), 0, self.more))
