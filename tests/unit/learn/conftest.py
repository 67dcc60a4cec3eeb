"""A toy question that a small network learns in seconds, asked by a recipe of the usual form."""

from __future__ import annotations

from contextlib import nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven.learn.examples import Examples
from einthoven.learn.recipe import Recipe, load_recipe, recipe_files

if TYPE_CHECKING:
    from pathlib import Path

    from einthoven.learn.fit import Watch

if not find_spec("torch"):
    collect_ignore = ["test_export.py", "test_fit.py", "test_models.py"]


@pytest.fixture
def toy_recipe(tmp_path: Path) -> Recipe:
    text = recipe_files()["mitdb-normal-cnn"].read_text()
    for old, new in {
        'name = "mitdb-normal-cnn"': 'name = "toy"',
        "batch_size = 128": "batch_size = 32",
        "epochs = 15": "epochs = 3",
        "learning_rate = 1e-3": "learning_rate = 1e-2",
        "seeds = 3": "seeds = 1\ncalibrate = true",
    }.items():
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "toy.toml"
    file.write_text(text)
    return load_recipe(str(file))


@pytest.fixture(scope="session")
def toy_examples() -> Examples:
    """Twelve records of 40 windows in noise; the abnormal ones have a tall middle."""
    rng = np.random.default_rng(0)
    group = np.repeat([f"r{k:02}" for k in range(12)], 40)
    abnormal = rng.random(480) < np.repeat(np.linspace(0.05, 0.95, 12), 40)
    window = rng.normal(size=(480, 1, 36)).astype(np.float32)
    window[abnormal, 0, 14:22] += 2
    return Examples({"window": window}, abnormal.astype(np.float32)[:, None], group, ("abnormal",), 36.0, 1.0, "f" * 64)


@pytest.fixture
def killed() -> Watch:
    """What shows how a training goes, and ends it after the fourth step it is told of."""
    told = []

    def advance(steps: float) -> None:
        told.append(steps)
        if len(told) == 4:
            raise KeyboardInterrupt

    return lambda steps: nullcontext(advance)
