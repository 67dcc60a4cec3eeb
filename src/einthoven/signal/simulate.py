"""A simulated heart: twelve leads that obey the lead laws, with beats and labels known to the sample.

It is the package's built-in example and the ground truth of its tests. It is no model of physiology: the waves look as
a cardiologist expects (:mod:`einthoven.signal.dipole`) and the beats come when they should
(:mod:`einthoven.signal.timing`), and that is all that is claimed.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from ..codes import STANDARD_12
from ..errors import OptionError
from ..record import Beats, Record
from .dipole import ELECTRODE_VECTORS, ELECTRODES, P_ECTOPIC, P_SINUS, Canvas, lead_matrix, st_vector
from .timing import RESPIRATION_HZ, RHYTHMS, Schedule, schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

BLOCKS: Final = {"lbbb": "L", "rbbb": "R"}
"""Bundle branch blocks that can be simulated, with the MIT-BIH symbol of their beats."""

_GRID_MV: Final = 2.0**-14  # electrodes are rounded to 0.06 µV, so that sums of them are exact in float32
_CHUNK_S: Final = 600.0
_MARGIN_S: Final = 3.0  # no wave reaches farther from its R peak
_FOCI: Final = ("outflow", "apical")
_WANDER_TONES: Final = 5


@dataclass(frozen=True, slots=True)
class Noise:
    """What spoils the recording, each as root mean square on every electrode, mV.

    Electrodes are disturbed independently; a lead between two of them shows the square root of two of it.

    Parameters
    ----------
    wander_mv
        Baseline wander: skin potentials below 0.5 Hz.
    muscle_mv
        Muscle noise, white up to half the sampling rate.
    mains_mv, mains_hz
        Hum of the mains.
    """

    wander_mv: float = 0.0
    muscle_mv: float = 0.0
    mains_mv: float = 0.0
    mains_hz: float = 50.0


@dataclass(frozen=True, slots=True, eq=False)
class Simulation:
    """A simulated record and the truth about it.

    Parameters
    ----------
    record
        What a recorder would have written.
    beats
        R peaks and MIT-BIH symbols: ``N``, ``L`` or ``R`` as conducted, ``A`` atrial, ``V`` ventricular. The R peak is
        where the QRS vector is longest, the same instant in every lead.
    time_s
        float64, shape (beat,): the R peaks before rounding to samples, seconds.
    rhythm
        One of :data:`einthoven.signal.timing.RHYTHMS`.
    """

    record: Record
    beats: Beats
    time_s: NDArray[np.float64]
    rhythm: str
    rhythm_code: str = field(init=False)
    """The rhythm as MIT-BIH rhythm annotations have it, e.g. ``(AFIB``."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rhythm_code", RHYTHMS[self.rhythm])

    @property
    def rr_s(self) -> NDArray[np.float64]:
        """float64, shape (beat - 1,): the true RR intervals, seconds."""
        return np.diff(self.time_s)


