"""The simulated heart as one moving dipole: the waves of each kind of beat, and how the body's electrodes see them.

A wave is a vector in torso space times a bell over time. Space has Frank's axes: x to the patient's left, y to the
feet, z to the back; vectors are in Frank millivolt. The potentials on the electrodes follow from the dipole by Dower's
lead vectors (Dower, Machado, Osborne, "On deriving the electrocardiogram from vectorcardiographic leads", Clin Cardiol
1980;3:87-95). Adding bells along a beat follows McSharry et al. (IEEE TBME 2003;50:289-294) and, in three dimensions,
Sameni et al. (EURASIP J Adv Signal Process 2007:043407); the vectors here are our own, set by eye and by textbook
amplitudes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ..codes import CHEST_LEADS
from ..errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Wave(NamedTuple):
    """One bell: its middle and width (standard deviation) in seconds, and its peak vector (x, y, z) in mV."""

    at_s: float
    width_s: float
    xyz: tuple[float, float, float]


# Times count from the R peak for P and QRS and from the top of T for T; P and T times stretch with the heart period.
P_SINUS: Final = (Wave(-0.158, 0.017, (0.06, 0.080, -0.04)), Wave(-0.132, 0.019, (0.08, 0.050, 0.035)))
P_ECTOPIC: Final = (Wave(-0.138, 0.015, (0.05, -0.06, -0.02)), Wave(-0.118, 0.014, (0.02, -0.07, -0.03)))

QRS: Final = {
    "normal": (
        Wave(-0.021, 0.0060, (-0.16, -0.06, -0.26)),  # septum
        Wave(-0.004, 0.0085, (0.76, 0.42, -0.10)),  # apex and front wall
        Wave(0.006, 0.0090, (0.62, 0.34, 0.44)),  # free wall of the left ventricle
        Wave(0.025, 0.0085, (-0.16, -0.14, 0.40)),  # base
    ),
    "lbbb": (
        Wave(-0.050, 0.0120, (0.10, 0.08, -0.04)),
        Wave(-0.022, 0.0170, (0.82, 0.28, 0.46)),
        Wave(0.026, 0.0180, (0.80, 0.06, 0.72)),
        Wave(0.056, 0.0120, (0.20, -0.02, 0.24)),
    ),
    "rbbb": (
        Wave(-0.021, 0.0060, (-0.16, -0.06, -0.28)),
        Wave(-0.004, 0.0085, (0.76, 0.42, -0.04)),
        Wave(0.006, 0.0090, (0.62, 0.34, 0.46)),
        Wave(0.045, 0.0130, (-0.38, -0.06, -0.40)),  # right ventricle, late and slow
        Wave(0.070, 0.0150, (-0.34, -0.04, -0.38)),
    ),
    "outflow": (  # ventricular beat from the right outflow tract: like left bundle branch block, axis downward
        Wave(-0.042, 0.0130, (0.10, 0.35, 0.05)),
        Wave(-0.015, 0.0130, (0.40, 0.90, 0.50)),
        Wave(0.014, 0.0130, (0.50, 0.80, 0.75)),  # the notch of slow conduction lies between these two
        Wave(0.042, 0.0150, (0.15, 0.40, 0.40)),
    ),
    "apical": (  # ventricular beat from the left apex: upright in V1, axis upward
        Wave(-0.042, 0.0130, (0.00, -0.28, -0.30)),
        Wave(-0.015, 0.0130, (-0.40, -0.85, -0.55)),
        Wave(0.014, 0.0130, (-0.60, -0.75, -0.55)),
        Wave(0.042, 0.0150, (-0.40, -0.30, -0.20)),
    ),
}

_T_XYZ: Final = {  # opposite to the QRS where conduction is abnormal
    "normal": (0.30, 0.17, -0.16),
    "lbbb": (-0.24, -0.06, -0.28),
    "rbbb": (0.27, 0.17, 0.10),
    "outflow": (-0.24, -0.44, -0.36),
    "apical": (0.30, 0.42, 0.30),
}
_T_BELLS: Final = ((-0.055, 0.040, 0.42), (0.0, 0.032, 0.85))  # slow up, fast down
_T_FROM_END_S: Final = 0.078  # top to end at a period of one second
_QT_C_S: Final = 0.40
_QRS_ONSET_S: Final = {"normal": 0.036, "lbbb": 0.074, "rbbb": 0.036, "outflow": 0.082, "apical": 0.082}
_LATE_S: Final = {"normal": 0.0, "lbbb": 0.03, "rbbb": 0.035, "outflow": 0.05, "apical": 0.05}

ST_TERRITORIES: Final = {
    "anterior": (0.30, -0.15, -1.0),
    "inferior": (-0.20, 1.0, 0.10),
    "lateral": (1.0, -0.30, 0.10),
}
_ST_BELLS: Final = (0.22, 0.46, 0.70, 0.94)  # parts of the way from R to the top of T
_ST_WIDTH: Final = 0.16  # likewise; four bells this near add up to a plateau of height 1.67
_ST_PLATEAU: Final = 1.67

ELECTRODES: Final = ("R", "L", "F", *CHEST_LEADS)
_DOWER: Final = {
    "I": (0.632, -0.235, 0.059),
    "II": (0.235, 1.066, -0.132),
    "V1": (-0.515, 0.157, -0.917),
    "V2": (0.044, 0.164, -1.387),
    "V3": (0.882, 0.098, -1.277),
    "V4": (1.213, 0.127, -0.601),
    "V5": (1.125, 0.127, -0.086),
    "V6": (0.831, 0.076, 0.230),
}


def _electrode_vectors() -> NDArray[np.float64]:
    """Potential on each electrode per Frank mV, against the mean of R, L and F: float64 (electrode, axis)."""
    one, two = np.array(_DOWER["I"]), np.array(_DOWER["II"])
    right = -(one + two) / 3
    return np.stack([right, right + one, right + two, *(np.array(_DOWER[name]) for name in CHEST_LEADS)])


ELECTRODE_VECTORS: Final = _electrode_vectors()


def _lead_rows() -> dict[str, NDArray[np.float64]]:
    right, left, foot = np.eye(len(ELECTRODES))[:3]
    rows = {
        "I": left - right,
        "II": foot - right,
        "III": foot - left,
        "aVR": right - (left + foot) / 2,
        "aVL": left - (right + foot) / 2,
        "aVF": foot - (right + left) / 2,
    }
    chest = {name: np.eye(len(ELECTRODES))[3 + i] - (right + left + foot) / 3 for i, name in enumerate(CHEST_LEADS)}
    modified = {f"ML{name}": rows[name] for name in ("I", "II", "III")}  # same axes, electrodes on the trunk
    return rows | chest | modified


_LEAD_ROWS: Final = _lead_rows()


def lead_matrix(leads: Sequence[str]) -> NDArray[np.float64]:
    """Return how `leads` are formed from the electrodes: float64, shape (lead, electrode).

    Raises
    ------
    OptionError
        A lead is not among those the simulated body wears.

    Examples
    --------
    >>> lead_matrix(["I"])[0, :3]
    array([-1.,  1.,  0.])
    """
    for name in leads:
        if name not in _LEAD_ROWS:
            raise OptionError(f"simulate: no lead '{name}'; choose among {', '.join(_LEAD_ROWS)}")
    return np.stack([_LEAD_ROWS[name] for name in leads])


def _peak_offset_s(waves: Sequence[Wave]) -> float:
    """Time at which the vector sum of `waves` is longest: what the R peak means for every kind of beat."""
    t = np.arange(-0.12, 0.12, 1e-5)
    vector = sum(np.outer(wave.xyz, np.exp(-0.5 * ((t - wave.at_s) / wave.width_s) ** 2)) for wave in waves)
    return float(t[np.argmax(np.linalg.norm(vector, axis=0))])


_PEAK_S: Final = {kind: _peak_offset_s(waves) for kind, waves in QRS.items()}


def t_top_s(kind: str, period_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Time from R to the top of T, so that QT follows Fridericia: QT = 0.40 s times the cube root of the period."""
    stretch = np.cbrt(period_s)
    return _QT_C_S * stretch - _QRS_ONSET_S[kind] - _T_FROM_END_S * stretch + _LATE_S[kind]


