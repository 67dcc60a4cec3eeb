"""How a detector looks at pictures: what it is shown of them, and what its answers mean in their pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import OptionError
from .boxes import MOST_OVERLAP, Found, default_boxes, found_in
from .seen import darkness
from .strips import STRIP_LOOK, StripLook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float32]

Net = Callable[["NDArray[np.float32]"], "NDArray[np.float32]"]
"""Takes pictures, float32 (item, 1, row, column); gives probabilities and offsets, float32 (item, box, class + 4)."""

AT_ONCE: Final = 16
INK: Final = 0.25
"""A picture whose darkest place is darker than its lightest by less than this shows nothing: whatever a network says of
it, which may never have been shown an empty one, nothing is found there."""

_LONGER: Final = 1.2  # a picture of another shape is not stretched by more than this


@dataclass(frozen=True)
class Sight:
    """What a detector is shown, and where its default boxes are.

    Parameters
    ----------
    size
        Rows and columns of what it is shown.
    maps
        Rows and columns of each of its maps.
    default_wh
        For each map, width and height of its default boxes in pixels.
    px_per_mm
        Of strips at 25 mm/s, the resolution it knows; 0 where it is not shown strips.
    pen_px
        Of strips, the width of the trace it knows best.
    """

    size: tuple[int, int]
    maps: tuple[tuple[int, int], ...]
    default_wh: tuple[tuple[tuple[float, ...], ...], ...]
    px_per_mm: float = 0.0
    pen_px: float = STRIP_LOOK.pen_px

    @cached_property
    def defaults(self) -> Array:
        """The default boxes, float32, shape (box, 4)."""
        return default_boxes(self.size, self.maps, self.default_wh)

    @property
    def look(self) -> StripLook:
        """How a strip must look; raises OptionError where the detector is not shown strips."""
        if not self.px_per_mm:
            raise OptionError("this detector looks at pictures of one beat each, not at strips")
        return StripLook(self.size[1], self.size[0], self.px_per_mm, self.pen_px)

    def find(
        self, net: Net, pictures: Iterable[NDArray[np.uint8]], *, least: float, most_overlap: float = MOST_OVERLAP
    ) -> Iterator[Found]:
        """Look at pictures, some at a time, and give what is found in each, in its own pixels.

        Parameters
        ----------
        net
            The network.
        pictures
            uint8, shape (row, column, 3) each.
        least
            Least probability of there being anything.
        most_overlap
            See :func:`.boxes.suppress`.

        Raises
        ------
        OptionError
            A picture is of quite another shape than the detector knows.
        """
        rest = iter(pictures)
        while some := list(islice(rest, AT_ONCE)):
            yield from self._found(net, some, least, most_overlap)

    def _found(
        self, net: Net, pictures: Sequence[NDArray[np.uint8]], least: float, most_overlap: float
    ) -> Iterator[Found]:
        seen = np.stack([darkness(self._fitting(picture), self.size) for picture in pictures])
        answers = net(seen)
        classes = answers.shape[2] - 4
        for picture, shown, answer in zip(pictures, seen, answers, strict=True):
            if np.ptp(shown) < INK:
                yield Found(np.zeros((0, 4), np.float32), np.zeros((0, classes), np.float32))
                continue
            found = found_in(
                answer[:, :classes],
                answer[:, classes:],
                self.defaults,
                self.size,
                least=least,
                most_overlap=most_overlap,
            )
            scale = np.array([picture.shape[1] / self.size[1], picture.shape[0] / self.size[0]] * 2, np.float32)
            yield Found(found.boxes_xyxy * scale, found.probability)

    def _fitting(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        wanted, given = self.size[1] / self.size[0], picture.shape[1] / picture.shape[0]
        if not 1 / _LONGER <= given / wanted <= _LONGER:
            raise OptionError(
                f"picture of {picture.shape[1]} x {picture.shape[0]} pixels; this detector knows pictures about "
                f"{wanted:.3g} times as wide as high, such as {self.size[1]} x {self.size[0]}"
            )
        return picture


def strip_sight(
    *,
    size: Sequence[int],
    maps: Sequence[Sequence[int]],
    default_wh: Sequence[Any],
    px_per_mm: float,
    pen_px: float = STRIP_LOOK.pen_px,
) -> Sight:
    """Return how a detector looks at strips, from the options of its card."""
    return replace(_sight(size, maps, default_wh), px_per_mm=px_per_mm, pen_px=pen_px)


def beat_sight(*, size: Sequence[int], maps: Sequence[Sequence[int]], default_wh: Sequence[Any]) -> Sight:
    """Return how a detector looks at pictures of one beat, from the options of its card."""
    return _sight(size, maps, default_wh)


def _sight(size: Sequence[int], maps: Sequence[Sequence[int]], default_wh: Sequence[Any]) -> Sight:
    rows, columns = size
    wh = tuple(tuple((float(width), float(height)) for width, height in of_map) for of_map in default_wh)
    return Sight((rows, columns), tuple((high, wide) for high, wide in maps), wh)


PICTURE_INPUTS: Final[Mapping[str, Callable[..., Sight]]] = {"strip-picture": strip_sight, "beat-picture": beat_sight}
"""By kind of input: how a detector looks at pictures."""
