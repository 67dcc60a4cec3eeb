"""Letters cover pixels as the font has them."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.images.lettering import advance_px, halo, lettering


def test_letters_stand_on_their_baseline() -> None:
    letters = lettering("HE", 40.0)
    assert letters.top + letters.covered.shape[0] == 0
    assert lettering("gp", 40.0).top + lettering("gp", 40.0).covered.shape[0] > 5


def test_twice_the_size_is_four_times_the_ink() -> None:
    assert lettering("aVR", 40.0).covered.sum() == pytest.approx(4 * lettering("aVR", 20.0).covered.sum(), rel=0.1)


def test_bold_letters_are_wider_and_blacker() -> None:
    assert advance_px("V1", 30.0, bold=True) > advance_px("V1", 30.0)
    assert lettering("V1", 30.0, bold=True).covered.sum() > 1.2 * lettering("V1", 30.0).covered.sum()


@pytest.mark.parametrize("size_px", [9.5, 13.0, 26.0])
def test_a_halo_reaches_around_all_letters(size_px: float) -> None:
    letters, around = lettering("aVF", size_px, bold=True), halo("aVF", size_px, 2.0, bold=True)
    shape = np.zeros((90, 160))
    wide = shape.copy()
    for sheet, one in ((shape, letters), (wide, around)):
        rows, columns = one.covered.shape
        sheet[50 + one.top : 50 + one.top + rows, 30 + one.left : 30 + one.left + columns] = one.covered
    assert wide[shape > 0.9].min() > 0.85
    for step in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        assert np.roll(wide, step, (0, 1))[shape > 0.9].mean() > 0.9
    assert wide.sum() > 1.3 * shape.sum()


def test_nothing_written_has_no_width() -> None:
    assert advance_px("", 20.0) == 0
    assert lettering("", 20.0).covered.size == 0
    assert not lettering("  ", 20.0).covered.any()
