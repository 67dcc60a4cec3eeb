from __future__ import annotations

import numpy as np
import pytest

from einthoven.diagnosis.median import median, medians


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_medians_are_numpys(n: int) -> None:
    rows = np.random.default_rng(n).normal(size=(n, 3, 4))
    np.testing.assert_allclose(medians(rows), np.median(rows, axis=0), rtol=1e-12)
    assert median(rows[:, 0, 0]) == pytest.approx(float(np.median(rows[:, 0, 0])))
    assert medians(rows.astype(np.float32)).dtype == np.float32
