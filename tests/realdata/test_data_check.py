"""Real copies of the databases pass their check, also where their signals are stored in another encoding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from einthoven.datasets.catalogue import DATASETS
from einthoven.datasets.check import check

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["mitdb", "nstdb", "svdb", "cinc2020", "cpic2019"])
def test_every_record_here_is_good(data_dir: Path, name: str) -> None:
    found = check(DATASETS[name], data_dir)
    assert found.good == found.listed > 0
    assert found.bad == {}
