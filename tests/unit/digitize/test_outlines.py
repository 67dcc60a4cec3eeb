"""Names of leads are read off the outlines of their letters."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from einthoven.digitize.drawing import Drawing, Shape
from einthoven.digitize.outlines import NAMES, outlined_names


def written(text: str, *, size: float = 3.3, weight: str = "bold") -> Drawing:
    path = TextPath((0, 0), text, size=size, prop=FontProperties(family="DejaVu Sans", weight=weight))
    lines = tuple(np.asarray(line) * (1, -1) + (50, 70) for line in path.to_polygons(closed_only=True))
    return Drawing(297, 210, (Shape(lines, (0, 0, 0)),), ())


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_read_where_it_stands(name: str) -> None:
    (word,) = outlined_names(written(name))
    assert word.text == name
    assert (word.x_mm, word.y_mm) == (pytest.approx(50, abs=0.5), pytest.approx(70, abs=0.2))


@pytest.mark.parametrize("text", ["N", "V", "S?", "VI", "W4", "IIII", "einthoven"])
def test_other_letters_are_no_names(text: str) -> None:
    assert outlined_names(written(text)) == []


def test_another_hand_and_another_size_are_no_names() -> None:
    assert outlined_names(written("V5", weight="normal")) == []
    assert outlined_names(written("V5", size=30)) == []
    assert outlined_names(Drawing(10, 10, (), ())) == []
