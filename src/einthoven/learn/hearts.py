"""Hearts of which databases hold too few: very slow and very fast, blocked, paced, fibrillating, still.

They are drawn with the waves of :mod:`einthoven.signal.dipole`, seen from random directions, at 100 Hz. What matters is
that a detector meets P waves without a beat, T waves larger than R, spikes without an answer, and silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..signal.dipole import P_SINUS, QRS, Canvas, t_top_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

RATE_HZ: Final = 100.0
_NARROW: Final = ("normal", "rbbb")
_WIDE: Final = ("lbbb", "outflow", "apical")
_ROOM_S: Final = 3.0  # beats are drawn that far beyond both ends

Plan = tuple["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.bool_]"]
"""Atrial beats, ventricular beats, seconds; and which of the latter are wide."""


def heart(rng: np.random.Generator, length_s: float) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Draw a heart.

    Parameters
    ----------
    rng
        What draws.
    length_s
        Seconds.

    Returns
    -------
    signal
        float32, shape (2, sample), mV at 100 Hz: two leads.
    peak
        float64, shape (beat,): its beats, in samples, some of them beyond the ends.

    Examples
    --------
    >>> signal, peak = heart(np.random.default_rng(1), 20.0)
    >>> signal.shape
    (2, 2000)
    """
    rhythms = tuple(_RHYTHMS)
    rhythm = _RHYTHMS[rhythms[rng.choice(len(rhythms), p=[_RHYTHMS[name][0] for name in rhythms])]][1]
    atrial_s, beat_s, wide = rhythm(rng, length_s)
    if rng.random() < 0.06:  # the heart stops, or only its atria go on
        stop_s = rng.uniform(0, length_s)
        beat_s, wide = beat_s[beat_s < stop_s], wide[beat_s < stop_s]
        if rng.random() < 0.5:
            atrial_s = atrial_s[atrial_s < stop_s]
    n = round(length_s * RATE_HZ)
    xyz = _drawn(rng, n, atrial_s, beat_s, wide)
    if rhythm is _fibrillation:
        xyz += _waves(rng, n, rng.uniform(4, 9), rng.uniform(0, 0.12), 0.05)
    seen = rng.normal(size=(2, 3))
    signal = seen / np.linalg.norm(seen, axis=1, keepdims=True) @ xyz
    if rng.random() < 0.15:
        _pace(rng, signal, atrial_s, beat_s)
    return (signal + rng.normal(scale=rng.uniform(0, 0.02), size=signal.shape)).astype(np.float32), beat_s * RATE_HZ


def flutter(rng: np.random.Generator, length_s: float) -> NDArray[np.float32]:
    """Ventricles that fibrillate: float32, shape (2, sample), mV at 100 Hz. There are no beats in it.

    It is faster and less steady than any tachycardia, whose beats are to be found.
    """
    n = round(length_s * RATE_HZ)
    seen = rng.normal(size=(2, 3)) @ _waves(rng, n, rng.uniform(4.7, 9), rng.uniform(0.2, 1.0), 0.2)
    return np.asarray(seen, np.float32)


def _steady(rng: np.random.Generator, length_s: float, rate_bpm: float, spread: float) -> NDArray[np.float64]:
    """Moments at a mean rate, each interval off by a share of `spread`, swaying with the breath."""
    count = int((length_s + 2 * _ROOM_S) * rate_bpm / 60 * 1.5) + 4
    sway = 0.04 * rng.random() * np.sin(np.arange(count) * rng.uniform(0.5, 2) + rng.uniform(0, 6))
    periods = 60 / rate_bpm * np.clip(1 + sway + spread * rng.standard_normal(count), 0.5, 2)
    return np.asarray(np.cumsum(periods) - _ROOM_S - rng.uniform(0, periods[0]), np.float64)


