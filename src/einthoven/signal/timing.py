"""When the simulated heart beats, and what kind each beat is.

A clock ticks: the sinus node, or in atrial fibrillation the irregular conduction through the AV node. Every tick is a
beat. A ventricular ectopic beat comes early in place of a tick and leaves the clock alone, so the pause after it is
compensatory; an atrial one comes early and resets the clock, so the pause is not. A sinus arrest stops the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

RHYTHMS: Final = {"sinus": "(N", "af": "(AFIB", "bigeminy": "(B", "trigeminy": "(T"}
"""Rhythms that can be simulated, with the rhythm annotation the MIT-BIH database uses for each."""

RESPIRATION_HZ: Final = 0.25
_EVERY: Final = {"bigeminy": 2, "trigeminy": 3}
_BEFORE_S: Final = 8.0  # beats drawn before the record begins, so that its first samples have a past
_AFTER_S: Final = 4.0
_ARREST_S: Final = (2.2, 3.4)
_ROOM_S: Final = 2.0  # around each arrest, beyond its own length


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """Every beat of a stretch of life that begins before the record and ends after it.

    Parameters
    ----------
    time_s
        float64, shape (beat,): R peaks, ascending; the record begins at 0.
    origin
        Unicode, shape (beat,): ``N`` conducted from the sinus node or fibrillating atria, ``A`` atrial ectopic, ``V``
        ventricular ectopic.
    period_s
        float64, shape (beat,): mean of the periods before, the nearer the weightier; what QT is adapted to.
    """

    time_s: NDArray[np.float64]
    origin: NDArray[np.str_]
    period_s: NDArray[np.float64]


def schedule(
    stream: Callable[[str], np.random.Generator],
    *,
    duration_s: float,
    rhythm: str,
    rate_bpm: float,
    pvc: float,
    pac: float,
    pauses: int,
) -> Schedule:
    """Draw the beats of a record.

    Each kind of chance has its own `stream`, so that a longer record begins as the shorter one of the same seed does.

    Raises
    ------
    OptionError
        The pauses do not fit into the record.
    """
    period_s = 60 / rate_bpm
    n = (
        int((_BEFORE_S + duration_s + _AFTER_S) / period_s * 1.6) + 16
    )  # atrial ectopics shorten time by up to a quarter
    rr_s = _fibrillating(stream, period_s, n) if rhythm == "af" else _sinus(stream, period_s, n)
    ventricular = stream("pvc").random(n) < pvc
    atrial = stream("pac").random(n) < pac
    if rhythm in _EVERY:
        ventricular[1 :: _EVERY[rhythm]] = True
    if rhythm == "af":
        atrial[:] = False  # no ectopic atrial beat stands out from fibrillating atria
    ventricular, atrial = _kept_apart(ventricular, atrial)

    rr_s = np.where(atrial, np.maximum(0.66 * rr_s, np.minimum(rr_s, 0.30)), rr_s)
    rr_s[1:] = np.where(atrial[:-1], 1.08 * rr_s[1:], rr_s[1:])
    start_s = -_BEFORE_S - period_s * stream("start").random()
    if pauses:
        _arrest(stream("pauses"), rr_s, ventricular, atrial, start_s, duration_s, pauses)
    tick_s = start_s + np.cumsum(rr_s)
    coupling_s = np.maximum(0.60 * rr_s, np.minimum(0.85 * rr_s, 0.30)) * (
        1 + 0.02 * stream("coupling").uniform(-1, 1, n)
    )
    time_s = np.where(ventricular, tick_s - rr_s + coupling_s, tick_s)

    origin = np.where(ventricular, "V", np.where(atrial, "A", "N"))
    shown = time_s < duration_s + _AFTER_S
    return Schedule(time_s[shown], origin[shown], _adapted(rr_s)[shown])


def _sinus(stream: Callable[[str], np.random.Generator], period_s: float, n: int) -> NDArray[np.float64]:
    """Periods that sway with breathing (high frequency), with blood pressure (0.1 Hz) and a little by chance."""
    rng = stream("sinus")
    breath, pressure = rng.uniform(0, 2 * np.pi, 2)
    t = period_s * np.arange(n)
    sway = 0.030 * np.sin(2 * np.pi * RESPIRATION_HZ * t + breath) + 0.025 * np.sin(2 * np.pi * 0.095 * t + pressure)
    by_chance = np.clip(rng.standard_normal(n), -3, 3)
    periods_s: NDArray[np.float64] = period_s * (1 + sway + 0.008 * by_chance)
    return periods_s


def _fibrillating(stream: Callable[[str], np.random.Generator], period_s: float, n: int) -> NDArray[np.float64]:
    """Periods without order: a refractory time and a log-normal wait, coefficient of variation about 0.24."""
    spread = 0.5
    wait = np.exp(spread * np.clip(stream("af").standard_normal(n), -3, 3) - spread**2 / 2)
    periods_s: NDArray[np.float64] = period_s * (0.55 + 0.45 * wait)
    return periods_s


def _kept_apart(
    ventricular: NDArray[np.bool_], atrial: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Drop every second of ectopic beats in a row, so that each follows a conducted beat; ventricular ones win."""
    either = ventricular | atrial
    either[0] = False
    index = np.arange(len(either))
    run_start = np.maximum.accumulate(np.where(either, 0, index))
    kept = either & ((index - run_start) % 2 == 1)
    return ventricular & kept, atrial & kept & ~ventricular


def _arrest(
    rng: np.random.Generator,
    rr_s: NDArray[np.float64],
    ventricular: NDArray[np.bool_],
    atrial: NDArray[np.bool_],
    start_s: float,
    duration_s: float,
    pauses: int,
) -> None:
    """Lengthen `pauses` of the periods, in place, spread over the record and wholly inside it, between normal beats."""
    length_s = rng.uniform(*_ARREST_S, pauses)
    free_s = duration_s - length_s.sum() - _ROOM_S
    slot_s = free_s / pauses
    if slot_s < max(_ROOM_S / 2, 2.5 * rr_s.mean()):
        raise OptionError(f"simulate: {pauses} pauses of over 2 s do not fit into {duration_s:g} s")
    lead_in_s = _ROOM_S / 2 - start_s
    wanted_s = lead_in_s + slot_s * (np.arange(pauses) + rng.random(pauses) * 0.3)
    chosen = np.searchsorted(np.cumsum(rr_s), wanted_s) + 1
    rr_s[chosen] = length_s
    for ectopic in (ventricular, atrial):
        ectopic[chosen - 1] = ectopic[chosen] = False


def _adapted(rr_s: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = 0.75 ** np.arange(12)
    padded = np.concatenate([np.full(len(weights), rr_s[:12].mean()), rr_s])
    return np.convolve(padded, weights / weights.sum())[len(weights) : len(weights) + len(rr_s)]
