"""A few pictures, each with something that a format could get wrong."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.images.picture import Picture

CLASSES = ("MLII-N", "V5-/", "it's <odd> & \\ é")


@pytest.fixture
def pictures() -> list[Picture]:
    rng = np.random.default_rng(0)
    noise, wide = (rng.integers(256, size=size, dtype=np.uint8) for size in ((40, 60, 3), (20, 90, 3)))
    whole = np.array([[0, 0, 60, 40], [10.25, 5.5, 20.75, 30]], np.float32)
    edge = np.array([[80.4, 0.2, 90, 19.9]], np.float32)
    return [
        Picture(noise, whole, (CLASSES[0], CLASSES[1]), name="100-MLII-77", record="100"),
        Picture(wide, edge, (CLASSES[2],), np.array([True]), name="104-V5-0", record="104"),
        Picture(noise[:1, :1], name="nothing", record="104"),
    ]