def _rate(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _plain(rng: np.random.Generator, length_s: float) -> Plan:
    beat_s = _steady(rng, length_s, _rate(rng, 20, 280), 0.01)
    return beat_s.copy(), beat_s, np.full(len(beat_s), rng.random() < 0.3)


def _fibrillation(rng: np.random.Generator, length_s: float) -> Plan:
    beat_s = _steady(rng, length_s, _rate(rng, 40, 180), 0.25)
    return np.empty(0), beat_s, rng.random(len(beat_s)) < 0.1 * rng.random()


def _blocked(rng: np.random.Generator, length_s: float) -> Plan:
    """Leave P waves without a beat: by chance, or all but every second to fourth."""
    atrial_s = _steady(rng, length_s, _rate(rng, 50, 160), 0.01)
    conducted = rng.random(len(atrial_s)) > rng.uniform(0.1, 0.7)
    if rng.random() < 0.5:
        conducted = np.arange(len(atrial_s)) % rng.integers(2, 5) == 0
    return atrial_s, atrial_s[conducted], np.full(conducted.sum(), rng.random() < 0.4)


def _apart(rng: np.random.Generator, length_s: float) -> Plan:
    """Atria and ventricles beat on their own."""
    beat_s = _steady(rng, length_s, _rate(rng, 20, 60), 0.02)
    return _steady(rng, length_s, _rate(rng, 50, 140), 0.01), beat_s, np.full(len(beat_s), rng.random() < 0.7)


def _racing(rng: np.random.Generator, length_s: float) -> Plan:
    """Ventricular tachycardia: wide beats, one into the next, and atria that beat on their own or are not seen."""
    beat_s = _steady(rng, length_s, _rate(rng, 110, 270), 0.03 * rng.random())
    atrial_s = _steady(rng, length_s, _rate(rng, 50, 110), 0.01) if rng.random() < 0.5 else np.empty(0)
    return atrial_s, beat_s, np.ones(len(beat_s), np.bool_)


def _ectopic(rng: np.random.Generator, length_s: float) -> Plan:
    """Early wide beats in place of the next, alone, in turns, or in runs that are faster than the rest."""
    clock_s = _steady(rng, length_s, _rate(rng, 50, 130), 0.02)
    early = rng.random(len(clock_s)) < rng.uniform(0.05, 0.5)
    if rng.random() < 0.3:
        early = np.arange(len(clock_s)) % rng.integers(2, 4) == 1
    early &= ~np.roll(early, 1)
    beat_s = np.where(early, clock_s - np.diff(clock_s, prepend=clock_s[0] - 0.8) * rng.uniform(0.2, 0.5), clock_s)
    atrial_s, wide = clock_s[~early], early
    if rng.random() < 0.5:
        start_s, stop_s = np.sort(rng.uniform(0, length_s, 2))
        run_s = np.arange(start_s, stop_s, 60 / _rate(rng, 110, 280))
        kept = (beat_s < start_s - 0.25) | (beat_s > stop_s + 0.4)
        order = np.argsort(np.r_[beat_s[kept], run_s])
        beat_s, wide = np.r_[beat_s[kept], run_s][order], np.r_[wide[kept], np.ones(len(run_s), bool)][order]
    return atrial_s, beat_s, wide


_RHYTHMS: Final[dict[str, tuple[float, Callable[[np.random.Generator, float], Plan]]]] = {
    "plain": (0.25, _plain),
    "fibrillation": (0.15, _fibrillation),
    "blocked": (0.15, _blocked),
    "apart": (0.1, _apart),
    "ectopic": (0.2, _ectopic),
    "racing": (0.15, _racing),
}


def _drawn(
    rng: np.random.Generator,
    n: int,
    atrial_s: NDArray[np.float64],
    beat_s: NDArray[np.float64],
    wide: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """All waves, float64 (axis, sample): P up to six times as high as usual, T up to four times."""
    xyz = np.zeros((3, n))
    period_s = np.diff(beat_s, append=beat_s[-1] + 1 if len(beat_s) else 1)[: len(beat_s)].clip(0.2, 2)
    kinds = np.where(wide, rng.choice(_WIDE), rng.choice(_NARROW))
    height = 1 + 0.1 * rng.standard_normal(len(beat_s))
    more_t = np.exp(rng.normal(scale=0.8)) * rng.normal(size=3) * 0.3 * (rng.random() < 0.4)
    for kind in np.unique(kinds):
        mine = kinds == kind
        canvas = Canvas(0, n, RATE_HZ)
        slow = rng.uniform(1, 1.8) if kind in _WIDE else 1.0
        for wave in QRS[str(kind)]:
            width_s = np.full(mine.sum(), slow * wave.width_s)
            canvas.draw_bells(beat_s[mine] + slow * wave.at_s, width_s, height[mine], np.array(wave.xyz))
        share = rng.uniform(0.1, 0.6)
        canvas.draw_beats(str(kind), beat_s[mine], period_s[mine], share * height[mine], np.zeros(3))
        stretch = np.cbrt(period_s[mine])
        canvas.draw_bells(beat_s[mine] + t_top_s(str(kind), period_s[mine]), 0.045 * stretch, height[mine], more_t)
        xyz += canvas.xyz
    canvas = Canvas(0, n, RATE_HZ)
    canvas.draw_atria(P_SINUS, atrial_s + rng.uniform(-0.1, 0.03), np.full(len(atrial_s), 0.8))
    return np.asarray(xyz + canvas.xyz * np.exp(rng.uniform(np.log(0.3), np.log(6))), np.float64)


def _waves(rng: np.random.Generator, n: int, hz: float, height: float, unsteady: float) -> NDArray[np.float64]:
    """Draw an oscillation whose frequency, height and axis drift, float64 (axis, sample)."""
    drift = np.cumsum(rng.normal(scale=unsteady, size=(3, n)), axis=1)
    phase = 2 * np.pi * hz * np.arange(n) / RATE_HZ + drift
    swell = 1 + 0.5 * np.sin(2 * np.pi * rng.uniform(0.1, 0.5) * np.arange(n) / RATE_HZ + rng.uniform(0, 6))
    return np.asarray(height * swell * (np.sin(phase) + 0.3 * np.sin(2 * phase + rng.uniform(0, 6))), np.float64)


def _pace(
    rng: np.random.Generator, signal: NDArray[np.float64], atrial_s: NDArray[np.float64], beat_s: NDArray[np.float64]
) -> None:
    """Add spikes before each beat, before each P wave or both, some of which nothing answers."""
    late_s = rng.uniform(0.03, 0.1)
    spike_s = [beat_s - late_s]
    if rng.random() < 0.4:
        spike_s.append(atrial_s - rng.uniform(0.15, 0.25))
    if rng.random() < 0.3:
        spike_s.append(rng.uniform(0, signal.shape[1] / RATE_HZ, 5))
    at = np.rint(np.concatenate(spike_s) * RATE_HZ).astype(np.int64)
    at = at[(at >= 0) & (at < signal.shape[1] - 1)]
    for lead in signal:
        height = rng.uniform(0.1, 3) * rng.choice((-1, 1))
        lead[at] += height
        lead[at + 1] += height * rng.uniform(-0.5, 0.5)