class Canvas:
    """A stretch of dipole, float64 (axis, sample) in Frank mV, onto which waves are drawn."""

    def __init__(self, first_sample: int, n_samples: int, fs_hz: float) -> None:
        self.first_sample = first_sample
        self.fs_hz = fs_hz
        self.xyz = np.zeros((3, n_samples))

    def draw_bells(
        self,
        middle_s: NDArray[np.float64],
        width_s: NDArray[np.float64],
        height: NDArray[np.float64],
        xyz: NDArray[np.float64],
    ) -> None:
        """Add one bell at each `middle_s`, all along the vector `xyz`; bells end at five widths, 4e-6 of the height."""
        if not len(middle_s):
            return
        half = int(np.ceil(5 * width_s.max() * self.fs_hz))
        index = np.round(middle_s * self.fs_hz).astype(np.int64)[:, None] + np.arange(-half, half + 1)
        course = np.exp(-0.5 * ((index / self.fs_hz - middle_s[:, None]) / width_s[:, None]) ** 2) * height[:, None]
        index -= self.first_sample
        inside = (index >= 0) & (index < self.xyz.shape[1])
        total = np.bincount(index[inside], weights=course[inside], minlength=self.xyz.shape[1])
        self.xyz += np.outer(xyz, total)

    def draw_beats(
        self,
        kind: str,
        peak_s: NDArray[np.float64],
        period_s: NDArray[np.float64],
        height: NDArray[np.float64],
        st_xyz: NDArray[np.float64],
    ) -> None:
        """Add QRS, ST shift and T of beats of one `kind` at `peak_s`; `period_s` is the period QT is adapted to."""
        ones, stretch = np.ones_like(peak_s), np.cbrt(period_s)
        for wave in QRS[kind]:
            middle_s = peak_s + wave.at_s - _PEAK_S[kind]
            self.draw_bells(middle_s, wave.width_s * ones, height, np.array(wave.xyz))
        top_s = t_top_s(kind, period_s)
        for at_s, width_s, part in _T_BELLS:
            self.draw_bells(peak_s + top_s + at_s * stretch, width_s * stretch, part * height, np.array(_T_XYZ[kind]))
        if np.any(st_xyz):
            for part in _ST_BELLS:
                self.draw_bells(peak_s + part * top_s, _ST_WIDTH * top_s, ones / _ST_PLATEAU, st_xyz)

    def draw_atria(self, waves: Sequence[Wave], peak_s: NDArray[np.float64], period_s: NDArray[np.float64]) -> None:
        """Add the P waves that go before the beats at `peak_s`; PQ shortens with the period."""
        stretch = np.cbrt(period_s)
        for wave in waves:
            width_s = wave.width_s * np.ones_like(stretch)
            self.draw_bells(peak_s + wave.at_s * stretch, width_s, np.ones_like(stretch), np.array(wave.xyz))


def st_vector(territory: str | None, st_mv: float) -> NDArray[np.float64]:
    """Return the ST vector that shifts the lead most concerned, among the twelve, by `st_mv`; zero for no territory.

    Raises
    ------
    OptionError
        The territory is unknown.
    """
    if territory is None:
        return np.zeros(3)
    if territory not in ST_TERRITORIES:
        raise OptionError(f"simulate: no st '{territory}'; choose among {', '.join(ST_TERRITORIES)}")
    direction = np.array(ST_TERRITORIES[territory])
    twelve = lead_matrix([name for name in _LEAD_ROWS if not name.startswith("ML")]) @ ELECTRODE_VECTORS @ direction
    vector: NDArray[np.float64] = direction * st_mv / twelve.max()
    return vector
