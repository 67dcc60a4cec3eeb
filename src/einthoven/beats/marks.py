"""Rhythms as marks of a WFDB annotation file: one rhythm at a time, and a mark where it ends."""

from __future__ import annotations

from math import isclose
from typing import TYPE_CHECKING, Final

from .episode import KINDS
from .runs import FAST_BPM, SLOW_BPM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .episode import Episode

END: Final = ")"
"""What holds next has no name here. A mark holds until the next one, so that without it fibrillation never ends."""

SLOW_AUX: Final = "(SBR"

_AFTER_S: Final = 0.02
"""An end mark stands so long after the last beat that is known, which is of the rhythm still: a sample at 50 Hz."""


def rhythm_changes(found: Iterable[Episode]) -> tuple[tuple[float, str], ...]:
    """Return when which rhythm begins, as WFDB annotations have it: one rhythm at a time.

    Where episodes overlap, the kind that stands first in `einthoven.beats.episode.KINDS` is the rhythm. Where there is
    none, as where the signal is lost, stands `END`. Normal beats are ``(N`` from `SLOW_BPM` to `FAST_BPM`, ``(SBR``
    below; above it, only the rate is known, which names no rhythm.

    Returns
    -------
    tuple of (start_s, aux)
        In the order of time; no two on end alike, and `END` not first.

    Examples
    --------
    >>> from einthoven.beats.episode import Episode
    >>> af, run = Episode("af", 0, 60, 80), Episode("vt", 10, 12, 5)
    >>> rhythm_changes([af, run])
    ((0, '(AFIB'), (10, '(VT'), (12, '(AFIB'), (60, ')'))
    """
    rank = {kind: i for i, kind in enumerate(KINDS)}
    waiting = sorted((one for one in found if KINDS[one.kind].aux), key=lambda one: -one.start_s)
    changes: list[tuple[float, str]] = []
    active: list[Episode] = []
    for at_s in sorted({edge_s for one in waiting for edge_s in (one.start_s, one.stop_s)}):
        before = active
        active = [one for one in active if one.stop_s > at_s]
        while waiting and waiting[-1].start_s <= at_s:
            active.append(waiting.pop())
        active = [one for one in active if one.stop_s > at_s]
        mark = _mark(min(active, key=lambda one: rank[one.kind])) if active else END
        if mark != (changes[-1][1] if changes else END):
            after = not active and any(isclose(one.last_beat_s, at_s) for one in before)
            changes.append((at_s + _AFTER_S if after else at_s, mark))
    return tuple(changes)


def _mark(one: Episode) -> str:
    if one.kind != "normal":
        return KINDS[one.kind].aux
    if one.rate_bpm is None or one.rate_bpm > FAST_BPM:
        return END
    return SLOW_AUX if one.rate_bpm < SLOW_BPM else KINDS[one.kind].aux