def simulate(
    *,
    duration_s: float = 10.0,
    fs_hz: float = 500.0,
    rhythm: str = "sinus",
    rate_bpm: float = 70.0,
    pvc: float = 0.0,
    pac: float = 0.0,
    block: str | None = None,
    st: str | None = None,
    st_mv: float = 0.2,
    pauses: int = 0,
    noise: Noise | None = None,
    leads: Sequence[str] = STANDARD_12,
    seed: int = 0,
) -> Simulation:
    """Simulate an electrocardiogram.

    The heart is drawn in continuous time from the seed and only then sampled: the same seed at another rate, with other
    leads, with noise, or longer (unless pauses are asked for) is the same heart. Einthoven's and Goldberger's laws hold
    exactly, noise included, as long as the electrodes stay within 256 mV.

    Parameters
    ----------
    duration_s, fs_hz
        Length in seconds and samples a second.
    rhythm
        ``"sinus"``; ``"af"``, atrial fibrillation; ``"bigeminy"`` or ``"trigeminy"``, every second or third beat a
        ventricular one.
    rate_bpm
        Mean rate, 20 to 250 beats a minute.
    pvc, pac
        Chance of each beat to be a ventricular or an atrial ectopic one, 0 to 1. Two ectopic beats never follow each
        other, so at most every second one is. Atrial ones do not show in atrial fibrillation and are left out there.
    block
        ``"lbbb"`` or ``"rbbb"``: left or right bundle branch block.
    st, st_mv
        ST shift: the territory, ``"anterior"``, ``"inferior"`` or ``"lateral"``, and how far the lead most concerned
        is moved, mV; negative for depression.
    pauses
        Number of sinus arrests of over two seconds.
    noise
        See :class:`Noise`; none by default.
    leads
        Any of the twelve, and MLI, MLII, MLIII, here the same as I, II, III.
    seed
        Any whole number from 0 on.

    Raises
    ------
    OptionError
        A choice is unknown or a number is out of range.

    Examples
    --------
    >>> heart = simulate(duration_s=10, rhythm="bigeminy", seed=4)
    >>> heart.record.signal.shape, "".join(heart.beats.symbol)[:6]
    ((12, 5000), 'NVNVNV')
    """
    noise = noise or Noise()
    _check(duration_s, fs_hz, rhythm, rate_bpm, pvc, pac, block, pauses, noise, seed)

    def stream(purpose: str) -> np.random.Generator:
        return np.random.default_rng((seed, zlib.crc32(purpose.encode())))

    plan = schedule(stream, duration_s=duration_s, rhythm=rhythm, rate_bpm=rate_bpm, pvc=pvc, pac=pac, pauses=pauses)
    heart = _Heart(plan, rhythm, block, st_vector(st, st_mv), stream("heart"))
    matrix = lead_matrix(leads)
    worn = [name for name, weights in zip(ELECTRODES, matrix.T, strict=True) if weights.any()]
    recorder = _Recorder(noise, fs_hz, stream, worn)
    n_samples, chunk = round(duration_s * fs_hz), round(_CHUNK_S * fs_hz)
    signal = np.empty((len(matrix), n_samples), np.float32)
    for first in range(0, n_samples, chunk):
        n = min(chunk, n_samples - first)
        electrodes = ELECTRODE_VECTORS @ heart.dipole(first, n, fs_hz) + recorder.disturbance(first, n)
        signal[:, first : first + n] = matrix @ (np.round(electrodes / _GRID_MV) * _GRID_MV)

    sample = np.round(plan.time_s * fs_hz).astype(np.int64)
    inside = (sample >= 0) & (sample < n_samples)
    symbol = np.where(plan.origin == "N", BLOCKS.get(block or "", "N"), plan.origin)
    record = Record(signal, fs_hz, tuple(leads), id=f"{rhythm}-{seed}", source="simulated")
    return Simulation(record, Beats(sample[inside], symbol[inside]), plan.time_s[inside], rhythm)


def _check(
    duration_s: float,
    fs_hz: float,
    rhythm: str,
    rate_bpm: float,
    pvc: float,
    pac: float,
    block: str | None,
    pauses: int,
    noise: Noise,
    seed: int,
) -> None:
    for name, value, choices in (("rhythm", rhythm, RHYTHMS), ("block", block, BLOCKS)):
        if value is not None and value not in choices:
            raise OptionError(f"simulate: no {name} '{value}'; choose among {', '.join(choices)}")
    for name, number, low, high in (
        ("duration_s", duration_s, 0, 7 * 86400),
        ("fs_hz", fs_hz, 1, 100_000),
        ("rate_bpm", rate_bpm, 20, 250),
        ("pvc", pvc, 0, 1),
        ("pac", pac, 0, 1),
        ("pauses", pauses, 0, 1e5),
        ("wander_mv", noise.wander_mv, 0, 100),
        ("muscle_mv", noise.muscle_mv, 0, 100),
        ("mains_mv", noise.mains_mv, 0, 100),
        ("mains_hz", noise.mains_hz, 1, 1000),
        ("seed", seed, 0, 2**63),
    ):
        if not low <= number <= high:  # NaN fails too
            raise OptionError(f"simulate: {name} is {number:g}; it must lie between {low:g} and {high:g}")
    if round(duration_s * fs_hz) < 1:
        raise OptionError(f"simulate: {duration_s:g} s at {fs_hz:g} Hz is no sample; make it longer")


