"""Eight leads of a record as another body, another recorder or another minute might have had them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DOWER: Final = np.array(
    [
        [0.632, -0.235, 0.059],
        [0.235, 1.066, -0.132],
        [-0.515, 0.157, -0.917],
        [0.044, 0.164, -1.387],
        [0.882, 0.098, -1.277],
        [1.213, 0.127, -0.601],
        [1.125, 0.127, -0.086],
        [0.831, 0.076, 0.230],
    ]
)
"""I, II and V1 to V6 as sums of the heart's X, Y and Z: Dower, Machado, Osborne, Clin Cardiol 1980;3:87-95."""

_STEEP, _GENTLE = 8, 4  # powers of the edges of a band, as `diagnosis.band` has them
_WANDER_HZ: Final = 1.5


def turned(n_items: int, deg: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return what turns the heart in each item by some angle around some axis: float32, shape (item, 8, 8).

    Only what the leads show of one dipole turns; the rest of each lead stays.

    Parameters
    ----------
    n_items
        Items.
    deg
        Standard deviation of the angle around each of three axes.
    rng
        What draws.

    Examples
    --------
    >>> bool(np.allclose(turned(2, 0.0, np.random.default_rng(0)), np.eye(8)))
    True
    """
    from scipy.spatial.transform import Rotation

    turn = Rotation.from_rotvec(np.deg2rad(deg) * rng.standard_normal((n_items, 3))).as_matrix()
    mixing: NDArray[np.float32] = (np.eye(8) + DOWER @ (turn - np.eye(3)) @ np.linalg.pinv(DOWER)).astype(np.float32)
    return mixing


def refiltered(
    signal: NDArray[np.float32],
    rate_hz: float,
    rng: np.random.Generator,
    *,
    share: float,
    noise_mv: float,
    wander_mv: float,
) -> NDArray[np.float32]:
    """Return some items with noise and wander added, and all of it within a narrower band.

    Parameters
    ----------
    signal
        float32, shape (item, lead, sample), mV.
    rate_hz
        Its rate.
    rng
        What draws.
    share
        Of the items that get a band of their own, from 0.3 to 1 Hz up to 20 to 45 Hz.
    noise_mv
        Usual standard deviation of the noise, which half of the leads get.
    wander_mv
        Usual size of what is added below 1.5 Hz.
    """
    from scipy.fft import irfft, rfft

    n_items, n_leads, n_samples = signal.shape
    spectrum = rfft(signal)
    hz = np.maximum(np.arange(spectrum.shape[-1]) * (rate_hz / n_samples), 1e-6).astype(np.float32)
    noise = _usual(noise_mv, n_items, rng) * (rng.random((n_items, n_leads, 1)) < 0.5).astype(np.float32)
    spectrum += noise * _white(spectrum.shape, n_samples, rng)
    slow = hz < _WANDER_HZ
    drift = _white((n_items, n_leads, int(slow.sum())), n_samples, rng) * np.minimum(0.9 / hz[slow], 30)
    spectrum[..., slow] += _usual(wander_mv, n_items, rng) * drift
    low, high = (rng.uniform(*edge, (n_items, 1, 1)).astype(np.float32) for edge in ((0.3, 1.0), (20.0, 45.0)))
    band = 1 / ((1 + (low / hz) ** _GENTLE) * (1 + (hz / high) ** _STEEP))
    spectrum *= np.where(rng.random((n_items, 1, 1)) < share, band, 1).astype(np.float32)
    return np.asarray(irfft(spectrum, n_samples), np.float32)


def _usual(size: float, n_items: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw a size for each item, half of them between half and twice the usual one."""
    return np.float32(size) * np.exp(rng.standard_normal((n_items, 1, 1), np.float32))


def _white(shape: tuple[int, ...], n_samples: int, rng: np.random.Generator) -> NDArray[np.complex64]:
    """Return what the Fourier transform of white noise of size 1 is distributed like."""
    pairs = rng.standard_normal((*shape, 2), np.float32) * np.float32((n_samples / 2) ** 0.5)
    return pairs.view(np.complex64)[..., 0]
