"""How disturbed a short record is, and what is no heart's doing: wander, noise, pacing spikes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from .median import median, medians

if TYPE_CHECKING:
    from .usual_beat import UsualBeat

NOISE_MEASURES: Final = (
    "beat_noise_mv",  # what differs between like beats, root mean square over leads
    "fast_noise_mv",  # of third differences, median over leads
    "wander_mv",  # range of the level before QRS over the record, greatest of the leads
    "spike_ratio",  # sharpest bend in the 80 ms before QRS over the sharpest of QRS
    "leads_missing_count",
)

_STEP: Final = 4  # a sample in so many is enough


def noise_measures(usual: UsualBeat) -> dict[str, float]:
    """Measure disturbances: `NOISE_MEASURES`."""
    differs = (usual.beats_mv[usual.alike] - usual.mean_mv)[:, :, ::_STEP]
    fast = np.abs(np.diff(usual.level_mv[usual.present], n=3, axis=1)[:, ::_STEP])
    bend = np.abs(np.diff(usual.mean_mv, n=2, axis=1)).max(axis=0)
    on = usual.onset
    return {
        "beat_noise_mv": float(np.sqrt(np.mean(medians(differs**2)))),
        "fast_noise_mv": median(fast.ravel()),
        "wander_mv": usual.wander_mv,
        "spike_ratio": float(bend[on - 24 : on - 4].max() / max(float(bend[on - 4 :].max()), 1e-6)),
        "leads_missing_count": float(np.sum(~usual.present)),
    }