class _Heart:
    """The dipole of all beats, for any stretch of time at any rate."""

    def __init__(
        self,
        plan: Schedule,
        rhythm: str,
        block: str | None,
        st_xyz: NDArray[np.float64],
        rng: np.random.Generator,
    ) -> None:
        self.plan = plan
        self.fibrillates = rhythm == "af"
        self.st_xyz = st_xyz
        focus, breath = _FOCI[rng.integers(len(_FOCI))], rng.uniform(0, 2 * np.pi)
        self.kind = np.where(plan.origin == "V", focus, block or "normal")
        self.height = 1 + 0.04 * np.sin(2 * np.pi * RESPIRATION_HZ * plan.time_s + breath)
        self.f_wave_hz = rng.uniform(5.0, 7.0)
        self.f_phase = rng.uniform(0, 2 * np.pi, 6)

    def dipole(self, first: int, n: int, fs_hz: float) -> NDArray[np.float64]:
        """Return float64 (axis, sample), Frank mV, for `n` samples from sample `first` on."""
        canvas = Canvas(first, n, fs_hz)
        time_s, period_s = self.plan.time_s, self.plan.period_s
        near = (time_s > first / fs_hz - _MARGIN_S) & (time_s < (first + n) / fs_hz + _MARGIN_S)
        for kind in np.unique(self.kind):
            at = near & (self.kind == kind)
            canvas.draw_beats(str(kind), time_s[at], period_s[at], self.height[at], self.st_xyz)
        if self.fibrillates:
            canvas.xyz += self._f_waves((first + np.arange(n)) / fs_hz)
        else:
            for origin, waves in (("N", P_SINUS), ("A", P_ECTOPIC)):
                at = near & (self.plan.origin == origin)
                canvas.draw_atria(waves, time_s[at], period_s[at])
        return canvas.xyz

    def _f_waves(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """Fibrillation of the atria: an oscillation whose frequency, height and axis drift, strongest towards V1."""
        a, b, c, d, e, g = self.f_phase
        drift = 2.2 * np.sin(2 * np.pi * 0.31 * t + a) + 1.1 * np.sin(2 * np.pi * 0.83 * t + b)
        phase = 2 * np.pi * self.f_wave_hz * t + drift
        height = 1 + 0.3 * np.sin(2 * np.pi * 0.47 * t + c) + 0.2 * np.sin(2 * np.pi * 0.19 * t + d)
        main = height * (np.sin(phase) + 0.35 * np.sin(2 * phase + e))
        across = np.sin(0.83 * phase + g)
        return np.outer((-0.020, 0.045, -0.045), main) + np.outer((0.020, 0.015, 0.010), across)


class _Recorder:
    """Adds noise to the electrodes; to be asked for consecutive stretches."""

    def __init__(
        self, noise: Noise, fs_hz: float, stream: Callable[[str], np.random.Generator], worn: Sequence[str]
    ) -> None:
        self.noise = noise
        self.fs_hz = fs_hz
        self.worn = [ELECTRODES.index(name) for name in worn]
        self.muscle = [stream(f"muscle {name}") for name in ELECTRODES]
        rng, shape = stream("recorder"), (len(ELECTRODES), _WANDER_TONES)
        self.wander_hz, self.wander_phase = rng.uniform(0.05, 0.45, shape), rng.uniform(0, 2 * np.pi, shape)
        self.mains_phase = rng.uniform(0, 2 * np.pi, len(ELECTRODES))

    def disturbance(self, first: int, n: int) -> NDArray[np.float64]:
        """Return float64 (electrode, sample), mV, for `n` samples from sample `first` on."""
        t = (first + np.arange(n)) / self.fs_hz
        total = np.zeros((len(ELECTRODES), n))
        for i in self.worn:
            row = total[i]
            if self.noise.wander_mv:
                for hz, phase in zip(self.wander_hz[i], self.wander_phase[i], strict=True):
                    row += self.noise.wander_mv * np.sqrt(2 / _WANDER_TONES) * np.sin(2 * np.pi * hz * t + phase)
            if self.noise.mains_mv:
                angle = 2 * np.pi * self.noise.mains_hz * t + self.mains_phase[i]
                row += self.noise.mains_mv * np.sqrt(2) * np.sin(angle)
            if self.noise.muscle_mv:
                row += self.noise.muscle_mv * self.muscle[i].standard_normal(n)
        return total
