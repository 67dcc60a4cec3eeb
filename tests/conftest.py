"""Shared fixtures: where the real recordings are, and a heart whose beats are known."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of real recordings; without it the test is skipped, except in CI, where that is a failure."""
    folder = os.environ.get("EINTHOVEN_DATA")
    if folder and Path(folder).is_dir():
        return Path(folder)
    reason = f"no real recordings: EINTHOVEN_DATA is {folder!r}; it must name the data folder"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
