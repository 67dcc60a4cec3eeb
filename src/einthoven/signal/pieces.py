"""A long signal in pieces that overlap, so that a week of it takes hardly more memory than an hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Piece(NamedTuple):
    """The samples to look at, and those of them to answer for: every sample is in one piece's `kept`.

    Examples
    --------
    >>> piece = Piece(90, 200, 100, 190)
    >>> piece.seen, piece.kept, piece.inner
    (slice(90, 200, None), slice(100, 190, None), slice(10, 100, None))
    """

    start: int
    stop: int
    first: int
    last: int

    @property
    def seen(self) -> slice:
        """What to look at, in samples of the signal."""
        return slice(self.start, self.stop)

    @property
    def kept(self) -> slice:
        """What to answer for, in samples of the signal."""
        return slice(self.first, self.last)

    @property
    def inner(self) -> slice:
        """What to answer for, in samples of what is looked at."""
        return slice(self.first - self.start, self.last - self.start)


def pieces(n_samples: int, size: int, margin: int, *, step: int = 1) -> Iterator[Piece]:
    """Cut a signal into pieces of one length, up to `size`, that look `margin` beyond what they answer for.

    Parameters
    ----------
    n_samples
        Length of the signal; one no longer than `size` is one piece.
    size
        The most samples a piece answers for.
    margin
        How far it looks to either side of them, as far as there is signal.
    step
        All pieces begin on a multiple of this; `size` and `margin` are rounded up to one.

    Examples
    --------
    >>> [tuple(piece) for piece in pieces(250, 100, 10)]
    [(0, 94, 0, 84), (74, 178, 84, 168), (158, 250, 168, 250)]
    """
    count = -(-n_samples // size)
    length, reach = (-(-width // step) * step for width in (-(-n_samples // max(1, count)), margin))
    for first in range(0, n_samples, max(1, length)):
        last = min(first + length, n_samples)
        yield Piece(max(0, first - reach), min(last + reach, n_samples), first, last)
