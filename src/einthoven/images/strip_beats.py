"""Beats of a whole lead, by drawing it strip after strip and finding the beats in these pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from .strips import Lead, StripLook, peaks_of, strip_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from .boxes import Found

MARGIN_S: Final = 1.0
"""What is found so near to where a strip ends is left to its neighbour, which shows what comes before and after."""

SAME_S: Final = 0.2
"""Two beats nearer than this, in neighbouring strips, are one."""


@dataclass(frozen=True, slots=True, eq=False)
class BeatsSeen:
    """Beats found in pictures, in order of time.

    Parameters
    ----------
    peak_s
        float64, shape (beat,): times of R in seconds from the lead's start.
    probability
        float32, shape (beat, class): that it is of each class.
    """

    peak_s: NDArray[np.float64]
    probability: NDArray[np.float32]


def unwatched(done: int, total: int) -> None:
    """Show nothing of how far it is."""


def beats_in_strips(
    signal_mv: NDArray[np.float32],
    fs_hz: float,
    look: StripLook,
    find: Callable[[Iterable[NDArray[np.uint8]]], Iterator[Found]],
    n_classes: int,
    watch: Callable[[int, int], None] = unwatched,
) -> BeatsSeen:
    """Draw a lead in strips that overlap, find the beats in each, and join them.

    Parameters
    ----------
    signal_mv
        float32, shape (sample,), NaN where missing.
    fs_hz
        Its rate.
    look
        Of the strips.
    find
        Finds beats in pictures, one after the other.
    n_classes
        How many classes it tells.
    watch
        Told after each strip how many are done, of how many.
    """
    lead = Lead(signal_mv, fs_hz, np.zeros(0, np.int64), ())
    start_s = strip_starts(lead.duration_s, look.seconds)
    pictures = (strip_picture(lead, at, look).pixels for at in start_s)
    times, shares, strips = [np.zeros(0)], [np.zeros((0, n_classes), np.float32)], [np.zeros(0, np.int64)]
    for number, (at, found) in enumerate(zip(start_s, find(pictures), strict=True)):
        peak_s = peaks_of(found.boxes_xyxy, look)
        low = -np.inf if not number else MARGIN_S - SAME_S / 2
        high = np.inf if number == len(start_s) - 1 else look.seconds - MARGIN_S + SAME_S / 2
        if number == len(start_s) - 1 and number:  # the last strip begins where it must, to end with the lead
            low = start_s[number - 1] + look.seconds - MARGIN_S - at - SAME_S / 2
        mine = (peak_s >= low) & (peak_s < high)
        times.append(at + peak_s[mine])
        shares.append(found.probability[mine])
        strips.append(np.full(int(mine.sum()), number))
        watch(number + 1, len(start_s))
    return _joined(np.concatenate(times), np.concatenate(shares), np.concatenate(strips))


def strip_starts(duration_s: float, seconds: float) -> list[float]:
    """Return where strips begin that overlap by twice the margin, the last of them ending with the lead.

    Examples
    --------
    >>> strip_starts(30.0, 10.0), strip_starts(7.0, 10.0)
    ([0.0, 8.0, 16.0, 20.0], [0.0])
    """
    step = seconds - 2 * MARGIN_S
    last = max(duration_s - seconds, 0.0)
    whole = [number * step for number in range(int(np.ceil(last / step)))]
    return [*whole, last]


def _joined(time_s: NDArray[np.float64], probability: NDArray[np.float32], strip: NDArray[np.int64]) -> BeatsSeen:
    """Put beats in order; of two of neighbouring strips in one place the surer one stays."""
    order = np.argsort(time_s, kind="stable")
    time_s, probability, strip = time_s[order], probability[order], strip[order]
    keep = np.ones(len(time_s), np.bool_)
    sure = probability.sum(axis=1)
    for here in np.flatnonzero((np.diff(time_s) < SAME_S) & (np.diff(strip) != 0)).tolist():
        if keep[here]:
            keep[here if sure[here] < sure[here + 1] else here + 1] = False
    return BeatsSeen(time_s[keep], probability[keep])
