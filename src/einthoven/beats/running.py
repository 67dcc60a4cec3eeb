"""What is usual of the last few values, as each new one comes."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque


class Running:
    """The last values of a series, in order of size.

    Parameters
    ----------
    size
        How many.

    Examples
    --------
    >>> last = Running(3)
    >>> for value in (1.0, 9.0, 2.0, 4.0):
    ...     last.add(value)
    >>> last.quantile(0.5)
    4.0
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._came: deque[float] = deque()
        self._ordered: list[float] = []

    def add(self, value: float) -> None:
        """Take one more, and let go of the oldest where there are too many."""
        if len(self._came) == self._size:
            del self._ordered[bisect_left(self._ordered, self._came.popleft())]
        self._came.append(value)
        insort(self._ordered, value)

    def quantile(self, share: float) -> float:
        """Give the value that a share of them lie below: between two while they are few, then one of them."""
        if len(self._came) == self._size:
            return self._ordered[int(share * self._size)]
        below, part = divmod(share * (len(self._ordered) - 1), 1)
        low, high = self._ordered[int(below)], self._ordered[min(int(below) + 1, len(self._ordered) - 1)]
        return low + (high - low) * part
